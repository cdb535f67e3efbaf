"""The rules for drafted sentences: bound to a source, no figure without a receipt, no praise."""

from dataclasses import replace

import pytest

from evidence.receipts import Input, Kind, derive
from portfolio.publishing.writing import compose as composing
from portfolio.publishing.writing.asking import Asked, bind, pieces
from portfolio.publishing.writing.compose import section_of
from portfolio.publishing.writing.material import Material, Quote, Source
from portfolio.publishing.writing.sentences import Sentence, as_markdown, as_plain, from_source, wrong_with
from portfolio.publishing.writing.situation import stated_in
from portfolio.publishing.writing.style import praise_in

REF = "change:example.org/made-up/shelf#7"
TEXT = "The shelf was slow because each book was read twice.\nNow it is read once: 2 s instead of 300 s."
TOTAL = derive(
    kind=Kind.MEASURED, subject=REF, method="achievements.total", version="1",
    inputs=[Input("changes", REF, [[REF, 1, 2, 3, 4]])], parameters={"column": "changes", "unit": "change"},
)  # fmt: skip
MATERIAL = Material(
    "achievement:example.org/made-up/shelf#7", "Read once", REF, [Source("source 1", REF, TEXT)],
    [Quote("2 s instead of 300 s", REF, "claim:k", TOTAL)], [("changes landed", TOTAL)], [], {REF: "fix: Read once"},
    "led", [], False,
)  # fmt: skip


def sentence(text: str, how: str = "extracted", sources: tuple[str, ...] = (REF,), receipts: tuple[str, ...] = ()):  # type: ignore[no-untyped-def]
    return Sentence("x", text, how, sources, receipts)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (sentence("Reads each book once."), ""),
        (sentence("Reads each book once.", sources=()), "names no source"),
        (sentence("It saved 9 million."), "“9” is in no receipt"),
        (sentence("It is 12x quicker."), "“12x” is in no receipt"),
        (sentence("It takes ~5ms now."), "is in no receipt"),
        (sentence("A seamless and robust shelf."), "forbids “seamless”"),
        (sentence(f"Landed: [[receipt {TOTAL.id}]].", "composed", receipts=(TOTAL.id,)), ""),
        (sentence(f"Landed: [[receipt {TOTAL.id}]].", "composed"), "whose receipt it does not name"),
        (sentence("Landed: [[receipt " + "0" * 64 + "]].", receipts=("0" * 64,)), "none of this achievement's"),
        (sentence("2 s instead of 300 s", "quoted", receipts=(TOTAL.id,)), ""),
        (sentence("1 s instead of 300 s", "quoted", receipts=(TOTAL.id,)), "no quotation"),
    ],
)
def test_a_sentence_stands_only_on_what_there_is(given: Sentence, reason: str) -> None:
    found = wrong_with(given, MATERIAL)
    assert reason in found if reason else found == ""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("add OAuth2 login", "Add `OAuth2` login."),
        ("closes #12 and v1.2", "Closes `#12` and `v1.2`."),
        ("use business_value here.", "Use `business_value` here."),
        ("keep `x_1` as it is", "Keep `x_1` as it is."),
        ("a <b>bold</b> [link](http://x) *claim*", "A \\<b\\>bold\\</b\\> \\[link\\](http://x) \\*claim\\*."),
    ],
)
def test_text_from_outside_is_no_markup_and_names_are_code(given: str, expected: str) -> None:
    assert from_source(given) == expected


def test_an_answer_in_prose_is_bound_word_for_word_or_by_its_words_or_not_at_all() -> None:
    said = "- The shelf was slow because each book was read twice.\nEach book on the shelf was read twice, slow. Mars!"
    exact, reworded, free = pieces(said)
    found = bind(exact, MATERIAL.sources)
    assert found and (found.how, found.sources) == ("extracted", (REF,))
    near = bind(reworded, MATERIAL.sources)
    assert near and near.how == "reworded"
    assert bind("Elephants migrate across continents every winter.", MATERIAL.sources) is None
    assert free == "Mars!"


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("It was slow because each book was read twice.", "context"),
        ("Read once instead of caching.", "options"),
        ("The format must stay as it is.", "constraint"),
        ("The first attempt failed on old shelves.", "what_failed"),
        ("Read each book once.", "decision"),
    ],
)
def test_sentences_find_their_section(text: str, section: str) -> None:
    assert section_of(text) == section


@pytest.mark.parametrize(
    "text", ["The fastest shelf", "It significantly helps", "world-class", "Done!", "🚀 Shelf", "most effective"]
)
def test_praise_is_found(text: str) -> None:
    assert praise_in(text)


@pytest.mark.parametrize(
    "text", ["The latest test of the request", "Rest and harvest", "`super()` is called", "almost"]
)
def test_plain_words_are_no_praise(text: str) -> None:
    assert praise_in(text) == []


def test_both_forms_name_the_receipt() -> None:
    quoted = sentence("2 s instead of 300 s", "quoted", receipts=(TOTAL.id,))
    assert as_markdown(quoted) == f"> 2 s instead of 300 s\n\nStated in [[change {REF}]]: [[receipt {TOTAL.id}]]."
    assert as_plain(quoted, MATERIAL) == f"“2 s instead of 300 s” (receipt {TOTAL.id[:12]})"
    total = sentence(f"Landed: [[receipt {TOTAL.id}]].", "composed", receipts=(TOTAL.id,))
    assert as_plain(total, MATERIAL) == f"Landed: 1 change (receipt {TOTAL.id[:12]})."
    assert as_plain(sentence(f"Led [[change {REF}]].", "composed"), MATERIAL) == "Led “Read once”."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Read it once.\n\n## Problem\n\nNobody could find a book on the upper shelf.\n",
            "Nobody could find a book on",
        ),
        (
            "Fix the shelf.\n\nThe shelf was slow because\neach book was read twice.",
            "The shelf was slow because each book",
        ),
        ("fix: prevent errors\n\nFixes errors that were caused by books.\nThis was broken:\n- add books", ""),
        ("## Why\n\nIt cost 9 million a year on the upper shelf alone.\n", ""),
        ("", ""),
    ],
)
def test_the_situation_is_a_sentence_of_the_sources_or_nothing(text: str, expected: str) -> None:
    found = stated_in(replace(MATERIAL, sources=[Source("source 1", REF, text)]))
    assert (found is None) if not expected else (found is not None and found.text.startswith(expected))
    assert found is None or (found.how, found.sources) == ("extracted", (REF,))


@pytest.mark.parametrize("part", ["unknown", "none", "led"])
def test_a_text_for_linkedin_says_a_part_only_where_one_is_known(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composing, "ask", lambda task, material: Asked([], []))
    found = composing.compose("linkedin", replace(MATERIAL, part=part))
    assert [row.section for row in found.sentences].count("part") == (part == "led")
