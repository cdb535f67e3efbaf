"""Versions of the texts of changes: an edited text becomes a new version; the old one stays, for claims quote it."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.collection.bulk import insert
from analysis.collection.part_models import ChangeText
from analysis.collection.texts import SafeText, safe
from analysis.sources.records import ChangeRecord, TextPiece

_FIELDS = (
    "change", "kind", "ref", "version", "text", "sha256", "source", "written_at", "redactions", "is_current",
)  # fmt: skip
Slot = tuple[int, str, str, str]  # change, kind, ref, source


def store_texts(pairs: Sequence[tuple[int, ChangeRecord]], fresh: set[int]) -> int:
    """Store the texts of a batch; returns rows written. The same words from two sources are stored once."""
    current = _current([change for change, _ in pairs if change not in fresh])
    words = {(slot[0], slot[1], slot[2], row.sha256) for slot, row in current.items()}
    new: list[tuple[object, ...]] = []
    ended: list[int] = []
    for change, record in pairs:
        for piece in record.texts:
            text = safe(piece)
            slot = (change, text.kind, text.ref, text.source)
            if (change, text.kind, text.ref, text.sha256) in words:
                continue
            words.add((change, text.kind, text.ref, text.sha256))
            old = current.get(slot)
            if old is not None:
                ended.append(old.pk)
            new.append(_row(change, text, piece, old.version + 1 if old else 1))
        if record.source == "git" and record.commit_list:
            ended += _orphans(change, {commit.sha for commit in record.commit_list}, current)
    if ended:
        ChangeText.objects.filter(pk__in=ended, is_current=True).update(is_current=False)
    return insert(ChangeText, _FIELDS, new) + len(ended)


def _current(changes: list[int]) -> dict[Slot, ChangeText]:
    if not changes:
        return {}
    rows = ChangeText.objects.filter(change__in=changes, is_current=True).defer("text")
    return {(row.change_id, row.kind, row.ref, row.source): row for row in rows}


def _orphans(change: int, shas: set[str], current: dict[Slot, ChangeText]) -> list[int]:
    """Messages of commits that a force-push took out of the change."""
    return [
        row.pk for slot, row in current.items() if slot[0] == change and slot[1] == "commit" and slot[2] not in shas
    ]


def _row(change: int, text: SafeText, piece: TextPiece, version: int) -> tuple[object, ...]:
    written = piece.edited_at or piece.written_at
    head = (change, text.kind, text.ref, version, text.text, text.sha256)
    return (*head, text.source[:32], written, text.redactions, True)
