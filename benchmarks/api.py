"""Measure the API on PostgreSQL with a million changes, beside plain DRF with offsets and Datasette on SQLite.

python -m benchmarks.api [changes] [--seconds 8] [--clients 20]

All servers answer the same rows, fifty to a page, newest first, one server at a time. The peers are installed once into
var/bench/api, so that the product does not depend on them; without them their rows are left out. The clients run in a
process of their own on the same cores, which is part of what they measure.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measures import measure
from tests.faults.workers import descendants
from tests.servers import Postgres, free_port, wait_for

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "var" / "bench" / "api"
PEERS = ("django==5.2.*", "djangorestframework", "psycopg[binary]", "gunicorn", "datasette")
PAGE = 50
SUBJECT = "REST API"
LISTED = (
    "repository_id,key,number,kind,certainty,merged,title,title_source,body,merge_commit,base_sha,head_sha,commit_count,"
    "landed_additions,landed_deletions,landed_files,proposed_additions,proposed_deletions,proposed_files,language,"
    "size_class,first_commit_at,last_commit_at,opened_at,closed_at,merged_at,web_url,vanished_at,vanished_reason,"
    "is_hidden,sorted_at"
)
VARIED = {
    "key": "'pull:' || (n + 1)", "number": "n + 1", "title": "'Made-up change ' || n",
    "sorted_at": "timestamptz '2000-01-01' + n * interval '7 minutes'", "landed_additions": "n %% 900",
    "landed_deletions": "n %% 90", "language": "(array['Python','Rust','C','Go'])[1 + n %% 4]",
    "title_source": "'pull'", "head_sha": "md5(n::text) || left(md5((n + 1)::text), 8)",
}  # fmt: skip


def set_up(url: str, var: Path) -> None:
    """Point Django at the cluster and migrate it."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings.embedded", DATABASE_URL=url, ATTEST_VAR=str(var),
        ATTEST_API_RATE_ANONYMOUS="100000000", ALLOWED_HOSTS="127.0.0.1",
    )  # fmt: skip
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def fill(count: int) -> None:
    """One change by its factory, the others in one statement from it."""
    from django.db import connection

    from analysis.models import Change
    from tests.factories.collection import ChangeFactory

    first = ChangeFactory.create(key="pull:1", number=1, title="Made-up change 0")
    columns = [str(field.column) for field in Change._meta.concrete_fields if not field.primary_key]
    varied = ", ".join(VARIED.get(name, f"c.{connection.ops.quote_name(name)}") for name in columns)
    names = ", ".join(connection.ops.quote_name(name) for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO analysis_change ({names}) SELECT {varied}"  # noqa: S608  names of our own columns
            " FROM analysis_change c, generate_series(1, %s) n WHERE c.id = %s",
            [count - 1, first.pk],
        )
        cursor.execute("VACUUM ANALYZE")


@contextlib.contextmanager
def served(command: list[str], environment: dict[str, str], cwd: Path = ROOT) -> Iterator[tuple[int, int]]:
    """A server of this command, which gets its port for PORT; gives port and process id."""
    port = free_port()
    ready = [part.replace("PORT", str(port)) for part in command]
    process = subprocess.Popen(
        ready, cwd=cwd, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        wait_for(port, process)
        time.sleep(1)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def load(port: int, paths: list[str], *, clients: int, seconds: float, headers: dict[str, str]) -> dict[str, Any]:
    """What the clients saw."""
    plan = {"host": "127.0.0.1", "port": port, "paths": paths, "clients": clients, "seconds": seconds,
            "headers": headers}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.api_load"], input=json.dumps(plan), cwd=ROOT, capture_output=True, text=True,
        check=True, timeout=600,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def compare(name: str, port: int, first: list[str], deep: list[str], asked: argparse.Namespace) -> dict[str, Any]:
    """One after the other on the first page and on the deep one, then many clients at once on pages of both."""
    single = {"clients": 1, "seconds": asked.seconds / 2, "headers": {}}
    load(port, first, clients=4, seconds=2, headers={})  # warm
    near, far = load(port, first, **single), load(port, deep, **single)
    near_again, far_again = load(port, first, **single), load(port, deep, **single)
    many = load(port, [*first, *deep], clients=asked.clients, seconds=asked.seconds, headers={})
    answers = (near, far, near_again, far_again, many)
    if any(answer["statuses"] != [200] for answer in answers):
        raise SystemExit(f"{name}: not every answer was a 200: {[answer['statuses'] for answer in answers]}")
    start, end = (min(pair) for pair in ((near["p50"], near_again["p50"]), (far["p50"], far_again["p50"])))
    print(
        f"| {name} | {start:.1f} | {end:.1f} | {end / start:.2f} | {many['p50']:.0f} | {many['p95']:.0f} |"
        f" {many['per_second']:.0f} | {near['bytes'] // 1024} |"
    )
    own = name.startswith("Attest")
    measure(SUBJECT, f"{name}: first page", start, "ms")
    measure(SUBJECT, f"{name}: deep page to first page", end / start, "x", goal=1.2 if own else None)
    measure(SUBJECT, f"{name}: p95 of {asked.clients} clients", many["p95"], "ms", goal=50 if own else None)
    measure(SUBJECT, f"{name}: answers a second", many["per_second"], "/s", lower_is_better=False)
    return {"near": start, "far": end, **many}


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=120) as answer:  # noqa: S310  the benchmark's own server
        return json.load(answer)


def pages(port: int, count: int, rows: int) -> tuple[list[str], list[str]]:
    """Some of the first list pages, and as many around row ``rows``, by the links that the API itself gives."""
    from django.urls import reverse

    from analysis.models import Change

    base = f"{reverse('api-change-list')}?limit={PAGE}"
    from portfolio.rest.pages import cursor_of  # after the addresses: DRF's parts are imported by the first view

    edge = Change.objects.order_by("-sorted_at", "-id")[rows : rows + 1].get()
    cursor = cursor_of(reverse("api-change-list"), "-time", edge.sorted_at, edge.pk)
    found: list[list[str]] = []
    for start in (base, f"{base}&cursor={cursor}"):
        walk = [start]
        for _ in range(count - 1):
            link = get(f"http://127.0.0.1:{port}{walk[-1]}")["next"]
            walk.append(link.split(f":{port}", 1)[1])
        found.append(walk)
    return found[0], found[1]


def queries_of(path: str) -> int:
    """Queries of one list page, counted in this process."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        answer = Client(headers={"host": "127.0.0.1"}).get(path)
    if answer.status_code != 200:
        raise SystemExit(f"{path} answered {answer.status_code}")
    return len(seen)


def unlike(path: str, many: int = 3000) -> list[str]:
    """Addresses that give this page and of which each is new: nothing that was remembered can answer them."""
    return [f"{path}&until=2100-01-01T{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}Z" for at in range(many)]


def unchanged(port: int, path: str, seconds: float) -> None:
    """What a 200 that is computed, a 200 that is remembered and a 304 cost one client."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        tag = answer.headers["ETag"]
    computed = load(port, unlike(path), clients=1, seconds=seconds, headers={})
    whole = load(port, [path], clients=1, seconds=seconds, headers={})
    tagged = load(port, [path], clients=1, seconds=seconds, headers={"If-None-Match": tag})
    if tagged["statuses"] != [304]:
        print(f"not every answer was a 304: {tagged['statuses']}", file=sys.stderr)
    print(
        f"200 computed {computed['p50']:.2f} ms, 200 remembered {whole['p50']:.2f} ms, 304 {tagged['p50']:.2f} ms:"
        f" {computed['p50'] / tagged['p50']:.1f} and {whole['p50'] / tagged['p50']:.1f} times cheaper"
    )
    cheaper = computed["p50"] / tagged["p50"]
    measure(SUBJECT, "a 304 is cheaper than a computed 200", cheaper, "x", goal=5, lower_is_better=False)


def export(port: int, pid: int, count: int) -> None:
    """Stream every row; the peak memory is that of the largest process of the server."""
    started, lines, last = time.perf_counter(), 0, b""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/changes/export/", timeout=900) as answer:
        for line in answer:
            lines, last = lines + 1, line
    seconds = time.perf_counter() - started
    if json.loads(last)["export"] != {"complete": True, "rows": count}:
        raise SystemExit(f"the export ended with {last[:200]!r}")
    peaks = [peak(process) for process in (pid, *descendants(pid))]
    measure(SUBJECT, f"export of {count:,} rows", seconds, "s")
    measure(SUBJECT, f"export of {count:,} rows, peak memory", max(peaks), "MB", goal=300)
    print(f"NDJSON: {lines - 1:,} rows in {seconds:.0f} s ({(lines - 1) / seconds:,.0f} a second),"
          f" peak {max(peaks):.0f} MB")  # fmt: skip


def peak(pid: int) -> float:
    """Peak resident memory of a process in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def peers() -> Path | None:
    """The bin folder of the peers' environment, made on first use."""
    tool = shutil.which("uv") or str(ROOT / ".venv" / "bin" / "uv")
    python = HOME / "bin" / "python"
    if not (HOME / "bin" / "datasette").exists() and Path(tool).exists():
        subprocess.run([tool, "venv", "-q", "--allow-existing", str(HOME)], check=False)
        subprocess.run([tool, "pip", "install", "-q", "--python", str(python), *PEERS], check=False)
    return HOME / "bin" if (HOME / "bin" / "datasette").exists() else None


def as_sqlite(path: Path) -> None:
    """The same rows and the same index in an SQLite file, for Datasette."""
    import sqlite3

    from django.db import connection

    names = ["id", *LISTED.split(",")]
    with contextlib.closing(sqlite3.connect(path)) as target:
        target.execute(f"CREATE TABLE changes ({', '.join(names)}, PRIMARY KEY (id))")
        with connection.chunked_cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(names)} FROM analysis_change")  # noqa: S608  names of our own columns
            while rows := cursor.fetchmany(10_000):
                plain = [[str(v) if not isinstance(v, int | str | None) else v for v in row] for row in rows]
                target.executemany(f"INSERT INTO changes VALUES ({', '.join('?' * len(names))})", plain)  # noqa: S608
        target.execute("CREATE INDEX by_time ON changes (sorted_at)")
        target.commit()


def peer_drf(tools: Path, postgres: Postgres, deep: int, asked: argparse.Namespace) -> None:
    command = [str(tools / "gunicorn"), "api_peer_drf:application", "-b", "127.0.0.1:PORT", "-w", "2", "--threads", "4"]
    environment = {"BENCH_PORT": str(postgres.port), "BENCH_FIELDS": LISTED, "DJANGO_SETTINGS_MODULE": ""}
    with served(command, environment, ROOT / "benchmarks") as (port, _pid):
        near, far = ([f"/changes/?limit={PAGE}&offset={start + PAGE * at}" for at in range(8)] for start in (0, deep))
        compare("DRF, LimitOffsetPagination", port, near, far, asked)


def peer_datasette(tools: Path, folder: Path, deep: int, asked: argparse.Namespace) -> None:
    file = folder / "bench.db"
    as_sqlite(file)
    command = [str(tools / "datasette"), "serve", str(file), "-h", "127.0.0.1", "-p", "PORT",
               "--setting", "sql_time_limit_ms", "60000", "--setting", "suggest_facets", "off"]  # fmt: skip
    with served(command, {}) as (port, _pid):
        base = f"/bench/changes.json?_size={PAGE}&_sort_desc=sorted_at&_nocount=1&_shape=objects"
        import sqlite3

        with contextlib.closing(sqlite3.connect(file)) as source:
            row = source.execute(
                "SELECT sorted_at, id FROM changes ORDER BY sorted_at DESC LIMIT 1 OFFSET ?", [deep]
            ).fetchone()
        token = urllib.request.quote(f"{tilde(row[0])},{row[1]}")  # type: ignore[attr-defined]  # of urllib.parse
        found = []
        for start in (base, f"{base}&_next={token}"):
            walk = [start]
            for _ in range(7):
                following = get(f"http://127.0.0.1:{port}{walk[-1]}")["next"]
                walk.append(f"{base}&_next={urllib.request.quote(following)}")  # type: ignore[attr-defined]
            found.append(walk)
        compare("Datasette on SQLite", port, found[0], found[1], asked)


def tilde(text: str) -> str:
    """Datasette's own way to write a value in a token."""
    return "".join(c if c.isalnum() or c in "_-" else "+" if c == " " else f"~{ord(c):02X}" for c in text)


def own_pages(port: int, deep: int, asked: argparse.Namespace) -> None:
    """Attest's rows of the table, its queries, and what is unchanged."""
    near, far = pages(port, 8, deep)
    queries = queries_of(near[1])
    print(f"queries of a list page: {queries}")
    measure(SUBJECT, f"queries of a list page, {asked.count:,} changes", queries, "", goal=6)
    unchanged(port, near[0], asked.seconds / 2)
    print(f"\n| server | first page ms | page at row {deep:,} ms | ratio | p50 of {asked.clients} clients ms | p95 ms"
          " | a second | kB |\n|---|---|---|---|---|---|---|---|")  # fmt: skip
    compare("Attest, every answer computed", port, unlike(near[0]), unlike(far[0]), asked)
    compare("Attest, sixteen pages", port, near, far, asked)


def main() -> None:
    """Fill, serve, measure; print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--part", choices=("pages", "export"), help="only this; both without it")
    asked = parser.parse_args()
    deep = asked.count * 9 // 10
    postgres = Postgres(settings=("fsync=off", "full_page_writes=off", "max_connections=200", "shared_buffers=256MB"))
    with tempfile.TemporaryDirectory() as folder:
        try:
            set_up(postgres.start().url, Path(folder))
            started = time.perf_counter()
            fill(asked.count)
            print(f"{asked.count:,} changes stored in {time.perf_counter() - started:.0f} s", file=sys.stderr)
            gunicorn = [sys.executable, "-m", "gunicorn", "config.wsgi", "-b", "127.0.0.1:PORT", "-w", "2",
                        "--threads", "4"]  # fmt: skip
            with served(gunicorn, {}) as (port, pid):
                if asked.part != "export":
                    own_pages(port, deep, asked)
                if asked.part != "pages":
                    export(port, pid, asked.count)
            tools = peers() if asked.part != "export" else None
            if tools:
                peer_drf(tools, postgres, deep, asked)
                peer_datasette(tools, Path(folder), deep, asked)
            elif asked.part != "export":
                print("The peers cannot be installed here; their rows are left out.", file=sys.stderr)
        finally:
            from django.db import connections

            connections.close_all()
            postgres.remove()


if __name__ == "__main__":
    main()
