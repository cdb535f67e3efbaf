"""`make bench`: every benchmark in turn, each in a process of its own, and one report of all of them.

usage: python -m benchmarks [--record] [NAME …]

Without a name all run but the soak, which takes ten minutes by itself and is no measure of speed (`make soak`).
The report (var/build/bench.json, and a table on stdout) names revision, machine, load, the exit code and seconds of
each benchmark, and every figure beside the last recorded run. `--record` keeps the run: benchmarks/recorded.json and
docs/benchmarks/summary.md. A run is worth something on an idle machine only, so the load at its start is part of it.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import measures
from tests.revision import revision

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "var" / "build"
RECORDED = ROOT / "benchmarks" / "recorded.json"
SUMMARY = ROOT / "docs" / "benchmarks" / "summary.md"
# Name of the module -> its arguments for a run of minutes; the whole stays under forty.
BENCHMARKS: dict[str, list[str]] = {
    "claims": [],
    "simulate": ["3000"],
    "verify": ["20000"],
    "api": ["1000000", "--seconds", "4"],
    "achievements": [],
    "serving": [],
    "site": [],
    "router": ["300"],
    "jobs": ["300"],
    "list_page": ["--cpu", "--both"],
    "collect_git": [],
    "collect_api": ["--pulls", "100", "--growth", "500", "2000", "--largest", "20000"],
    "soak": ["--minutes", "10"],
}
APART = {"soak"}
LONGEST = 900


def run(name: str) -> dict[str, Any]:
    """Run one benchmark; its output is shown and kept, and its end is recorded, whatever it was."""
    log, rows = BUILD / "bench" / f"{name}.txt", BUILD / "bench" / f"{name}.jsonl"
    rows.unlink(missing_ok=True)
    started = time.monotonic()
    with log.open("wb") as file:
        command = [sys.executable, "-m", f"benchmarks.{name}", *BENCHMARKS[name]]
        environment = {**os.environ, "ATTEST_BENCH": str(rows)}
        try:
            code = subprocess.run(
                command, cwd=ROOT, env=environment, stdout=file, stderr=file, timeout=LONGEST, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            code = -1
    seconds = round(time.monotonic() - started, 1)
    print(f"{name}: exit {code} after {seconds} s, {log}", file=sys.stderr)
    print(log.read_text(errors="replace"))
    return {"name": name, "arguments": BENCHMARKS[name], "exit": code, "seconds": seconds, "rows": measures.read(rows)}


def report(names: list[str]) -> dict[str, Any]:
    """Run the named benchmarks on this machine and gather what they measured."""
    record: dict[str, Any] = {
        "revision": revision(), "machine": platform.platform(), "python": platform.python_version(),
        "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1), "on": time.strftime("%Y-%m-%d"),
    }  # fmt: skip
    return {**record, "results": [run(name) for name in names]}


def summary(record: dict[str, Any], last: dict[str, Any]) -> str:
    """The page of a run: where it was made, every figure, and what did not end well."""
    rows = [row for result in record["results"] for row in result["rows"]]
    before = [row for result in last.get("results", []) for row in result["rows"]]
    failed = [f"`{result['name']}` (exit {result['exit']})" for result in record["results"] if result["exit"]]
    missed = sum(measures.holds(row) is False for row in rows)
    lines = [
        "# All figures of the last recorded run",
        "",
        f"`make bench`, {record['on']}, revision `{record['revision'][:12]}`, {record['cores']} cores, Python "
        f"{record['python']}, load {record['load']} at the start. In brackets the spread of several runs; “as before” "
        f"is within {measures.NOISE:.0%} of the run recorded before. {missed} goals are missed.",
        "",
        measures.table(rows, before),
    ]
    others = [
        result for result in record["results"] if result.get("revision", record["revision"]) != record["revision"]
    ]
    for revision_, on in sorted({(result["revision"], result["on"]) for result in others}):
        names = ", ".join(f"`{result['name']}`" for result in others if result["revision"] == revision_)
        lines += [f"Of an earlier run, {on}, revision `{revision_[:12]}`: {names}.", ""]
    if failed:
        lines += [f"Did not end well: {', '.join(failed)}.", ""]
    return "\n".join(lines)


def keep(record: dict[str, Any], text: str) -> None:
    """Make this run the last recorded one; benchmarks that were not run keep their rows."""
    names = {result["name"] for result in record["results"]}
    last = json.loads(RECORDED.read_text()) if RECORDED.exists() else {"results": []}
    of_last = {"revision": last.get("revision", ""), "on": last.get("on", "")}
    kept = [{**of_last, **result} for result in last["results"] if result["name"] not in names]
    merged = {**record, "results": [*kept, *record["results"]]}
    RECORDED.write_text(json.dumps(merged, indent=1) + "\n")
    SUMMARY.write_text(summary(merged, last) if kept else text)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}")
    parser.add_argument("--record", action="store_true", help="keep this run as the one that the next is compared with")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; known: {', '.join(BENCHMARKS)}")
    (BUILD / "bench").mkdir(parents=True, exist_ok=True)
    record = report(arguments.names or [name for name in BENCHMARKS if name not in APART])
    last = json.loads(RECORDED.read_text()) if RECORDED.exists() else {}
    text = summary(record, last)
    print(text)
    (BUILD / "bench.json").write_text(json.dumps(record, indent=1))
    if arguments.record:
        keep(record, text)
    return int(any(result["exit"] for result in record["results"]))


if __name__ == "__main__":
    sys.exit(main())
