"""`manage.py report`: compile and freeze a report, and print it."""

import datetime as dt
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from analysis import queries
from analysis.models import Report, Repository
from analysis.reports import delivery, services
from analysis.reports.description import LONGEST
from analysis.reports.periods import Refused
from analysis.reports.render import NotSet
from evidence.files import write_whole

FORMATS = ("md", "json", "pdf")


class Command(BaseCommand):
    help = "Compile a report of a period for a reader. The text goes to stdout, or to the file named by --output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("period", choices=Report.Period.values)
        parser.add_argument(
            "day", type=dt.date.fromisoformat, help="a day in the period (YYYY-MM-DD), or a range's first"
        )
        parser.add_argument("until", type=dt.date.fromisoformat, nargs="?", help="last day of a range")
        parser.add_argument("--reader", choices=Report.Reader.values, default=Report.Reader.PEER)
        parser.add_argument("--job", type=Path, help="file with a job description, for --reader job; - is stdin")
        parser.add_argument("--repository", default="", help="key or name; all repositories without it")
        parser.add_argument("--theme", default="", help="type of change, such as feature or fix; all without it")
        parser.add_argument("--send-to", default="", help="e-mail address to which the worker sends it as well")
        parser.add_argument("--format", choices=FORMATS, default="md")
        parser.add_argument("--output", type=Path, help="file to write; needed for pdf")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["format"] == "pdf" and not options["output"]:
            raise CommandError("A PDF needs --output FILE.")
        try:
            report = services.make(
                reader=options["reader"], period=options["period"], day=options["day"], until=options["until"],
                repository=self.repository(options["repository"]), theme=options["theme"],
                description=self.description(options["job"]),
                actor="command:report",
            )  # fmt: skip
            content, _ = queries.report_file(report, options["format"])
        except (Refused, NotSet) as error:
            raise CommandError(str(error)) from error
        if options["send_to"]:
            delivery.request_delivery(report=report, send_to=self.address(options["send_to"]), actor="command:report")
        if options["output"]:
            self.write(options["output"], content)
            self.stderr.write(f"Wrote {options['output']} ({len(content):,} bytes, report {report.sha256[:12]}).")
        else:
            sys.stdout.write(content.decode())

    def write(self, path: Path, content: bytes) -> None:
        try:
            write_whole(path, content)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}. The report is kept and stays.") from error

    def description(self, path: Path | None) -> str:
        """The text of the file, no more of it than tells that it is too long."""
        if path is None:
            return ""
        try:
            with sys.stdin.buffer if str(path) == "-" else path.open("rb") as file:
                data = file.read(LONGEST + 1)
            return data.decode("utf-8-sig", "ignore" if len(data) > LONGEST else "strict")
        except OSError as error:
            raise CommandError(f"--job {path} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"--job {path} is no UTF-8 text: save the description as plain text.") from error

    def address(self, text: str) -> str:
        try:
            validate_email(text)
        except ValidationError as error:
            raise CommandError(f"--send-to {text} is no e-mail address.") from error
        return text

    def repository(self, name: str) -> Repository | None:
        if not name:
            return None
        found = Repository.objects.filter(key=name).first() or Repository.objects.filter(name=name).first()
        if found is None:
            known = ", ".join(Repository.objects.order_by("name").values_list("name", flat=True)[:10]) or "none yet"
            raise CommandError(f"No repository '{name}' is collected. Collected: {known}.")
        return found
