"""Requests, points, time and memory of collecting pulls from GitHub's API, beside the tools that others use.

    .venv/bin/python -m benchmarks.collect_api [--pulls 1000] [--latencies 0 50] [--growth 1000 4000 16000]

Everything talks to the same strict replica on loopback (tests/replica), in a process of its own. perceval, PyGithub
and github-to-sqlite get environments of their own under var/bench; PyGithub's wait of a quarter of a second
between requests is switched off. Ours stores into SQLite; github-to-sqlite as well; the other two only read.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.measures import exponent, measure
from benchmarks.peers import interpreter
from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[1]
NAME = "lighthouse/ledger"
TOKEN = "replica-token"  # noqa: S105  made up, for the replica
SUBJECT = "collecting from GitHub"

PEER_SCRIPTS = {
    "perceval": """
import sys
from perceval.backends.core.github import GitHub
url, owner, name, token, folder = sys.argv[1:]
source = GitHub(owner, name, api_token=[token], base_url=url)
print(sum(1 for _ in source.fetch(category="pull_request")))
""",
    "PyGithub": """
import sys
from github import Auth, Github
url, owner, name, token, folder = sys.argv[1:]
api = Github(auth=Auth.Token(token), base_url=url, per_page=100, seconds_between_requests=0)
count = 0
for pull in api.get_repo(f"{owner}/{name}").get_pulls(state="all"):
    pull.body, list(pull.get_reviews()), list(pull.get_commits()), list(pull.get_files())
    pull.merged_by
    count += 1
print(count)
""",
    "github-to-sqlite": """
import json, sys
import requests
url, owner, name, token, folder = sys.argv[1:]
ask = requests.get
requests.get = lambda address, **more: ask(address.replace("https://api.github.com", url), **more)
from github_to_sqlite.cli import cli
open(f"{folder}/auth.json", "w").write(json.dumps({"github_personal_token": token}))
cli(["pull-requests", f"{folder}/pulls.db", f"{owner}/{name}", "--auth", f"{folder}/auth.json"], standalone_mode=False)
import sqlite_utils
print(sqlite_utils.Database(f"{folder}/pulls.db")["pull_requests"].count)
""",
}

OURS = """
import json, resource, sys, time
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from analysis.collection.github_run import collect_github, repository_on_github
repository = repository_on_github(sys.argv[1])
told = []
for _ in range(2):
    began = time.monotonic()
    ledger = collect_github(repository, profile=sys.argv[2])
    told.append({"seconds": time.monotonic() - began, "written": ledger.written, "state": ledger.state,
                 "pulls": ledger.stored["pulls"], **{k: ledger.checkpoint[k] for k in ("points", "requests")}})
print(json.dumps({"first": told[0], "again": told[1],
                  "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""

SOURCE_ONLY = """
import json, resource, sys, time
import httpx
from analysis.sources.github import Api, GitHubSource, TokenPool
from analysis.sources.records import Checkpoint
url, name, profile = sys.argv[1:]
with httpx.Client(timeout=120) as http:
    source = GitHubSource(Api(http, TokenPool(["replica-token"]), url + "/graphql"), name, profile=profile)
    began = time.monotonic()
    source.open()
    count = sum(1 for _ in source.iter_changes(Checkpoint()))
print(json.dumps({"pulls": count, "seconds": time.monotonic() - began, "requests": source.spent()[1],
                  "points": source.spent()[0], "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


@contextmanager
def replica(pulls: int, latency_ms: float) -> Iterator[str]:
    """A replica in its own process; gives its URL."""
    port = free_port()
    command = [sys.executable, "-m", "tests.replica", "--name", NAME, "--pulls", str(pulls), "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--latency-ms", str(latency_ms), "--unlimited"], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                httpx.get(url + "/_replica/tally", timeout=5)
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def measure_peer(peer: str, url: str) -> dict[str, Any]:
    """Wall time and requests of one peer."""
    python = str(interpreter(peer))  # made before anything is timed
    httpx.post(url + "/_replica/tally", timeout=30)
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        run = subprocess.run(
            [python, "-c", PEER_SCRIPTS[peer], url, *NAME.split("/"), TOKEN, folder],
            capture_output=True, text=True, cwd=folder, check=False,
        )  # fmt: skip
        seconds = time.monotonic() - began
    if run.returncode:
        raise SystemExit(f"{peer} failed: {run.stderr[-800:]}")
    requests = httpx.get(url + "/_replica/tally", timeout=30).json()["requests"]
    return {"pulls": int(run.stdout.split()[-1]), "requests": requests, "seconds": seconds}


def measure_ours(url: str, profile: str) -> dict[str, Any]:
    """Our collection into a fresh SQLite database, and a second run with nothing new."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "DJANGO_SETTINGS_MODULE": "config.settings.embedded",
            "ATTEST_VAR": folder,
            "GITHUB_API_URL": url,
            "GITHUB_TOKEN": TOKEN,
            "ATTEST_OUTSIDE_ALLOW": url.removeprefix("http://"),
        }
        return run_json(OURS, NAME, profile, env={**os.environ, **settings})


def run_json(script: str, *arguments: str, env: dict[str, str] | None = None) -> dict[str, Any]:
    """What a script prints as JSON on its last line."""
    run = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, cwd=ROOT, check=False, env=env
    )
    if run.returncode:
        raise SystemExit(run.stderr[-1500:])
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def beside_peers(pulls: int, latency_ms: float) -> None:
    """One table: every tool over the same data at one latency."""
    print(f"\n### {pulls:,} pulls, {latency_ms:g} ms latency\n")
    print("| tool | requests | points | seconds | pulls |\n|---|--:|--:|--:|--:|", flush=True)
    with replica(pulls, latency_ms) as url:
        rows: dict[str, dict[str, Any]] = {}
        for profile in ("core", "full"):
            told = measure_ours(url, profile)
            rows[f"attest {profile}, reading only"] = run_json(SOURCE_ONLY, url, NAME, profile)
            rows[f"attest {profile}, stored in SQLite"] = told["first"]
            rows[f"attest {profile}, again with nothing new"] = told["again"]
        for peer in PEER_SCRIPTS:
            rows[peer] = measure_peer(peer, url)
    for name, row in rows.items():
        points = row.get("points", "–")
        print(f"| {name} | {row['requests']:,} | {points} | {row['seconds']:.1f} | {row['pulls']:,} |", flush=True)
    for name, row in rows.items():
        measure(SUBJECT, f"{name}: {pulls:,} pulls at {latency_ms:g} ms", row["seconds"], "s")
        if "nothing new" in name:
            measure(SUBJECT, f"{name}: requests", row["requests"], "", goal=2)
            measure(SUBJECT, f"{name}: rows written", row["written"], "", goal=0)
    theirs = rows["perceval"]
    for profile in ("core", "full"):
        reading, storing = rows[f"attest {profile}, reading only"], rows[f"attest {profile}, stored in SQLite"]
        goal = 10.0 if profile == "core" else None
        for what, times, aim in (
            ("asks, times as often as", theirs["requests"] / reading["requests"], 30.0),
            ("takes, times as long as reading of", theirs["seconds"] / reading["seconds"], goal),
            ("takes, times as long as reading and storing of", theirs["seconds"] / storing["seconds"], goal),
        ):
            print(f"perceval {what} {profile}: {times:.1f} (goal: at least {aim or '–'})", flush=True)
            name = f"perceval {what} {profile}, {latency_ms:g} ms"
            measure(SUBJECT, name, times, "x", goal=aim, lower_is_better=False)


def a_thousand() -> None:
    """Requests and points of 1,000 pulls, read without the database."""
    with replica(1000, 0) as url:
        for profile, points, requests in (("core", 25, 45), ("full", 120, None)):
            told = run_json(SOURCE_ONLY, url, NAME, profile)
            print(f"1,000 pulls, {profile}: {told['points']} points, {told['requests']} requests", flush=True)
            measure(SUBJECT, f"points for 1,000 pulls, {profile}", told["points"], "", goal=points)
            measure(SUBJECT, f"requests for 1,000 pulls, {profile}", told["requests"], "", goal=requests)


def growth(sizes: list[int], largest: int) -> None:
    """Time and memory as the repository grows, with the database and (for the largest) the source alone."""
    print(
        "\n### Growth (core profile)\n\n| pulls | what | seconds | ms a pull | peak MB |\n|--:|---|--:|--:|--:|",
        flush=True,
    )
    taken = []
    for size in sizes:
        with replica(size, 0) as url:
            told = measure_ours(url, "core")
        taken.append(told["first"]["seconds"])
        measure(SUBJECT, f"peak memory, {size:,} pulls stored", told["megabytes"], "MB", goal=400)
        seconds = told["first"]["seconds"]
        print(
            f"| {size:,} | into SQLite | {seconds:.1f} | {1000 * seconds / size:.2f} | {told['megabytes']:.0f} |",
            flush=True,
        )
    if len(sizes) > 1:
        measure(SUBJECT, "growth with the pulls, exponent", exponent(sizes, taken), "", goal=1.1)
    if largest:
        with replica(largest, 0) as url:
            told = run_json(SOURCE_ONLY, url, NAME, "core")
        each = 1000 * told["seconds"] / largest
        measure(SUBJECT, f"peak memory, {largest:,} pulls read", told["megabytes"], "MB", goal=400)
        measure(SUBJECT, f"{largest:,} pulls read", told["seconds"], "s")
        print(
            f"| {largest:,} | source alone | {told['seconds']:.1f} | {each:.2f} | {told['megabytes']:.0f} |", flush=True
        )


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pulls", type=int, default=1000)
    parser.add_argument("--latencies", type=float, nargs="*", default=[0, 50])
    parser.add_argument("--growth", type=int, nargs="*", default=[1000, 4000, 16000])
    parser.add_argument("--largest", type=int, default=100_000)
    chosen = parser.parse_args()
    a_thousand()
    for latency in chosen.latencies:
        beside_peers(chosen.pulls, latency)
    growth(chosen.growth, chosen.largest)


if __name__ == "__main__":
    main()
