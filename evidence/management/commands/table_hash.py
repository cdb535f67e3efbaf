"""Print one hash over the domain tables."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from evidence import tablehash


class Command(BaseCommand):
    """``manage.py table_hash``: equal hashes mean equal state."""

    help = "Print one hash over the domain tables, without surrogate keys, times of storage, collections and jobs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tables", action="store_true", help="also print rows and hash of each table")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["tables"]:
            for name, (count, hash_) in tablehash.table_hashes().items():
                self.stdout.write(f"{hash_}  {count:>9}  {name}")
        self.stdout.write(tablehash.table_hash())
