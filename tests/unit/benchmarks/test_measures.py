"""The report of the benchmarks: rows, goals, and the run before beside this one."""

import json
from pathlib import Path

import pytest

from benchmarks import __main__ as harness
from benchmarks import measures


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a benchmark under the harness writes."""
    path = tmp_path / "rows.jsonl"
    monkeypatch.setenv("ATTEST_BENCH", str(path))
    return path


def test_median_of_several_runs_counts_and_the_spread_is_kept(rows: Path) -> None:
    measures.measure("shelf", "loading", [3.0, 1.0, 2.0], "s", goal=2.5)
    [row] = measures.read(rows)
    assert (row["value"], row["low"], row["high"], row["runs"]) == (2.0, 1.0, 3.0, 3)
    assert measures.holds(row) is True


def test_nothing_is_written_outside_the_harness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ATTEST_BENCH", raising=False)
    measures.measure("shelf", "loading", 1.0, "s")
    assert measures.read(tmp_path / "rows.jsonl") == []


def test_missed_goal_stands_in_the_table(rows: Path) -> None:
    measures.measure("shelf", "books a second", 10, "", goal=50, lower_is_better=False)
    [row] = measures.read(rows)
    assert measures.holds(row) is False
    assert "| ≥ 50 | **no** | new |" in measures.table([row], [])


@pytest.mark.parametrize(
    ("now", "lower_is_better", "told"),
    [
        (1.1, True, "as before"),
        (2.0, True, "**worse**, 2.00x"),
        (2.0, False, "better, 2.00x"),
        (0.5, True, "better, 0.50x"),
    ],
)
def test_run_before_is_compared(now: float, lower_is_better: bool, told: str) -> None:
    before = {"value": 1.0, "lower_is_better": lower_is_better}
    assert measures.change({"value": now, "lower_is_better": lower_is_better}, before) == told


def test_exponent_of_a_square_is_two_and_of_a_line_is_one() -> None:
    assert measures.exponent([1, 4, 16], [2, 8, 32]) == pytest.approx(1.0)
    assert measures.exponent([1, 4, 16], [1, 16, 256]) == pytest.approx(2.0)


def test_failed_benchmark_is_named_and_recording_keeps_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harness, "RECORDED", tmp_path / "recorded.json")
    monkeypatch.setattr(harness, "SUMMARY", tmp_path / "summary.md")
    row = {
        "subject": "shelf", "name": "loading", "value": 1.0, "low": 1.0, "high": 1.0, "runs": 1, "unit": "s",
        "goal": None, "lower_is_better": True,
    }  # fmt: skip
    head = {"revision": "a" * 40, "machine": "made up", "python": "3", "cores": 2, "load": 0.1, "on": "2031-01-06"}
    first = {**head, "results": [{"name": "one", "exit": 0, "rows": [row]}]}
    harness.keep(first, harness.summary(first, {}))
    second = {**head, "revision": "b" * 40, "results": [{"name": "two", "exit": 1, "rows": []}]}
    harness.keep(second, harness.summary(second, {}))
    assert [result["name"] for result in json.loads((tmp_path / "recorded.json").read_text())["results"]] == [
        "one",
        "two",
    ]
    page = (tmp_path / "summary.md").read_text()
    assert "| shelf | loading | 1 s |" in page
    assert "Did not end well: `two` (exit 1)." in page
    assert "Of an earlier run, 2031-01-06, revision `aaaaaaaaaaaa`: `one`." in page, "no figure passes for a newer one"


def test_every_benchmark_of_the_list_is_a_module() -> None:
    folder = Path(harness.__file__).parent
    assert all(
        (folder / f"{name}.py").is_file() or (folder / name / "__main__.py").is_file() for name in harness.BENCHMARKS
    )
