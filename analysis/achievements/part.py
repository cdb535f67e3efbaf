"""The owner's part in a piece of work: solo, led or contributed, from commits and reviews (no Django).

Bots and AI assistants are counted apart: they neither share the credit nor hide. A part is a statement about commits,
not about importance.
"""

from collections.abc import Iterable
from dataclasses import dataclass

LED_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Participation:
    """One contributor's role in one change. ``kind`` is human, bot or ai; ``role`` as in ChangeContributor."""

    contributor: int
    kind: str
    role: str
    commits: int
    is_owner: bool


@dataclass(frozen=True, slots=True)
class Part:
    """``name`` is solo, led, contributed, reviewed, none or unknown; the counts say why."""

    name: str
    own_commits: int
    human_commits: int
    colleagues: int
    reviewers: int
    assistants: int
    reason: str


def part_of(participations: Iterable[Participation]) -> Part:
    """The owner's part over all changes of a group. ``unknown`` when nobody is marked as the owner."""
    rows = list(participations)
    authored = [row for row in rows if row.role in ("author", "co_author") and row.kind == "human"]
    own = sum(row.commits for row in authored if row.is_owner)
    total = sum(row.commits for row in authored)
    colleagues = len({row.contributor for row in authored if not row.is_owner})
    reviewers = {row.contributor for row in rows if row.role == "reviewer" and row.kind == "human"}
    own_reviews = any(row.is_owner and row.role == "reviewer" for row in rows)
    assistants = len({row.contributor for row in rows if row.kind == "ai"})
    name, reason = _named(any(row.is_owner for row in rows), own, total, colleagues, own_reviews)
    owners = {row.contributor for row in rows if row.is_owner}
    return Part(name, own, total, colleagues, len(reviewers - owners), assistants, reason)


def _named(owner_known: bool, own: int, total: int, colleagues: int, own_reviews: bool) -> tuple[str, str]:
    if not owner_known:
        return "unknown", "No contributor of these changes is marked as the owner."
    if own == 0:
        if own_reviews:
            return "reviewed", "The owner reviewed, and wrote none of the commits."
        return "none", "The owner wrote none of the commits."
    if colleagues == 0:
        return "solo", "The owner is the only person among the authors."
    share = own / total
    # In words, since a number in a text needs a receipt; the counts are in the record.
    if share >= LED_SHARE:
        return "led", "The owner wrote most of the commits by people."
    return "contributed", "The owner wrote some of the commits by people, and colleagues wrote the others."
