"""Do the numbers of one statement agree with each other? "10x (30 s vs 3 min)" does not."""

from __future__ import annotations

from analysis.claims.agreement import disagreement
from analysis.claims.amounts import Group


def contradicts(group: Group) -> str:
    """Why the pair and the stated change of a group cannot both be true; empty if they can (or nothing to compare)."""
    pair = next((amount for amount in group.amounts if amount.to is not None), None)
    change = next((amount for amount in group.amounts if amount.is_change), None)
    if pair is None or change is None or pair.to is None:
        return ""
    return disagreement(pair.of, pair.to, change.of) or ""
