"""Compute receipts again and report differences."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from evidence import queries, services, verification
from evidence.receipts import Verdict, Verification


class Command(BaseCommand):
    """``manage.py verify [RECEIPT | --all]``. Exit 0: all agree; 1: something differs; 2: wrong use."""

    help = "Compute frozen receipts again, byte for byte, and report what differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("receipt", nargs="?", help="id of one receipt (64 hexadecimal digits, or its beginning)")
        parser.add_argument("--all", action="store_true", help="verify every frozen receipt")
        parser.add_argument("--processes", type=int, default=0, help="worker processes (default: one a core)")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["receipt"]) == options["all"]:
            raise CommandError("name one receipt, or --all", returncode=2)
        ok = self._all(options["processes"]) if options["all"] else self._one(options["receipt"])
        if not ok:
            raise SystemExit(1)

    def _one(self, receipt_id: str) -> bool:
        row = queries.receipt_beginning(receipt_id)
        if row is None:
            raise CommandError(f"no single frozen receipt has an id that begins with {receipt_id!r}", returncode=2)
        found = services.verify(row)
        self._report(found)
        return found.ok or found.verdict is Verdict.ERASED

    def _all(self, processes: int) -> bool:
        summary = verification.verify_all(processes, self._progress)
        if sys.stderr.isatty():
            self.stderr.write("")
        for found in summary.troubled:
            self._report(found)
        counts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(summary.counts.items()))
        self.stdout.write(f"{summary.total} receipts: {counts or 'none is frozen yet'}")
        return summary.ok

    def _progress(self, done: int, total: int) -> None:
        """A bar on the terminal, nothing in a pipe."""
        if sys.stderr.isatty() and total:
            filled = 30 * done // total
            self.stderr.write(f"\r[{'#' * filled}{'.' * (30 - filled)}] {done}/{total} ", ending="")

    def _report(self, found: Verification) -> None:
        reason = f": {found.reason}" if found.reason else ""
        self.stdout.write(f"{found.receipt} {found.verdict.value}{reason}")
        for difference in found.differences:
            self.stdout.write(f"  {difference.place}: recorded {difference.expected}, computed {difference.found}")
