"""`manage.py record_build`: store what the build wrote into var/build, with receipts, for the status page."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portfolio import services


class Command(BaseCommand):
    help = "Store the build's record (tests, coverage, findings, audits, benchmarks) for the status page."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=Path(settings.BASE_DIR) / "var" / "build")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            stored = services.record_build(folder=folder, now=timezone.now(), actor="system:build")
        except services.BadRecord as error:
            raise CommandError(str(error)) from error
        if stored is None:
            raise CommandError(f"{folder} holds no record. Run make test, make audit or make bench first.")
        self.stdout.write(f"{len(stored.receipts)} figures stored.")
