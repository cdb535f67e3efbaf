"""The figures of an achievement: totals over its changes, each with its receipt."""

from collections.abc import Sequence

from analysis.achievements.methods import VERSION
from analysis.achievements.models import Achievement
from analysis.collection.browse import change_ref
from analysis.collection.models import Change
from evidence.figures import Figure, figure_of
from evidence.receipts import Derived, Input, Kind, derive

TOTALS = (("changes", "changes landed", "change"), ("source", "source lines added", "line"),
          ("tests", "test lines added", "line"))  # fmt: skip


def rows_of(changes: Sequence[Change]) -> list[list[object]]:
    """[reference, added, deleted, source lines added, test lines added] of each change; None is unknown."""
    rows: list[list[object]] = []
    for change in changes:
        values = change.facts.values if hasattr(change, "facts") else {}
        own = [values.get("source_added"), values.get("test_added")]
        rows.append([change_ref(change), change.landed_additions, change.landed_deletions, *own])
    return rows


def achievement_ref(achievement: Achievement) -> str:
    return f"achievement:{achievement.key.removeprefix('change:')}"


def receipts_of(achievement: Achievement) -> list[tuple[str, Derived]]:
    """(label, receipt) of each total; none for an achievement without changes. Prefetch ``changes`` first."""
    changes = list(achievement.changes.all())
    if not changes:
        return []
    ref = achievement_ref(achievement)
    inputs = [Input("changes", ref, rows_of(changes))]
    return [
        (label, derive(kind=Kind.MEASURED, subject=ref, method="achievements.total", version=VERSION, inputs=inputs,
                       parameters={"column": column, "unit": unit}))
        for column, label, unit in TOTALS
    ]  # fmt: skip


def figures_of(achievement: Achievement) -> dict[str, Figure]:
    """The totals by label."""
    return {label: figure_of(receipt, label) for label, receipt in receipts_of(achievement)}
