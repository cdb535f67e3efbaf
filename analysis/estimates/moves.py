"""What a change of method moved: each stored figure beside what the version before makes of the same inputs.

A version stays registered for ever, so that its receipts stay valid under it; both figures of a row have one.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analysis.collection.browse import change_ref, public_changes
from analysis.collection.models import Change
from analysis.estimates.models import Estimate
from analysis.estimates.receipting import receipt_of
from evidence import recompute
from evidence.canonical import CanonicalError
from evidence.figures import Figure, figure_of, unknown
from evidence.receipts import Derived

PAGE = 25
STORED = ("value.difference", "value.effect", "value.money", "effort.hours")
"""The methods whose figures are stored; a total follows its parts."""


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a method: the version that was left and the version that took its place."""

    method: str
    old: str
    new: str
    words: str


@dataclass(frozen=True, slots=True)
class Moved:
    """One figure under both versions. ``reason`` says why the old version has none."""

    change: Change
    level: str
    statement: str
    old: Figure
    new: Figure
    is_same: bool


@dataclass(frozen=True, slots=True)
class MovePage:
    """A page of figures, by id; ``after`` is the cursor of the next one, 0 at the end."""

    rows: Sequence[Moved]
    after: int


def versions() -> dict[str, list[recompute.Method]]:
    """Return the registered versions of each method whose figures are stored, the oldest first."""
    found: dict[str, list[recompute.Method]] = {name: [] for name in STORED}
    for method in recompute.registered():
        if method.name in found:
            found[method.name].append(method)
    return {name: sorted(methods, key=lambda method: _natural(method.version)) for name, methods in found.items()}


def steps() -> list[Step]:
    """Return every change of method so far, the newest of each method first; none while each has one version."""
    return [
        Step(name, old.version, new.version, new.words)
        for name, known in versions().items()
        for old, new in reversed(list(itertools.pairwise(known)))
    ]


def moved(step: Step, after: int = 0, size: int = PAGE) -> MovePage:
    """Return public figures of the step's method under both of its versions, computed now; ``size`` at most."""
    rows = (
        Estimate.objects.filter(
            method=step.method, status=Estimate.Status.OK, change__in=public_changes(), pk__gt=after
        )
        .select_related("change__repository")
        .order_by("pk")[: size + 1]
    )
    chosen = list(rows)
    return MovePage([_row(row, step) for row in chosen[:size]], chosen[size - 1].pk if len(chosen) > size else 0)


def other_versions(row: Estimate) -> Iterator[Derived]:
    """Return the receipts that other versions of a stored estimate's method give for its inputs."""
    for method in versions().get(row.method, ()):
        if method.version != row.method_version:
            try:
                yield receipt_of(row, method.version)
            except (ValueError, KeyError, TypeError, CanonicalError):
                continue


def _row(row: Estimate, step: Step) -> Moved:
    old, new = (_under(row, version) for version in (step.old, step.new))
    ends = ("value", "low", "high", "unit")
    same = all(getattr(old, name) == getattr(new, name) for name in ends)
    return Moved(row.change, row.level, row.statement, old, new, same)


def _under(row: Estimate, version: str) -> Figure:
    """The figure of one version; a version that cannot read these inputs has none, and says so."""
    try:
        return replace(figure_of(receipt_of(row, version), row.level), subject=change_ref(row.change))
    except (ValueError, KeyError, TypeError, CanonicalError) as error:
        return unknown(receipt_of(row).kind, f"version {version} has no figure for these inputs: {error}")


def _natural(version: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"[.\-]", version)]
