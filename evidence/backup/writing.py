"""Write a backup: a sealed tar of manifest.json, tables/*.jsonl, files/* and checksums.json, in this order."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection
from django.utils import timezone

from evidence import tablehash
from evidence.backup import tables
from evidence.backup.sealed import Sealer

FORMAT = 1
_SQLITE_ENDINGS = (".db", ".sqlite", ".sqlite3")
_SQLITE_COMPANIONS = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Written:
    """What went into a backup."""

    rows: int
    files: int
    size: int
    table_hash: str


def write(path: Path, passphrase: str) -> Written:
    """Write a backup to ``path``, whole or not at all, readable by its owner only. Raises BackupError, OSError."""
    aside = path.with_name(f"{path.name}.part")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as target:
            rows, files, hash_ = _write(target, passphrase)
            target.flush()
            os.fsync(target.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return Written(rows, files, path.stat().st_size, hash_)


def _write(target: IO[bytes], passphrase: str) -> tuple[int, int, str]:
    sealer = Sealer(target, passphrase)  # type: ignore[arg-type]  # an IO[bytes] is all it needs
    with tarfile.open(fileobj=sealer, mode="w|gz") as archive:
        with tables.snapshot():
            hash_ = tablehash.table_hash()
            rows = _write_tables(archive, hash_)
        checksums = {name: _add_file(archive, name, source) for name, source in files_of_backup()}
        _add_bytes(archive, "checksums.json", json.dumps(checksums).encode())
    sealer.finish()
    return rows, len(checksums), hash_


def _write_tables(archive: tarfile.TarFile, hash_: str) -> int:
    manifest = {
        "format": FORMAT,
        "written_at": timezone.now().isoformat(),
        "database": connection.vendor,
        "migrations": tables.applied_migrations(),
        "table_hash": hash_,
        "tables": [model._meta.label_lower for model in tables.kept_models()],
    }
    _add_bytes(archive, "manifest.json", json.dumps(manifest).encode())
    rows = 0
    for model in tables.kept_models():
        with tempfile.TemporaryFile("w+b", dir=settings.VAR_DIR) as spool:
            text = io.TextIOWrapper(spool, encoding="utf-8", newline="\n")
            rows += tables.dump(model, text)
            text.flush()
            entry = tarfile.TarInfo(f"tables/{model._meta.label_lower}.jsonl")
            entry.size = spool.tell()
            spool.seek(0)
            archive.addfile(entry, spool)
            text.detach()
    return rows


def files_of_backup() -> Iterator[tuple[str, Path]]:
    """Yield (name in the archive, path) of every file in ATTEST_BACKUP_FOLDERS below VAR_DIR."""
    for folder in settings.ATTEST_BACKUP_FOLDERS:
        root = Path(settings.VAR_DIR) / folder
        for path in sorted(root.rglob("*")):
            if path.is_file() and not path.is_symlink() and not path.name.endswith(_SQLITE_COMPANIONS):
                yield f"files/{folder}/{path.relative_to(root).as_posix()}", path


def _add_file(archive: tarfile.TarFile, name: str, path: Path) -> str:
    """Add one file and return its SHA-256; a SQLite file is copied by its own backup call, so it is consistent."""
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as folder:
        source = path
        if path.suffix in _SQLITE_ENDINGS:
            source = Path(folder) / "copy"
            with closing(sqlite3.connect(path)) as live, closing(sqlite3.connect(source)) as copy:
                live.backup(copy)
        entry = tarfile.TarInfo(name)
        entry.size = source.stat().st_size
        with source.open("rb") as content:
            archive.addfile(entry, content)
        with source.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()


def _add_bytes(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))
