"""What a version was made of, in words: its data and its lineage, each read from the stored rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlops.queries import VersionCard

MOST_LABELS = 12


def data_of(card: VersionCard) -> list[tuple[str, str]]:
    """(name, words) of the rows that a version was trained on and tested with."""
    version = card.version
    return [*_snapshot(version), *_shipped(version.card)]


def lineage_of(card: VersionCard) -> list[tuple[str, str]]:
    """(name, words) of everything that is needed to make the version again; what is not known is left out."""
    version, made = card.version, card.version.lineage
    libraries = ", ".join(f"{name} {number}" for name, number in sorted(made.get("libraries", {}).items()))
    found = [
        ("origin", version.get_origin_display()),
        ("asked for by", version.asked_for),
        ("artefact", version.artefact_sha256[:16]),
        ("format", version.artefact_format),
        ("types that it may hold", ", ".join(version.trusted_types)),
        ("inputs", ", ".join(version.schema.get("inputs", []))),
        ("version of the spec", str(version.schema.get("spec", ""))),
        ("seed", str(made.get("seed", ""))),
        ("code revision", str(made.get("code_revision", ""))[:12]),
        ("lock file", str(made.get("lock_sha256", ""))[:12]),
        ("Python", str(made.get("python", ""))),
        ("libraries", libraries),
        ("made beside", version.parent.name if version.parent else ""),
        ("in MLflow as version", card.mlflow),
    ]
    return [(name, words) for name, words in found if words]


def groups_of(card: VersionCard) -> list[tuple[str, float, int]]:
    """(group, share right, rows) of each group in the test, the largest first."""
    found = card.version.card.get("by_group", {})
    rows = [(name or "no group", float(one["right"]), int(one["rows"])) for name, one in found.items()]
    return sorted(rows, key=lambda row: -row[2])


def _snapshot(version: Any) -> Iterator[tuple[str, str]]:
    split: Mapping[str, Any] = version.lineage.get("split", {})
    if version.dataset is not None:
        yield "snapshot", f"{version.dataset.rows:,} rows, {version.dataset.sha256[:16]}"
        labels = version.dataset.schema.get("labels", {})
        said = [f"{name} {count}" for name, count in sorted(labels.items(), key=lambda one: -one[1])]
        if said:
            yield "labels", ", ".join(said[:MOST_LABELS])
        if source := version.dataset.origin.get("from"):
            yield "from", str(source)
    if split:
        how = "the newest rows are the test" if split["method"] == "time" else "whole groups are the test"
        yield "split", f"{split['train']:,} to train, {split['test']:,} to test; {how}"
        yield "copies left out of training", str(split["copies_dropped"])


def _shipped(card: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the card of a version that ships says of its data."""
    for name, title in (("training", "trained on"), ("held_out", "measured on, never trained on")):
        part = card.get(name, {})
        if "rows" in part:
            yield title, f"{part['rows']:,} changes of {len(part.get('repositories', {}))} repositories"
        elif "tasks" in part:
            yield title, f"{part['tasks']:,} tasks, {part['first']} to {part['last']}"
    if labels := card.get("training", {}).get("labels"):
        yield "labels", str(labels)
