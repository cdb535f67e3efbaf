"""How well extraction does on labelled sentences: the same rules as the published judge.

A sentence is right when a claim is found exactly where there is one. Of the labelled claims: the span holds all their
digits and lies within the label or overlaps it (intersection over union at least .4); magnitude, direction and metric
are compared for the spans that were found.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.claims.units import base_value, find_unit

MEASURES = ("precision", "recall", "span", "magnitude", "direction", "metric")
TARGETS = {"precision": 0.93, "recall": 0.93, "span": 0.90, "magnitude": 0.90, "direction": 0.97, "metric": 0.85}
OVERLAP = 0.4


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was right in one sentence."""

    is_claim: bool
    is_found: bool
    labelled: int = 0
    span: int = 0
    magnitude: int = 0
    direction: int = 0
    metric: int = 0
    not_verbatim: int = 0


def judge(label: Mapping[str, Any], claims: Iterable[Mapping[str, Any]]) -> Judgement:
    """Compare the claims found in a sentence with its label."""
    text = label["text"]
    found = [claim for claim in claims if claim.get("state", "stated") not in ("expected", "rejected")]
    wanted = label.get("claims") or []
    counts = {"span": 0, "magnitude": 0, "direction": 0, "metric": 0}
    for want in wanted:
        near = [claim for claim in found if _covers(text, claim, want)]
        if not near:
            continue
        options = [want["magnitude"], *(other.get("magnitude", other) for other in want.get("also") or [])]
        counts["span"] += 1
        counts["magnitude"] += any(same_magnitude(claim["magnitude"], option) for claim in near for option in options)
        counts["direction"] += any(claim["direction"] == want["direction"] for claim in near)
        counts["metric"] += any(claim["metric"] in (want.get("metric_ok") or [want["metric"]]) for claim in near)
    wrong = sum(text[claim["start"] : claim["end"]] != claim["quote"] for claim in found)
    return Judgement(label["label"] == "claim", bool(found), len(wanted), not_verbatim=wrong, **counts)


def _covers(text: str, claim: Mapping[str, Any], want: Mapping[str, Any]) -> bool:
    common = max(0, min(claim["end"], want["end"]) - max(claim["start"], want["start"]))
    union = max(claim["end"], want["end"]) - min(claim["start"], want["start"])
    inside = want["start"] <= claim["start"] and claim["end"] <= want["end"]
    if not inside and common < OVERLAP * union:
        return False
    return set(_digits(text[want["start"] : want["end"]])) <= set(_digits(text[claim["start"] : claim["end"]]))


def _digits(text: str) -> list[str]:
    return re.findall(r"\d+(?:[.,]\d+)*", text)


def same_magnitude(got: Mapping[str, Any], want: Mapping[str, Any]) -> bool:
    """Whether two magnitudes of the interchange format are one: kind, values and units up to spelling."""
    if got.get("kind") != want.get("kind"):
        return False
    if want["kind"] == "from_to":
        ends = (("from", "unit"), ("to", "to_unit"))
        return all(
            _same(got.get(end), got.get(unit) or got.get("unit"), want[end], want.get(unit) or want.get("unit"))
            for end, unit in ends
            if want.get(end) is not None
        )
    high = want.get("value_hi")
    unit = want.get("unit")
    return _same(got.get("value"), got.get("unit"), want.get("value"), unit) and (
        high is None or _same(got.get("value_hi"), got.get("unit"), high, unit)
    )


def _same(got: Any, got_unit: Any, want: Any, want_unit: Any) -> bool:
    if got is None or want is None:
        return False
    one, other = (find_unit(str(unit or "").strip()) for unit in (got_unit, want_unit))
    if (one is None) != (other is None) or (one and other and one.dim is not other.dim):
        return False
    if one is None and str(got_unit or "").lower() != str(want_unit or "").lower():
        return False
    first = base_value(abs(float(got)), one.name) if one else abs(float(got))
    second = base_value(abs(float(want)), other.name) if other else abs(float(want))
    return abs(first - second) <= 1e-6 * max(1.0, first)


def summary(judgements: Sequence[Judgement]) -> dict[str, float]:
    """The six measures of a set of sentences."""
    right = sum(item.is_claim and item.is_found for item in judgements)
    wrong = sum(not item.is_claim and item.is_found for item in judgements)
    missed = sum(item.is_claim and not item.is_found for item in judgements)
    spans = sum(item.span for item in judgements)
    return {
        "precision": right / (right + wrong) if right + wrong else 0.0,
        "recall": right / (right + missed) if right + missed else 0.0,
        "span": spans / (sum(item.labelled for item in judgements) or 1),
        **{name: sum(getattr(item, name) for item in judgements) / (spans or 1) for name in MEASURES[3:]},
    }


def intervals(judgements: Sequence[Judgement], rounds: int = 500, seed: int = 0) -> dict[str, tuple[float, float]]:
    """95% intervals by the bootstrap over sentences."""
    rng = random.Random(seed)  # noqa: S311  a bootstrap needs no secret
    draws = [summary(rng.choices(judgements, k=len(judgements))) for _ in range(rounds)]
    low, high = int(0.025 * rounds), int(0.975 * rounds)
    found = {}
    for name in MEASURES:
        ordered = sorted(draw[name] for draw in draws)
        found[name] = (ordered[low], ordered[min(high, rounds - 1)])
    return found
