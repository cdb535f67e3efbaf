"""What the platform adds to a bare model call, and how it compares with `mlflow models serve` on the same model.

    .venv/bin/python -m benchmarks.serving [--no-mlflow]

1. One prediction through mlops.services.predict minus the bare call of the same version (median). Goal: at most 1 ms.
2. A batch of 10,000 through the platform against the bare call (median of pairs). Goal: at most 5% more.
3. One request to `mlflow models serve` against one call of the platform, side by side. Goal: at least 20 times.
4. The first prediction after start, in a process of its own, and its memory. Goal: at most 4 s.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.measures import measure

ROOT = Path(__file__).resolve().parents[1]
SINGLE, PAIRS, REQUESTS = 2_000, 7, 200
ROW = {"text": "Fix crash when the list of files is empty", "files": ["src/lists.py", "tests/test_lists.py"]}

_FIRST = """
import time; began = time.perf_counter()
import django; django.setup()
from mlops import services
services.predict("change-type", [{"text": "Fix it", "files": ["a.py"]}])
import json, resource, sys
print(json.dumps({"seconds": time.perf_counter() - began, "cpu": time.process_time(),
                  "heavy": [m for m in ("mlflow", "sklearn") if m in sys.modules],
                  "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""

_SERVED = """
import sys; sys.path.insert(0, {root!r})
import mlflow
from analysis.change_types import network

class Served(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        self.network = network.shipped()
    def predict(self, context, model_input, params=None):
        rows = [(row["text"], json_files(row["files"])) for row in model_input.to_dict("records")]
        return [[found.type, found.probability] for found in network.predict(self.network, rows)]

def json_files(text):
    import json
    return json.loads(text)

mlflow.models.set_model(Served())
"""


def median_of(act: Callable[[], Any], times: int) -> float:
    """Median seconds of one call."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        found.append(time.perf_counter() - began)
    return statistics.median(found)


def in_process() -> dict[str, float]:
    """Single calls and batches, bare and through the platform."""
    from analysis.change_types import network
    from analysis.change_types.spec import load
    from mlops import services

    bare = load(json.loads(network.SHIPPED.read_bytes()))
    rows = [{**ROW, "text": f"{ROW['text']} {number}"} for number in range(10_000)]
    services.predict("change-type", [ROW])
    single = median_of(lambda: bare([ROW]), SINGLE)
    through = median_of(lambda: services.predict("change-type", [ROW]), SINGLE)
    ratios, seconds = [], []
    for _ in range(PAIRS):
        one, other = median_of(lambda: bare(rows), 1), median_of(lambda: services.predict("change-type", rows), 1)
        ratios.append(other / one)
        seconds.append(other)
    return {
        "bare_ms": single * 1e3,
        "platform_ms": through * 1e3,
        "added_ms": (through - single) * 1e3,
        "batch_ratio": statistics.median(ratios),
        "rows_per_second": len(rows) / statistics.median(seconds),
    }


def served_by_mlflow(folder: Path) -> float:
    """Median seconds of one request to MLflow's own scoring server, on loopback, over one kept connection."""
    import http.client

    import mlflow

    code = folder / "served.py"
    code.write_text(_SERVED.format(root=str(ROOT)))
    mlflow.pyfunc.save_model(str(folder / "model"), python_model=str(code))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(folder / "model"), "--env-manager", "local",
               "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]  # fmt: skip
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    body = json.dumps({"dataframe_records": [{"text": ROW["text"], "files": json.dumps(ROW["files"])}]})

    def ask(connection: http.client.HTTPConnection) -> None:
        connection.request("POST", "/invocations", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {content[:300]!r}")

    try:
        deadline = time.monotonic() + 120
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            try:
                ask(connection)
                break
            except OSError:
                if time.monotonic() > deadline or server.poll() is not None:
                    raise
                time.sleep(0.5)
        return median_of(lambda: ask(connection), REQUESTS)
    finally:
        server.terminate()
        server.wait(20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-mlflow", action="store_true", help="leave MLflow's own server out")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="attest-bench-") as var:
        environment = {**os.environ, "ATTEST_VAR": var, "DJANGO_SETTINGS_MODULE": "config.settings.embedded"}
        os.environ.update(environment)
        import django

        django.setup()
        from django.core.management import call_command

        from mlops import services

        call_command("migrate", verbosity=0)
        services.start()
        services.forget_live()
        found = in_process()
        print(f"bare call {found['bare_ms']:.3f} ms, through the platform {found['platform_ms']:.3f} ms: "
              f"adds {found['added_ms']:.3f} ms (goal: at most 1)")  # fmt: skip
        print(f"batch of 10,000: {found['batch_ratio']:.3f} times the bare call (goal: at most 1.05), "
              f"{found['rows_per_second']:.0f} rows/s")  # fmt: skip
        measure("serving", "the platform adds to a call, median", found["added_ms"], "ms", goal=1)
        measure("serving", "batch of 10,000 against the bare call", found["batch_ratio"], "x", goal=1.05)
        first = json.loads(
            subprocess.run(
                [sys.executable, "-c", _FIRST], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
            ).stdout
        )
        print(f"first prediction after {first['seconds']:.2f} s, {first['cpu']:.2f} s of CPU (goal: at most 4), "
              f"{first['megabytes']:.0f} MB, "
              f"heavy libraries loaded: {first['heavy'] or 'none'}")  # fmt: skip
        measure("serving", "first prediction after start", first["seconds"], "s", goal=4)
        measure("serving", "memory of a process after its first prediction", first["megabytes"], "MB")
        measure("serving", "rows a second in batches", found["rows_per_second"], "", lower_is_better=False)
        if not chosen.no_mlflow:
            mlflow_ms = served_by_mlflow(Path(var)) * 1e3
            times = mlflow_ms / found["platform_ms"]
            measure("serving", "mlflow models serve, times slower", times, "x", goal=20, lower_is_better=False)
            print(f"mlflow models serve {mlflow_ms:.2f} ms a request: {mlflow_ms / found['platform_ms']:.1f} times the "
                  f"platform's call (goal: at least 20)")  # fmt: skip
        print(f"memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
