"""Units as people write them: spelling to canonical name, what is measured, and the scale to the base unit.

The scales of time and bytes agree with pint's registry (a test compares them); a table is used at run time because
a sentence must be read in microseconds.
"""

from __future__ import annotations

from typing import NamedTuple

from analysis.claims.records import Dim


class Unit(NamedTuple):
    """A unit: its canonical name, what it measures, and how many base units (s, byte, 1) it is."""

    name: str
    dim: Dim
    scale: float


_SPELLINGS: dict[tuple[str, Dim, float], str] = {
    ("%", Dim.PERCENT, 1): "% percent pct",
    ("pp", Dim.POINTS, 1): "pp ppt",
    ("x", Dim.FACTOR, 1): "x × fold",
    ("ns", Dim.TIME, 1e-9): "ns nsec nanosecond nanoseconds nanos",
    ("us", Dim.TIME, 1e-6): "us µs μs usec microsecond microseconds micros",
    ("ms", Dim.TIME, 1e-3): "ms msec msecs millisecond milliseconds millis",
    ("s", Dim.TIME, 1): "s sec secs second seconds",
    ("min", Dim.TIME, 60): "m min mins minute minutes",
    ("h", Dim.TIME, 3600): "h hr hrs hour hours",
    ("day", Dim.TIME, 86400): "day days",
    ("week", Dim.TIME, 604800): "week weeks",
    ("bits", Dim.BYTES, 0.125): "bits",
    ("bytes", Dim.BYTES, 1): "b byte bytes",
    ("kB", Dim.BYTES, 1e3): "kb kilobyte kilobytes",
    ("KiB", Dim.BYTES, 1024): "kib ki kibibyte kibibytes",
    ("MB", Dim.BYTES, 1e6): "mb megabyte megabytes",
    ("MiB", Dim.BYTES, 1024**2): "mib mi mebibyte mebibytes",
    ("GB", Dim.BYTES, 1e9): "gb gigabyte gigabytes gigs",
    ("GiB", Dim.BYTES, 1024**3): "gib gi gibibyte gibibytes",
    ("TB", Dim.BYTES, 1e12): "tb terabyte terabytes",
    ("USD", Dim.MONEY, 1): "usd dollar dollars $",
    ("EUR", Dim.MONEY, 1): "eur euro euros €",
    ("GBP", Dim.MONEY, 1): "gbp £",
    ("JPY", Dim.MONEY, 1): "jpy yen ¥",
    ("ops/s", Dim.RATE, 1): "ops/s op/s ops/sec iops operations/s operations/sec operations/second",
    ("req/s", Dim.RATE, 1): "req/s reqs/s requests/s requests/sec req/sec requests/second",
    ("rps", Dim.RATE, 1): "rps",
    ("qps", Dim.RATE, 1): "qps",
    ("it/s", Dim.RATE, 1): "it/s iter/s iterations/s",
    ("fps", Dim.RATE, 1): "fps",
    ("Hz", Dim.RATE, 1): "hz",
    ("kHz", Dim.RATE, 1e3): "khz",
    ("MB/s", Dim.RATE, 1e6): "mb/s mbps mib/s",
    ("GB/s", Dim.RATE, 1e9): "gb/s gib/s gbps",
    ("kB/s", Dim.RATE, 1e3): "kb/s kib/s",
}

UNITS: dict[str, Unit] = {
    spelling: Unit(name, dim, scale) for (name, dim, scale), all_ in _SPELLINGS.items() for spelling in all_.split()
}
BY_NAME: dict[str, Unit] = {name: Unit(name, dim, scale) for name, dim, scale in _SPELLINGS}

# A capital B, K, M or G after a number is a multiplier or a byte unit, never "minutes".
SCALES: dict[str, float] = {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "B": 1e9, "mn": 1e6, "bn": 1e9}
SCALE_WORDS: dict[str, float] = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}


def find_unit(spelling: str) -> Unit | None:
    """The unit that ``spelling`` names, or None. "M" and "B" alone are multipliers and therefore no units."""
    if spelling in SCALES:
        return None
    known = UNITS.get(spelling) or UNITS.get(spelling.lower())
    if known is None and spelling.endswith(("/s", "/sec", "/second")):  # lines/sec: a rate of whatever is counted
        return Unit(f"{spelling.partition('/')[0].lower()}/s", Dim.RATE, 1.0)
    return known


def base_value(value: float, unit: str) -> float:
    """``value`` in seconds, bytes or whatever the base of ``unit`` is; unknown units keep their value."""
    known = BY_NAME.get(unit)
    return value * known.scale if known else value


def same_dimension(first: str, second: str) -> bool:
    """Whether two canonical units measure the same thing; unknown units (nouns) only equal themselves."""
    one, other = BY_NAME.get(first), BY_NAME.get(second)
    return one.dim is other.dim if one and other else first == second
