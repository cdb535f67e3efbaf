"""Made-up sentences for every rule, both ways: what is a claim and what it says, and what is none and why.

Numbers are written short: ("pct", 20), ("x", 3, 5), ("abs", 40, "bytes"), ("ft", 30, 5, "s").
"""

from typing import Any

import pytest

from analysis.claims.extractor import extract
from analysis.claims.records import Kind, Magnitude, State
from tests.unit.analysis.claims import readings

CLAIMS: list[tuple[str, tuple[Any, ...], str, str]] = [
    # A change with its cue behind it.
    ("The made-up shelf opens 20% faster.", ("pct", 20), "latency", "better"),
    ("Sorting the shelf is now 3x faster.", ("x", 3), "latency", "better"),
    ("A 12.5% speedup of the shelf parser.", ("pct", 12.5), "latency", "better"),
    ("This is 1.5 to 2 times faster on large shelves.", ("x", 1.5, 2), "latency", "better"),
    ("About 40% less memory on the shelf benchmark.", ("pct", 40), "memory", "better"),
    ("30% fewer allocations in the shelf loop.", ("pct", 30), "memory", "better"),
    ("8% smaller bundle.", ("pct", 8), "size", "better"),
    ("A 94% cost reduction for the shelf.", ("pct", 94), "cost", "better"),
    ("A 2% walltime regression.", ("pct", 2), "latency", "worse"),
    ("The shelf is 5% slower on cold starts.", ("pct", 5), "latency", "worse"),
    ("- 40-50% faster CI", ("pct", 40, 50), "time", "better"),
    ("Roughly 10x overhead reduction in the shelf queue", ("x", 10), "", "better"),
    ("(~5x) faster in the shelf engine", ("x", 5), "latency", "better"),
    ("60% faster for most shelves, memory unchanged", ("pct", 60), "", "better"),
    ("4x capacity improvement", ("x", 4), "throughput", "better"),
    ("Twice as fast on my desk.", ("x", 2), "latency", "better"),
    ("It more than doubles throughput.", ("x", 2), "throughput", "better"),
    ("This halves the build time.", ("pct", 50), "time", "better"),
    ("Cuts the deploy time in half.", ("pct", 50), "time", "better"),
    ("Reduces p95 latency by a third.", ("pct", 100 / 3), "latency", "better"),
    ("Ten times faster than before.", ("x", 10), "latency", "better"),
    # A change with its cue before it.
    ("Reduces peak memory by ~20-30%.", ("pct", 20, 30), "memory", "better"),
    ("Reduced manual effort by 80% with the label maker", ("pct", 80), "time", "better"),
    ("Speed up `sort_shelf` by 26%", ("pct", 26), "latency", "better"),
    ("This improves performance by about 1%.", ("pct", 1), "latency", "better"),
    ("Improved throughput by 35%.", ("pct", 35), "throughput", "better"),
    ("Build time dropped by 12%.", ("pct", 12), "time", "better"),
    ("Binary size decreased by 6.2% (27.96 MB to 26.23 MB).", ("pct", 6.2), "size", "better"),
    ("A perf win of about 1% on some shelves", ("pct", 1), "latency", "better"),
    ("Saves 2-3 min", ("abs", 2, 3, "min"), "time", "better"),
    ("saves ~5 MB of download size", ("abs", 5, "MB"), "size", "better"),
    ("Reduces the label struct by 40 bytes", ("abs", 40, "bytes"), "memory", "better"),
    ("Build time reduced by 1m30s.", ("abs", 90, "s"), "time", "better"),
    ("Saves $12k per year.", ("abs", 12_000, "USD"), "cost", "better"),
    ("This removes exactly 1000 KiB from the shelf binary.", ("abs", 1000, "KiB"), "size", "better"),
    ("Test run time increased by 30s.", ("abs", 30, "s"), "time", "worse"),
    ("The binary size increased by about 0.18 MB.", ("abs", 0.18, "MB"), "size", "worse"),
    ("Memory increases by ~37%.", ("pct", 37), "memory", "worse"),
    ("Build with both extras - adds ~9 MB", ("abs", 9, "MB"), "size", "worse"),
    # Harm that goes away.
    ("Fixes the 10x slowdown of crowded shelves.", ("x", 10), "latency", "better"),
    ("Recovers a 3% regression in the shelf benchmark.", ("pct", 3), "latency", "better"),
    # From and to, in their many writings.
    ("- Deployment: 45 min → 1 min", ("ft", 45, 1, "min"), "time", "better"),
    ("- Morning setup: 5 min -> 30 s", ("ft", 5, 30, "min", "s"), "time", "better"),
    ("Coverage of shelf.py improved from 79% to 99%", ("ft", 79, 99, "%"), "coverage", "better"),
    ("Reduces `Label` from 136 bytes to 104.", ("ft", 136, 104, "bytes"), "memory", "better"),
    ("Shrink `Label` from `40` to `24` bytes", ("ft", 40, 24, "bytes"), "memory", "better"),
    ("Latency fell from 1,200 ms to 0.9 s.", ("ft", 1200, 0.9, "ms", "s"), "latency", "better"),
    ("Before this change: 3m 39s After this change: 3m 55s", ("ft", 219, 235, "s"), "time", "worse"),
    ("The suite took 12 minutes before, now 5 minutes.", ("ft", 12, 5, "min"), "time", "better"),
    ("Finishes in ~2 minutes instead of 15 minutes", ("ft", 15, 2, "min"), "time", "better"),
    ("It runs in 500ms (previously it took 4 s)", ("ft", 4, 500, "s", "ms"), "", "better"),
    ("The image goes from 2 GB down to 800 MB.", ("ft", 2, 800, "GB", "MB"), "size", "better"),
    ("Throughput went from 200 req/s to 1.2k req/s.", ("ft", 200, 1200, "req/s"), "throughput", "better"),
    ("Reduces skipped tests from 92 to ~30.", ("ft", 92, 30, "tests"), "other", "better"),
    ("Success rate of the shelf workflow: 45% → 95%", ("ft", 45, 95, "%"), "error_rate", "better"),
    ("From 28s to 16s", ("ft", 28, 16, "s"), "time", "better"),
    ("The start went from minutes to seconds.", ("ft", None, None, "min", "s"), "time", "better"),
    ("Instead of 26 million nodes, we now create 250 thousand.", ("ft", 26e6, 250e3, "nodes"), "other", "better"),
    ("- compiled: 365 ms +- 15 ms -> 304 ms +- 7 ms", ("ft", 365, 304, "ms"), "latency", "better"),
    ("Build takes 2:15 → 1:05", ("ft", 135, 65, "s"), "time", "better"),
    # Tables.
    ("| shelf | 10.8% faster |", ("pct", 10.8), "latency", "better"),
    ("| shelf tests | 4:34 | 2:13 | 51% faster |", ("pct", 51), "time", "better"),
    ("| `sort[shelf.py]` | 2.99 ms | 2.79 ms | 7.2% |", ("pct", 7.2), "latency", "better"),
    ("| shelf | 63.6 ms → 52.5 ms | **+21.2%** |", ("ft", 63.6, 52.5, "ms"), "latency", "better"),
    ("| shelf | 24,557,528 | 23,562,200 | -995,328 bytes |", ("ft", 24_557_528, 23_562_200, "bytes"), "", "better"),
    ("| **speedup** | **~54x** |", ("x", 54), "latency", "better"),
    # Numbers that vouch for what belongs together.
    ("The job went from 20m → 15m (saved 5 minutes, 25% faster).", ("ft", 20, 15, "min"), "time", "better"),
    ("A perf benefit (~2%) for `shelf` on `desk` (100.0 us -> 98.0 us)", ("pct", 2), "latency", "better"),
    ("A 20% speedup on the shelf with 10,000 rows (50 ms/row to 40 ms/row).", ("pct", 20), "latency", "better"),
    ("Run 1: 292000 vs. 280000 (+4.3%)", ("pct", 4.3), "other", "better"),
    ("Comparison: old:   4000.0 i/s new:   3200.0 i/s - 1.25x  (± 0.00) slower", ("x", 1.25), "throughput", "worse"),
    ("Reduction from 1.2ms to 900us is seen, a 25% improvement.", ("ft", 1.2, 900, "ms", "us"), "latency", "better"),
    ("This reduces the shelf time by 5x to 3.8s.", ("x", 5), "time", "better"),
    ("Shelf reading dropped from 1.4 ms (65% of it) to 625 us", ("ft", 1.4, 625, "ms", "us"), "latency", "better"),
    ("Listing went from 10 s for just 400 rows to 2 s for 400 rows", ("ft", 10, 2, "s"), "time", "better"),
    ("- Improvement: 0.03s vs 0.11s", ("ft", 0.11, 0.03, "s"), "time", "better"),
    ("new: 30 ms old: 45 ms", ("ft", 45, 30, "ms"), "latency", "better"),
    ("200 KB becomes 40 KB.", ("ft", 200, 40, "kB"), "", "better"),
    ("Throughput increases to 16 t/s from 15.5 t/s.", ("ft", 15.5, 16, "t/s"), "throughput", "better"),
    # Sizes in single letters, bits, factors in words.
    ("The shelf shrinks from 3490 to 3482 B", ("ft", 3490, 3482, "bytes"), "", "better"),
    ("Reduce allocations from 900B/row to 0", ("ft", 900, 0, "bytes"), "memory", "better"),
    ("Reduces the size of a label from 64 to 32bits", ("ft", 64, 32, "bits"), "", "better"),
    ("Reducing the lock contention by a factor of 32.", ("x", 32), "other", "better"),
    ("16% speed up on the desk", ("pct", 16), "latency", "better"),
    ("~436 MB is saved.", ("abs", 436, "MB"), "", "better"),
    ("It went from 1m02 to 6s", ("ft", 62, 6, "s"), "time", "better"),
    ("This increases the binary size (20 bytes)", ("abs", 20, "bytes"), "size", "worse"),
    ("Queue the shelf only once (+13 B)", ("abs", 13, "bytes"), "", "worse"),
    ("Fix the bug that caused an 8% drop in accuracy.", ("pct", 8), "other", "better"),
    ("~10% fewer objects on the shelf.", ("pct", 10), "other", "better"),
    ("A 5x shelf velocity increase", ("x", 5), "throughput", "better"),
    ("With the previous PR saving memory already, this PR reduces it further by 80%.", ("pct", 80), "", "better"),
    ("90% more accurate shelf estimates", ("pct", 90), "", "better"),
    ("- Annual Savings: $133,200 (85% infrastructure cost reduction)", ("abs", 133_200, "USD"), "cost", "better"),
    ("TST: Add tests for the shelf (44% -> ~73%)", ("ft", 44, 73, "%"), "coverage", "better"),
    ("Shelf wall time: ~28% faster at 1m, ~66% at 5m", ("pct", 28), "", "better"),
    ("It is faster: the shelf opens in ~9.3s against ~10.3s.", ("ft", 10.3, 9.3, "s"), "time", "better"),
    ("Prefer the slice, which is about 20% faster.", ("pct", 20), "latency", "better"),
    # Titles.
    ("perf(shelf): skip empty rows `~15%` (#12)", ("pct", 15), "latency", "better"),
    ("feat(shelf): new index (~8-10x speedup) (#12)", ("x", 8, 10), "latency", "better"),
]  # fmt: skip

REFUSALS: list[tuple[str, str]] = [
    ("Bump shelf from 1.2.3 to 1.3.0", "version"),
    ("Update shelf from 4.1 to 4.2", "version"),
    ("Fixes #1234 and closes #99", "issue_number"),
    ("Released on 2031-01-06", "date_or_time"),
    ("The shelf opens at 10:30 am", "date_or_time"),
    ("Returns 404s for a missing shelf", "http_code"),
    ("Listens on shelf.example:8080", "port"),
    ("Add 12 tests for the shelf", "count"),
    ("It extends the file by more than 1000 lines", "count"),
    ("Increases the test count from 49 to 59", "count"),
    ("Increase timeout from 30s to 60s", "configuration"),
    ("Reduce polling interval from 30s to 5s for faster feedback", "configuration"),
    ("Safety maintenance frequency changed from 30s to 5s", "configuration"),
    ("Increase dev drive size from 12GB to 20GB", "configuration"),
    ("Reduce MAX_SHELF_ROWS from 10 to 5", "configuration"),
    ("17% job timeout reduction", "configuration"),
    ("Alert threshold: 15% regression", "threshold"),
    ("Only count savings if improvement > 20%", "threshold"),
    ("Add warnings for inflated metrics (>200% improvement)", "threshold"),
    ("Goal: 40%", "target"),
    ("64ms latency (6x better than 400ms target)", "comparison_to_alternative"),
    ("The hash shelf is 2x faster than the tree shelf.", "comparison_to_alternative"),
    ("gzip is 10x faster than brotli", "comparison_to_alternative"),
    ("92% coverage", "level_not_change"),
    ("The schema creation takes ~50 ms on my desk.", "level_not_change"),
    ("99.9% uptime with two shelves", "level_not_change"),
    ("Now takes less than 2 seconds.", "level_not_change"),
    ("The function uses 50% of the main thread", "share"),
    ("It drops to ~2.6 ms", "level_not_change"),
    ("Achieves a 95% hit rate", "level_not_change"),
    ("wall time decreased in all runs (95% CI: 8.4–9.8%)", "level_not_change"),
    ("This did not make it 20% faster", "negated"),
    ("No measurable change: +0.1% latency", "no_change"),
    ("Performance is unchanged at 12 ms → 12 ms", "no_change"),
    ("0.9% faster, but the confidence interval crossed zero", "inconclusive"),
    ("1.01x faster (below noise)", "inconclusive"),
    ("My first implementation caused a 40% regression.", "hypothetical"),
    ("Noticed a 2% performance regression, so a cache was added.", "hypothetical"),
    ("Without the cache it is 3x slower.", "hypothetical"),
    ("The base PR reduced memory usage by about 1%.", "other_change"),
    ("PR #102: reached 30% savings", "other_change"),
    ("As said in the README, it speeds up sorting 10-25x.", "other_people"),
    ("> It is 30% faster, they wrote", "quotation"),
    ("Test case: 'saves 8 hours per week'", "quotation"),
    ("The shelf costs $500 per month", "spend_not_saving"),
    ("saves ,000/year", "damaged_number"),
    ("saves $.k a year", "damaged_number"),
    ("- [ ] 20% faster", "template"),
    ("Bumps [shelf](https://example.org) and is 20% faster", "tool_written"),
    ("$ shelf --bench 20% faster", "log"),
    ("We track everything from 1 ns to 1 second in buckets", "no_outcome"),
    ("Test fixture with a 10x smaller variant", "fixture"),
    ("Current shelves are 10 times more expensive to check.", "old_state"),
    ("Grow by 1TB instead of 1MB", "configuration"),
    ("Set the shelf size to 128GB instead of 4GB", "configuration"),
    ("Bump `shelf-size` from `12GB` → `20GB`", "configuration"),
    ("Increase the buffer check by 50 bytes", "configuration"),
    ("Change the pool to 5→10 connections (2x capacity)", "configuration"),
    ("Reduce the maximum allowed time to block from 10 minutes down to 7 seconds.", "threshold"),
    ("The shelf is twice as slow as the other call.", "comparison_to_alternative"),
    ("Against the other library, ours is 2x faster.", "comparison_to_alternative"),
    ("98% savings vs Shelfmaker prices", "comparison_to_alternative"),
    ("The red shelf wins by 50%", "comparison_to_alternative"),
    ("95% faster than industry standard", "comparison_to_alternative"),
    ("If one of ten shelves is down, the rest get a 10% increase of work.", "hypothetical"),
    ("It did win 3-7%, but it cost memory, so it was dropped", "hypothetical"),
    ("The 45% regression was a measurement artifact", "inconclusive"),
    ("Assertions are hit within 2 seconds", "level_not_change"),
    ("Recovery (<30 seconds)", "level_not_change"),
    ("Overhead: 30 bytes", "level_not_change"),
    ("Runtime fluctuates from 35 to 50 minutes", "level_not_change"),
    ("The transition takes 2 seconds instead of 100 frames", "old_state"),
    ("Shelf ROI: 56% (was 440%), good but credible", "no_outcome"),
    ("Nesting of the shelf (+0 B)", "no_change"),
    ("Add anomaly detection for 30%+ metric drops", "threshold"),
    ("Response times now show the 45 ms instead of fake 200 ms", "no_outcome"),
    ("Modified the default `max_shelf_size` from 2GB to 512MB to optimize it", "configuration"),
    ("An earlier iteration showed a 5% regression", "hypothetical"),
    ("Errors are greater than 3 seconds", "level_not_change"),
    ("It is still about 4 times slower", "comparison_to_alternative"),
    ("This drops 40% of the features", "share"),
    ("It handles 220 -> 221 passed", "count"),
]

EXPECTED = [
    "This should reduce memory by 20%.",
    "Expected to save 15% of CI time",
    "This is expected to reduce retained memory by about 249 MB.",
    "Aim to cut the build time by 30%",
    "Potential 25% cost savings",
    "This might reduce latency by 10%.",
    "Fixed the workflow (45% -> 85%+ expected success)",
    "Hopefully claws back the 1% performance regression",
]

NOTHING = [
    "Refactor the shelf.",
    "Guards against double free or memory leak",
    "Optimize 32->64 sign extension",
    """Fix: print "% 04d" 3) => "00 3\"""",
    "Folders are sorted wrongly (1, 10, 2 instead of 1, 2, 10).",
    "Double quotes instead of single quotes",
    "The same shelf is checked twice.",
    "Split both halves of the shelf",
    "Use x86_64 and utf8 names",
    "I'm not 100% sure about this",
    "Uses UP032 and PYI058",
    "See https://example.org/20%25/faster?x=30",
]


def size(short: tuple[Any, ...]) -> Magnitude:
    kind, *rest = short
    if kind == "ft":
        units = rest[2:]
        return Magnitude(Kind.FROM_TO, from_value=rest[0], to_value=rest[1], unit=units[0], to_unit=units[-1])
    numbers = [part for part in rest if not isinstance(part, str)]
    unit = {"pct": "%", "x": "x"}.get(kind) or rest[-1]
    name = {"pct": Kind.RELATIVE_PCT, "x": Kind.FACTOR, "abs": Kind.ABSOLUTE_DELTA}[kind]
    return Magnitude(name, numbers[0], numbers[1] if len(numbers) > 1 else None, unit=unit)


STATED = [*CLAIMS, *readings.CLAIMS]
REFUSED = [*REFUSALS, *readings.REFUSALS]


@pytest.mark.parametrize(("text", "short", "metric", "direction"), STATED, ids=[row[0][:48] for row in STATED])
def test_claim_is_read(text: str, short: tuple[Any, ...], metric: str, direction: str) -> None:
    found = extract(text)
    assert found.claims, found.refusals
    claim = found.claims[0]
    assert text[claim.start : claim.end] == claim.quote
    assert size(short) in (claim.magnitude, claim.also)
    assert claim.direction == direction
    assert metric in ("", claim.metric)
    assert claim.state is State.STATED


@pytest.mark.parametrize(("text", "reason"), REFUSED, ids=[row[0][:48] for row in REFUSED])
def test_what_is_no_claim_is_refused_with_its_reason(text: str, reason: str) -> None:
    found = extract(text)
    assert [claim.quote for claim in found.claims] == []
    assert reason in {refusal.reason for refusal in found.refusals}


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Made 10x faster (30s vs 3min per label)", "10x faster (30s vs 3min per label)"),
        (
            "Savings: 98.9% ($54.13 annually for 1000 labels/day)",
            "Savings: 98.9% ($54.13 annually for 1000 labels/day)",
        ),
        # Another amount before the bracket closes is another statement; a bracket that closes far away stays open.
        ("Faster by 40% (from 10 s to 6 s, memory down 5%)", "Faster by 40% (from 10 s to 6 s"),
        (f"Faster by 40% (from 10 s to 6 s on {'the shelf ' * 6})", "Faster by 40% (from 10 s to 6 s"),
        ("Faster by 40% (from 10 s to 6 s on the shelf", "Faster by 40% (from 10 s to 6 s"),
    ],
)
def test_a_quotation_closes_the_bracket_that_it_opens(text: str, quote: str) -> None:
    claim = extract(text).claims[0]
    assert claim.quote == quote == text[claim.start : claim.end]


@pytest.mark.parametrize("text", EXPECTED)
def test_forecast_is_expected(text: str) -> None:
    assert {claim.state for claim in extract(text).claims} == {State.EXPECTED}


@pytest.mark.parametrize("text", NOTHING)
def test_nothing_is_found_where_nothing_is(text: str) -> None:
    assert extract(text).claims == ()


NOUNS = ("build time", "memory usage", "latency", "startup time", "bundle size", "cost")
AMOUNTS = ("7%", "12.5%", "20-30%", "~40%", "3 - 8%")


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize("amount", AMOUNTS)
def test_every_noun_with_every_amount_both_ways(noun: str, amount: str) -> None:
    """Sixty made-up sentences: reduced is better, increased is worse, and a negation is nothing."""
    (down,) = extract(f"This reduces the {noun} by {amount}.").claims
    (up,) = extract(f"The {noun} increased by {amount}.").claims
    assert (down.direction, up.direction) == ("better", "worse")
    assert down.metric == up.metric
    assert extract(f"This does not reduce the {noun} by {amount}.").claims == ()
