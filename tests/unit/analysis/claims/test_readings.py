"""What a sentence means beyond its numbers, where one claim and its amount are not all of it; the rest: readings.py."""

from analysis.claims.extractor import extract
from analysis.claims.records import State


def test_what_follows_expected_is_a_forecast() -> None:
    text = "Time savings: saves 4 hours a week → Expected: less toil"
    assert {claim.state for claim in extract(text).claims} == {State.EXPECTED}


def test_an_end_that_stands_in_the_quote_only_shortened_is_not_grounded() -> None:
    """Of "870-880K" the first number means 870,000, which nobody wrote: refused rather than taken for 870."""
    found = extract("This cuts the shelf calls from 15.25M to 870-880K.")
    assert found.claims == ()
    assert "ungrounded" in {refusal.reason for refusal in found.refusals}


def test_every_item_of_a_list_has_its_own_amount() -> None:
    text = "This improved `shelf[old_wood]` by 36.9%, the desk by 11.4%, `a_shelf_with_a_very_long_name` by 8.8%."
    assert [claim.magnitude.value for claim in extract(text).claims] == [36.9, 11.4, 8.8]
    assert extract(text).claims[-1].quote == "by 8.8%"


def test_a_setting_is_no_part_of_what_it_did() -> None:
    found = extract("Got a 3x gain by setting it to 4 times the desks, (from 0.1s to 0.03s!).").claims
    assert 4.0 not in [claim.magnitude.value for claim in found]
    assert found[0].magnitude.value == 3.0
