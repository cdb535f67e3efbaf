"""The mistakes that the method exists to make impossible, each with the test that holds it (no Django here)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake that a real tool of this kind made, how it is refused here, and the name of the test."""

    mistake: str
    refused: str
    test: str


MISTAKES = (
    Mistake(
        "An empty input worth $312,648 a year",
        "No delta, no value; no evidence, no number",
        "test_mistake_empty_input_is_worth_nothing",
    ),
    Mistake(
        "Four calculators giving $2.8M, $16M, $44M and $0 for one repository",
        "One method, one version; the same inputs give the same bytes",
        "test_mistake_one_repository_has_one_answer",
    ),
    Mistake(
        "“This is NOT a security issue” worth $25,000",
        "A negated sentence is no outcome, and no word has a price",
        "test_mistake_a_negated_sentence_is_worth_nothing",
    ),
    Mistake(
        "“fixes #1234 issues” worth $17.8M",
        "An issue's number is an identifier",
        "test_mistake_an_issue_number_is_no_amount",
    ),
    Mistake(
        "“costs $500 per month” counted as a saving",
        "What something costs is no saving",
        "test_mistake_a_cost_is_no_saving",
    ),
    Mistake("$12k read as $12", "A multiplier belongs to its number", "test_mistake_twelve_thousand_is_not_twelve"),
    Mistake(
        "A test fixture's sentence published as a saving",
        "What stands in code or a fixture is no claim",
        "test_mistake_a_fixture_claims_nothing",
    ),
    Mistake(
        "Confidence that rises with the size of the diff",
        "Size is no input of value, nor of effort",
        "test_mistake_size_is_no_confidence",
    ),
    Mistake(
        "±20% printed as a “confidence interval”",
        "A range comes from draws of its inputs, or there is none",
        "test_mistake_no_range_without_uncertain_inputs",
    ),
    Mistake(
        "A 98.6% test pass rate relabelled coverage",
        "A level is no effect, and a share needs its base",
        "test_mistake_a_pass_rate_is_no_coverage",
    ),
    Mistake(
        "One saving counted in two pull requests",
        "One outcome key counts once",
        "test_mistake_one_saving_counts_once",
    ),
    Mistake("Effort presented as value", "Effort is a cost of its own kind", "test_mistake_effort_is_no_value"),
    Mistake(
        "181,071 generated lines counted as work",
        "Lines are facts; no line has a value or an hour",
        "test_mistake_lines_are_no_work",
    ),
    Mistake(
        "An upper bound sought until the total fits a wished range",
        "Every entry is a version with author and source, and the audit log keeps them all",
        "test_mistake_a_bound_that_was_sought_leaves_its_trail",
    ),
    Mistake(
        "A description edited until the score rose",
        "Wording is no input; an edited text is another version",
        "test_mistake_wording_raises_nothing",
    ),
    Mistake(
        "Amounts damaged by a shell (“,000/year”) repaired by guessing",
        "A damaged amount is refused",
        "test_mistake_a_damaged_amount_is_refused",
    ),
)
