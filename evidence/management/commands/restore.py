"""Restore an encrypted backup and verify what came back."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from evidence import audit, verification
from evidence.backup import BackupError, restore
from evidence.management.commands.backup import passphrase_of


class Command(BaseCommand):
    """``manage.py restore FILE``: whole or not at all, then every receipt is computed again."""

    help = "Restore a backup into a migrated, empty database, and verify every frozen receipt."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--passphrase-file", help="file whose content is the passphrase")
        parser.add_argument("--replace", action="store_true", help="replace what the database holds now")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restored = restore(Path(options["file"]), passphrase_of(options), replace=options["replace"])
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        audit.record(actor="system:restore", action="operations.restore", label=f"backup of {restored.written_at}")
        self.stdout.write(f"{restored.rows} rows and {restored.files} files; table hash {restored.table_hash}")
        summary = verification.verify_all(processes=1)
        self.stdout.write(f"{summary.total} receipts verified" if summary.ok else f"receipts: {summary.counts}")
        if not summary.ok:
            raise SystemExit(1)
