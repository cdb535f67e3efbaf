"""Clients of the API benchmark, in a process of their own: 20 at once for some seconds, or one after the other.

python -m benchmarks.api_load reads {"host", "port", "paths", "clients", "seconds", "headers"} as JSON from its input
and prints one line of JSON.
"""

import http.client
import json
import sys
import threading
import time
from typing import Any


def ask(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> tuple[int, int, float]:
    """Status, bytes and seconds of one request on a kept connection."""
    started = time.perf_counter()
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    return answer.status, len(body), time.perf_counter() - started


def client(plan: dict[str, Any], number: int, until: float, found: list[tuple[int, int, float]]) -> None:
    """Ask until time is over, a path after another, each client beginning elsewhere."""
    connection = http.client.HTTPConnection(plan["host"], plan["port"], timeout=120)
    paths = plan["paths"]
    at = number * len(paths) // plan["clients"]
    while time.perf_counter() < until:
        found.append(ask(connection, paths[at % len(paths)], plan.get("headers", {})))
        at += 1


def main(plan: dict[str, Any]) -> dict[str, Any]:
    """Run the plan; times are in milliseconds."""
    found: list[tuple[int, int, float]] = []
    started = time.perf_counter()
    threads = [
        threading.Thread(target=client, args=(plan, number, started + plan["seconds"], found))
        for number in range(plan["clients"])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    times = sorted(1000 * taken for _, _, taken in found)
    return {
        "requests": len(found),
        "per_second": len(found) / seconds,
        "p50": times[len(times) // 2],
        "p95": times[int(0.95 * len(times))],
        "statuses": sorted({status for status, _, _ in found}),
        "bytes": max(size for _, size, _ in found),
    }


if __name__ == "__main__":
    print(json.dumps(main(json.load(sys.stdin))))
