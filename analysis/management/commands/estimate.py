"""`manage.py estimate`: the ladder of a change or of all, one JSON object a line."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analysis import queries, services
from analysis.management.commands.collect import Ticker


class Command(BaseCommand):
    help = (
        "Compute the value ladder (L0 to L4) and the effort of a change, and print each level with its range or reason."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("change", nargs="?", help="reference of a change, such as change:owner/name#12")
        parser.add_argument("--all", action="store_true", help="every public change")
        parser.add_argument("--json", action="store_true", help="one JSON object a line (the default and only form)")

    def handle(self, *args: Any, change: str | None, **options: Any) -> None:
        if (change is None) != options["all"]:
            raise CommandError("Name one change, or say --all.", returncode=2)
        if change is None:
            services.estimate_repository(progress=Ticker(self.stderr))
            chosen = queries.public_changes()
        else:
            found = queries.change_by_ref(change if change.startswith("change:") else f"change:{change}")
            if found is None:
                raise CommandError(f"{change} is no collected change. Write it as change:owner/name#12.", returncode=2)
            services.estimate_change(change=found)
            chosen = queries.public_changes().filter(pk=found.pk)
        for line in queries.estimate_objects(chosen):
            self.stdout.write(json.dumps(line, ensure_ascii=False))
