"""The effort range as the platform trains and judges it."""

import datetime as dt
import json

import pytest

from analysis.estimates.spec import SPEC
from mlops.training.spec import Example
from mlops.training.splitting import split
from tests.unit.analysis.estimates.test_effort import made_up_tasks


def examples(count: int) -> list[Example]:
    first = dt.date(2020, 1, 1)
    return [
        Example(
            id=f"toy {task.number:06d}",
            inputs={"hours": task.estimated, "kind": task.subcategory, "task": task.number},
            label=task.actual,
            at=(first + dt.timedelta(days=task.number)).isoformat(),
        )
        for task in made_up_tasks(count)
    ]


def test_a_trained_version_passes_its_gates_and_beats_its_baselines() -> None:
    parts = split(SPEC, examples(2000), seed=1)
    raw = SPEC.fit(parts.train, 1)
    assert raw == SPEC.fit(parts.train, 2)
    labels, inputs = [one.label for one in parts.test], [one.inputs for one in parts.test]
    found = SPEC.evaluate(labels, SPEC.load(json.loads(raw))(inputs))
    assert all(gate.holds(found[gate.figure]) for gate in SPEC.gates)
    for predict in SPEC.baselines(parts.train).values():
        assert SPEC.evaluate(labels, predict(inputs))["crps"] > found["crps"]


def test_the_rules_promise_nothing() -> None:
    answers = SPEC.rules([{"hours": 3, "kind": "*", "task": 1}])
    assert answers[0]["p50"] is None
    assert SPEC.evaluate([3.0], answers) == {}
    assert not SPEC.correct(3.0, answers[0])


def test_the_shipped_version_is_there_with_its_card() -> None:
    shipped = SPEC.shipped[0]
    answer = SPEC.load(json.loads(shipped.read()))([{"hours": 3, "kind": "Bug", "task": 1}])[0]
    assert answer["p10"] < answer["p50"] < answer["p90"]
    assert shipped.card()["metrics"]["effort_1"]["coverage_80"] == pytest.approx(0.8, abs=0.02)
    assert "log width" in SPEC.watch({"hours": 3, "kind": "Bug"}, answer)


def test_an_estimate_beyond_the_data_is_not_answered() -> None:
    document = json.loads(SPEC.shipped[0].read())
    assert SPEC.load(document)([{"hours": 9000, "kind": "Bug", "task": 1}])[0]["p50"] is None
