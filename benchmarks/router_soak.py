"""Soak the router: many calls at once with random faults, on a real PostgreSQL that may be restarted in between.

    python -m benchmarks.router_soak [CALLS] [CONCURRENT] [SECONDS] [--restart]

It ends after SECONDS (an hour) even if not all calls were made, and says how many were.

Afterwards it checks that no decision is lost, that nothing was overspent, that no bill is missing in the spend, and
that no breaker is stuck. Prints the counts as JSON; ends with 1 when something does not hold.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

FAULTS = {
    "500": 0.04, "503": 0.03, "429:0.05": 0.03, "garbage": 0.02, "html": 0.02, "close": 0.02, "cut": 0.02,
    "empty": 0.01, "no_usage": 0.03, "lie_low": 0.02, "hang:0.7": 0.01, "huge:2": 0.005, "bad_json": 0.02,
}  # fmt: skip
PRICES = {"small": (100_000, 400_000), "middle": (500_000, 2_000_000), "large": (3_000_000, 12_000_000)}
DOCUMENTS = [
    ("title", "Keep the cache warm"),
    ("description", "It removes stale entries every hour, 40 at a time. " * 4),
]


def main(calls: int, concurrent: int, seconds: int, restart: bool) -> int:
    from mlops.providers.loopback import LoopbackServer
    from tests.servers import Postgres

    postgres = Postgres().start()
    try:
        with LoopbackServer(seed=1) as server:
            server.keep_requests = False
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
            os.environ["DATABASE_URL"] = postgres.url
            os.environ["ATTEST_OUTSIDE_ALLOW"] = f"127.0.0.1:{server.port}"
            prepare(server, limit=calls * 700_000)
            started = time.monotonic()
            counts = run(calls, concurrent, postgres if restart else None, started + seconds)
            took = time.monotonic() - started
            found = check(server, counts.total(), counts)
            made = {"asked for": calls, "calls": counts.total(), "concurrent": concurrent, "seconds": round(took, 1)}
            print(json.dumps({**made, **found}, indent=1))
            return 1 if found["broken"] else 0
    finally:
        postgres.remove()


def prepare(server: Any, limit: int) -> None:
    """Tables, three targets with their faults, and a budget that ends before the calls do."""
    import logging

    import django
    from django.core.management import call_command

    django.setup()
    logging.disable(logging.WARNING)
    call_command("migrate", verbosity=0)
    from mlops.models import Budget, Target

    for key, (price_in, price_out) in PRICES.items():
        Target.objects.create(
            key=key, kind="openai", model=key, base_url=server.base_url, price_in=price_in, price_out=price_out,
            priced_on="2031-01-01", price_source="https://models.example.org/prices", timeout=0.5, prior_latency=0.05,
            prior_quality={"small": 0.7, "middle": 0.75, "large": 0.8}[key], max_concurrent=10,
        )  # fmt: skip
        server.set_mix(key, FAULTS)
    Budget.objects.create(name="day", limit=limit)


def run(calls: int, concurrent: int, postgres: Any, until: float) -> Counter[str]:
    """All calls that begin before `until`; counts how each ended."""
    from django.db import connection

    from mlops.routing import services
    from mlops.routing.errors import RoutingError
    from mlops.routing.records import PolicySpec

    policy = PolicySpec(total_seconds=8.0, exploration=0.3, cost_weight=20.0)
    counts: Counter[str] = Counter()
    lock = threading.Lock()

    def one(_: int) -> None:
        if time.monotonic() > until:
            return
        try:
            routed = services.route(task="summarise", documents=DOCUMENTS, policy=policy)
            ended = "degraded" if routed.answer.degraded else f"answered by {routed.answer.target}"
        except RoutingError as error:
            ended = error.code
        except Exception as error:  # noqa: BLE001  whatever else ends a call is counted as broken
            ended = f"unforeseen {type(error).__name__}"
        with lock:
            counts[ended] += 1

    with ThreadPoolExecutor(concurrent) as pool:
        work = [pool.submit(one, number) for number in range(calls)]
        if postgres is not None:
            while counts.total() < calls // 3 and time.monotonic() < until:
                time.sleep(0.05)
            postgres.restart()
        for done in work:
            done.result()
        list(pool.map(lambda _: connection.close(), range(concurrent)))
    connection.close()  # the restart broke this thread's as well
    return counts


def check(server: Any, calls: int, counts: Counter[str]) -> dict[str, Any]:
    """The invariants; what is left open by a restart is swept first, as the schedule would do."""
    from django.utils import timezone

    from mlops.models import BreakerState, Decision, Hold, Spend
    from mlops.routing import stores
    from mlops.routing.breaker import MAX_COOL_DOWN

    past = timezone.now() - timedelta(hours=1)
    unsettled, still_open = Hold.objects.filter(settled_at=None).count(), Decision.objects.filter(status="open").count()
    Hold.objects.filter(settled_at=None).update(expires_at=past)
    Decision.objects.filter(status="open").update(created_at=past)
    stores.sweep()
    days = list(Spend.objects.filter(name="day"))
    spent, overrun = sum(row.spent for row in days), sum(row.overrun for row in days)
    billed = sum(
        -(-(server.billed[key, "in"] * price[0] + server.billed[key, "out"] * price[1]) // 1000)
        for key, price in PRICES.items()
    )
    latest = timezone.now() + timedelta(seconds=MAX_COOL_DOWN + 1)
    broken = []
    if Decision.objects.count() + counts["ledger_unavailable"] < calls:
        broken.append("a decision is lost")
    if Decision.objects.filter(status="open").exists() or any(row.reserved for row in days):
        broken.append("something is open or reserved for ever")
    if any(row.spent > (row.limit or 0) for row in days) or overrun:
        broken.append("the budget is overspent")
    if spent + overrun < billed:
        broken.append("a bill is missing in the spend")
    if BreakerState.objects.filter(until__gt=latest).exists() or not recovers(server):
        broken.append("a breaker is stuck")
    if any(ended.startswith("unforeseen") for ended in counts):
        broken.append("a call ended in an unforeseen way")
    return {
        "ended": dict(counts.most_common()), "decisions": Decision.objects.count(), "swept holds": unsettled,
        "swept decisions": still_open, "spent usd": spent / 1e9, "billed usd": billed / 1e9,
        "limit usd": sum(row.limit or 0 for row in days) / 1e9, "broken": broken,
    }  # fmt: skip


def recovers(server: Any) -> bool:
    """Once the faults are over and the cool-downs have ended, every target answers again and its breaker closes."""
    from django.utils import timezone

    from mlops.models import BreakerState, Budget, Target
    from mlops.routing import runtime, services, stores
    from mlops.routing.records import PolicySpec

    Budget.objects.all().delete()
    stores.set_limit("day", None)
    BreakerState.objects.exclude(until=None).update(until=timezone.now() - timedelta(seconds=1))
    runtime.forget()
    for key in PRICES:
        server.mix.pop(key)
        Target.objects.filter(key=key).update(timeout=10)
        policy = PolicySpec(mode="fixed", order=(key,), total_seconds=20.0)
        routed = services.route(task="summarise", documents=DOCUMENTS, policy=policy)
        if routed.answer.target != key:
            return False
    return not BreakerState.objects.exclude(state="closed").exists()


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
    sys.exit(main(*(numbers + [20_000, 20, 3600][len(numbers) :]), restart="--restart" in sys.argv))
