"""`manage.py erase`: remove a person everywhere and block their re-import."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from analysis import services


class Command(BaseCommand):
    help = (
        "Remove a person (GitHub login, or e-mail address as git knew it) from everything that was collected. Measured "
        "facts of changes stay; words, names and payloads go; a later collection leaves the person out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("who", help="GitHub login or e-mail address")
        parser.add_argument("--reason", default="asked for by the person", help="kept in the audit log")

    def handle(self, *args: Any, who: str, reason: str, **options: Any) -> None:
        done = services.erase_person(who=who, actor="system:erase", reason=reason)
        told = ", ".join(f"{count:,} {name}" for name, count in done.items())
        self.stdout.write(f"erased: {told}. A later collection leaves the person out.")
