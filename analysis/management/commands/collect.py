"""`manage.py collect`: read a repository's changes into the database."""

import json
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analysis import services


class Command(BaseCommand):
    help = (
        "Collect a repository (local path, https URL or owner/name): every pull request and direct commit, with what "
        "landed. Exit code 0: complete; 3: partial; 2: wrong use; 1: failure."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", help="path, https URL or owner/name")
        parser.add_argument("--json", action="store_true", help="print the ledger as JSON")
        parser.add_argument("--profile", choices=("core", "full"), default="", help="what to ask GitHub's API for")
        parser.add_argument("--repair", action="store_true", help="fetch only what GitHub's ledger calls missing")
        parser.add_argument("--background", action="store_true", help="leave it to the worker and return at once")

    def handle(self, *args: Any, source: str, json: bool, background: bool, **options: Any) -> None:
        chosen = {name: options[name] for name in ("profile", "repair")}
        try:
            if background:
                job = services.request_collection(source=source)
                self.stdout.write(_dump({"job": job.pk}) if json else f"job {job.pk} is queued")
                return
            ledgers = services.collect(source=source, progress=Ticker(self.stderr), **chosen)
        except services.Postponed as error:
            # The part that came before is stored; a worker goes on with the rest, or this command does.
            job = services.request_collection(source=source, not_before=error.until)
            raise CommandError(
                f"{error} Job {job.pk} goes on then, if a worker runs (manage.py worker); or give the same command "
                "again then: it begins behind what is stored.",
                returncode=3,
            ) from error
        except services.SourceError as error:
            raise CommandError(str(error), returncode=2 if error.code in services.WRONG_USE else 1) from error
        told = _dump(services.ledgers_object(ledgers)) if json else "\n".join(map(_told, ledgers))
        self.stdout.write(told)
        if any(ledger.state == "partial" for ledger in ledgers):
            sys.exit(3)


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _told(ledger: Any) -> str:
    stored, held = ledger.stored, ledger.held
    line = (
        f"{ledger.repository.name} from {ledger.source}: {ledger.state}, {stored['changes']:,} of "
        f"{held.get('changes') or 0:,} changes stored ({stored['pulls']:,} pulls, {stored['direct']:,} direct), "
        f"{ledger.written:,} rows written"
    )
    if "points" in ledger.checkpoint:
        line += f"; {ledger.checkpoint['points']:,} points and {ledger.checkpoint['requests']:,} requests of GitHub"
    return line if not ledger.reason else f"{line}\n{ledger.reason}"


class Ticker:
    """Progress on standard error: one line that renews itself on a terminal, a line now and then elsewhere."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._terminal = bool(getattr(stream, "isatty", lambda: False)())
        self._last = 0.0
        self._what = ""

    def __call__(self, done: int, total: int | None, what: str) -> None:
        """Show where the work stands, at most five times a second."""
        now = time.monotonic()
        if what == self._what and now - self._last < (0.2 if self._terminal else 5):
            return
        self._last, self._what = now, what
        shown = f"{what} {done:,} of {total:,}" if total and done else what
        self._stream.write(f"\r\x1b[K{shown}" if self._terminal else shown, ending="" if self._terminal else "\n")
