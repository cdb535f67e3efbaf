"""Restore a backup: rows in one transaction, files beside their places first, all of it checked before it counts."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.base import DeserializationError
from django.db import DatabaseError, connection, transaction

from evidence import protection, tablehash
from evidence.backup import tables
from evidence.backup.errors import BackupError
from evidence.backup.sealed import Opener
from evidence.backup.writing import FORMAT

_STAGING = "restoring-"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back from a backup."""

    rows: int
    files: int
    table_hash: str
    written_at: str


def restore(path: Path, passphrase: str, *, replace: bool = False) -> Restored:
    """Put a backup into this installation, whole or not at all.

    The database must be migrated; unless ``replace``, its domain tables must be empty. Raises BackupError.
    """
    if not replace and tables.has_content():
        raise BackupError("the database already holds rows: restore into an empty one, or say --replace")
    for left in Path(settings.VAR_DIR).glob(f"{_STAGING}*"):  # of a restore that was killed
        shutil.rmtree(left, ignore_errors=True)
    with path.open("rb") as source, tempfile.TemporaryDirectory(prefix=_STAGING, dir=settings.VAR_DIR) as staging:
        try:
            with tarfile.open(fileobj=Opener(source, passphrase), mode="r|gz") as archive:
                result, folders = _restore(archive, Path(staging))
        except (tarfile.TarError, EOFError, json.JSONDecodeError, KeyError) as error:
            raise BackupError(f"the backup is damaged: {error}") from error
        for folder in folders:
            _put_in_place(Path(staging) / "files" / folder, Path(settings.VAR_DIR) / folder)
    ContentType.objects.clear_cache()
    return result


def _restore(archive: tarfile.TarFile, staging: Path) -> tuple[Restored, list[str]]:
    members = iter(archive)
    manifest = json.loads(_content(archive, next(members)))
    _require_fitting(manifest)
    with transaction.atomic(), _unprotected():
        tables.empty()
        rows, checksums, found = 0, {}, {}
        for member in members:
            if member.name.startswith("tables/"):
                rows += _load(archive, member)
            elif member.name == "checksums.json":
                checksums = json.loads(_content(archive, member))
            else:
                found[member.name] = _stage(archive, member, staging)
        if found != checksums:
            wrong = sorted({*found.items()} ^ {*checksums.items()})[0][0]
            raise BackupError(f"the backup's files are not complete or not as they were: {wrong}")
        tables.reset_sequences()
        hash_ = tablehash.table_hash()
        if hash_ != manifest["table_hash"]:
            raise BackupError("the restored tables do not have the backup's hash; nothing was changed")
    folders = sorted({name.split("/")[1] for name in found})
    return Restored(rows, len(found), hash_, manifest["written_at"]), folders


def _require_fitting(manifest: dict[str, Any]) -> None:
    if manifest["format"] != FORMAT:
        raise BackupError(f"the backup has format {manifest['format']}, this release reads {FORMAT}")
    missing = sorted(set(manifest["migrations"]) - set(tables.applied_migrations()))
    if missing:
        raise BackupError(f"run `manage.py migrate` of the release that made the backup first: {missing[0]} is missing")


@contextlib.contextmanager
def _unprotected() -> Iterator[None]:
    """Append-only tables are emptied and filled here, and nowhere else; an error rolls the lifting back too."""
    protection.lift(connection)
    yield
    protection.install(connection)


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    return _opened(archive, member).read()


def _opened(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    opened = archive.extractfile(member)
    if opened is None:
        raise BackupError(f"{member.name} is no file")
    return opened


def _load(archive: tarfile.TarFile, member: tarfile.TarInfo) -> int:
    try:
        return tables.load(_opened(archive, member))
    except (DatabaseError, DeserializationError) as error:
        raise BackupError(f"{member.name} cannot be stored: {error}") from error


def _stage(archive: tarfile.TarFile, member: tarfile.TarInfo, staging: Path) -> str:
    """Write one file beside its place and return its SHA-256; a name that would lead elsewhere is refused."""
    place = (staging / member.name).resolve()
    folder = member.name.split("/")[1] if member.name.count("/") > 1 else ""
    if not place.is_relative_to(staging.resolve() / "files") or folder not in settings.ATTEST_BACKUP_FOLDERS:
        raise BackupError(f"the backup holds a file that does not belong there: {member.name}")
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("wb") as target:
        shutil.copyfileobj(_opened(archive, member), target)
    with place.open("rb") as written:
        return hashlib.file_digest(written, "sha256").hexdigest()


def _put_in_place(staged: Path, place: Path) -> None:
    old = place.with_name(f"{place.name}.before-restore")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    staged.rename(place)
    shutil.rmtree(old, ignore_errors=True)
