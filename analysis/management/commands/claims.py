"""`manage.py claims --jsonl IN OUT`: extract claims from texts, without a database."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analysis.claims.jsonl import answers


class Command(BaseCommand):
    help = 'Read lines {"id","text"} and write lines {"id","claims","refused"}: quoted claims and reasoned refusals.'
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--jsonl", nargs=2, metavar=("IN", "OUT"), type=Path, required=True)

    def handle(self, *args: Any, jsonl: list[Path], **options: Any) -> None:
        source, target = jsonl
        if not source.is_file():
            raise CommandError(f'{source} does not exist. Name a file of lines {{"id","text"}}.')
        texts = claims = refused = 0
        try:
            with source.open(encoding="utf-8") as lines, target.open("w", encoding="utf-8") as out:
                for answer in answers(lines):
                    out.write(json.dumps(answer, ensure_ascii=False) + "\n")
                    texts += 1
                    claims += len(answer["claims"])  # type: ignore[arg-type]
                    refused += len(answer["refused"])  # type: ignore[arg-type]
        except (ValueError, OSError) as wrong:
            raise CommandError(str(wrong)) from wrong
        self.stdout.write(f"{texts} texts: {claims} claims, {refused} refused quantities -> {target}")
