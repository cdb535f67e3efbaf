"""`manage.py datasets`: the outside data sets that models are measured on, and bringing one in."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mlops import queries, services


class Command(BaseCommand):
    help = "List the registered data sets with origin, terms and hashes, or add one from a folder."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=("list", "add"))
        parser.add_argument("name", nargs="?")
        parser.add_argument("path", nargs="?", type=Path, help="the folder that holds its files")

    def handle(self, *args: Any, action: str, name: str | None, path: Path | None, **options: Any) -> None:
        if action == "list":
            for known in queries.external_datasets():
                state = "installed" if queries.dataset_installed(known.name) else "not installed"
                self.stdout.write(f"{known.name} ({state}): {known.title}\n  {known.url}\n  {known.licence}")
                for file, digest in known.files.items():
                    self.stdout.write(f"  {digest}  {file}")
            return
        if not name or path is None:
            raise CommandError("datasets add needs a name and the folder of its files.", returncode=2)
        try:
            place = services.add_dataset(name=name, source=path)
        except services.DataSetProblem as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{name} is installed in {place}")
