"""The effort model: on tasks made here, and as shipped."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from analysis.estimates import calibration
from analysis.estimates.effort import fit, sip
from analysis.estimates.methods import effort_1

HEADER = "TaskNumber,Summary,Category,SubCategory,ProjectCode,HoursEstimate,HoursActual\n"
DATES = "TaskNumber,EstimateOn,StartedOn,CompletedOn\n"


def made_up_tasks(count: int, seed: int = 5) -> list[sip.Task]:
    generator = np.random.Generator(np.random.PCG64(seed))
    tasks = []
    for at in range(count):
        hours = float(np.exp(generator.normal(1, 1)))
        kind = "Bug" if generator.random() < 0.5 else "Feature"
        spread = 0.3 if kind == "Bug" else 0.9
        actual = hours * float(np.exp(generator.normal(0, spread)))
        tasks.append(sip.Task(at, "Development", kind, "P", hours, actual, dt.date(2020, 1, 1)))
    return tasks


def test_ranges_keep_their_promise_on_unseen_tasks() -> None:
    tasks = made_up_tasks(4000)
    parameters = fit.fit(tasks[:2500], tasks[2500:3200])
    later = tasks[3200:]
    found = [effort_1.predict(parameters, task.estimated, task.subcategory) for task in later]
    outcome = np.array([task.actual for task in later])
    for promised, low, high in ((0.5, "p25", "p75"), (0.8, "p10", "p90"), (0.9, "p05", "p95")):
        kept = calibration.coverage(
            promised, outcome, *(np.array([getattr(one, name) for one in found]) for name in (low, high))
        )
        assert kept.share == pytest.approx(promised, abs=0.06)
    bug, feature = (effort_1.predict(parameters, 4, kind) for kind in ("Bug", "Feature"))
    assert bug.p90 / bug.p10 < feature.p90 / feature.p10


def test_the_shipped_model_has_its_provenance() -> None:
    provenance = effort_1.shipped_parameters()["provenance"]
    assert provenance["data_set"] == "sip"
    assert all(len(digest) == 64 for digest in provenance["files"].values())


@pytest.mark.parametrize("kind", ["Bug", "Enhancement", "*", "never heard of"])
@pytest.mark.parametrize("hours", [0.05, 0.5, 3, 7, 40, 900])
def test_the_shipped_ranges_are_ordered(hours: float, kind: str) -> None:
    found = effort_1.predict(effort_1.shipped_parameters(), hours, kind)
    assert 0 < found.p05 <= found.p10 <= found.p50 <= found.p90 <= found.p95
    assert found.p10 <= found.p25 <= found.p75 <= found.p90


@pytest.mark.parametrize("hours", [0, -1, float("nan"), float("inf"), None, "3", True, 5000])
def test_no_estimate_no_hours(hours: object) -> None:
    with pytest.raises(effort_1.EffortRefused):
        effort_1.predict(effort_1.shipped_parameters(), hours)  # type: ignore[arg-type]


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(effort_1.EffortRefused, match="no shipped parameters"):
        effort_1.shipped_parameters("effort_99")


def test_a_missing_data_set_says_how_to_install_it(tmp_path: Path) -> None:
    with pytest.raises(sip.DataSetMissing, match=r"data set not installed.*datasets add sip"):
        sip.load(tmp_path)


def test_usable_tasks_are_the_first_row_with_both_hours_and_dates(tmp_path: Path) -> None:
    (tmp_path / sip.TASKS_FILE).write_text(
        HEADER
        + "1,a,Development,Bug,P,2,3\n1,again,Development,Bug,P,9,9\n2,zero,Development,Bug,P,0,3\n"
        + "3,no hours,Development,Bug,P,2,\n4,no date,Development,Bug,P,2,2\n5,earlier,Development,Bug,P,1,1\n",
        encoding="latin-1",
    )
    (tmp_path / sip.DATES_FILE).write_text(
        DATES
        + "1,02-Nov-04,02-Nov-04,16-Nov-04\n2,02-Nov-04,,16-Nov-04\n3,02-Nov-04,,16-Nov-04\n"
        + "4,02-Nov-04,02-Nov-04,\n5,02-Nov-04,,03-Nov-04\n",
        encoding="latin-1",
    )
    assert [(task.number, task.estimated) for task in sip.load(tmp_path)] == [(5, 1.0), (1, 2.0)]


def test_the_split_is_in_time_order() -> None:
    parts = sip.split(made_up_tasks(10))
    assert [len(part) for part in (parts.train, parts.validation, parts.test)] == [6, 2, 2]
    assert parts.train[0].number == 0 and parts.test[-1].number == 9
