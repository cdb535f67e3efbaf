"""`manage.py changes`: the changes of a repository, one JSON object a line."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analysis import queries, services
from analysis.management.commands.collect import Ticker


class Command(BaseCommand):
    help = (
        "Print the changes of a repository, oldest first; one that was never collected is collected first. "
        "Exit code 0: complete; 3: the last collection was partial; 2: wrong use; 1: failure."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", help="path, https URL, owner/name or the key of a collected repository")
        parser.add_argument("--jsonl", action="store_true", help="one JSON object a line (the default and only form)")

    def handle(self, *args: Any, source: str, **options: Any) -> None:
        try:
            repository = services.repository_for(source=source)
            ledger = queries.latest_ledger(repository)
            if ledger is None:
                ledger = services.collect(source=source, progress=Ticker(self.stderr))[0]
        except services.SourceError as error:
            raise CommandError(str(error), returncode=2 if error.code in services.WRONG_USE else 1) from error
        for change in queries.change_objects(repository):
            self.stdout.write(json.dumps(change, ensure_ascii=False))
        if ledger.state == "partial":
            self.stderr.write(f"partial: {ledger.reason}")
            sys.exit(3)
