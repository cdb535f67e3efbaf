"""From texts to rows: read what has not been read, keep what still stands, and say which claims are one outcome."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator

from django.db import transaction
from django.db.models import F, Q

from analysis.claims import contradictions, outcome_links
from analysis.claims.extractor import GRAMMAR, extract
from analysis.claims.grounding import Claim as Grounded
from analysis.claims.models import Claim, ClaimReading, ClaimSupport
from analysis.claims.outcome import fingerprint, signature, within_change
from analysis.claims.records import Context, Magnitude
from analysis.collection.models import Change, Contributor
from analysis.collection.part_models import ChangeContributor, ChangeText

METHOD = f"{GRAMMAR.name} {GRAMMAR.version}"
BATCH = 100  # changes in one transaction

Progress = Callable[[int, int | None, str], None]


def extract_repository(
    repository_id: int, progress: Progress | None = None, guard: Callable[[], None] | None = None
) -> dict[str, int]:
    """Read every text of a repository that this method has not read; returns counts of what was written.

    ``guard`` is called inside each writing transaction, so that a job that has lost its lease writes nothing.
    """
    with transaction.atomic():
        retired = _retire(repository_id)
    waiting = list(changes_to_read(repository_id))
    counts = {"changes": 0, "texts": 0, "claims": 0, "refusals": 0, "retired": retired}
    for begin in range(0, len(waiting), BATCH):
        with transaction.atomic():
            if guard:
                guard()
            for change in Change.objects.filter(pk__in=waiting[begin : begin + BATCH]).order_by("sorted_at", "pk"):
                for name, number in read_change(change).items():
                    counts[name] += number
        if progress:
            progress(min(begin + BATCH, len(waiting)), len(waiting), "reading texts for claims")
    with transaction.atomic():
        if guard:
            guard()
        outcome_links.link(repository_id)
    return counts


def changes_to_read(repository_id: int) -> Iterator[int]:
    """Ids of the changes with a current text that is unread, changed since, or was read by another method."""
    texts = ChangeText.objects.filter(change__repository_id=repository_id, is_current=True)
    unread = texts.filter(
        Q(claim_reading__isnull=True) | ~Q(claim_reading__method=METHOD) | ~Q(claim_reading__text_sha256=F("sha256"))
    )
    changes = Change.objects.filter(pk__in=unread.values("change_id"))
    return changes.order_by("sorted_at", "pk").values_list("pk", flat=True).iterator()


def _retire(repository_id: int) -> int:
    """Claims of texts that were edited stay, but are no longer current."""
    mine = Claim.objects.filter(change__repository_id=repository_id)
    back = mine.filter(is_current=False, text__is_current=True).update(is_current=True)
    return mine.filter(is_current=True, text__is_current=False).update(is_current=False) + back


def read_change(change: Change) -> dict[str, int]:
    """Read all current texts of one change anew and write what differs. Call it inside a transaction."""
    texts = list(ChangeText.objects.filter(change=change, is_current=True).order_by("kind", "ref", "source", "pk"))
    texts.sort(key=lambda text: (["title", "body", "commit"].index(text.kind), text.pk))
    tool = _written_by_tool(change)
    rows: list[Claim] = []
    grounded: list[tuple[ChangeText, Grounded]] = []
    refusals = 0
    for text in texts:
        found = extract(text.text, Context(is_title=text.kind == ChangeText.Kind.TITLE, tool_written=tool))
        grounded += [(text, claim) for claim in found.claims]
        refused = [[item.start, item.end, item.reason.value, item.detail] for item in found.refusals]
        refusals += len(refused)
        ClaimReading.objects.update_or_create(
            text=text, defaults={"method": METHOD, "text_sha256": text.sha256, "refusals": refused}
        )
    prints = [fingerprint(text.text, claim) for text, claim in grounded]
    keys = within_change(zip(prints, (signature(claim) for _, claim in grounded), strict=True))
    conflicts = contradictions.between_texts([(text.pk, text.text, claim) for text, claim in grounded])
    for number, (text, claim) in enumerate(grounded):
        rows.append(_row(change, text, claim, (prints[number], keys[number]), conflicts.get(number, "")))
    written = _write(change, rows, [text.pk for text in texts])
    return {"changes": 1, "texts": len(texts), "claims": written, "refusals": refusals}


def _written_by_tool(change: Change) -> bool:
    """Whether the change was opened or written by a bot: its text is a template's, not an engineer's."""
    roles = [ChangeContributor.Role.AUTHOR, ChangeContributor.Role.OPENER]
    kinds = set(
        ChangeContributor.objects.filter(change=change, role__in=roles).values_list("contributor__kind", flat=True)
    )
    return kinds == {Contributor.Kind.BOT}


def claim_key(change: Change, text: ChangeText, claim: Grounded) -> str:
    """The natural key of a claim: the change, the text with its hash, the span and what is claimed."""
    parts = [
        change.repository.key, change.key, text.kind, text.ref, text.source, text.sha256,
        str(claim.start), str(claim.end), json.dumps(claim.magnitude.as_dict(), sort_keys=True),
    ]  # fmt: skip
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _row(change: Change, text: ChangeText, claim: Grounded, prints: tuple[str, str], conflict: str) -> Claim:
    print_, outcome_key = prints
    size: Magnitude = claim.magnitude
    state = claim.state.value
    reason = claim.why if state == Claim.State.CONTRADICTED else ""
    if conflict and state == Claim.State.STATED:
        state, reason = Claim.State.CONTRADICTED, conflict
    return Claim(
        key=claim_key(change, text, claim), change=change, text=text, start=claim.start, end=claim.end,
        quote=claim.quote, metric=claim.metric.value, direction=claim.direction.value, kind=size.kind.value,
        value=size.value, value_hi=size.value_hi, from_value=size.from_value, to_value=size.to_value,
        unit=size.unit[:40], to_unit=size.to_unit[:40], also=claim.also.as_dict() if claim.also else {},
        context=[span.quote for span in claim.context],
        scope=claim.scope.quote[:120] if claim.scope else "", period=claim.period.quote[:40] if claim.period else "",
        state=state, state_reason=reason, why=claim.why[:120], method=METHOD,
        fingerprint=print_, outcome_key=outcome_key, is_current=True,
    )  # fmt: skip


# What extraction says and may say anew; what the owner decided is never overwritten.
_EXTRACTED = (
    "metric", "direction", "also", "context", "scope", "period", "state", "state_reason", "why", "method",
    "fingerprint",
    "outcome_key", "is_current",
)  # fmt: skip


def _write(change: Change, rows: list[Claim], text_ids: list[int]) -> int:
    """Insert new claims, update the others by their key, delete unreviewed ones that are no longer found."""
    by_key = {row.key: row for row in rows}
    known = {row.key: row for row in Claim.objects.filter(change=change)}
    gone = [row.pk for key, row in known.items() if key not in by_key and row.text_id in text_ids]
    Claim.objects.filter(pk__in=gone, review=Claim.Review.NONE).delete()
    Claim.objects.filter(pk__in=gone).update(is_current=False)
    supported = set(ClaimSupport.objects.filter(claim__change=change).values_list("claim__key", flat=True))
    changed = []
    for key, row in by_key.items():
        old = known.get(key)
        if old is None:
            continue
        for name in _EXTRACTED:
            if name in ("state", "state_reason") and key in supported and row.state == Claim.State.STATED:
                continue
            setattr(old, name, getattr(row, name))
        changed.append(old)
    Claim.objects.bulk_update(changed, _EXTRACTED, batch_size=200)
    fresh = [row for key, row in by_key.items() if key not in known]
    Claim.objects.bulk_create(fresh, batch_size=200)
    return len(fresh)


def forget_texts(text_ids: list[int]) -> None:
    """Delete what was quoted from texts whose words are being erased; they are read again as they then stand."""
    Claim.objects.filter(text_id__in=text_ids).delete()
    ClaimReading.objects.filter(text_id__in=text_ids).delete()
