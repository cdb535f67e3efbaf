"""A record supports a claim only when both numbers stand on one line that changed."""

import pytest

from analysis.claims.support import diff_lines, is_record, supporting

PATCH = """diff --git a/bench/size.snap b/bench/size.snap
--- a/bench/size.snap
+++ b/bench/size.snap
@@ -1 +1 @@
-shelf.js    642.46 kB
+shelf.js    612.40 kB
-other.js    100.01 kB
+other.js     99.02 kB
"""
LINES = list(diff_lines(PATCH))


def test_both_numbers_on_one_changed_line_support() -> None:
    found = supporting((642.46, 612.4), ("kB", "kB"), LINES)
    assert found is not None
    assert (found.path, found.added) == ("bench/size.snap", "shelf.js    612.40 kB")


@pytest.mark.parametrize(
    ("ends", "units"),
    [
        ((612.4, 642.46), ("kB", "kB")),
        ((642.46, 99.02), ("kB", "kB")),
        ((642.46, 612.4), ("ms", "ms")),
        ((642.46, 612.41), ("kB", "kB")),
        ((30.0, 5.0), ("s", "s")),
        ((642.46, 642.46), ("kB", "kB")),
    ],
    ids=["the other way round", "of two things", "other unit", "other number", "too short to tell", "no change"],
)
def test_anything_else_does_not(ends: tuple[float, float], units: tuple[str, str]) -> None:
    lines = [*LINES, ("bench/x.txt", "-", "a 30 s"), ("bench/x.txt", "+", "a 5 s")]
    assert supporting(ends, units, lines) is None


def test_same_amount_in_another_unit_supports() -> None:
    lines = [("bench/t.csv", "-", "lexer,1234 ms"), ("bench/t.csv", "+", "lexer,987 ms")]
    assert supporting((1.234, 0.987), ("s", "s"), lines) is not None


@pytest.mark.parametrize(
    ("path", "yes"),
    [
        ("bench/results.md", True),
        ("tasks/minsize/minsize.snap", True),
        ("tasks/track_memory/allocs.snap", True),
        ("docs/benchmarks.md", True),
        ("benches/lexer.rs", False),
        ("src/performer.py", False),
        ("README.md", False),
    ],
)
def test_records_are_told_from_code(path: str, yes: bool) -> None:
    assert is_record(path) is yes
