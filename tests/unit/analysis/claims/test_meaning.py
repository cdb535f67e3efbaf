"""The same saving told in other words is one outcome; another saving of the same size is not."""

import datetime as dt
from typing import Any

import pytest

from analysis.claims import meaning
from analysis.claims.extractor import extract
from analysis.claims.meaning import COMPARED, Statement, names_in, one_outcome_of, words_of
from analysis.claims.outcome import fingerprint, sentence_around

START = dt.datetime(2031, 1, 1, tzinfo=dt.UTC)


def told(*texts: str, days: int = 7) -> list[Statement]:
    """Every claim of made-up pulls that landed some days apart, one text each; pull 1, 2, 3 …"""
    found = []
    for number, text in enumerate(texts, start=1):
        for claim in extract(text).claims:
            amounts = (claim.magnitude, claim.also) if claim.also else (claim.magnitude,)
            found.append(
                Statement(
                    id=len(found), change=number, at=START + dt.timedelta(days=days * number),
                    metric=claim.metric.value, direction=claim.direction.value, amounts=amounts,
                    fingerprint=fingerprint(text, claim), sentence=sentence_around(text, claim.start, claim.end),
                    names=names_in(text) | {f"#{number}"},
                )
            )  # fmt: skip
    return found


def outcomes(*texts: str, days: int = 7) -> int:
    """How many outcomes the texts state together."""
    statements = told(*texts, days=days)
    assert len({said.change for said in statements}) == len(texts), "every text claims something"
    return len(set(one_outcome_of(statements).values()))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Cut the shelf index build from 20 min to 5 min.", "Shelf index builds now take 5 min instead of 20 min."),
        ("The importer needs 1.5 s less per parcel.", "Parcels: importer saves 1500 ms each."),
        ("Cut the shelf index build from 20 min to 5 min.", "The shelf index build is 75% faster."),
        ("Shelf search latency dropped by 40%.", "Reduced the latency of the shelf search by 40% with a cache."),
        ("Made the label printer 2x faster.", "The label printer's time fell from 8 s to 4 s."),
        ("Reduces hosting cost of the depot by 30%.", "Depot hosting is 30% cheaper."),
        ("Shelf scan: 3 GB -> 1 GB memory.", "Memory of the shelf scan fell from 3000 MB to 1000 MB."),
    ],
)
def test_the_same_saving_in_other_words_is_one_outcome(first: str, second: str) -> None:
    assert outcomes(first, second) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Shelf search latency dropped by 40%.", "Latency of the label printer dropped by 40%."),
        ("Shelf search latency dropped by 40%.", "Shelf search latency dropped by 45%."),
        ("Shelf search latency dropped by 40%.", "Shelf search latency rose by 40%."),
        ("Shelf search latency dropped by 40%.", "Shelf search memory dropped by 40%."),
        ("Parcel import is 20% faster.", "Parcel export is 20% faster."),
        ("Shelf build: 12 min -> 10 min.", "Shelf build: 6 s -> 5 s."),
        ("Cut build time by 40%.", "Cut test time by 40%."),
        ("This is 40% faster.", "It is 40% faster now, thanks to the new pass."),
    ],
)
def test_another_saving_of_the_same_size_stays_another(first: str, second: str) -> None:
    assert outcomes(first, second) == 2


def test_far_apart_in_time_it_is_another_saving_unless_one_names_the_other() -> None:
    first, second = "Shelf search latency dropped by 40%.", "Reduced the latency of the shelf search by 40%."
    assert outcomes(first, second, days=200) == 2
    assert outcomes(first, second + "\n\nLands #1 again after its revert.", days=200) == 1
    assert outcomes(first + "\n\nKEY-7", second + "\n\nKEY-7", days=200) == 1


def test_a_copy_of_the_sentence_is_the_same_however_far_apart_and_the_first_one_names_it() -> None:
    statements = told(*["This is 40% faster than before on the shelf."] * 3, days=300)
    assert set(one_outcome_of(statements).values()) == {statements[0].fingerprint}


def test_the_answer_does_not_depend_on_what_was_known_before() -> None:
    texts = ["Cut the shelf index build from 20 min to 5 min.", "The shelf index build is 75% faster.",
             "Parcel export is 20% faster.", "Shelf index builds: 5 min instead of 20 min."]  # fmt: skip
    statements = told(*texts)
    assert one_outcome_of(statements) == one_outcome_of(list(statements))
    assert list(one_outcome_of(statements[:2]).values()) == list(one_outcome_of(statements).values())[:2]


def test_ten_thousand_claims_of_one_amount_cost_no_square(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = 0
    really = meaning.one_meaning

    def counting(one: Any, other: Any) -> bool:
        nonlocal compared
        compared += 1
        return really(one, other)

    monkeypatch.setattr(meaning, "one_meaning", counting)
    (said,) = told("Shelf search latency dropped by 40%.")
    sentences = [f"Latency of made-up-{chr(97 + n % 26)}{chr(97 + n // 26 % 26)} dropped by 40%." for n in range(676)]
    many = [
        Statement(n, n, said.at, said.metric, said.direction, said.amounts, f"print {n}", sentences[n % 676])
        for n in range(10_000)
    ]
    assert len(set(one_outcome_of(many).values())) > COMPARED
    assert compared <= 2 * COMPARED * len(many), "each is compared with the last few of each way to find it"


def test_words_of_a_statement_leave_out_numbers_units_and_more_or_less() -> None:
    assert words_of("Reduced the latency of shelf searches from 300 ms to 20 ms (-93%)") == {"shelf", "search"}
