"""Time of the list of changes with 100 and with 100,000 changes: server time and queries of whole pages.

    .venv/bin/python -m benchmarks.list_page [small large] [--postgresql | --both] [--cpu]

“One author” and “search” fit a third of the rows, “rare …” thirty in either database, spread over all of it, so that
every page is full in both.

Rows are made by bulk inserts into a database of its own (SQLite, or PostgreSQL with --postgresql, started here). Each
page is asked for many times in turn, small and large database in processes of their own, so that both meet the same
load; the medians are compared (with --cpu those of processor time, where the machine is not quiet). Goals: within 20%,
and at most 12 queries.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.measures import measure

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 12

_SERVE = """
import datetime as dt, hashlib, json, os, sys, time
import django
django.setup()
from django.conf import settings
settings.ALLOWED_HOSTS = ["*"]
beside = ("axes", "CountViews", "TimeRequests")  # these write a row now and then, whatever page is asked for
settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not any(word in name for word in beside)]
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
call_command("migrate", verbosity=0)
from analysis.collection.bulk import insert
from analysis.models import Change, ChangeContributor, Contributor, Repository

count = int(sys.argv[1])
row = Repository.objects.create(key="made-up/list", name="made-up/list", default_branch="main")
insert(Contributor, ("identity", "kind", "display_name", "login", "is_owner", "kind_reason", "label_overridden"),
       ((f"hmac:{n}", "human", f"contributor-{n}", "", False, "", False) for n in range(40)))
people = list(Contributor.objects.order_by("pk").values_list("pk", flat=True))
start = dt.datetime(2015, 1, 1, tzinfo=dt.UTC)
kinds, sizes = ("merge", "squash", "rebase", "direct"), ("XS", "S", "M", "L")
languages = ("Python", "Go", "Rust", "TypeScript")
names = [f.name for f in Change._meta.concrete_fields if not f.primary_key]
nothing = {f.name: f.get_default() for f in Change._meta.concrete_fields if not f.primary_key}
rare = max(count // 30, 1)  # as many in either database: more than fill a page
def title(n):
    return f"Take step {n} of the {('shelf', 'ledger', 'parser')[n % 3]}{' by lantern' if n % rare == 0 else ''}"
def author(n):
    return people[0] if n % 3 == 1 else people[1] if n % rare == 0 else people[2 + n % 38]
def values(n):
    kind, at = kinds[n % 4], start + dt.timedelta(minutes=50 * n)
    sha = hashlib.sha1(str(n).encode(), usedforsecurity=False).hexdigest()
    direct = kind == "direct"
    return nothing | dict(
        repository=row.pk, key=f"commit:{sha}" if direct else f"pull:{n + 1}", number=None if direct else n + 1,
        kind=kind, certainty="certain", merged=True, title=title(n), merge_commit=sha, base_sha=sha,
        head_sha=sha, commit_count=2, landed_additions=n % 300, landed_deletions=n % 70, landed_files=n % 9 + 1,
        language=languages[n // 7 % 4], size_class=sizes[n // 3 % 4], merged_at=at, landed_at=at, sorted_at=at,
        content_sha256=sha)
insert(Change, names, (list(map(values(n).__getitem__, names)) for n in range(count)))
ids = Change.objects.order_by("pk").values_list("pk", flat=True)
insert(ChangeContributor, ("change", "contributor", "role", "commits"),
       ((pk, author(i), "author", 1) for i, pk in enumerate(ids)))
with connection.cursor() as cursor:
    cursor.execute("ANALYZE")
client = Client()
def older(url):
    return client.get(url).content.decode().split('rel="next nofollow" href="')[1].split('"')[0].replace("&amp;", "&")
from django.core.cache import cache
pages = {
    "first page": "/evidence/", "first page, nothing kept": "/evidence/",
    "third page": older(older("/evidence/")),
    "one language": "/evidence/?language=Go",
    "one kind": "/evidence/?kind=squash", "one year": "/evidence/?year=2015", "one author": "/evidence/?author=hmac:0",
    "search": "/evidence/?q=ledger", "rare author": "/evidence/?author=hmac:1", "rare word": "/evidence/?q=lantern",
}
for line in sys.stdin:
    url = pages[line.strip()]
    if "nothing kept" in line:
        cache.clear()
    with CaptureQueriesContext(connection) as asked:
        cpu, wall = time.process_time(), time.perf_counter()
        status = client.get(url).status_code
        told = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "status": status}
    told["queries"] = len(asked)
    print(json.dumps(told), flush=True)
"""
PAGES = (
    "first page, nothing kept",
    "first page",
    "third page",
    "one language",
    "one kind",
    "one year",
    "one author",
    "search",
    "rare author",
    "rare word",
)


class Site:
    """A process with its own database of so many changes, asked page by page."""

    def __init__(self, count: int, var: str, url: str) -> None:
        environment = {
            **{name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")},
            "ATTEST_VAR": var,
            "DJANGO_SETTINGS_MODULE": "config.settings.embedded",
            "PYTHONPATH": str(ROOT),
            **({"DATABASE_URL": url} if url else {}),
        }
        command = [sys.executable, "-c", _SERVE, str(count)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def page(self, name: str) -> dict[str, Any]:
        """Seconds and queries of one page."""
        into, out = self._process.stdin, self._process.stdout
        if into is None or out is None:
            raise RuntimeError("the site was started without pipes")
        into.write(f"{name}\n")
        into.flush()
        found: dict[str, Any] = json.loads(out.readline())
        if found["status"] != 200:
            raise SystemExit(f"{name}: status {found['status']}")
        return found

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()


def compare(small: int, large: int, *, postgresql: bool, cpu: bool) -> dict[str, dict[str, float]]:
    """For each page: medians of both in milliseconds, their ratio, and the most queries."""
    with ExitStack() as stack:
        sites = []
        for count in (small, large):
            url = ""
            if postgresql:
                from tests.servers import Postgres

                server = Postgres().start()
                stack.callback(server.remove)
                url = server.url
            site = Site(count, stack.enter_context(tempfile.TemporaryDirectory()), url)
            stack.callback(site.close)
            sites.append(site)
        results = {}
        for name in PAGES:
            for site in sites:
                site.page(name)
            taken = [[site.page(name) for site in sites] for _ in range(ROUNDS)]
            few, many = ([pair[index] for pair in taken] for index in (0, 1))
            median = [statistics.median(one["cpu" if cpu else "wall"] for one in found) * 1000 for found in (few, many)]
            results[name] = {
                "few_ms": median[0],
                "many_ms": median[1],
                "ratio": median[1] / median[0],
                "queries": max(one["queries"] for one in few + many),
            }
        return results


def main(arguments: list[str]) -> None:
    """Print one table a database."""
    numbers = [int(argument) for argument in arguments if argument.isdigit()] or [100, 100_000]
    chosen = ["PostgreSQL"] if "--postgresql" in arguments else ["SQLite"]
    for database in ["SQLite", "PostgreSQL"] if "--both" in arguments else chosen:
        table(database, numbers[0], numbers[-1], cpu="--cpu" in arguments)


def table(database: str, small: int, large: int, *, cpu: bool) -> None:
    """Measure one database and print its table."""
    print(f"| {database} | {small:,} changes, ms | {large:,} changes, ms | ratio | queries |\n|---|--:|--:|--:|--:|")
    for name, row in compare(small, large, postgresql=database == "PostgreSQL", cpu=cpu).items():
        # With nothing kept all facets are counted anew, which one visitor in five minutes waits for: no goal.
        goal = None if "nothing kept" in name else 1.2
        measure("list of changes", f"{database}, {name}: {large:,} against {small:,}", row["ratio"], "x", goal=goal)
        measure("list of changes", f"{database}, {name}: queries", row["queries"], "", goal=12)
        print(f"| {name} | {row['few_ms']:.1f} | {row['many_ms']:.1f} | {row['ratio']:.2f} | {row['queries']:.0f} |")


if __name__ == "__main__":
    main(sys.argv[1:])
