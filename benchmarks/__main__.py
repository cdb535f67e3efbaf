"""`make bench`: every benchmark in turn, each in a process of its own, with its output kept in var/build/bench/.

usage: python -m benchmarks [NAME …]

The record (var/build/bench.json) names revision, machine, and the exit code and seconds of each benchmark; the tables
that are published stand in docs/benchmarks/, with the load under which they were measured. A run is worth something
on an idle machine only, so the load at its start is part of the record.
"""

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "var" / "build"
# Name of the module -> its arguments for a run of minutes; the whole stays under forty.
BENCHMARKS: dict[str, list[str]] = {
    "claims": [],
    "simulate": ["3000"],
    "serving": [],
    "router": ["300"],
    "jobs": ["300"],
    "collect_git": [],
    "collect_api": ["--pulls", "150", "--latencies", "0", "50"],
}
LONGEST = 900


def run(name: str) -> dict[str, object]:
    """Run one benchmark; its output goes to the terminal's log file and its end is recorded, whatever it was."""
    log = BUILD / "bench" / f"{name}.txt"
    started = time.monotonic()
    with log.open("wb") as file:
        command = [sys.executable, "-m", f"benchmarks.{name}", *BENCHMARKS[name]]
        try:
            code = subprocess.run(command, cwd=ROOT, stdout=file, stderr=file, timeout=LONGEST, check=False).returncode
        except subprocess.TimeoutExpired:
            code = -1
    seconds = round(time.monotonic() - started, 1)
    print(f"{name}: exit {code} after {seconds} s, {log}", file=sys.stderr)
    print(log.read_text(errors="replace"))
    return {"name": name, "arguments": BENCHMARKS[name], "exit": code, "seconds": seconds}


def main() -> int:
    names = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"Unknown: {', '.join(unknown)}. Known: {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    (BUILD / "bench").mkdir(parents=True, exist_ok=True)
    revision = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    record = {
        "revision": revision.strip(), "machine": platform.platform(), "cores": os.cpu_count(),
        "load": os.getloadavg()[0], "results": [run(name) for name in names],
    }  # fmt: skip
    (BUILD / "bench.json").write_text(json.dumps(record, indent=1))
    return int(any(result["exit"] for result in record["results"]))  # type: ignore[attr-defined]  # a list of dicts


if __name__ == "__main__":
    sys.exit(main())
