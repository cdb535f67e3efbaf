"""Made-up sentences for what a sentence means beyond its numbers: whose change it is, what fell, what is only an order.

Numbers are written as in ``test_sentences``, which reads these too.
"""

from typing import Any

CLAIMS: list[tuple[str, tuple[Any, ...], str, str]] = [
    # Cues of several words.
    ("The desk now handles twice as many parcels per s.", ("x", 2), "throughput", "better"),
    ("Reduces the label call overhead by ~70%", ("pct", 70), "", "better"),
    ("The shelf is ~1s off full-lint wall time", ("abs", 1, "s"), "", "better"),
    ("It is slower but not vastly so: about 10% on my desk.", ("pct", 10), "", "worse"),
    ("There is a regression, but not a huge one: 1-2% on most shelves.", ("pct", 1, 2), "", "worse"),
    ("A small loss in ratio: 2% performance loss", ("pct", 2), "", "worse"),
    ("Also a _5× increase_ in performance of crowded shelves", ("x", 5), "", "better"),
    # A plus at the head of a line about benchmarks.
    ("+1-3% on the shelf benchmarks.", ("pct", 1, 3), "latency", "better"),
    ("+1% perf on the label benchmark.", ("pct", 1), "latency", "better"),
    # What belongs together.
    ("- Cleanup: 20GB space saved (38% reduction)", ("abs", 20, "GB"), "size", "better"),
    ("This saves 60ms (i.e. roughly 1.2%) on the shelf.", ("abs", 60, "ms"), "", "better"),
    ("Reads drop 76% (5,000,000 → 1,200,000) and shelf time drops 80%.", ("pct", 76), "other", "better"),
    ("Sorting previously took upwards of 50s and is now down to under 1s.", ("ft", 50, 1, "s"), "", "better"),
    ("This gets times closer to 500ms versus closer to 600ms before it.", ("ft", 600, 500, "ms"), "latency", "better"),
    ("Time reductions from ~25% for small shelves to 90% for large ones.", ("pct", 25, 90), "", "better"),
    # What is counted, and what of it fell.
    ("The scan went from 1410 → 4 loose labels.", ("ft", 1410, 4, "labels"), "", "better"),
    ("Brought down warnings from 12k -> ~280.", ("ft", 12_000, 280, "warnings"), "", "better"),
    ("Fewer shelf allocations: desk 155→152, hall 80→70.", ("ft", 155, 152, "allocations"), "memory", "better"),
    ("This reduces the number of lines in the printed benchmark by about 5%.", ("pct", 5), "other", "better"),
    ("Doubles performance on old desks and about 30% on new desks.", ("x", 2), "", "better"),
    ("This cuts 80% of the load time, and 40% of all the time in the hall.", ("pct", 80), "", "better"),
    ("Minify it, which cuts the increase in package size from 8 MB to 3.7 MB.", ("ft", 8, 3.7, "MB"), "size", "better"),
    # The metric is what the words beside the number name.
    ("Memory usage: 92% reduction (from 70MB to 6MB for 500 failing shelves)", ("pct", 92), "memory", "better"),
    ("The library changes from 1,799,592 to 1,699,592 bytes.", ("ft", 1_799_592, 1_699_592, "bytes"), "size", "better"),
    ("It makes the cache ~20% smaller, and labels are 10% faster.", ("pct", 20), "size", "better"),
    ("perf(shelf): shrink the plan by 2.5x", ("x", 2.5), "size", "better"),
    ("We see a ~12% reduction in write-amplification with 5 concurrent desks.", ("pct", 12), "other", "better"),
    ("This saves 24 bytes per label, and touches the cache less.", ("abs", 24, "bytes"), "memory", "better"),
    ("fix a 1.5% gcc11 regression on full shelves", ("pct", 1.5), "latency", "better"),
    # Praise, and one half of a sentence.
    ("This increases the score of the shelf from 0.91 to 0.95, so it's a real improvement.", ("ft", 0.91, 0.95, ""),
     "other", "better"),
    ("No change when cold, and a -1% regression when warm.", ("pct", 1), "", "worse"),
    ("But shrinking the visitor still nets a +1% perf gain.", ("pct", 1), "", "better"),
    ("When the list is short, it improves performance by <5%.", ("pct", 5), "", "better"),
    ("~5-13% speedup: `map` is much quicker than `[x for x in y]`.", ("pct", 5, 13), "latency", "better"),
    ("Here are numbers that I generated with Clerk, the shelf is 2.4x faster:", ("x", 2.4), "latency", "better"),
]  # fmt: skip

REFUSALS: list[tuple[str, str]] = [
    ("Originally I thought this might improve the label, since it occupies 1 byte", "hypothetical"),
    ("Now I understand that the label grew from 4 bytes to 8 bytes.", "hypothetical"),
    ("One way I can think of would reduce the shelf by 20%", "hypothetical"),
    ("The same fix on the hall shelf removed 70% of the allocations (70% reduction).", "other_change"),
    ("The desk is 25% slower than the state right before #205", "other_change"),
    ("This shelf shows a 9x regression after #205.", "other_change"),
    ("#205 is the latest example, with a 25x performance regression.", "other_change"),
    ("The shelf time grew from 105 ms on main to 159 ms with #205.", "other_change"),
    ("Reduce the number of runs from 200 to 50.", "configuration"),
    ("Decrease max output from 10MB to 5MB", "configuration"),
    ("- 'Built a shelf that reduces costs by 99%'", "quotation"),
    ("The threshold for shrinking the shelf (HALL_FULL) was 20% by mistake.", "threshold"),
    ("We count the improved diff as +4 instead of +3.", "count"),
    ("- Value: k/year savings, 23.5x ROI", "level_not_change"),
]
