"""What the soak's figures come to: which failures are excused, how memory moves, and what is broken."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any, NamedTuple

from benchmarks.measures import measure
from benchmarks.soak.chaos import KILLED_WEB, Kill
from benchmarks.soak.visitors import Failure, Seen

MOST_ERRORS = 0.005
RECOVERY_SECONDS = 10.0
# A client learns of a cut connection when its thread is next run; fifty of them share two cores with everything else.
CUT_SECONDS = 2.0
WARM_UP_SHARE = 0.3  # of the time; caches fill in it, so the slope of memory is taken after it


class Sample(NamedTuple):
    """Resident bytes at a moment (seconds of the monotonic clock) of the processes that no kill takes."""

    at: float
    web: int
    worker: int


def slope(at: Sequence[float], values: Sequence[int]) -> float:
    """Least-squares slope of bytes over seconds, in MB a minute, after the warm-up; 0 for fewer than three samples."""
    start = int(len(at) * WARM_UP_SHARE)
    if len(at) - start < 3:
        return 0.0
    return statistics.linear_regression(at[start:], values[start:]).slope * 60 / 1e6


def cut_by_kill(failure: Failure, kills: Sequence[Kill]) -> bool:
    """True when the answer was under way in a web process at the moment of its kill -9."""
    return failure.cut and any(
        failure.sent <= kill.back and kill.at <= failure.ended <= kill.back + CUT_SECONDS
        for kill in kills
        if kill.what == KILLED_WEB
    )


def unexcused(failures: Sequence[Failure], kills: Sequence[Kill]) -> list[str]:
    """The failures that neither an absent PostgreSQL nor the kill of the answering process explains."""
    away = [(kill.at, kill.back + RECOVERY_SECONDS) for kill in kills if kill.what == "PostgreSQL"]
    return [
        failure.text
        for failure in failures
        if not any(start <= failure.ended <= end for start, end in away) and not cut_by_kill(failure, kills)
    ]


def judge(seen: Seen, kills: list[Kill], done: dict[str, Any], memory: list[Sample]) -> dict[str, Any]:
    """All figures, and what is broken."""
    broken: list[str] = list(done.pop("broken"))
    share = len(seen.errors) / max(seen.requests, 1)
    if share > MOST_ERRORS:
        broken.append(f"{share:.2%} of the requests failed")
    without_cause = unexcused(seen.errors, kills)
    broken += [f"failed without a cause: {text}" for text in without_cause]
    broken += [f"wrong page: {text}" for text in seen.wrong]
    recovery: dict[str, list[float]] = {}
    for kill in kills:
        recovery.setdefault(kill.what, []).append(round(kill.well - kill.back, 2))
    broken += [f"{what} took {max(all_)} s" for what, all_ in recovery.items() if max(all_) > RECOVERY_SECONDS]
    remembered = _memory(memory)
    broken += remembered.pop("broken")
    cuts = statistics.quantiles(seen.latencies, n=100)
    return {
        "requests": seen.requests, "errors": len(seen.errors), "error share": round(share, 5),
        "cut by a kill -9 of their process": sum(cut_by_kill(failure, kills) for failure in seen.errors),
        "errors without a cause": len(without_cause), "wrong pages": len(seen.wrong),
        "kinds of errors": sorted({failure.text for failure in seen.errors})[:20],
        "seconds p50": round(cuts[49], 3), "seconds p95": round(cuts[94], 3), "seconds p99": round(cuts[98], 3),
        "slowest": round(max(seen.latencies), 2), "kills": {what: len(all_) for what, all_ in recovery.items()},
        "seconds to recover, at most": {what: max(all_) for what, all_ in recovery.items()},
        **remembered, **done, "broken": broken,
    }  # fmt: skip


def _memory(samples: list[Sample]) -> dict[str, Any]:
    """Start, end and slope of each spared process; one that ended by itself is broken."""
    at = [sample.at for sample in samples]
    found: dict[str, Any] = {"broken": []}
    for name in ("web", "worker"):
        values = [getattr(sample, name) for sample in samples]
        if 0 in values:
            found["broken"].append(f"the spared {name} ended by itself")
        found[f"{name} memory MB"] = [round(values[0] / 1e6), round(values[-1] / 1e6)]
        found[f"{name} memory slope MB a minute"] = round(slope(at, values), 3)
    return found


def record(found: dict[str, Any]) -> None:
    """One row a figure for the report of all benchmarks."""
    for name, unit, goal in (
        ("error share", "", MOST_ERRORS), ("errors without a cause", "", 0), ("wrong pages", "", 0),
        ("cut by a kill -9 of their process", "", None), ("seconds p50", "s", None), ("seconds p95", "s", None),
        ("seconds p99", "s", None), ("seconds to drain", "s", None),
        ("web memory slope MB a minute", "MB/min", None), ("worker memory slope MB a minute", "MB/min", None),
    ):  # fmt: skip
        measure("soak", name, found[name], unit, goal=goal)
    for name in ("requests", "jobs", "deliveries", "decisions", "collections"):
        measure("soak", name, found[name], "", lower_is_better=False)
    for what, seconds in found["seconds to recover, at most"].items():
        measure("soak", f"{what}: seconds to recover, at most", seconds, "s", goal=RECOVERY_SECONDS)
    measure("soak", "kills", sum(found["kills"].values()), "", lower_is_better=False)
    measure("soak", "broken invariants", len(found["broken"]), "", goal=0)
