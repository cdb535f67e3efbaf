"""Take a snapshot of examples, and read one again with its hash checked."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from evidence.files import write_once
from mlops.datasets.models import Dataset


class DatasetDamaged(Exception):
    """The stored rows are missing or are not those that were hashed."""


def folder() -> Path:
    """Where the rows of snapshots lie."""
    return Path(settings.VAR_DIR) / "mlops" / "datasets"


def take(model: str, rows: Iterable[Mapping[str, Any]], *, origin: Mapping[str, Any]) -> Dataset:
    """Freeze rows ({"id", "inputs", "label", "group", "at"}) in order of id; the same rows give the same snapshot."""
    lines = sorted(json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for row in rows)
    payload = "".join(line + "\n" for line in lines).encode()
    digest = hashlib.sha256(payload).hexdigest()
    write_once(folder() / f"{digest}.jsonl.gz", gzip.compress(payload, mtime=0))
    dataset, _ = Dataset.objects.get_or_create(
        model=model,
        sha256=digest,
        defaults={"rows": len(lines), "size_bytes": len(payload), "schema": _schema(lines), "origin": dict(origin)},
    )
    return dataset


def read(dataset: Dataset) -> Iterator[dict[str, Any]]:
    """The rows of a snapshot; raises DatasetDamaged when they are not the hashed ones."""
    path = folder() / f"{dataset.sha256}.jsonl.gz"
    try:
        payload = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, gzip.BadGzipFile) as error:
        raise DatasetDamaged(f"Snapshot {dataset.sha256[:12]} cannot be read: {error}. Take it again.") from error
    if hashlib.sha256(payload).hexdigest() != dataset.sha256:
        raise DatasetDamaged(f"Snapshot {dataset.sha256[:12]} was changed on disk. Take it again.")
    for line in payload.decode().splitlines():
        yield json.loads(line)


def _schema(lines: list[str]) -> dict[str, Any]:
    inputs: set[str] = set()
    labels: Counter[str] = Counter()
    groups: set[str] = set()
    for line in lines:
        row = json.loads(line)
        inputs.update(row["inputs"])
        groups.add(row.get("group", ""))
        if isinstance(row["label"], str):
            labels[row["label"]] += 1
    return {"inputs": sorted(inputs), "labels": dict(sorted(labels.items())), "groups": len(groups)}
