"""`make soak`: the whole product for some minutes while its servers are killed at random.

    python -m benchmarks.soak [--minutes 10] [--visitors 50] [--seed 11]

Invariants: no accepted job, delivery or decision is lost or doubled, no wrong page, at most 0.5% of the requests fail
and only while PostgreSQL is down (from its kill until ten seconds after it is back), all is well within ten seconds of
each restart. Prints the figures as JSON (also into var/build/soak.json); ends with 1 when something does not hold.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.soak.chaos import Chaos, Kill
from benchmarks.soak.place import Place
from benchmarks.soak.visitors import Seen, deliver, visit
from benchmarks.soak.work import Work
from tests.faults.workers import ROOT
from tests.revision import revision

MOST_ERRORS = 0.005
RECOVERY_SECONDS = 10.0
WARM_UP_SHARE = 0.3  # of the time; caches fill in it, so the slope of memory is taken after it


def slope(samples: list[tuple[float, int]]) -> float:
    """Least-squares slope of (seconds, bytes) in MB a minute; 0 for fewer than three samples."""
    if len(samples) < 3:
        return 0.0
    return statistics.linear_regression(*zip(*samples, strict=True)).slope * 60 / 1e6


def outside_outages(errors: list[tuple[float, str]], kills: list[Kill]) -> list[str]:
    """Errors at moments when PostgreSQL was not away."""
    away = [(kill.at, kill.back + RECOVERY_SECONDS) for kill in kills if kill.what == "PostgreSQL"]
    return [text for at, text in errors if not any(start <= at <= end for start, end in away)]


def judge(seen: Seen, kills: list[Kill], done: dict[str, Any], memory: list[tuple[float, int]]) -> dict[str, Any]:
    """All figures, and what is broken."""
    broken: list[str] = list(done.pop("broken"))
    share = len(seen.errors) / max(seen.requests, 1)
    if share > MOST_ERRORS:
        broken.append(f"{share:.2%} of the requests failed")
    broken += [f"failed while PostgreSQL was up: {text}" for text in outside_outages(seen.errors, kills)]
    broken += [f"wrong page: {text}" for text in seen.wrong]
    recovery: dict[str, list[float]] = {}
    for kill in kills:
        recovery.setdefault(kill.what, []).append(round(kill.well - kill.back, 2))
    broken += [f"{what} took {max(all_)} s" for what, all_ in recovery.items() if max(all_) > RECOVERY_SECONDS]
    cuts = statistics.quantiles(seen.latencies, n=100)
    return {
        "requests": seen.requests, "errors": len(seen.errors), "error share": round(share, 5),
        "kinds of errors": sorted({text for _, text in seen.errors})[:20],
        "seconds p50": round(cuts[49], 3), "seconds p95": round(cuts[94], 3), "seconds p99": round(cuts[98], 3),
        "slowest": round(max(seen.latencies), 2), "kills": {what: len(all_) for what, all_ in recovery.items()},
        "seconds to recover, at most": {what: max(all_) for what, all_ in recovery.items()},
        "web memory MB": [round(memory[0][1] / 1e6), round(memory[-1][1] / 1e6)],
        "memory slope MB a minute": round(slope(memory[int(len(memory) * WARM_UP_SHARE) :]), 3),
        **done, "broken": broken,
    }  # fmt: skip


def soak(place: Place, minutes: float, visitors: int, seed: int) -> dict[str, Any]:
    """Run everything for the time given, then let the work end and look at what is there."""
    from jobs.services import enqueue
    from tests.factories.github import GitHubRepositoryFactory

    GitHubRepositoryFactory(database_id=77, full_name="lighthouse/ledger")
    work, seen, stop = Work(place.var), Seen(), threading.Event()
    work.accepted += [enqueue(kind=kind).pk for kind in ("models_start", "site_start")]
    work.accepted.append(work._collect().pk)
    work.drain(240)
    chaos = Chaos(place, between=(8.0, 20.0), seed=seed)
    people = [threading.Thread(target=visit, args=(place.url, seen, stop, number)) for number in range(visitors)]
    others = [
        threading.Thread(target=deliver, args=(place.url, seen, stop)),
        threading.Thread(target=work.ask, args=(stop,)),
        threading.Thread(target=chaos.run, args=(stop,)),
    ]
    for thread in (*people, *others):
        thread.start()
    memory: list[tuple[float, int]] = []
    ends = time.monotonic() + minutes * 60
    while time.monotonic() < ends:
        time.sleep(2)
        memory.append((time.monotonic(), place.memory()))
    stop.set()
    for thread in (*people, *others):
        thread.join()
    drained = work.drain(300)
    return judge(seen, chaos.kills, {"seconds to drain": round(drained, 1), **work.check(seen.accepted)}, memory)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--seed", type=int, default=11)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="attest-soak-") as folder:
        place = Place(Path(folder))
        try:
            place.start()
            found = {"minutes": given.minutes, "visitors": given.visitors, "seed": given.seed}
            found |= soak(place, given.minutes, given.visitors, given.seed)
        finally:
            place.close()
    (ROOT / "var/build").mkdir(parents=True, exist_ok=True)
    (ROOT / "var/build/soak.json").write_text(json.dumps({"revision": revision(), **found}, indent=1))
    print(json.dumps(found, indent=1))
    return 1 if found["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
