"""Whose outcome is it, and how long did it last: attribution and persistence from facts (no Django here).

Attribution never defaults to one. n people who wrote or reviewed share around 1/n; a sole author who quotes a statement
of ownership enters 0.6 to 1.0 with the quotation; else the figure is the team's. Persistence counts the months in which
the code survived, at most twelve; unknown survival is anything from nothing to twelve months, equally likely.
"""

from __future__ import annotations

from analysis.estimates.quantities import InputKind, Quantity

CONCENTRATION = 12.0
MONTHS = 12.0


def attribution(*, ref: str, people: int, owner_took_part: bool) -> Quantity | None:
    """Return the owner's share from who took part, or None: a team figure only.

    ``people`` counts authors, co-authors and reviewers, bots left out. With n people the share is the Beta of mean
    1/n and concentration 12, entered by its 5% and 95% points. A sole author has no share without a quoted statement
    of ownership, which the owner enters as an assumption.
    """
    if not owner_took_part or people < 2:
        return None
    low, high = share_of(people)
    return Quantity(f"{ref}#share", "1", InputKind.MEASURED, low=low, high=high, source=f"{people} people took part")


def share_of(people: int) -> tuple[float, float]:
    """Return the 5% and 95% points of Beta(12/n, 12 - 12/n), to four digits."""
    from scipy.special import betaincinv

    a = CONCENTRATION / people
    low, high = (float(betaincinv(a, CONCENTRATION - a, level)) for level in (0.05, 0.95))
    return max(float(f"{low:.4g}"), 1e-6), float(f"{high:.4g}")


def persistence(*, ref: str, months: float | None, survives: bool | None) -> Quantity:
    """Return the months of the first year in which the change was in effect.

    ``months`` have passed between the landing and the tip; ``survives`` says whether most of its lines still stand
    there. Lines that are gone went at an unknown time in between; None is unknown.
    """
    key = f"{ref}#months"
    if months is None or survives is None:
        source = "survival of the code is unknown"
        return Quantity(key, "month", InputKind.ASSUMED, low=0.0, high=MONTHS, source=source)
    passed = round(min(max(months, 0.0), MONTHS), 4)
    if survives or passed == 0:
        return Quantity(key, "month", InputKind.MEASURED, point=passed, source="most of its lines stand at the tip")
    source = "most of its lines are gone at the tip; when they went is unknown"
    return Quantity(key, "month", InputKind.MEASURED, low=0.0, high=passed, source=source)
