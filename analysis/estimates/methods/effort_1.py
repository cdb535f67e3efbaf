"""Effort 1: hours as a range, from a person's own estimate and the kind of task (numpy only, no Django).

    P10, P90 = h · exp(q_low(ln h, kind) - w),  h · exp(q_high(ln h, kind) + w)      P50 = h · exp(b · basis(ln h))

where h are the estimated hours, q the tabulated quantiles of ln(actual/estimate) of similar tasks, w the widening
that made the band hold on later tasks, and b a piecewise linear line. The parameters are plain data with their
provenance (effort/parameters/*.json); analysis.estimates.effort.fit makes them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from evidence.recompute import recompute

SHIPPED = "effort_1"
PARAMETERS = Path(__file__).resolve().parent.parent / "effort" / "parameters"
MIN_HOURS, MAX_HOURS = 0.01, 1000.0
"""No task of the data was estimated outside; beyond it nothing is promised."""


class EffortRefused(ValueError):
    """There is no honest range; the message says what is missing or wrong."""


@dataclass(frozen=True, slots=True)
class EffortRange:
    """Hours: the 10th, 50th and 90th percentile, and the other measured bands."""

    p10: float
    p50: float
    p90: float
    p25: float
    p75: float
    p05: float
    p95: float


@cache
def shipped_parameters(name: str = SHIPPED) -> Mapping[str, Any]:
    """Return the parameters of a shipped version; raises EffortRefused when there is none of that name."""
    path = PARAMETERS / f"{name}.json"
    if not path.is_file():
        raise EffortRefused(f"effort model {name} has no shipped parameters")
    loaded: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def predict(parameters: Mapping[str, Any], hours: float, kind: str = "*") -> EffortRange:
    """Return the range of hours for a task that a person estimated at ``hours``.

    ``kind`` is a subcategory of the training data; an unknown one uses all tasks. Raises EffortRefused for an
    estimate that is no positive finite number or lies outside what was learned.
    """
    if not isinstance(hours, (int, float)) or isinstance(hours, bool) or not math.isfinite(hours) or hours <= 0:
        raise EffortRefused("effort needs a human estimate of the hours, above zero")
    if not MIN_HOURS <= hours <= MAX_HOURS:
        raise EffortRefused(f"an estimate of {hours:g} hours lies outside the data ({MIN_HOURS:g} to {MAX_HOURS:g})")
    at = math.log(hours)
    point = hours * math.exp(_line(parameters["point"], at, parameters["settings"]["knots"]))
    edges = {name: _band(parameters, hours, at, kind, name) for name in ("50", "80", "90")}
    p10, p90 = edges["80"]
    p25, p75 = _nested(edges["50"], edges["80"])
    p05, p95 = min(edges["90"][0], p10), max(edges["90"][1], p90)
    return EffortRange(p10, min(max(point, p10), p90), p90, p25, p75, p05, p95)


def quantiles(parameters: Mapping[str, Any], hours: float, kind: str, levels: Sequence[float]) -> list[float]:
    """Return hours at the given tabulated levels, without the widening: the whole predicted distribution."""
    at = math.log(hours)
    return [hours * math.exp(_tabulated(parameters, f"{level:g}", at, kind)) for level in levels]


@recompute(
    "effort.hours",
    "1",
    words="Hours spent, as a range, learned from tasks of known hours with a like estimate and of a like kind",
    symbols="h · exp(q(ln h, kind) ± w)",
    libraries=("numpy",),
)
def hours_range(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None, /) -> Mapping[str, Any]:
    """Recompute the range of a receipt: input ``estimate`` holds ``hours`` and ``kind``, ``model`` the parameters."""
    estimate = inputs["estimate"]
    fitted = inputs.get("model") or shipped_parameters(parameters["model"])
    found = predict(fitted, estimate["hours"], estimate["kind"])
    return {
        **{name: getattr(found, name) for name in ("p10", "p50", "p90", "p05", "p25", "p75", "p95")},
        "unit": "hour",
    }


def _band(parameters: Mapping[str, Any], hours: float, at: float, kind: str, name: str) -> tuple[float, float]:
    level = parameters["settings"]["band_levels"][name]
    widen = parameters["widen"][name]
    low = _tabulated(parameters, f"{level:g}", at, kind) - widen
    high = _tabulated(parameters, f"{round(1 - level, 6):g}", at, kind) + widen
    low, high = min(low, high), max(low, high)
    return hours * math.exp(low), hours * math.exp(high)


def _nested(inner: tuple[float, float], outer: tuple[float, float]) -> tuple[float, float]:
    low, high = max(inner[0], outer[0]), min(inner[1], outer[1])
    return (low, high) if low <= high else outer


def _tabulated(parameters: Mapping[str, Any], level: str, at: float, kind: str) -> float:
    kinds = parameters["kinds"]
    row = kinds.index(kind) if kind in kinds else 0
    return float(np.interp(at, parameters["grid"], parameters["levels"][level][row]))


def _line(coefficients: Sequence[float], at: float, knots: Sequence[float]) -> float:
    columns = [1.0, at, *(max(at - knot, 0.0) for knot in knots)]
    return sum(coefficient * column for coefficient, column in zip(coefficients, columns, strict=True))
