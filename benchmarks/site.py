"""What a page of the site costs on PostgreSQL behind gunicorn, beside a stock Wagtail page measured in the same run.

    python -m benchmarks.site [--source PATH] [--wagtail PYTHON]

Cost is processor time of the one worker process, read from the system before and after, divided by the requests; the
clients and PostgreSQL are not counted in it. Requests a second on one core are its reciprocal. Each worker gets a round
of every page first. Wagtail is installed once into an environment of its own, var/bench/wagtail; ``--wagtail`` names
the interpreter of another one that has wagtail, gunicorn and psycopg. Without either the comparison is left out, as the
output says. Goals: kept page at least 500 requests a second, page made anew at most 40 ms on every type.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measures import measure
from tests.audit.pages import one_of_each
from tests.servers import Postgres, free_port, wait_for

ROOT = Path(__file__).resolve().parents[1]
TICK = os.sysconf("SC_CLK_TCK")
KEPT, ANEW, SLOW = 2_000, 24, 40
PEERS = ("wagtail==8.0.1", "gunicorn", "psycopg[binary]")
FILL = """
import sys
from analysis import services
repository = services.collect(source=sys.argv[1])[0].repository
for step in (services.compute_facts, services.extract_claims, services.predict_types, services.draft_achievements):
    step(repository_id=repository.pk)
from tests.audit.cast import fill
fill()
"""


def processor_ms(pid: int) -> float:
    """User and system time of a process so far, in ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / TICK


@contextmanager
def gunicorn(python: str, application: str, folder: Path, environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    """(port, process id of the one worker)."""
    port = free_port()
    command = [python, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "2",
               "--log-level", "error", "--no-control-socket"]  # fmt: skip
    process = subprocess.Popen(command, cwd=folder, env=environment)
    try:
        wait_for(port, process)
        time.sleep(1)
        children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=True).stdout
        yield port, int(children.split()[0])
    finally:
        process.terminate()
        process.wait(20)


def ask(port: int, paths: Sequence[str], rounds: int, **headers: str) -> int:
    """Ask for each path in turn over one kept connection; how many requests that were. Anything but 200 raises."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(rounds):
        for path in paths:
            connection.request("GET", path, headers={"Accept-Encoding": "gzip", "User-Agent": "benchmark", **headers})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{path} answers {answer.status}")
    connection.close()
    return rounds * len(paths)


def cost(port: int, worker: int, paths: Sequence[str], rounds: int) -> float:
    """Processor time of the worker a request, in ms."""
    ask(port, paths, 1)
    before = processor_ms(worker)
    many = ask(port, paths, rounds)
    return (processor_ms(worker) - before) / many


def site(database: str, source: str, var: Path) -> dict[str, object]:
    """This site's figures over ``source``."""
    environment = {
        **os.environ, "DATABASE_URL": database, "ATTEST_VAR": str(var), "ATTEST_PAGE_SECONDS": "0",
        "DJANGO_SETTINGS_MODULE": "config.settings.embedded", "DJANGO_SUPERUSER_USERNAME": "owner",
        "DJANGO_SUPERUSER_EMAIL": "owner@example.org", "DJANGO_SUPERUSER_PASSWORD": "for-this-run-only",
    }  # fmt: skip
    manage = [sys.executable, "manage.py"]
    for arguments in (["migrate", "-v0"], ["createsuperuser", "--noinput"]):
        subprocess.run([*manage, *arguments], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    setup = f"import django; django.setup()\n{FILL}"
    subprocess.run([sys.executable, "-c", setup, source], cwd=ROOT, env=environment, check=True)
    os.environ.update({"DJANGO_SETTINGS_MODULE": "config.settings.embedded", "ATTEST_VAR": str(var)})
    import django

    django.setup()
    with gunicorn(sys.executable, "config.wsgi:application", ROOT, environment) as (port, worker):
        found = one_of_each(f"http://127.0.0.1:{port}")
        anew = {name: round(cost(port, worker, [path], ANEW), 2) for name, path in found.items()}
    with gunicorn(sys.executable, "config.wsgi:application", ROOT, {**environment, "ATTEST_PAGE_SECONDS": "600"}) as (
        port,
        worker,
    ):
        kept = cost(port, worker, ["/"], KEPT)
    return {"anew_ms": anew, "kept_ms": round(kept, 3), "kept_per_second": round(1000 / kept)}


def wagtail_python() -> str:
    """The interpreter of Wagtail's environment, made on the first run; empty where it cannot be made."""
    home = ROOT / "var" / "bench" / "wagtail"
    python, uv = home / "bin" / "python", shutil.which("uv") or str(ROOT / ".venv" / "bin" / "uv")
    if not (home / "made").exists() and Path(uv).exists():
        made = subprocess.run([uv, "venv", "-q", "--clear", str(home)], check=False)
        installed = [uv, "pip", "install", "-q", "--python", str(python), *PEERS]
        if made.returncode == 0 and subprocess.run(installed, check=False).returncode == 0:
            (home / "made").touch()
    return str(python) if (home / "made").exists() else ""


CACHED = """
from bench.settings.base import *
MIDDLEWARE = ["django.middleware.cache.UpdateCacheMiddleware", *MIDDLEWARE,
              "django.middleware.cache.FetchFromCacheMiddleware"]
"""


def wagtail(python: str, database: str, folder: Path) -> dict[str, float]:
    """A stock Wagtail project's welcome page on the same PostgreSQL: made anew, and kept by Django's own middleware."""
    code = "from wagtail.bin.wagtail import main; main()"
    subprocess.run(
        [python, "-c", code, "start", "bench", str(folder)], check=True, stdout=subprocess.DEVNULL, cwd=folder
    )
    host, _, _name = database.rpartition("@")[2].partition("/")
    address, _, port = host.partition(":")
    base = folder / "bench" / "settings"
    with (base / "base.py").open("a") as file:
        file.write(
            "\nDATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'USER': 'attest', "
            f"'NAME': 'wagtail', 'HOST': '{address}', 'PORT': '{port}', 'CONN_MAX_AGE': 600}}}}\n"
            "SECRET_KEY = 'of this run only'\nALLOWED_HOSTS = ['*']\nDEBUG = False\n"
            "STORAGES['staticfiles'] = {'BACKEND': 'django.contrib.staticfiles.storage.StaticFilesStorage'}\n"
        )
    (base / "cached.py").write_text(CACHED)
    create = f"import psycopg; psycopg.connect('{database}', autocommit=True).execute('CREATE DATABASE wagtail')"
    subprocess.run([python, "-c", create], check=True)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "bench.settings.base"}
    subprocess.run([python, "manage.py", "migrate", "-v0"], cwd=folder, env=environment, check=True)
    found = {}
    for key, settings, rounds in (("anew_ms", "base", 4 * ANEW), ("kept_ms", "cached", KEPT)):
        environment["DJANGO_SETTINGS_MODULE"] = f"bench.settings.{settings}"
        with gunicorn(python, "bench.wsgi:application", folder, environment) as (port_, worker):
            found[key] = round(cost(port_, worker, ["/"], rounds), 3)
    return {**found, "kept_per_second": round(1000 / found["kept_ms"])}


def record(result: dict[str, Any]) -> None:
    """Hand the figures to the record of `make bench`."""
    own, other = result["site"], result.get("wagtail")
    measure("site", "kept page on one core", own["kept_per_second"], "request/s", goal=500, lower_is_better=False)
    measure("site", "page made anew, all types", list(own["anew_ms"].values()), "ms CPU", goal=SLOW)
    for name, milliseconds in sorted(own["anew_ms"].items()):
        measure("site", f"page made anew: {name.rpartition(':')[2]}", milliseconds, "ms CPU", goal=SLOW)
    if other:
        measure("site", "Wagtail's welcome page, kept", other["kept_per_second"], "request/s", lower_is_better=False)
        measure("site", "Wagtail's welcome page, made anew", other["anew_ms"], "ms CPU")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.site")
    parser.add_argument("--source", default=str(ROOT))
    parser.add_argument("--wagtail", default="")
    arguments = parser.parse_args()
    postgres = Postgres().start()
    try:
        with tempfile.TemporaryDirectory(prefix="attest-bench-") as folder:
            result: dict[str, Any] = {"load": os.getloadavg()[0]}
            result["site"] = site(postgres.url, arguments.source, Path(folder) / "var")
            peer = arguments.wagtail or wagtail_python()
            if not peer:
                print("Wagtail could not be installed: no comparison", file=sys.stderr)
            else:
                (Path(folder) / "wagtail").mkdir()
                print(json.dumps(result["site"]), file=sys.stderr)
                python = str(Path(peer).absolute())
                result["wagtail"] = wagtail(python, postgres.url, Path(folder) / "wagtail")
    finally:
        postgres.remove()
    print(json.dumps(result, indent=1))
    record(result)
    anew = result["site"]["anew_ms"]
    slow = {name: ms for name, ms in anew.items() if ms > SLOW}
    print(f"over {SLOW} ms: {slow or 'none'}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
