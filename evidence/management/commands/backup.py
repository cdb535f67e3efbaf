"""Write one encrypted backup."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from evidence import audit
from evidence.backup import BackupError, write


def passphrase_of(options: dict[str, Any]) -> str:
    """Return the passphrase from the file named, or from ATTEST_BACKUP_PASSPHRASE; never from the command line."""
    if options["passphrase_file"]:
        return str(Path(options["passphrase_file"]).read_text(encoding="utf-8").strip())
    passphrase = os.environ.get("ATTEST_BACKUP_PASSPHRASE", "")
    if not passphrase:
        raise CommandError("set ATTEST_BACKUP_PASSPHRASE or name a --passphrase-file", returncode=2)
    return passphrase


class Command(BaseCommand):
    """``manage.py backup FILE``: database, media and models in one sealed file, while the site runs."""

    help = "Write database rows, media and models into one encrypted file. The site may go on running."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="where to write; an existing file is replaced only by a whole one")
        parser.add_argument("--passphrase-file", help="file whose content is the passphrase (12 characters or more)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            written = write(Path(options["file"]), passphrase_of(options))
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        audit.record(actor="system:backup", action="operations.backup", label=f"{written.rows} rows")
        self.stdout.write(
            f"{written.rows} rows and {written.files} files in {written.size} bytes; table hash {written.table_hash}"
        )
