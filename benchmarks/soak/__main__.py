"""`make soak`: the whole product for some minutes while its servers are killed at random.

    python -m benchmarks.soak [--minutes 10] [--visitors 50] [--seed 11]

Invariants: no accepted job, delivery or decision is lost or doubled, no wrong page, at most 0.5% of the requests fail
and only while PostgreSQL is down (from its kill until ten seconds after it is back) or because kill -9 took the web
process that was answering, all is well within ten seconds of each restart, and memory is flat. Prints the figures as
JSON (also into var/build/soak.json); ends with 1 when something does not hold.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.soak.chaos import Chaos
from benchmarks.soak.place import Place
from benchmarks.soak.verdict import Sample, judge, record
from benchmarks.soak.visitors import Seen, deliver, right_pages, visit
from benchmarks.soak.work import Work
from tests.faults.workers import ROOT
from tests.revision import revision


def soak(place: Place, minutes: float, visitors: int, seed: int) -> dict[str, Any]:
    """Run everything for the time given, then let the work end and look at what is there."""
    from jobs.services import enqueue
    from tests.factories.github import GitHubRepositoryFactory

    GitHubRepositoryFactory(database_id=77, full_name="lighthouse/ledger")
    work, seen, stop = Work(place.var), Seen(), threading.Event()
    work.accepted += [enqueue(kind=kind).pk for kind in ("models_start", "site_start")]
    work.accepted += [work._collect().pk, work._train().pk, work._route().pk]
    work.drain(240)
    place.complete()
    pages = right_pages(place.url)
    chaos = Chaos(place, between=(8.0, 20.0), seed=seed)
    people = [threading.Thread(target=visit, args=(place.url, seen, stop, number, pages)) for number in range(visitors)]
    others = [
        threading.Thread(target=deliver, args=(place.url, seen, stop)),
        threading.Thread(target=work.ask, args=(stop,)),
        threading.Thread(target=chaos.run, args=(stop,)),
    ]
    for thread in (*people, *others):
        thread.start()
    memory: list[Sample] = []
    ends = time.monotonic() + minutes * 60
    while time.monotonic() < ends:
        time.sleep(2)
        memory.append(Sample(time.monotonic(), *place.memory()))
    stop.set()
    for thread in (*people, *others):
        thread.join()
    drained = work.finish(300)
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
    record(found)
    return 1 if found["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
