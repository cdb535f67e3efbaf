"""Facts as figures with receipts, derived on demand for pages, lists and verification."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import ExtractYear

from analysis.collection.browse import change_ref, public_changes
from analysis.collection.models import Change, Repository
from analysis.collection.part_models import ChangedFile
from analysis.collection.periods import Step
from analysis.collection.periods import label as period_label
from analysis.facts import definitions, methods
from analysis.facts.definitions import FACTS, Fact, Material
from analysis.facts.material import load, totals
from evidence.figures import Figure, figure_of, unknown
from evidence.receipts import Derived, Input, Kind, derive

LISTED = ("landed_additions", "landed_deletions", "landed_files")


def list_figures(changes: Sequence[Change]) -> dict[int, dict[str, Figure]]:
    """The landed totals of the rows of a list, by the change's id. No query: they stand on the change itself."""
    out: dict[int, dict[str, Figure]] = {}
    for change in changes:
        landed = totals(change, "landed")
        if landed is None:
            continue
        material = definitions.hashed(bare(change, landed))
        out[change.pk] = {name: _figure(FACTS[name], material) for name in LISTED}
    return out


def bare(change: Change, landed: dict[str, Any] | None) -> Material:
    """Material with the totals alone."""
    return Material(change_ref(change), landed, None, None, None, None, [], [], None, change.unknown)


def change_figures(change: Change) -> dict[str, Figure]:
    """Every fact of a change that its page shows, in order: known ones, and unknown ones with their reason.

    Categories in which nothing changed are left out, for they say nothing.
    """
    material = definitions.hashed(load([change])[change.pk])
    figures = {name: _figure(fact, material) for name, fact in FACTS.items()}
    return {name: figure for name, figure in figures.items() if not _silent(FACTS[name], figure)}


def _silent(fact: Fact, figure: Figure) -> bool:
    by_category = fact.method in ("facts.lines", "facts.proposed_lines")
    return by_category and not figure.value


def _figure(fact: Fact, material: Material) -> Figure:
    found = definitions.receipt(fact, material)
    if isinstance(found, str):
        return unknown(Kind.MEASURED, found, unit=fact.unit, label=fact.label, subject=material.ref)
    return figure_of(found, fact.label)


def change_receipts(change: Change) -> Iterator[Derived]:
    """The receipt of every known fact of a change."""
    material = definitions.hashed(load([change])[change.pk])
    for fact in FACTS.values():
        found = definitions.receipt(fact, material)
        if not isinstance(found, str):
            yield found


_TOTALS = (("changes", "changes", "change"), ("added", "lines landed", "line"), ("deleted", "lines deleted", "line"))


def repository_receipts(repository: Repository) -> Iterator[tuple[str, Derived]]:
    """(label, receipt) of a repository's totals: landed changes counted once, hidden and vanished ones left out."""
    rows = (
        Change.objects.filter(repository=repository, landed_files__isnull=False, is_credited=True)
        .filter(vanished_at=None, is_hidden=False)
        .annotate(year=ExtractYear("landed_at"))
        .values("year")
        .annotate(count=Count("pk"), added=Sum("landed_additions"), deleted=Sum("landed_deletions"))
        .order_by("year")
    )
    years = [[row["year"], row["count"], row["added"], row["deleted"]] for row in rows]
    if not years:
        return
    ref = f"repository:{repository.key}"
    for column, label, unit in _TOTALS:
        yield (
            label,
            derive(
                kind=Kind.MEASURED,
                subject=ref,
                method="facts.repository_total",
                version=methods.VERSION,
                inputs=[Input("years", ref, years)],
                parameters={"column": column, "unit": unit, "tip": repository.tip_sha},
            ),
        )


def repository_figures(repository: Repository) -> dict[str, Figure]:
    """Totals of a repository by label, in one query."""
    return {label: figure_of(found, label) for label, found in repository_receipts(repository)}


def lines_by_period(step: Step, periods: int = 36) -> list[tuple[str, str, int]]:
    """(period, category of the files, lines added) of the newest periods, oldest first; one query.

    Public changes that count and whose files are known; periods as in ``landed_by_period``.
    """
    changes = public_changes().filter(landed_files__isnull=False, is_credited=True)
    rows = (
        ChangedFile.objects.filter(change__in=changes)
        .annotate(period=step("change__sorted_at"))
        .values_list("period", "category")
        .annotate(many=Sum("additions"))
        .order_by("-period", "category")
    )
    found = [(period_label(start, step), name, many or 0) for start, name, many in rows[: periods * 6]]
    newest = sorted({start for start, _name, _many in found})[-periods:]
    return sorted(row for row in found if row[0] in newest and row[2])
