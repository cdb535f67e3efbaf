"""`manage.py draft_text KIND`: draft texts about achievements, each sentence with its sources."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from analysis.queries import Achievement
from portfolio import services
from portfolio.models import TextDraft

CURATED = (Achievement.State.APPROVED, Achievement.State.PUBLISHED)


class Command(BaseCommand):
    """Print drafts; what they stand on and what was left out goes to stderr."""

    help = (
        "Draft a summary, a case study, a CV line or a LinkedIn text about achievements, from their evidence alone. "
        "Drafts are kept for the admin, where a person takes or discards them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=TextDraft.Kind.values)
        parser.add_argument("--achievement", action="append", default=[], help="key or number; repeat for several")
        parser.add_argument("--json", action="store_true", help="print sentences with sources and what was left out")

    def handle(self, *args: Any, kind: str, achievement: list[str], json: bool, **options: Any) -> None:
        for row in self.wanted(achievement):
            try:
                text = services.draft_text(achievement=row, kind=kind, actor="command:draft_text")
            except services.TextRefused as refused:
                raise CommandError(f"{row.title}: {refused}") from refused
            self.stdout.write(_dump(text) if json else f"{text.plain}\n")
            self.stderr.write(
                f"{text.title}: {len(text.sentences)} sentences by {text.answered_by}, {len(text.rejected)} left out"
            )

    def wanted(self, names: list[str]) -> QuerySet[Achievement]:
        """The named achievements, or all that are approved or published."""
        every = Achievement.objects.order_by("-landed_source_lines", "pk")
        if not names:
            found = every.filter(state__in=CURATED)
            if not found.exists():
                raise CommandError("No achievement is approved yet. Approve some at the curation desk, or name one.")
            return found
        numbers = [int(name) for name in names if name.isdigit()]
        found = every.filter(key__in=names) | every.filter(pk__in=numbers)
        if found.count() < len(set(names)):
            raise CommandError("Not every achievement that you named exists. See them in the admin or the API.")
        return found


def _dump(text: TextDraft) -> str:
    about = {"kind": text.kind, "subject": text.subject, "answered_by": text.answered_by, "decision": text.decision}
    return json.dumps({**about, "sentences": text.sentences, "rejected": text.rejected}, ensure_ascii=False, indent=1)
