"""Ask this stage: which claims there are, as pages, lists and exports need them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from analysis.claims.explain import REASONS, Piece, cut
from analysis.claims.models import Claim, ClaimReading, ClaimReview
from analysis.claims.phrase import phrase_around
from analysis.claims.records import Reason
from analysis.collection.browse import on_site
from analysis.collection.models import Change
from analysis.collection.part_models import ChangeText

PAGE = 50
_BESIDE = ("change__repository", "text")  # what a claim's figure needs; the text itself stays in the database


@dataclass(frozen=True, slots=True)
class ReadText:
    """A text of a change in pieces to show, with its claims and its refusals as (quote, reason for people)."""

    text: ChangeText
    pieces: tuple[Piece, ...]
    claims: tuple[Claim, ...]
    refusals: tuple[tuple[str, str], ...]


def ref(claim: Claim) -> str:
    """How other records refer to a claim."""
    return f"claim:{claim.key}"


def claim_by_ref(reference: str) -> Claim | None:
    """The claim that a reference names, if it still stands."""
    return Claim.objects.select_related("change__repository").filter(key=reference.removeprefix("claim:")).first()


def public_claims() -> QuerySet[Claim]:
    """Current claims that a visitor may see: not rejected, and of nothing that is hidden or private."""
    shown = Claim.objects.filter(on_site("change__repository__"), change__is_hidden=False)
    current = shown.filter(is_current=True, change__vanished_at__isnull=True)
    return current.exclude(review=Claim.Review.REJECTED).select_related(*_BESIDE).defer("text__text")


def claim_beginning(key: str) -> Claim | None:
    """The one public claim whose key begins with ``key``, or None where there is none or more than one."""
    found = list(public_claims().filter(key__gte=key, key__lt=f"{key}g").order_by("key")[:2]) if key else []
    return found[0] if len(found) == 1 else None


def claim_page(
    *, metric: str = "", state: str = "", direction: str = "", repository: str = "", before: int | None = None
) -> list[Claim]:
    """At most PAGE public claims, newest row first, after the keyset position ``before`` (the last id seen)."""
    rows = public_claims()
    for name, value in {"metric": metric, "state": state, "direction": direction}.items():
        if value:
            rows = rows.filter(**{name: value})
    if repository:
        rows = rows.filter(change__repository__key=repository)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[:PAGE])


def claim_facets() -> dict[str, list[tuple[str, int]]]:
    """How many public claims there are of each metric, state and direction, most first."""
    found = {}
    for name in ("metric", "state", "direction"):
        rows = public_claims().order_by().values_list(name).annotate(number=Count("pk")).order_by("-number", name)
        found[name] = list(rows)
    return found


def claims_of(changes: Iterable[Change]) -> dict[int, list[Claim]]:
    """Current, not rejected claims by the change's id, in the order of the texts; two changes' rows never mix.

    Each claim holds the change that was given, so that its columns are not read again for every claim of it.
    """
    given = {change.pk: change for change in changes}
    found: dict[int, list[Claim]] = {}
    rows = Claim.objects.filter(change__in=given, is_current=True).exclude(review=Claim.Review.REJECTED)
    for claim in rows.select_related("text").defer("text__text").order_by("change_id", "text_id", "start", "pk"):
        claim.change = given[claim.change_id]
        found.setdefault(claim.change_id, []).append(claim)
    return found


def claim_phrases(claims: Iterable[Claim]) -> dict[int, str]:
    """The words around each claim that say what it is about, by its id; one query, whatever the amount."""
    given = list(claims)
    texts = dict(ChangeText.objects.filter(pk__in={claim.text_id for claim in given}).values_list("pk", "text"))
    return {claim.pk: phrase_around(texts[claim.text_id], claim.start, claim.end) for claim in given}


def read_texts(change: Change) -> list[ReadText]:
    """The current texts of a change in pieces, claims and refusals highlighted, in three queries."""
    texts = list(ChangeText.objects.filter(change=change, is_current=True).order_by("pk"))
    claims = claims_of([change]).get(change.pk, [])
    readings = {row.text_id: row for row in ClaimReading.objects.filter(text__in=texts)}
    found = []
    for text in texts:
        mine = tuple(claim for claim in claims if claim.text_id == text.pk)
        refusals = _refusals(text, readings.get(text.pk))
        spans = [(claim.start, claim.end, "claim", i, claim.state, "") for i, claim in enumerate(mine)]
        spans += [(start, end, "refusal", i, "", reason) for i, (start, end, reason) in enumerate(refusals)]
        quoted = tuple((text.text[start:end], reason) for start, end, reason in refusals)
        found.append(ReadText(text, tuple(cut(text.text, spans)), mine, quoted))
    return found


def _refusals(text: ChangeText, reading: ClaimReading | None) -> list[tuple[int, int, str]]:
    """Refusals with the words of their reason; none where the text has changed since it was read."""
    if reading is None or reading.text_sha256 != text.sha256:
        return []
    known = {reason.value: words for reason, words in REASONS.items()}
    return [(start, end, known.get(reason, reason)) for start, end, reason, *_ in reading.refusals]


def review_queue() -> QuerySet[Claim]:
    """Current claims that nobody has looked at, newest first."""
    return Claim.objects.filter(review=Claim.Review.NONE, is_current=True).order_by("-pk")


def export_reviews() -> Iterator[dict[str, Any]]:
    """Every reviewed claim as a labelled row for the next training: the text, what was claimed, what is right."""
    rows = Claim.objects.exclude(review=Claim.Review.NONE).select_related("text", "change__repository").order_by("pk")
    for claim in rows.iterator(chunk_size=500):
        magnitude: dict[str, Any] = {"kind": claim.kind, "unit": claim.unit}
        if claim.kind == "from_to":
            magnitude |= {"from": claim.from_value, "to": claim.to_value, "to_unit": claim.to_unit}
        else:
            magnitude |= {"value": claim.value} | ({"value_hi": claim.value_hi} if claim.value_hi is not None else {})
        said = {"start": claim.start, "end": claim.end, "metric": claim.metric, "direction": claim.direction}
        label = "not" if claim.review == Claim.Review.REJECTED else "claim"
        claims = [{**said, "magnitude": magnitude, **claim.correction}] if label == "claim" else []
        yield {
            "id": claim.key, "text": claim.text.text, "repo": claim.change.repository.key, "label": label,
            "claims": claims, "review": claim.review,
        }  # fmt: skip


def newest_review(claim: Claim) -> ClaimReview | None:
    """The decision that holds, with who and when."""
    return ClaimReview.objects.filter(claim=claim).select_related("decided_by").order_by("-decided_at").first()


def reason_words(reason: str) -> str:
    """A reason code in words for people."""
    return REASONS[Reason(reason)]
