"""Predicted types as figures with receipts, derived on demand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import Count

from analysis.change_types import methods
from analysis.change_types.models import ChangeType
from analysis.change_types.spec import MAX_FILES
from analysis.collection.browse import change_ref, public_changes
from analysis.collection.models import Change
from analysis.collection.part_models import ChangedFile
from analysis.collection.periods import Step, label
from evidence.figures import Figure, figure_of, unknown
from evidence.receipts import Derived, Input, Kind, derive


def type_receipts(change: Change) -> Iterator[Derived]:
    """The receipt of a change's current prediction; none where it abstained or was not asked yet. Two queries."""
    row = ChangeType.objects.filter(change=change, is_current=True).first()
    if row is not None and row.type:
        yield _receipt(change, row)


def type_figure(change: Change, paths: Sequence[str] | None = None) -> Figure:
    """The predicted type as a page shows it; unknown, with the reason, where there is none.

    `paths` are all paths of the change, where the caller has them already.
    """
    row = ChangeType.objects.filter(change=change, is_current=True).first()
    if row is None:
        return unknown(Kind.PREDICTED, "the model has not been asked yet", label="type")
    if not row.type:
        return unknown(Kind.PREDICTED, "no type is likely enough to be stated", label="type")
    return figure_of(_receipt(change, row, paths), "type")


def _receipt(change: Change, row: ChangeType, paths: Sequence[str] | None = None) -> Derived:
    if paths is None:
        paths = list(ChangedFile.objects.filter(change=change).values_list("path", flat=True))
    paths = sorted(paths)[:MAX_FILES]
    return derive(
        kind=Kind.PREDICTED,
        subject=change_ref(change),
        method="types.predicted",
        version=methods.VERSION,
        inputs=[Input("change", change_ref(change), {"title": change.title, "paths": paths})],
        parameters={"version": row.version},
        result={"value": row.type, "unit": "type", "probability": round(row.probability, 6)},
    )


def landed_by_period(step: Step, periods: int = 36) -> list[tuple[str, str, int]]:
    """(period, type or "undecided", public changes) of the newest periods, oldest first; one query.

    A period is a month as 2031-02 or, in a short history, a week by its Monday as 2031-02-03.
    """
    changes = public_changes()
    rows = (
        ChangeType.objects.filter(is_current=True, change__in=changes)
        .annotate(period=step("change__sorted_at"))
        .values_list("period", "type")
        .annotate(many=Count("id"))
        .order_by("-period", "type")
    )
    found = [(label(start, step), name or "undecided", many) for start, name, many in rows[: periods * 11]]
    newest = sorted({start for start, _name, _many in found})[-periods:]
    return sorted(row for row in found if row[0] in newest)
