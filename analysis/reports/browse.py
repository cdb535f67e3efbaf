"""What pages and API ask about reports."""

import json
from typing import Any

from django.db.models import Q, QuerySet

from analysis.collection.browse import on_site
from analysis.reports.difference import difference
from analysis.reports.models import Report


def public_reports() -> QuerySet[Report]:
    """Reports on the site: made public by a person, not erased, and not of a hidden repository."""
    shown = Report.objects.filter(is_public=True, erased_at__isnull=True)
    return shown.filter(Q(repository__isnull=True) | on_site("repository__"))


def report_document(report: Report) -> dict[str, Any] | None:
    """The report's content, or None once it was erased."""
    return json.loads(report.document) if report.document else None


def report_difference(report: Report) -> dict[str, Any] | None:
    """What changed since the previous report of the same kind; None without one."""
    before = report_document(report.previous) if report.previous else None
    now = report_document(report)
    return difference(before, now) if before and now else None
