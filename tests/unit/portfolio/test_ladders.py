"""The ladder sorted for reading: nothing is left out, and like refusals stand together."""

from analysis.queries import LadderStep
from evidence.figures import Figure
from evidence.receipts import Kind
from portfolio.pages.ladders import sorted_ladder

NO_BASE = {"code": "no_base", "title": "No base", "missing": "the amount before", "fix": "Enter the amount before"}


def step(level: str, outcome: str = "", quote: str = "", *refusals: dict[str, str]) -> LadderStep:
    return LadderStep(level, level, "", None, refusals, outcome, quote)


def test_outcomes_refused_for_one_reason_stand_under_it_each_once() -> None:
    quotes = {"claim:a": "50% less", "claim:b": "twice as fast", "claim:c": "50% less"}
    steps = [
        step("L0"),
        *(step(level, outcome, quote, NO_BASE) for outcome, quote in quotes.items() for level in ("L2", "L3", "L4")),
        step("effort"),
    ]
    ladder = sorted_ladder(steps)
    assert [row.level for row in ladder.whole] == ["L0", "effort"]
    assert not ladder.outcomes
    [group] = ladder.refused
    assert [(item["code"], item["missing"]) for item in group.reasons] == [("no_base", "the amount before")]
    assert group.quotes == {"50% less": 2, "twice as fast": 1}


def test_steps_of_a_change_without_an_outcome_that_lack_the_same_stand_as_one() -> None:
    none = {**NO_BASE, "code": "no_outcome"}
    ladder = sorted_ladder([step("L0"), step("L2", "", "", none), step("L3", "", "", none), step("L4", "", "", none)])
    assert [row.level for row in ladder.whole] == ["L0", "L2–L4"]


def test_outcome_with_a_figure_or_several_reasons_keeps_its_steps() -> None:
    known = LadderStep("L2", "L2", "", Figure(5, "hour", Kind.QUOTED, "0" * 64, "", ""), (), "claim:a", "5 hours less")
    rows = [
        known, step("L3", "claim:a", "", NO_BASE),
        step("L2", "claim:b", "half", NO_BASE), step("L3", "claim:b", "half", {**NO_BASE, "code": "no_volume"}),
    ]  # fmt: skip
    ladder = sorted_ladder(rows)
    assert [(outcome.quote, [row.level for row in outcome.steps]) for outcome in ladder.outcomes] == [
        ("5 hours less", ["L2", "L3"]), ("half", ["L2", "L3"])
    ]  # fmt: skip
    assert not ladder.refused
    assert not ladder.whole


def test_steps_that_lack_the_same_stand_as_one() -> None:
    known = LadderStep("L2", "Outcome", "", Figure(5, "GB", Kind.QUOTED, "0" * 64, "", ""), (), "claim:a", "5 GB less")
    [outcome] = sorted_ladder([known, step("L3", "claim:a", "", NO_BASE), step("L4", "claim:a", "", NO_BASE)]).outcomes
    assert [row.level for row in outcome.steps] == ["L2", "L3–L4"]


def test_outcomes_with_the_same_several_reasons_stand_together_with_what_is_missing() -> None:
    both = (NO_BASE, {**NO_BASE, "code": "no_volume"})
    rows = [step(level, name, f"quote {name}", *both) for name in ("claim:a", "claim:b") for level in ("L2", "L3")]
    [group] = sorted_ladder(rows).refused
    assert [item["missing"] for item in group.reasons] == ["the amount before"] * 2
    assert group.quotes == {"quote claim:a": 1, "quote claim:b": 1}
