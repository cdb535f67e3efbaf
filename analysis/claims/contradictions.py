"""Two texts of one change that say the same thing with other numbers."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from analysis.claims.grounding import Claim
from analysis.claims.outcome import same_amount, subject
from analysis.claims.records import State

SHORTEST = 2  # words: a subject of one word ("faster") is too little to be the same thing


def between_texts(claims: Sequence[tuple[Hashable, str, Claim]]) -> dict[int, str]:
    """Position -> what contradicts it, for claims of one change given as (id of the text, the text, the claim).

    Two claims contradict each other where they stand in different texts, have one metric, kind and subject (the
    sentence without its numbers) and different magnitudes.
    """
    groups: dict[tuple[str, ...], list[int]] = {}
    for position, (_, text, claim) in enumerate(claims):
        about = subject(text, claim)
        if claim.state is State.STATED and len(about.split()) >= SHORTEST:
            groups.setdefault((about, claim.metric, claim.magnitude.kind), []).append(position)
    found: dict[int, str] = {}
    for positions in groups.values():
        for one in positions:
            other = _contradicting(claims, one, positions)
            if other is not None:
                found[one] = f"another text of the change says: {claims[other][2].quote}"
    return found


def _contradicting(claims: Sequence[tuple[Hashable, str, Claim]], one: int, positions: list[int]) -> int | None:
    """The first claim of another text with another amount, unless the other text has this amount too."""
    mine, _, claim = claims[one]
    elsewhere = [place for place in positions if claims[place][0] != mine]
    if any(same_amount(claims[place][2].magnitude, claim.magnitude) for place in elsewhere):
        return None
    return elsewhere[0] if elsewhere else None
