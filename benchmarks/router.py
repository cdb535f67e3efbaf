"""The router's own cost: a decision in process, and a whole call over a bare client, beside litellm's Router.

    python -m benchmarks.router [CALLS]

The loopback server runs in a process of its own. litellm is installed once into var/bench/litellm, so that the product
never depends on it; without a registry its part is left out and said to be. Calls are taken in turns with a bare
client, so that a busy machine disturbs both alike.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.measures import measure

ROOT = Path(__file__).resolve().parents[1]
Pairs = list[tuple[float, float]]
LITELLM = "litellm==1.106.2"
TEXT = "Keep the cache warm. It removes stale entries every hour. " * 8


@contextlib.contextmanager
def server() -> Iterator[str]:
    """The loopback server's base URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mlops.providers.loopback"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def specs(base_url: str) -> list[Any]:
    from mlops.routing.records import TargetSpec

    remote = [
        TargetSpec(
            f"t{number}", "openai", model="m", base_url=base_url, price_in=100_000 * (number + 1),
            price_out=400_000, prior_quality=0.5 + 0.1 * number, prior_latency=0.01,
        )
        for number in range(4)
    ]  # fmt: skip
    return [*remote, TargetSpec("local-extractive", "local", prior_quality=0.4, prior_latency=0.01)]


def made_router(base_url: str, ledger: Any, breakers: Any) -> Any:
    """A router over the benchmark's server with a learned predictor of the size that is served."""
    from evidence import outside
    from evidence.redaction import redact
    from mlops.providers.openai_compatible import OpenAICompatible
    from mlops.routing.engine import Router

    port = int(base_url.split(":")[2].split("/")[0])
    policy = outside.Policy(allowed=frozenset({("127.0.0.1", port)}))
    provider = OpenAICompatible(base_url, "", lambda: outside.client(policy))
    provider.warm()
    known = specs(base_url)
    return Router(
        lambda: known, lambda _spec: provider, ledger, breakers, predictor=predictor(),
        redact=lambda text: redact(text).text,
    )  # fmt: skip


def predictor() -> Any:
    """The learned gain for every decision: a student of 40,000 words, 57 domains and 30 deep trees, as one that was
    taught MMLU is; all words of the prompt are known to it."""
    import numpy as np

    from mlops.routing.learn.features import SIZE
    from mlops.routing.learn.student import REPEATED, Domains, Student
    from mlops.routing.predictor import LearnedPredictor

    words = {f"word{number}": (5.0, 0.01, 0.02, number % 14_000) for number in range(40_000)}
    tokens = TEXT.lower().replace(".", "").split()
    words |= {token: (3.0, 0.02, 0.03, at) for at, token in enumerate(dict.fromkeys(tokens))}
    words |= {f"{left} {right}": (4.0, 0.01, 0.02, -1) for left, right in itertools.pairwise(tokens)}
    draw = np.random.Generator(np.random.PCG64(0))
    domains = Domains(draw.normal(0, 2, (14_000, 57)).astype(np.float32), draw.normal(0.1, 0.05, 57))
    trees = grown(30, 1000, SIZE + 57 + REPEATED + 8)
    centre, scale, small = (0.0,) * SIZE, (1.0,) * SIZE, (0.001,) * SIZE
    student = Student(words, centre, scale, (small, small), (0.6, 0.7), 0.1, ((0.25, 0.0),) * 4, trees, domains)
    learned = LearnedPredictor(lambda prompt: (student.predict(prompt), "benchmark"))
    learned.outcomes = lambda task, target: (3.0, 1.0)  # type: ignore[method-assign]  # counted outside the loop
    return learned


def grown(count: int, nodes: int, inputs: int, depth: int = 18) -> Any:
    """Trees whose every path is `depth` steps long: the walk of a deep tree at the size of a real one."""
    from mlops.routing.learn.student import Trees

    feature, threshold, right, roots = list[int](), list[float](), list[int](), list[int]()
    for tree in range(count):
        start = len(feature)
        roots.append(start)
        for step in range(depth):
            feature.append((7 * step + tree) % inputs)
            threshold.append(0.0)
            right.append(start + step + 1)
        feature.append(-1)
        threshold.append(0.01)
        right.append(0)
        feature += [-1] * (nodes - depth - 1)
        threshold += [0.0] * (nodes - depth - 1)
        right += [0] * (nodes - depth - 1)
    return Trees(roots, feature, threshold, right)


def decisions(base_url: str, count: int = 5000) -> dict[str, tuple[float, float]]:
    """Milliseconds of a decision over five targets, by the clock and of the processor: median, 95th percentile."""
    from mlops.routing.breaker import MemoryBreakers
    from mlops.routing.ledger import MemoryLedger
    from mlops.routing.records import Document, PolicySpec, Task, TaskInput

    router = made_router(base_url, MemoryLedger(), MemoryBreakers(time.monotonic))
    task, given = Task("summarise", "Summarise."), TaskInput((Document("description", TEXT),))
    known = specs(base_url)
    found = {}
    for name, policy in (("utility", PolicySpec()), ("with exploration", PolicySpec(exploration=0.1))):
        wall, own = [], []
        for _ in range(count):
            started, cpu = time.perf_counter(), time.thread_time()
            router.decide(task, given, policy, known)
            wall.append(1000 * (time.perf_counter() - started))
            own.append(1000 * (time.thread_time() - cpu))
        for label, times in (("wall", wall), ("processor", own)):
            found[f"{name}, {label}"] = quantile(times, 0.5), quantile(times, 0.95)
    return found


def overhead(base_url: str, calls: int, ledger: Any, breakers: Any) -> dict[str, float]:
    """Milliseconds that a routed call takes beyond a bare one, in the median and at the 95th percentile."""
    import openai

    from mlops.routing.records import Document, PolicySpec, Task, TaskInput

    bare = openai.OpenAI(base_url=base_url, api_key="none", max_retries=0)
    router = made_router(base_url, ledger, breakers)
    task, given = Task("summarise", "Summarise.", max_output_tokens=100), TaskInput((Document("d", TEXT),))
    policy = PolicySpec()

    def plain() -> None:
        bare.chat.completions.create(model="m", messages=[{"role": "user", "content": TEXT}], max_tokens=100)

    def routed() -> None:
        router.route(task, given, policy)

    return difference(*in_turns(plain, routed, calls))


def in_turns(plain: Callable[[], None], routed: Callable[[], None], calls: int) -> tuple[Pairs, Pairs]:
    """(wall seconds, processor seconds) of each call, bare and routed."""
    bare, full = [], []
    for turn in range(calls + 50):
        started, cpu = time.perf_counter(), time.process_time()
        plain()
        between, cpu_between = time.perf_counter(), time.process_time()
        routed()
        ended, cpu_ended = time.perf_counter(), time.process_time()
        if turn >= 50:
            bare.append((between - started, cpu_between - cpu))
            full.append((ended - between, cpu_ended - cpu_between))
    return bare, full


def difference(bare_pairs: Pairs, routed_pairs: Pairs) -> dict[str, float]:
    """Medians in milliseconds; `processor` is the processor time that the routed call takes beyond the bare one."""
    bare, routed = [pair[0] for pair in bare_pairs], [pair[0] for pair in routed_pairs]
    own = statistics.median(pair[1] for pair in routed_pairs) - statistics.median(pair[1] for pair in bare_pairs)
    return {
        "bare": 1000 * statistics.median(bare),
        "routed": 1000 * statistics.median(routed),
        "overhead": 1000 * (statistics.median(routed) - statistics.median(bare)),
        "overhead p95": 1000 * (quantile(routed, 0.95) - quantile(bare, 0.95)),
        "processor": 1000 * own,
    }


def litellm_python() -> Path | None:
    """An interpreter that has litellm: the operator's, or one made here."""
    given = os.environ.get("ATTEST_BENCH_LITELLM_PYTHON")
    if given:
        return Path(given)
    home = ROOT / "var" / "bench" / "litellm"
    python, uv = home / "bin" / "python", shutil.which("uv") or str(ROOT / ".venv" / "bin" / "uv")
    if not python.exists() and Path(uv).exists():
        made = subprocess.run([uv, "venv", "-q", str(home)], check=False)
        if made.returncode == 0:
            subprocess.run([uv, "pip", "install", "-q", "--python", str(python), LITELLM], check=False)
    return python if python.exists() else None


def litellm(base_url: str, calls: int) -> dict[str, Any] | None:
    python = litellm_python()
    if python is None:
        return None
    done = subprocess.run(
        [str(python), str(ROOT / "benchmarks" / "router_litellm.py"), base_url, str(calls)],
        capture_output=True, text=True, check=False, timeout=900,
        env={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
    )  # fmt: skip
    if done.returncode:
        print("litellm failed:", done.stderr[-400:], file=sys.stderr)
        return None
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return {"version": found["version"], **difference(found["bare"], found["routed"])}


def main(calls: int = 1000) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    from tests.servers import Postgres

    postgres = Postgres().start()
    os.environ["DATABASE_URL"] = postgres.url
    try:
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        with server() as base_url:
            report(base_url, calls)
    finally:
        postgres.remove()


def on_sqlite(base_url: str, calls: int) -> dict[str, Any] | None:
    """The same with the embedded database, in a process of its own, since a process has one default database."""
    with tempfile.TemporaryDirectory(prefix="attest-bench-") as var:
        environment = {**os.environ, "ATTEST_VAR": var, "DJANGO_SETTINGS_MODULE": "config.settings.embedded"}
        environment.pop("DATABASE_URL", None)
        command = [sys.executable, "-m", "benchmarks.router", "--sqlite", base_url, str(calls)]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        print("SQLite failed:", done.stderr[-400:], file=sys.stderr)
        return None
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def sqlite_part(base_url: str, calls: int) -> None:
    """What `on_sqlite` starts: migrate, measure, print one line of JSON."""
    import django

    django.setup()
    from django.core.management import call_command

    from mlops.routing.stores import DatabaseBreakers, DatabaseLedger

    call_command("migrate", verbosity=0)
    print(json.dumps(overhead(base_url, calls, DatabaseLedger(), DatabaseBreakers())))


def compare(rows: dict[str, dict[str, Any] | None]) -> None:
    """Every overhead as a figure, and each of ours as a share of litellm's in the same run (goal: a fifth)."""
    theirs = rows["litellm Router"]
    for name, row in rows.items():
        if row is None:
            continue
        measure("router", f"{name}: beyond a bare call, wall", row["overhead"], "ms")
        measure("router", f"{name}: beyond a bare call, processor", row["processor"], "ms")
        if theirs is not None and row is not theirs:
            for kind in ("overhead", "processor"):
                share = row[kind] / theirs[kind]
                measure("router", f"{name}: share of litellm's {kind}", share, "x", goal=0.2)


def report(base_url: str, calls: int) -> None:
    from mlops.routing.breaker import MemoryBreakers
    from mlops.routing.ledger import MemoryLedger
    from mlops.routing.stores import DatabaseBreakers, DatabaseLedger

    print("A decision over five targets, milliseconds")
    for name, (median, high) in decisions(base_url).items():
        print(f"  {name:<32} median {median:.3f}  p95 {high:.3f}")
        goals = (0.3, 1.0) if name == "utility, wall" else (None, None)
        measure("router", f"decision over five targets, {name}, median", median, "ms", goal=goals[0])
        measure("router", f"decision over five targets, {name}, p95", high, "ms", goal=goals[1])
    rows: dict[str, dict[str, Any] | None] = {
        "attest, ledger in memory": overhead(
            base_url, calls, MemoryLedger(keep_decisions=False), MemoryBreakers(time.monotonic)
        ),
        "attest, ledger in PostgreSQL": overhead(base_url, calls, DatabaseLedger(), DatabaseBreakers()),
        "attest, ledger in SQLite": on_sqlite(base_url, calls),
        "litellm Router": litellm(base_url, calls),
    }
    compare(rows)
    print(f"\nA whole call beside a bare openai client, {calls} in turns, milliseconds (median)")
    print(f"  {'router':<30} {'bare':>7} {'routed':>7} {'overhead':>9} {'at p95':>9} {'processor':>10}")
    for name, row in rows.items():
        if row is None:
            print(f"  {name:<30} not measured: no environment for it")
            continue
        label = f"{name} {row.get('version', '')}".strip()
        cells = f"{row['bare']:>7.2f} {row['routed']:>7.2f} {row['overhead']:>9.3f} {row['overhead p95']:>9.3f}"
        print(f"  {label:<30} {cells} {row['processor']:>10.3f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--sqlite"]:
        sqlite_part(sys.argv[2], int(sys.argv[3]))
        sys.exit()
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
