"""`make test`: the suite on a real PostgreSQL and a real Redis, then a leg on SQLite.

A test that touches neither database nor server runs once, in the leg on SQLite; that leg also measures coverage, which
makes every line dearer. A test of servers or of the browser runs in the first leg alone.

DATABASE_URL and REDIS_URL are used when set; otherwise the servers are started here and stopped again. Each leg's
result is written to var/build/tests.json for the status page.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from contextlib import ExitStack
from pathlib import Path

from tests.revision import revision
from tests.servers import NoServer, Postgres, Redis, started

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "var" / "build"


def pytest_leg(name: str, environment: dict[str, str], arguments: list[str]) -> tuple[int, dict[str, object]]:
    """Run one leg; returns its exit code and its record {name, tests, failures, errors, skipped, seconds}."""
    report = BUILD / f"junit-{name}.xml"
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"attest-{name}-") as var:
        command = [sys.executable, "-m", "pytest", "-q", f"--junit-xml={report}", *arguments]
        code = subprocess.run(command, env={**environment, "ATTEST_VAR": var}, cwd=ROOT, check=False).returncode
    counts = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    if report.exists():
        for suite in ET.parse(report).getroot().iter("testsuite"):
            counts = {key: counts[key] + int(suite.get(key, 0)) for key in counts}
    return code, {"leg": name, **counts, "seconds": round(time.monotonic() - started, 1)}


def run(long: bool, extra: list[str]) -> int:
    """Both legs with servers around them; the worst exit code."""
    BUILD.mkdir(parents=True, exist_ok=True)
    environment = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    with ExitStack() as servers:
        served = {
            **environment,
            "DATABASE_URL": environment.get("DATABASE_URL") or started(servers, Postgres()).url,
            "REDIS_URL": environment.get("REDIS_URL") or started(servers, Redis()).url,
        }
        embedded = {key: value for key, value in environment.items() if key not in ("DATABASE_URL", "REDIS_URL")}
        if long:
            legs = [("long", served, ["-m", "long", *extra])]
        else:
            coverage = ["--cov", "--cov-report="]
            common = ["-n", "2", "--dist", "loadgroup", *extra]
            shorter = "not long and not servers and not browser"
            legs = [
                ("postgresql", served, ["-m", "not long and not pure", *common]),
                ("sqlite", embedded, ["-m", shorter, *coverage, *common]),
            ]
        results = [pytest_leg(*leg) for leg in legs]
    record = {"revision": revision(), "legs": [result for _, result in results]}
    (BUILD / f"{'long' if long else 'tests'}.json").write_text(json.dumps(record, indent=1))
    code = max(code for code, _ in results)
    return code or (0 if long or extra else coverage_report())


def coverage_report() -> int:
    """Branch coverage of the three rooms that truth stands on; under 90% fails."""
    command = [sys.executable, "-m", "coverage"]
    subprocess.run([*command, "json", "-q", "-o", str(BUILD / "coverage.json")], cwd=ROOT, check=False)
    rooms = "analysis/*,evidence/*,jobs/*"
    report = ["report", f"--include={rooms}", "--fail-under=90", "--skip-covered", "--sort=cover"]
    return subprocess.run([*command, *report], cwd=ROOT, check=False).returncode


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    arguments = sys.argv[1:]
    try:
        return run("--long" in arguments, [argument for argument in arguments if argument != "--long"])
    except NoServer as missing:
        print(missing, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
