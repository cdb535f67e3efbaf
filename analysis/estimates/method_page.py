"""What the method page tells: measured tables with receipts, the numbers of its charts, mistakes with their tests.

The measurements stand on the shipped card (effort/parameters/*.card.json), which `python -m
analysis.estimates.effort.shipping DIR` writes; `manage.py evaluate effort --data DIR` measures them again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from analysis.estimates import gate
from analysis.estimates.calibration import coverage_of
from analysis.estimates.methods import effort_1, value_1_0
from analysis.estimates.mistakes import MISTAKES, Mistake
from evidence.figures import Figure, figure_of
from evidence.receipts import Derived, Input, Kind, derive
from evidence.recompute import recompute

SUBJECT = f"method:{effort_1.SHIPPED}"


@dataclass(frozen=True, slots=True)
class PredictorRow:
    """One predictor on the test part: figures pred25, within2x, mae, sa, and with a range kept and ratio."""

    name: str
    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class BandRow:
    """How one band keeps its promise: the share inside with its exact 95% bounds, and how wide it is."""

    name: str
    promised: Figure
    kept: Figure
    low: Figure
    high: Figure
    ratio: Figure
    count: Figure


@dataclass(frozen=True, slots=True)
class MethodTables:
    """Everything that the method page shows beside its text. ``pit`` are ten counts, flat when calibrated."""

    version: str
    test_tasks: Figure
    tested_from: str
    tested_to: str
    predictors: tuple[PredictorRow, ...]
    bands: tuple[BandRow, ...]
    groups: tuple[BandRow, ...]
    pit: tuple[Figure, ...]
    crps: Figure
    crps_marginal: Figure
    mistakes: tuple[Mistake, ...]
    gate: tuple[tuple[str, str], ...]
    kept: tuple[Any, ...] = ()


@recompute(
    "calibration.share",
    "1",
    words="Outcomes inside their range, divided by all outcomes, with the exact binomial 95% bounds",
    symbols="k / n",
    libraries=("scipy",),
)
def share(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None, /) -> Mapping[str, Any]:
    """Compute the share (or the bound that ``parameters["end"]`` names) of input ``outcomes``: inside and count."""
    counted = inputs["outcomes"]
    found = coverage_of(0.8, counted["inside"], counted["count"])
    return {"value": {"share": found.share, "low": found.low, "high": found.high}[parameters["end"]], "unit": "1"}


@recompute(
    "calibration.measured",
    "1",
    words="As `manage.py evaluate effort` measures it on the named files of the data set, test part only",
    symbols="x",
)
def measured(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None, /) -> Mapping[str, Any]:
    """Return the measured value that stands in the input ``measurement``; the data set is named beside it."""
    return {"value": inputs["measurement"]["value"], "unit": inputs["measurement"]["unit"]}


@cache
def method_tables() -> MethodTables:
    """Return the tables of the shipped version, each number as a figure with a receipt."""
    card = _card()
    found = {name: figure_of(receipt, name) for name, receipt in _receipts()}
    told = card["distribution"]
    return MethodTables(
        version=value_1_0.VERSION,
        test_tasks=found["test tasks"],
        tested_from=card["test"]["first"],
        tested_to=card["test"]["last"],
        predictors=tuple(_predictor(row["name"], found) for row in card["predictors"]),
        bands=tuple(_band(f"{band['promised']:.0%}", found) for band in card["bands"]),
        groups=tuple(_band(group["kind"], found) for group in card["groups"]),
        pit=tuple(found[f"PIT bin {at}"] for at in range(len(told["pit"]))),
        crps=found["CRPS"],
        crps_marginal=found["CRPS of the marginal baseline"],
        mistakes=MISTAKES,
        gate=tuple((code.value, gate.TITLES[code]) for code in gate.Code),
    )


def receipts_of(subject: str) -> Iterable[Derived]:
    """Return the receipts of the page's figures; none for another subject."""
    return (receipt for _, receipt in _receipts()) if subject == SUBJECT else ()


def figures_by_name(subject: str) -> dict[str, Figure]:
    """The figures of the page by the names that the card gives them; none for another subject.

    `method:effort` is whichever version ships, and `shipped: mae` its row, so that a text outlives a version.
    """
    if subject not in (SUBJECT, "method:effort"):
        return {}
    own = f"{effort_1.SHIPPED} (shipped): "
    return {name.replace(own, "shipped: "): figure_of(receipt, name) for name, receipt in _receipts()}


@cache
def _card() -> Mapping[str, Any]:
    path = effort_1.PARAMETERS / f"{effort_1.SHIPPED}.card.json"
    loaded: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


@cache
def _receipts() -> tuple[tuple[str, Derived], ...]:
    """Return name and receipt of every figure of the page; they stand on shipped files, so they are derived once."""
    return tuple(_derived())


def _derived() -> Iterator[tuple[str, Derived]]:
    card = _card()
    told = card["distribution"]
    yield "test tasks", _measured("test tasks", card["test"]["tasks"], "task")
    yield "CRPS", _measured("CRPS", told["crps"], "hour")
    yield "CRPS of the marginal baseline", _measured("CRPS of the marginal baseline", told["crps_marginal"], "hour")
    for at, count in enumerate(told["pit"]):
        yield f"PIT bin {at}", _measured(f"PIT bin {at}", count, "task")
    for row in card["predictors"]:
        for column, unit in (("pred25", "1"), ("within2x", "1"), ("mae", "hour"), ("sa", "1")):
            name = f"{row['name']}: {column}"
            yield name, _measured(name, row[column], unit)
        if row["band"]:
            yield from _band_receipts(f"{row['name']}: 80%", row["band"])
    for band in card["bands"]:
        yield from _band_receipts(f"{band['promised']:.0%}", band)
    for group in card["groups"]:
        yield from _band_receipts(group["kind"], group)


def _band_receipts(name: str, band: Mapping[str, Any]) -> Iterator[tuple[str, Derived]]:
    counted = {"inside": band["inside"], "count": band["count"], "of": name}
    for end in ("share", "low", "high"):
        yield (
            f"{name} {end}",
            derive(
                kind=Kind.MEASURED,
                subject=SUBJECT,
                method="calibration.share",
                version="1",
                inputs=[Input("outcomes", _data_ref(), counted)],
                parameters={"end": end},
            ),
        )
    yield f"{name} ratio", _measured(f"{name} high/low, median", band["ratio_median"], "1")
    yield f"{name} promised", _measured(f"{name} promised", band["promised"], "1")
    yield f"{name} count", _measured(f"{name} outcomes", band["count"], "task")


def _measured(name: str, value: float, unit: str) -> Derived:
    said = {"what": name, "value": value, "unit": unit}
    inputs = [Input("measurement", _data_ref(), said)]
    return derive(kind=Kind.MEASURED, subject=SUBJECT, method="calibration.measured", version="1", inputs=inputs)


def _data_ref() -> str:
    files: Mapping[str, str] = effort_1.shipped_parameters()["provenance"]["files"]
    return "dataset:sip@" + "+".join(digest[:16] for _, digest in sorted(files.items()))


def _predictor(name: str, found: Mapping[str, Figure]) -> PredictorRow:
    figures = {column: found[f"{name}: {column}"] for column in ("pred25", "within2x", "mae", "sa")}
    if f"{name}: 80% share" in found:
        figures["kept"], figures["ratio"] = found[f"{name}: 80% share"], found[f"{name}: 80% ratio"]
    return PredictorRow(name, figures)


def _band(name: str, found: Mapping[str, Figure]) -> BandRow:
    ends = (found[f"{name} {end}"] for end in ("promised", "share", "low", "high", "ratio", "count"))
    return BandRow(name, *ends)
