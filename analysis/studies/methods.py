"""How the figures of a study are counted: pure functions of its rows (no Django here)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evidence.recompute import recompute

VERSION = "1"


@recompute(
    "study.count",
    VERSION,
    words="Number of changes for which the column holds one of the named values, or any where none is named",
    symbols="|{c : x_c ∈ V}|",
)
def count(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None, /) -> dict[str, Any]:
    """``inputs["column"]`` is [[ref, value], …]; ``parameters``: ``is`` (values, or None for any but 0 and unknown)."""
    wanted = parameters["is"]
    hits = [value for _ref, value in inputs["column"] if (value in wanted if wanted is not None else bool(value))]
    return {"value": len(hits), "unit": parameters["unit"]}


@recompute(
    "study.sum",
    VERSION,
    words="Sum of the column over all changes; a change for which it is unknown adds nothing and is counted as unknown",
    symbols="Σ x_c",
)
def total(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None, /) -> dict[str, Any]:
    """Sum of [[ref, number or None], …], with the number of unknown rows beside it."""
    values = [value for _ref, value in inputs["column"]]
    known = [value for value in values if value is not None]
    return {"value": sum(known), "unit": parameters["unit"], "unknown": len(values) - len(known)}


@recompute(
    "study.outcomes",
    VERSION,
    words="Different outcomes among the quoted claims; with `again`, those that more than one change states",
    symbols="|{k}| or |{k : |c(k)| > 1}|",
)
def outcomes(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None, /) -> dict[str, Any]:
    """``inputs["column"]`` is [[ref, [outcome key, …]], …]; a key counts once in a change."""
    seen: dict[str, int] = {}
    for _ref, keys in inputs["column"]:
        for key in set(keys):
            seen[key] = seen.get(key, 0) + 1
    return {
        "value": sum(times > 1 for times in seen.values()) if parameters["again"] else len(seen),
        "unit": parameters["unit"],
    }
