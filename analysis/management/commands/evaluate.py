"""`manage.py evaluate`: print the measured table of one model or method, baselines beside it."""

import importlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

# Where each evaluation lives; imported when asked for, since some of them need the learning libraries.
EVALUATIONS = {
    "claims": "analysis.claims.evaluate:run",
    "types": "analysis.change_types.evaluate:run",
    "effort": "analysis.estimates.evaluate:run_effort",
    "value": "analysis.estimates.evaluate:run_value",
    "router": "mlops.services:evaluate_router",
}


class Command(BaseCommand):
    help = "Print the evaluation table of a model or method, with 95% bootstrap intervals and its naive baselines."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=sorted(EVALUATIONS))
        parser.add_argument("--data", type=Path, help="the labelled file or folder")

    def handle(self, *args: Any, what: str, data: Path | None, **options: Any) -> None:
        if data is None and what != "value":
            raise CommandError(f"evaluate {what} needs --data with the labelled file or folder.")
        if data is not None and not data.exists():
            raise CommandError(f"{data} does not exist. Name the labelled file or folder with --data.")
        module, function = EVALUATIONS[what].split(":")
        getattr(importlib.import_module(module), function)(data, self.stdout)
