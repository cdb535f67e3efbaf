"""Do, for this stage: extract after a collection, and keep what the owner decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from analysis.claims.corroborate import corroborate_repository
from analysis.claims.models import Claim, ClaimReview
from analysis.claims.records import Direction, Metric
from analysis.claims.store import Progress, extract_repository, forget_texts
from analysis.sources.records import SourceError
from evidence import audit

__all__ = ["WrongReview", "extract_and_corroborate", "extract_repository", "forget_texts", "review_claim"]

CORRECTABLE = ("metric", "direction", "scope", "period")


def extract_and_corroborate(
    repository_id: int, progress: Progress | None = None, guard: Callable[[], None] | None = None
) -> dict[str, Any]:
    """Read what is unread, then look for records that support what was found; returns counts.

    Where the mirror cannot be read, nothing is supported and ``not_looked_up`` says why.
    """
    counts: dict[str, Any] = dict(extract_repository(repository_id, progress, guard))
    try:
        counts["supported"] = corroborate_repository(repository_id, guard)
    except SourceError as error:
        counts["supported"], counts["not_looked_up"] = 0, str(error)
    return counts


class WrongReview(ValueError):
    """A decision that cannot be: an unknown one, or a correction of what may not be corrected."""


@transaction.atomic
def review_claim(
    *, claim_id: int, decision: str, actor: Any, correction: Mapping[str, Any] | None = None, note: str = ""
) -> Claim:
    """Store the owner's decision on a claim: confirmed, corrected, rejected, or none to take it back.

    A correction may change the metric, direction, scope or period; never the quote or its numbers, which stand in the
    text. Raises WrongReview, Claim.DoesNotExist.
    """
    claim = Claim.objects.select_for_update().get(pk=claim_id)
    changed = _correction(decision, correction or {})
    before = {"review": claim.review, "correction": claim.correction}
    claim.review, claim.correction = Claim.Review(decision), changed
    claim.save(update_fields=["review", "correction"])
    ClaimReview.objects.create(
        claim=claim, decision=decision, correction=changed, note=note, decided_by=actor, decided_at=timezone.now()
    )
    after = {"review": claim.review, "correction": claim.correction}
    audit.record(actor=actor, action="claims.review", target=claim, before=before, after=after, reason=note)
    return claim


def _correction(decision: str, correction: Mapping[str, Any]) -> dict[str, Any]:
    if decision not in Claim.Review.values:
        raise WrongReview(f"{decision!r} is no decision. Choose confirmed, corrected, rejected or none.")
    wrong = sorted(set(correction) - set(CORRECTABLE))
    if wrong:
        raise WrongReview(f"{', '.join(wrong)} cannot be corrected: the quote and its numbers stand in the text.")
    if (decision == Claim.Review.CORRECTED) != bool(correction):
        raise WrongReview("A correction belongs to the decision 'corrected', and to no other.")
    for name, names in (("metric", Metric), ("direction", Direction)):
        if name in correction and correction[name] not in {item.value for item in names}:
            raise WrongReview(f"{correction[name]!r} is no {name}.")
    return dict(correction)
