"""Writing of figures, Markdown, charts and cards, without a database."""

import pytest

from evidence.figures import Figure
from evidence.receipts import Kind
from portfolio.publishing import charts, embeds, markdown
from portfolio.publishing.addresses import page_of
from portfolio.publishing.cards import card_svg
from portfolio.publishing.figures import exact, shown

RECEIPT = "0" * 64


@pytest.mark.parametrize(
    ("value", "unit", "kind", "text", "word"),
    [
        (1204, "line", Kind.MEASURED, "1,204", "lines"),
        (1, "file", Kind.MEASURED, "1", "file"),
        (0, "change", Kind.MEASURED, "0", "changes"),
        (0.00416667, "hour", Kind.MEASURED, "15", "seconds"),
        (91.7, "hour", Kind.MEASURED, "3.82", "days"),
        (24, "h", Kind.QUOTED, "24", "h"),
        (0.16763, "ratio", Kind.MEASURED, "0.17", ""),
        (0.4, "share", Kind.QUOTED, "40", "%"),
        (85, "EUR", Kind.DECLARED, "€85", ""),
        ("XL", "class", Kind.MEASURED, "XL", ""),
        ("feature", "type", Kind.PREDICTED, "feature", ""),
        (1802.0, "hour/year", Kind.ESTIMATED, "1,802", "hours a year"),
        (2, "person", Kind.MEASURED, "2", "people"),
    ],
)
def test_figure_is_written_for_people(value: float | str, unit: str, kind: Kind, text: str, word: str) -> None:
    found = shown(Figure(value, unit, kind, RECEIPT))
    assert (found.number, found.unit) == (text, word)


def test_range_keeps_its_ends_and_receipt_its_exact_result() -> None:
    figure = Figure(31.0, "hour/year", Kind.ESTIMATED, RECEIPT, low=12.5, high=74.0)
    assert (shown(figure).low, shown(figure).high) == ("12.5", "74")
    assert exact(figure) == "31.0 hour/year (12.5 to 74.0)"


def test_markdown_lowers_headings_and_lists_them() -> None:
    found = markdown.render("# One\n\n## Two\n\nText")
    assert "<h1" not in found.html
    assert [title for _level, _anchor, title in found.contents] == ["One", "Two"]


def test_markdown_shows_raw_html_as_text() -> None:
    assert "&lt;b&gt;" in markdown.render("<b>x</b>").html


def test_code_is_highlighted_by_classes_alone() -> None:
    html = markdown.render("```python\nx = 1\n```").html
    assert 'class="hl-' in html
    assert "style=" not in html
    assert "<pre" in markdown.render("```nosuchlanguage\nx\n```").html


def test_embeds_in_code_stay_as_they_are() -> None:
    html = markdown.render("`[[figure a b]]` and [[figure a b]]", embed=lambda name, arguments: f"<i>{name}</i>").html
    assert "[[figure a b]]" in html
    assert "<i>figure</i>" in html


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("Three things.", []),
        ("It is 40% faster", ["40%"]),
        ("`40%` and [[date 2026]]", []),
        ("> 40%\n\nand 7", ["7"]),
        ("```\n12\n```", []),
        ("1. one\n2. two", []),
        ("a [link](/x/12) to 3", ["3"]),
        ("note[^1]\n\n[^1]: text", []),
    ],
)
def test_bare_numbers_are_found(source: str, found: list[str]) -> None:
    assert markdown.bare_numbers(source) == found


def test_charts_are_drawn_with_classes_and_escaped_words() -> None:
    chart = charts.bars("<Title>", "What.", [("<a>", 3.0), ("b", 0)], ["x"], [])
    assert "&lt;Title&gt;" in chart.svg
    assert "style=" not in chart.svg
    stacked = charts.columns_by_time("T", "D", ["one", "two"], [("s", [1.0, 2.0]), ("t", [0.0, 0.0])], [], [])
    assert stacked.legend == (("s1", "s"), ("s2", "t"))
    assert "nan" not in charts.lines("T", "D", [("s", [])], [], []).svg
    assert charts.ranges("T", "D", [("a", 1, 2, 3)], [], []).svg.count("<rect") == 2
    assert charts.tornado("T", "D", [("a", -0.5), ("b", 0.5)], [], []).svg.count("<rect") == 2
    assert charts.sparkline([1]) == ""


def test_ticks_are_round_and_reach_the_top() -> None:
    assert charts.nice_ticks(97)[-1] >= 97
    assert charts.nice_ticks(0) == [0.0, 1.0]


def test_card_keeps_long_and_hostile_titles_inside() -> None:
    svg = card_svg("<script>" * 40, "Name & Co")
    assert "<script>" not in svg
    assert svg.count("<text") <= 5


@pytest.mark.parametrize(
    ("ref", "page"),
    [
        ("change:example.org/a/b#12", "/evidence/example.org/a/b/pull/12/"),
        ("change:example.org/a/b@" + "a" * 40, "/evidence/example.org/a/b/commit/" + "a" * 16 + "/"),
        ("model:change-type/2", "/models/change-type/2/"),
        ("change:nonsense", ""),
        ("unknown:x", ""),
    ],
)
def test_reference_leads_to_its_page(ref: str, page: str) -> None:
    assert page_of(ref) == page


def test_a_text_that_is_too_long_to_set_is_shown_as_it_was_written() -> None:
    found = markdown.render("# <b>a</b> " + "=" * markdown.MAX_CHARACTERS)
    assert markdown.TOO_LONG in found.html
    assert "# &lt;b&gt;a&lt;/b&gt; ===" in found.html
    assert markdown.plain("a \n b" + "=" * markdown.MAX_CHARACTERS).startswith("a b=")


def test_a_text_that_is_too_long_to_set_is_not_saved() -> None:
    assert embeds.problems("a" * markdown.MAX_CHARACTERS) == []
    [told] = embeds.problems("[[nonsense]] 7" + "a" * markdown.MAX_CHARACTERS)
    assert "65,550 characters" in told and "split it in two" in told


def test_headings_of_the_same_words_have_ids_of_their_own() -> None:
    found = markdown.render("## a\n\n## a 1\n\n## a\n\n## a\n\n## !")
    assert [anchor for _level, anchor, _title in found.contents] == ["s-a", "s-a-1", "s-a-2", "s-a-3", "s-section"]


def test_quotation_marks_are_set_unless_a_paragraph_is_made_of_them() -> None:
    assert "“a”" in markdown.render('"a" ' * 100).html
    assert "“" not in markdown.render('"a" ' * markdown.MAX_QUOTES).html
