"""Measure the simulation: many estimates of six drawn inputs on one core, beside a plain-Python loop.

python -m benchmarks.simulate [estimates]
"""

from __future__ import annotations

import random
import resource
import sys
import time

from analysis.estimates.methods import value_1_0 as value
from analysis.estimates.quantities import InputKind, Quantity, Role
from analysis.estimates.simulate import draw_all, range_of
from benchmarks.measures import measure

DRAWS = 20_000


def inputs(at: int) -> dict[Role, Quantity]:
    """Return six drawn inputs that no other estimate shares."""
    kind = InputKind.DECLARED
    return {
        Role.VOLUME: Quantity(f"volume:{at}", "build/day", kind, low=20, high=60 + at % 7),
        Role.BEFORE: Quantity(f"before:{at}", "minute", kind, low=25, high=35),
        Role.AFTER: Quantity(f"after:{at}", "minute", kind, low=8, high=12),
        Role.PERSISTENCE: Quantity(f"months:{at}", "month", kind, low=3, high=12),
        Role.ATTRIBUTION: Quantity(f"share:{at}", "1", kind, low=0.2 + at % 50 / 1000, high=0.7),
        Role.RATE: Quantity(f"rate:{at}", "USD/hour", kind, low=60, high=120),
    }


def vectorised(count: int) -> float:
    """Return the seconds of processor time for ``count`` estimates (one thread)."""
    started = time.process_time()
    for at in range(count):
        chosen = inputs(at)
        range_of(value.money(chosen, draw_all(chosen, value.SEED, DRAWS)))
    return time.process_time() - started


def plain_loop(draws: int = DRAWS) -> float:
    """Return the seconds of one estimate written as a loop over the standard library's random numbers."""
    source = random.Random(1)
    started = time.process_time()
    results = []
    for _ in range(draws):
        events = source.lognormvariate(3.54, 0.33) * 365.25
        saved = (source.lognormvariate(3.39, 0.1) - source.lognormvariate(2.28, 0.12)) / 60
        share = source.betavariate(4.3, 5.4)
        results.append(events * saved * source.uniform(3, 12) / 12 * share * source.lognormvariate(4.44, 0.21))
    results.sort()
    return time.process_time() - started


def main(count: int) -> None:
    """Print the table."""
    vectorised(5)
    seconds = vectorised(count)
    loop = plain_loop()
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count} estimates x {DRAWS} draws x 6 inputs: {seconds:.1f} s of one core")
    print(f"vectorised: {1000 * seconds / count:.2f} ms each")
    print(f"plain-Python loop: {1000 * loop:.1f} ms each, {loop * count / seconds:.1f} times slower")
    measure("simulation", "10,000 estimates, one core", seconds * 10_000 / count, "s", goal=60)
    measure("simulation", "a plain-Python loop, times slower", loop * count / seconds, "x", lower_is_better=False)
    measure("simulation", "peak memory", megabytes, "MB", goal=500)
    print(f"peak memory {megabytes:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
