"""Hours of serving: adding to them, and their figures over ninety days."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from evidence.receipts import Derived, Input, Kind, derive
from portfolio.models import ServingHour
from portfolio.record import methods

# Milliseconds. A time is known to lie between two of them, which is what a percentile needs.
BOUNDS = (5, 10, 20, 35, 50, 75, 100, 150, 250, 400, 700, 1000, 2000, 5000, 10000)
DAYS = 90
SUBJECT = "status:serving"


def place_of(milliseconds: float) -> int:
    """Which count a time belongs to; the last one is for what took longer than every bound."""
    return next((place for place, bound in enumerate(BOUNDS) if milliseconds <= bound), len(BOUNDS))


def add(
    *, hour: dt.datetime, times: Sequence[int] = (), errors: int = 0, probes: int = 0, probes_failed: int = 0
) -> None:
    """Add to an hour's row, whoever else adds to it at the same time."""
    start = hour.replace(minute=0, second=0, microsecond=0)
    with transaction.atomic():
        row = _locked(start)
        held = row.times or [0] * (len(BOUNDS) + 1)
        row.times = [a + b for a, b in zip(held, times or [0] * len(held), strict=True)]
        row.requests += sum(times)
        row.errors += errors
        row.probes += probes
        row.probes_failed += probes_failed
        row.save()


def _locked(start: dt.datetime) -> ServingHour:
    try:
        with transaction.atomic():
            ServingHour.objects.get_or_create(hour=start)
    except IntegrityError:
        pass  # another process was faster
    return ServingHour.objects.select_for_update().get(hour=start)


def figures(now: dt.datetime) -> Iterator[tuple[str, Derived]]:
    """(label, receipt) of uptime, how closely it was watched, and three percentiles; only of what was measured."""
    hours = ServingHour.objects.filter(hour__gte=now - dt.timedelta(days=DAYS), hour__lte=now).order_by("hour")
    days: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    counts = [0] * (len(BOUNDS) + 1)
    since = now
    for row in hours.iterator():
        day = days[row.hour.date().isoformat()]
        since = min(since, row.hour) if row.probes else since
        day[0], day[1] = day[0] + row.probes, day[1] + row.probes_failed
        counts = [a + b for a, b in zip(counts, row.times, strict=True)] if row.times else counts
    probed = [[day, *numbers] for day, numbers in days.items() if numbers[0]]
    method: dict[str, Any] = {"kind": Kind.MEASURED, "subject": SUBJECT, "version": methods.VERSION}
    if probed:
        inputs = [Input("days", "status:days", probed)]
        yield "uptime", derive(**method, method="status.uptime", inputs=inputs)
        minutes = max(1, round((now - since).total_seconds() / 60))
        yield (
            "minutes in which it was probed",
            derive(**method, method="status.watched", inputs=inputs, parameters={"minutes": minutes}),
        )
    if sum(counts):
        for label, share in (("half of the requests within", 0.5), ("of each hundred, all but five within", 0.95),
                             ("of each hundred, all but one within", 0.99)):  # fmt: skip
            parameters = {"share": share, "bounds": list(BOUNDS)}
            inputs = [Input("counts", "status:times", counts)]
            yield label, derive(**method, method="status.latency", inputs=inputs, parameters=parameters)
