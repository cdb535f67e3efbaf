"""`manage.py study`: derive a study from a repository; write it to a file, or compare it with one."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analysis import queries, services
from analysis.management.commands.collect import Ticker


class Command(BaseCommand):
    help = (
        "Collect a repository and derive a study of it: numbers and hashes of every change, no text. Prints the "
        "study as JSON. Exit code 0: done, or the same as the file; 1: it differs, or failure; 2: wrong use."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", help="path, https URL, owner/name or the key of a collected repository")
        chosen = parser.add_mutually_exclusive_group()
        chosen.add_argument("--write", type=Path, metavar="FILE", help="write the study to FILE")
        chosen.add_argument(
            "--check", type=Path, metavar="FILE", help="say which changes differ from the study in FILE"
        )

    def handle(self, *args: Any, source: str, write: Path | None, check: Path | None, **options: Any) -> None:
        if check is not None and not check.is_file():
            raise CommandError(f"{check} is no file; write one with --write {check}", returncode=2)
        try:
            found = services.study(source=source, progress=Ticker(self.stderr))
        except services.SourceError as error:
            raise CommandError(str(error), returncode=2 if error.code in services.WRONG_USE else 1) from error
        if check is not None:
            self._compare(found, json.loads(check.read_text(encoding="utf-8")))
        elif write is not None:
            write.parent.mkdir(parents=True, exist_ok=True)
            write.write_text(queries.study_text(found), encoding="utf-8")
            self.stderr.write(f"{len(found['changes'])} changes at {found['tip'][:12]} written to {write}")
        else:
            self.stdout.write(queries.study_text(found))

    def _compare(self, found: dict[str, Any], kept: dict[str, Any]) -> None:
        """One line for each change that differs; exit 1 when there is one."""
        differing = queries.study_differences(kept, found)
        for line in differing:
            self.stdout.write(line)
        if differing:
            sys.exit(1)
        self.stdout.write(f"the same: {len(found['changes'])} changes at {found['tip'][:12]}")
