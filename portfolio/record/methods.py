"""How the figures of the status page are computed from what was sampled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evidence.recompute import recompute

VERSION = "1"


@recompute(
    "status.uptime",
    VERSION,
    words="Share of the probes that found the site serving, over the days listed",
    symbols="1 − failed ÷ probes",
)
def uptime(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None, /) -> dict[str, Any]:
    """``days`` is [[day, probes, failed], …]."""
    probes, failed = (sum(day[place] for day in inputs["days"]) for place in (1, 2))
    return {"value": 100 * (1 - failed / probes), "unit": "%"}


@recompute(
    "status.watched",
    VERSION,
    words="Share of the minutes since the first probe in which one was made; of the others nothing is known",
    symbols="probes ÷ minutes, at most 1",
)
def watched(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None, /) -> dict[str, Any]:
    """``days`` as for uptime; ``minutes`` from the hour of the first probe until the record was drawn up."""
    probes = sum(day[1] for day in inputs["days"])
    return {"value": min(100.0, 100 * probes / parameters["minutes"]), "unit": "%"}


@recompute(
    "status.latency",
    VERSION,
    words="Time within which the stated share of the requests was answered, read from counts by bounds",
    symbols="smallest bound under which share × n requests lie, linear within it",
)
def latency(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None, /) -> dict[str, Any]:
    """``counts`` has one number more than ``bounds`` (milliseconds): the last counts what was slower than all."""
    counts, bounds = inputs["counts"], parameters["bounds"]
    wanted, seen, low = parameters["share"] * sum(counts), 0, 0.0
    for count, bound in zip(counts, bounds, strict=False):
        if seen + count >= wanted:
            return {"value": low + (bound - low) * (wanted - seen) / count, "unit": "ms"}
        seen, low = seen + count, bound
    return {"value": bounds[-1], "unit": "ms"}


@recompute(
    "status.build", VERSION, words="Read from the record that the build wrote under the stated name", symbols="x"
)
def build(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None, /) -> dict[str, Any]:
    """The value of ``record`` under ``name``."""
    return {"value": inputs["record"][parameters["name"]], "unit": parameters["unit"]}
