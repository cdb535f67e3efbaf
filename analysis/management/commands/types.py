"""`manage.py types --jsonl IN OUT`: the type of each change in a file, without a database."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analysis.change_types.classify import classify_lines


class Command(BaseCommand):
    help = 'Classify changes: lines {"id", "text", "files"} become {"id", "type", "probability", "abstained"}.'
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--jsonl", nargs=2, type=Path, required=True, metavar=("IN", "OUT"), help="- is standard input or output"
        )

    def handle(self, *args: Any, jsonl: list[Path], **options: Any) -> None:
        source, target = jsonl
        if str(source) != "-" and not source.is_file():
            raise CommandError(f"{source} is not a file. Name a file of JSON lines, or - for standard input.")
        out = sys.stdout if str(target) == "-" else target.open("w", encoding="utf-8")
        try:
            for answer in classify_lines(_read(source)):
                out.write(json.dumps(answer) + "\n")
        finally:
            if out is not sys.stdout:
                out.close()


def _read(path: Path) -> Iterator[dict[str, object]]:
    stream = sys.stdin if str(path) == "-" else path.open(encoding="utf-8", errors="replace")
    with stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise CommandError(f"Line {number} is not JSON: {error}. Each line holds one object.") from None
            if not isinstance(row, dict):
                raise CommandError(
                    f"Line {number} is not an object. Each line holds one object with id, text and files."
                )
            yield row
