"""/healthz (the process answers) and /readyz (it can serve: database, migrations, broker, queue, registry, disk).

Ready means that requests can be answered; a broker that is down or an old queue degrade without taking the site away,
since jobs wait in the database. Answers name states only, no hosts, paths or versions.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config import watch
from jobs import sending
from mlops import queries as mlops

_REMEMBER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: ``ok``, ``degraded`` (the site serves, something waits) or ``failed`` (it cannot serve)."""

    name: str
    state: str
    note: str = ""


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer "ok" as long as the process takes requests."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the site can serve, 503 when it cannot, with one state for each check."""
    findings = _remembered()
    failed = any(finding.state == "failed" for finding in findings)
    checks = {finding.name: {"state": finding.state, "note": finding.note} for finding in findings}
    return JsonResponse({"ready": not failed, "checks": checks}, status=503 if failed else 200)


def examine() -> list[Finding]:
    """Make every check; none raises."""
    checks: tuple[Callable[[], Finding], ...] = (_database, _migrations, _broker, _queue, _registry, _disk)
    return [check() for check in checks]


_last: tuple[float, list[Finding]] = (-_REMEMBER_SECONDS, [])


def _remembered() -> list[Finding]:
    """Findings of the last few seconds, so that a flood of questions costs the database nothing."""
    global _last
    if time.monotonic() - _last[0] > _REMEMBER_SECONDS:
        _last = (time.monotonic(), examine())
    return _last[1]


def _database() -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return Finding("database", "failed", "does not answer")
    return Finding("database", "ok")


def _migrations() -> Finding:
    try:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        return Finding("migrations", "failed", "cannot be read")
    return Finding("migrations", "failed", f"{missing} not applied") if missing else Finding("migrations", "ok")


def _broker() -> Finding:
    try:
        with sending.celery_app().connection_for_write(connect_timeout=1) as broker:
            broker.ensure_connection(max_retries=1, timeout=1)
    except sending.BROKER_ERRORS:
        return Finding("broker", "degraded", "does not answer; jobs wait in the database")
    return Finding("broker", "ok")


def _queue() -> Finding:
    try:
        age, late = watch.queue_seconds(), watch.late_seconds()
    except DatabaseError:
        return Finding("queue", "failed", "cannot be read")
    if age > watch.OLD_QUEUE_SECONDS:
        return Finding("queue", "degraded", f"the oldest job has waited for {age:.0f} s; does a worker run?")
    if late is not None and late > watch.LATE_SECONDS:
        return Finding("queue", "degraded", f"a schedule is {late:.0f} s late; does beat, or a worker's tick, run?")
    return Finding("queue", "ok")


def _registry() -> Finding:
    try:
        trouble = mlops.banner()
    except DatabaseError:
        return Finding("registry", "failed", "cannot be read")
    if trouble:  # what is served comes from our own rows, so a store that is away only keeps copies from being made
        return Finding("registry", "degraded", "the copy of the models is not up to date")
    return Finding("registry", "ok")


def _disk() -> Finding:
    try:
        free = watch.free_bytes()
    except OSError:
        return Finding("disk", "degraded", "cannot be read")
    return Finding("disk", "ok") if free >= watch.FREE_BYTES else Finding("disk", "degraded", "nearly full")
