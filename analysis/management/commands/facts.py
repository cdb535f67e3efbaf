"""`manage.py facts`: compute the measured quantities of collected changes."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analysis import queries, services
from analysis.management.commands.collect import Ticker


class Command(BaseCommand):
    help = (
        "Compute the facts of a collected repository, or of all of them. Exit code 0: computed; 2: wrong use; "
        "1: failure."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", nargs="?", default="", help="path, URL, owner/name or key (default: all)")
        parser.add_argument("--survival", action="store_true", help="also blame the tip for the lines that survive")
        parser.add_argument("--json", action="store_true", help="print the totals as JSON")

    def handle(self, *args: Any, source: str, survival: bool, json: bool, **options: Any) -> None:
        try:
            repositories = [services.repository_for(source=source)] if source else list(queries.repositories())
            if source and queries.latest_ledger(repositories[0]) is None:
                raise CommandError(f"{source} was not collected yet: run `manage.py collect {source}`", returncode=2)
            for repository in repositories:
                ticker = Ticker(self.stderr)
                written = services.compute_facts(repository_id=repository.pk, progress=ticker)
                if survival:
                    written += services.compute_survival(repository_id=repository.pk, progress=ticker)
                totals = {label: figure.value for label, figure in queries.repository_figures(repository).items()}
                self.stdout.write(_told(repository.key, written, totals, as_json=json))
        except services.SourceError as error:
            raise CommandError(str(error), returncode=2 if error.code in services.WRONG_USE else 1) from error


def _told(key: str, written: int, totals: dict[str, Any], *, as_json: bool) -> str:
    if as_json:
        return json.dumps({"repository": key, "rows_written": written, **totals}, ensure_ascii=False)
    shown = ", ".join(f"{value:,} {label}" for label, value in totals.items())
    return f"{key}: {shown or 'nothing landed'}; {written:,} rows written"
