"""Background work of analysis: thin doorways, one call each. Handlers tolerate arguments that they do not know."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from analysis import services
from analysis.collection import retention
from jobs.context import Context
from jobs.errors import Fail, Reschedule, Retry
from jobs.handlers import handler

__all__ = ["retention"]  # its rules register by being imported


@handler("collect", queue="collect")
def collect(ctx: Context, *, repository_id: int, **_ignored: Any) -> dict[str, Any]:
    """Collect a repository."""
    try:
        ledgers = services.run_collection(repository_id=repository_id, progress=ctx.progress, guard=ctx.renew)
    except services.Postponed as error:
        raise Reschedule(error.until, str(error), code=error.code) from error
    except services.SourceError as error:
        raise (Retry if error.retry else Fail)(str(error), code=error.code) from error
    return services.ledgers_object(ledgers)


@handler("claims")
def claims(ctx: Context, *, repository_id: int, **_ignored: Any) -> dict[str, Any]:
    """Read the texts of a repository for claims."""
    return services.extract_claims(repository_id=repository_id, progress=ctx.progress, guard=ctx.renew)


@handler("drafts")
def drafts(ctx: Context, *, repository_id: int, **_ignored: Any) -> dict[str, Any]:
    """Draft achievements of a repository by rule, and mark what became stale."""
    return services.draft_achievements(repository_id=repository_id, progress=ctx.progress)


@handler("estimates")
def estimates(ctx: Context, *, repository_id: int | None = None, **_ignored: Any) -> dict[str, Any]:
    """Compute the estimates of a repository anew, where something they stand on has changed."""
    return services.estimate_repository(repository_id=repository_id, progress=ctx.progress, guard=ctx.renew)


@handler("facts")
def facts(ctx: Context, *, repository_id: int, **_ignored: Any) -> dict[str, Any]:
    """Compute the facts of a repository."""
    return {"written": services.compute_facts(repository_id=repository_id, progress=ctx.progress, guard=ctx.renew)}


@handler("types")
def types(ctx: Context, *, repository_id: int, **_ignored: Any) -> dict[str, Any]:
    """Predict the types of a repository's changes."""
    return {"written": services.predict_types(repository_id=repository_id, progress=ctx.progress, guard=ctx.renew)}


@handler("survival", priority=-10)
def survival(ctx: Context, *, repository_id: int, **_ignored: Any) -> dict[str, Any]:
    """Count the lines that survive, by blame."""
    return {"written": services.compute_survival(repository_id=repository_id, progress=ctx.progress, guard=ctx.renew)}


@handler("github", queue="collect")
def github(ctx: Context, *, repository_id: int, **_ignored: Any) -> dict[str, Any]:
    """Look at what is new on GitHub."""
    try:
        ledger = services.run_github(repository_id=repository_id, progress=ctx.progress, guard=ctx.renew)
    except services.Postponed as error:
        raise Reschedule(error.until, str(error), code=error.code) from error
    except services.SourceError as error:
        raise (Retry if error.retry else Fail)(str(error), code=error.code) from error
    return services.ledger_object(ledger)


@handler("webhook", priority=5)
def webhook(ctx: Context, *, delivery_id: str, **_ignored: Any) -> str:
    """Work on a stored webhook delivery."""
    return services.handle_webhook(delivery_id=delivery_id)


@handler("reconcile_github")
def reconcile_github(ctx: Context, **_ignored: Any) -> int:
    """Find what webhooks missed."""
    return services.reconcile_github()


@handler("report")
def report(
    ctx: Context, *, reader: str, period: str, day: str, until: str | None = None, repository_id: int | None = None,
    theme: str = "", send_to: str = "", description: str = "", **_ignored: Any,
) -> dict[str, Any]:  # fmt: skip
    """Compile and freeze a report, and have it sent when an address is given."""
    try:
        return services.make_and_send_report(
            reader=reader, period=period, day=day, until=until, repository_id=repository_id, theme=theme,
            send_to=send_to, description=description,
        )  # fmt: skip
    except services.ReportRefused as error:
        raise Fail(str(error), code="report_refused") from error


@handler("report_mail")
def report_mail(ctx: Context, *, delivery_id: int, **_ignored: Any) -> str:
    """Send a report by e-mail; a mail server that is away is tried again."""
    try:
        return services.deliver_report(delivery_id=delivery_id, now=timezone.now())
    except services.NotSent as error:
        raise Retry(str(error), code="mail", hint="Check EMAIL_URL and the mail server.") from error


@handler("reports_due")
def reports_due(ctx: Context, **_ignored: Any) -> int:
    """Ask for the scheduled reports whose period has ended."""
    return len(services.request_due_reports(today=timezone.now().date()))
