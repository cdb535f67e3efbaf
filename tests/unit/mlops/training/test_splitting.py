"""Splits leak nothing, say how many rows are missing, and are the same for the same seed."""

from dataclasses import replace

import pytest

from mlops.training.figures import classification, paired_difference, with_intervals
from mlops.training.gates import judge
from mlops.training.spec import Example, Gate
from mlops.training.splitting import TooLittleData, require_enough, split
from tests.integration.platform import kit


def test_by_time_the_newest_are_the_test() -> None:
    parts = split(kit.spec(split="time"), kit.examples(), seed=1)
    assert max(e.at for e in parts.train) <= min(e.at for e in parts.test)
    assert len(parts.test) == 75


def test_by_group_no_group_is_on_both_sides_and_the_seed_decides() -> None:
    spec = kit.spec(split="group")
    parts, again, other = (split(spec, kit.examples(), seed=seed) for seed in (1, 1, 5))
    assert not {e.group for e in parts.train} & {e.group for e in parts.test}
    assert parts == again
    assert {e.group for e in parts.test} != {e.group for e in other.test}


def test_copies_of_test_rows_are_taken_out_of_training() -> None:
    rows = kit.examples()
    twin = replace(rows[-1], id="twin", at="2030")
    parts = split(kit.spec(split="time"), [*rows, twin], seed=1)
    assert parts.facts["copies_dropped"] == 1
    assert "twin" not in {e.id for e in parts.train}


def test_too_little_data_says_how_many_rows_are_missing() -> None:
    with pytest.raises(TooLittleData, match="37 of 200 labelled rows: 163 are missing") as found:
        require_enough(kit.spec(), kit.examples(37))
    assert found.value.missing == 163
    rows = [Example(str(n), {}, "a") for n in range(10)] + [Example("b", {}, "b")]
    with pytest.raises(TooLittleData, match='label "b" has 1 rows, 4 are missing'):
        require_enough(kit.spec(minimum_rows=5, minimum_per_label=5), rows)


def test_intervals_hold_the_value_and_are_reproducible() -> None:
    labels, answers = ["a", "b"] * 50, [{"type": "a", "probability": 0.5}] * 100
    found = with_intervals(classification, labels, answers, seed=3)
    assert found == with_intervals(classification, labels, answers, seed=3)
    low, high = found["accuracy"]["interval"]
    assert low < found["accuracy"]["value"] == 0.5 < high
    same = paired_difference(classification, "accuracy", labels, answers, answers, seed=3)
    assert same == {"value": 0, "interval": [0, 0]}


def test_a_gate_without_its_figure_does_not_pass() -> None:
    gates = (Gate("known", "a", ">=", 0.5), Gate("unknown", "b", "<=", 1.0), Gate("not a number", "c", "<=", 1.0))
    found = judge(gates, {"a": 0.5, "c": float("nan")})
    assert [result["passed"] for result in found] == [True, False, False]
    assert "there is no figure b" in found[1]["detail"]
