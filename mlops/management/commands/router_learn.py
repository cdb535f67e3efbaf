"""`manage.py router_learn FILE`: learn when the dearer model is worth it, and make what was learned champion."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mlops.services import NotAllowed, learn_router


class Command(BaseCommand):
    help = (
        "Fit the router on a table (prompt, weak_correct, strong_correct; .csv or .csv.gz) and make it champion if the "
        "gates let it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if not file.exists():
            raise CommandError(f"{file} does not exist.")
        try:
            found = learn_router(data=file, actor="system:command")
        except (NotAllowed, KeyError) as error:
            raise CommandError(f"{file} gives no router: {error}") from error
        self.stdout.write(
            f"{found['version']} is champion: APGR {found['apgr']} {found['interval']} on prompts kept apart."
        )
