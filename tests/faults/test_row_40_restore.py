"""Row 40: a backup restores the same state into an empty database; a damaged one changes nothing."""

import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from analysis import services as analysis
from analysis.models import Report
from analysis.reports import services as reports
from evidence import audit, backup, protection, services, tablehash
from evidence.backup import reading, tables
from evidence.canonical import sha256_bytes
from evidence.models import AuditEntry, Receipt
from tests.factories.achievements import AchievementChangeFactory, AchievementFactory
from tests.factories.collection import START, ChangeFactory, ChangeTextFactory
from tests.faults import collecting
from tests.faults.workers import ROOT, until
from tests.gitstory import every_style
from tests.integration.evidence.test_receipts import make, refused

PASSPHRASE = "a made-up passphrase"


@pytest.fixture
def filled(transactional_db: Any, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Rows, a user with a role, a picture and a SQLite file in use; returns where the backup goes."""
    settings.VAR_DIR = tmp_path / "var"
    (settings.VAR_DIR / "media" / "deep").mkdir(parents=True)
    (settings.VAR_DIR / "media" / "deep" / "picture.png").write_bytes(b"\x89PNG made up")
    (settings.VAR_DIR / "mlflow").mkdir()
    with sqlite3.connect(settings.VAR_DIR / "mlflow" / "store.db") as store:
        store.execute("CREATE TABLE run (id integer)")
        store.execute("INSERT INTO run VALUES (7)")
    monkeypatch.setenv("ATTEST_BACKUP_PASSPHRASE", PASSPHRASE)
    for _ in range(3):
        ChangeFactory()
    services.freeze(make())
    audit.record(actor="ann", action="tests.touch", target="thing:1")
    return tmp_path / "attest.backup"


def wipe() -> None:
    with transaction.atomic():
        protection.lift(connection)
        tables.empty()
        protection.install(connection)


def call(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_restore_brings_back_the_same_state(filled: Path, settings: Any, django_user_model: Any) -> None:
    user = django_user_model.objects.create_user("ann", password="made-up")
    user.groups.add(Group.objects.get(name="curator"))
    before, frozen_at = tablehash.table_hash(), Receipt.objects.get().frozen_at
    assert before in call("backup", str(filled))
    assert filled.stat().st_mode & 0o077 == 0 and b"thing:1" not in filled.read_bytes()
    wipe()
    (settings.VAR_DIR / "media" / "deep" / "picture.png").write_bytes(b"half restored")
    assert "1 receipts verified" in call("restore", str(filled))
    assert tablehash.table_hash() == before and Receipt.objects.get().frozen_at == frozen_at
    assert (settings.VAR_DIR / "media" / "deep" / "picture.png").read_bytes() == b"\x89PNG made up"
    with sqlite3.connect(settings.VAR_DIR / "mlflow" / "store.db") as store:
        assert store.execute("SELECT id FROM run").fetchall() == [(7,)]
    assert list(django_user_model.objects.get().groups.values_list("name", flat=True)) == ["curator"]
    assert AuditEntry.objects.filter(action="tests.touch").exists()
    assert refused(lambda: Receipt.objects.all()._raw_delete("default")), "append-only again"
    ChangeFactory()


def receipts_in(value: Any) -> set[str]:
    """The ids of the receipts that a report's document names, wherever they stand."""
    if isinstance(value, dict):
        own = {value["receipt"]} if isinstance(value.get("receipt"), str) and len(value["receipt"]) == 64 else set()
        return own.union(*map(receipts_in, value.values()))
    return set().union(*map(receipts_in, value)) if isinstance(value, list) else set()


def frozen_report() -> Report:
    """A report over changes and an achievement whose claim is quoted from one of them."""
    change = ChangeFactory(merged_at=START, landed_additions=40)
    text = "Look rows up by key\n\nThe list now answers in 80 ms instead of 420 ms."
    ChangeTextFactory(change=change, kind="body", text=text)
    analysis.compute_facts(repository_id=change.repository_id)
    analysis.extract_claims(repository_id=change.repository_id)
    AchievementChangeFactory(achievement=AchievementFactory(), change=change)
    return reports.make(reader="self", period="year", day=START.date(), actor="system:test")


def test_a_frozen_report_is_restored_and_verify_proves_each_of_its_receipts(filled: Path, monkeypatch: Any) -> None:
    report = frozen_report()
    named, document = receipts_in(json.loads(report.document)), report.document
    assert len(named) >= 5 and named <= set(Receipt.objects.values_list("id", flat=True))
    many = Receipt.objects.count()
    call("backup", str(filled))
    wipe()
    assert not Report.objects.exists()
    assert f"{many} receipts verified" in call("restore", str(filled))
    assert Report.objects.get().document == document and sha256_bytes(document.encode()) == Report.objects.get().sha256
    assert call("verify", "--all").strip() == f"{many} receipts: {many} same"
    for receipt in named:
        assert "same" in call("verify", receipt)
    spoilt = Receipt.objects.get(pk=min(named))
    with transaction.atomic():
        protection.lift(connection)
        Receipt.objects.filter(pk=spoilt.pk).update(document=spoilt.document.replace('"result"', '"Result"'))
        protection.install(connection)
    with pytest.raises(SystemExit):
        call("verify", "--all")
    call("backup", str(filled))
    with pytest.raises(SystemExit):  # every row is restored as it was, and what does not verify is said
        call("restore", str(filled), "--replace")


def test_filled_database_is_not_overwritten_unless_told(filled: Path) -> None:
    call("backup", str(filled))
    with pytest.raises(CommandError, match="--replace"):
        call("restore", str(filled))
    before = tablehash.table_hash()
    ChangeFactory()
    call("restore", str(filled), "--replace")
    assert tablehash.table_hash() == before


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda data: data[: len(data) // 2], "cut off|damaged"),
        (lambda data: data[:-1], "damaged|cut off"),
        (lambda data: data[:60] + bytes([data[60] ^ 1]) + data[61:], "wrong, or the backup is damaged"),
        (lambda data: b"something else" + data, "no backup"),
    ],
)
def test_damaged_backup_changes_nothing(filled: Path, spoil: Any, message: str) -> None:
    call("backup", str(filled))
    filled.write_bytes(spoil(filled.read_bytes()))
    before = tablehash.table_hash()
    with pytest.raises(CommandError, match=message):
        call("restore", str(filled), "--replace")
    assert tablehash.table_hash() == before and Receipt.objects.count() == 1
    assert refused(lambda: Receipt.objects.all()._raw_delete("default"))


def test_wrong_passphrase_and_missing_one_say_so(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call("backup", str(filled))
    with pytest.raises(backup.BackupError, match="passphrase is wrong"):
        backup.restore(filled, "another passphrase", replace=True)
    with pytest.raises(backup.BackupError, match="shorter"):
        backup.write(filled, "short")
    monkeypatch.delenv("ATTEST_BACKUP_PASSPHRASE")
    with pytest.raises(CommandError, match="ATTEST_BACKUP_PASSPHRASE"):
        call("backup", str(filled))
    (filled.parent / "passphrase").write_text(PASSPHRASE + "\n")
    assert "rows" in call("backup", str(filled), "--passphrase-file", str(filled.parent / "passphrase"))


def test_backup_of_a_newer_release_is_refused(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(tables, "applied_migrations", lambda: ["analysis.9999_next_release"])
        call("backup", str(filled))
    with pytest.raises(CommandError, match="9999_next_release"):
        call("restore", str(filled), "--replace")


def manage(var: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, text=True, capture_output=True, check=True, timeout=120,
        env={**collecting.environment(var), "ATTEST_BACKUP_PASSPHRASE": PASSPHRASE},
    )  # fmt: skip


@pytest.mark.timeout(300)
def test_restore_killed_in_the_middle_changes_nothing_and_the_next_is_whole(tmp_path: Path) -> None:
    """The backup comes through a pipe that gives half of it, so that the kill -9 is in the middle for certain."""
    full, empty, backup_file, pipe = (tmp_path / name for name in ("full", "empty", "attest.backup", "pipe"))
    collecting.prepare(full)
    shutil.copytree(full, empty)
    before = manage(empty, "table_hash").stdout
    collecting.finish(every_style(tmp_path / "shelf").path, full)
    (full / "media").mkdir()
    (full / "media" / "picture").write_bytes(os.urandom(8 << 20))
    manage(full, "backup", str(backup_file))
    os.mkfifo(pipe)
    restoring = subprocess.Popen(
        [sys.executable, "manage.py", "restore", str(pipe)], cwd=ROOT, stderr=subprocess.PIPE,
        env={**collecting.environment(empty), "ATTEST_BACKUP_PASSPHRASE": PASSPHRASE},
    )  # fmt: skip
    with pipe.open("wb") as slow:
        data = backup_file.read_bytes()
        slow.write(data[: len(data) // 2])
        slow.flush()
        until(lambda: list(empty.glob("restoring-*/files/media/*")) or restoring.poll() is not None, 180)
        assert restoring.poll() is None, restoring.communicate()
        restoring.kill()
        restoring.communicate()
    assert manage(empty, "table_hash").stdout == before and not (empty / "media").exists()
    manage(empty, "restore", str(backup_file))
    assert manage(empty, "table_hash").stdout == manage(full, "table_hash").stdout != before
    assert (empty / "media" / "picture").read_bytes() == (full / "media" / "picture").read_bytes()
    assert not list(empty.glob("restoring-*"))


def test_restore_cut_between_rows_and_files_is_made_whole_by_the_next(
    filled: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    call("backup", str(filled))
    before, picture = tablehash.table_hash(), settings.VAR_DIR / "media" / "deep" / "picture.png"
    wipe()
    picture.unlink()
    with monkeypatch.context() as patch, pytest.raises((OSError, CommandError)):
        patch.setattr(reading, "_put_in_place", lambda staged, place: (_ for _ in ()).throw(OSError("cut")))
        call("restore", str(filled))
    assert not picture.exists()
    call("restore", str(filled), "--replace")
    assert tablehash.table_hash() == before and picture.read_bytes() == b"\x89PNG made up"
