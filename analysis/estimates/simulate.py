"""From drawn inputs to P10, P50 and P90 (numpy; no Django)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.estimates.distributions import DRAWS, draw, follow, permutation, slices_of
from analysis.estimates.quantities import Quantity, Role
from evidence.canonical import round_number

Array = npt.NDArray[np.float64]
Drawn = Mapping[Role, Array | float]


@dataclass(frozen=True, slots=True)
class Range:
    """The 10th, 50th and 90th percentile, rounded to six significant digits."""

    p10: float
    p50: float
    p90: float

    def document(self) -> dict[str, float]:
        """Return it as part of a receipt's result."""
        return {"p10": self.p10, "p50": self.p50, "p90": self.p90}


@dataclass(frozen=True, slots=True)
class Dependence:
    """Two inputs that move together: ``role`` follows ``leader`` with about this rank correlation."""

    role: Role
    leader: Role
    strength: float

    @classmethod
    def read(cls, entries: Sequence[Mapping[str, Any]]) -> tuple[Dependence, ...]:
        """Return the dependences that a receipt's parameters list."""
        return tuple(cls(Role(item["role"]), Role(item["leader"]), float(item["strength"])) for item in entries)


def draw_all(
    inputs: Mapping[Role, Quantity], seed: int, draws: int = DRAWS, dependences: Sequence[Dependence] = ()
) -> dict[Role, Array | float]:
    """Return the draws of every input, in its own unit; points stay numbers."""
    drawn = {role: draw(quantity, role, seed, draws) for role, quantity in inputs.items()}
    for link in dependences:
        own, leader = inputs.get(link.role), inputs.get(link.leader)
        if own is None or leader is None or own.is_point or leader.is_point:
            continue
        order = follow(permutation(seed, leader.key, draws), permutation(seed, own.key, draws), link.strength)
        drawn[link.role] = slices_of(own, link.role, draws)[order]
    return drawn


def range_of(result: Array | float) -> Range:
    """Return P10, P50, P90 of draws: the mean of the two draws beside each percentile's place.

    An estimate of points alone has one value, three times.
    """
    if not isinstance(result, np.ndarray):
        return Range(*(round_number(float(result)),) * 3)
    count = len(result)
    after = [round(count * level) for level in (0.1, 0.5, 0.9)]
    ordered = np.partition(result, [place for at in after for place in (max(at - 1, 0), at)])
    return Range(*(round_number(float((ordered[max(at - 1, 0)] + ordered[at]) / 2)) for at in after))
