"""The words around a quotation: an exact slice that says what it is about, without another number."""

import pytest

from analysis.claims.phrase import LONGEST, phrase_around


@pytest.mark.parametrize(
    ("text", "quote", "expected"),
    [
        ("- Memory of the shelf: **60% less** through batching", "60% less",
         "Memory of the shelf: **60% less** through batching"),
        ("- Shelf: 75% faster answers, 5x throughput of labels", "5x throughput", "5x throughput of labels"),
        ("- Shelf: 75% faster answers, 5x throughput of labels", "75% faster", "Shelf: 75% faster answers"),
        ("Done.\nThe list answers in 80 ms instead of 420 ms on staging. Then lunch at 12.", "80 ms instead of 420 ms",
         "The list answers in 80 ms instead of 420 ms on staging"),
        ("40% faster", "40% faster", "40% faster"),
        ("Parcels (20 kg) take 3 s less", "3 s less", "3 s less"),
        ("- Shelf: 500 to 325 kg (35% reduction) by summer", "35% reduction", "35% reduction"),
        ("- the sorter) with new belts, reaching 40% less", "40% less", "with new belts, reaching 40% less"),
        ("- Shelf (oak): 40% less waste (target: 30%)", "40% less", "Shelf (oak): 40% less waste"),
        ("- Shelf (of oak, 40% less waste)", "40% less", "Shelf (of oak, 40% less waste)"),
        ("- 40% less waste and about 12 rooms", "40% less", "40% less waste"),
        ("- 40% less (about a shelf) to carry [of 7]", "40% less", "40% less (about a shelf) to carry"),
    ],
)  # fmt: skip
def test_a_phrase_says_what_a_quotation_is_about(text: str, quote: str, expected: str) -> None:
    start = text.index(quote)
    assert phrase_around(text, start, start + len(quote)) == expected


def test_a_phrase_is_an_exact_slice_with_no_digit_outside_its_quotation_and_bounded() -> None:
    text = "words and " * 200 + "saves 4 s" + " of the day" * 200
    start = text.index("saves 4 s")
    found = phrase_around(text, start, start + 9)
    assert found in text and "saves 4 s" in found
    assert len(found) <= 2 * LONGEST + 9
    assert not any(c.isdigit() for c in found.replace("saves 4 s", ""))
