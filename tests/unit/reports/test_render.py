"""A document in each format says the same, and text from outside stays text."""

import json
from typing import Any

import pytest

from analysis.reports import render, wording
from analysis.reports.difference import difference
from tests.pdf import empty_boxes

HOSTILE = '#panic("x") <script>alert(1)</script> [a](javascript:b) *c* `d` \\ "e"'


@pytest.fixture
def document() -> dict[str, Any]:
    return {
        "format": 1,
        "title": "What was built",
        "reader": "peer",
        "period": {"from": "2031-01-01", "to": "2031-12-31"},
        "scope": "made-up/repository",
        "totals": [
            {"label": "lines added", "value": 1204, "unit": "line", "kind": "measured", "receipt": "ab" * 32}
        ],
        "achievements": [
            {
                "title": HOSTILE, "title_source": "owner", "state": "draft", "summary": "", "part": "solo",
                "part_reason": "The owner is the only person among the authors.", "from": "2031-02-01",
                "to": "2031-02-09", "changes": ["change:example.org/made-up/repository#1"], "reasons": [],
                "missing": ["reviews"], "stale": "",
            }
        ],
        "claims": [{"quote": HOSTILE, "change": "change:x#1", "state": "stated", "review": "none", "claim": "claim:k"}],
        "changes": [{"ref": "change:x#1", "title": HOSTILE, "kind": "merge", "landed": "2031-02-02", "language": "Go"}],
        "listed_of": 3,
        "not_proven": ["Lines are a measure of size, not of value or effort."],
        "empty_reason": "",
    }  # fmt: skip


def test_markdown_numbers_its_figures_and_names_their_receipts(document: dict[str, Any]) -> None:
    text = render.as_markdown(document, "cd" * 32)
    assert "- lines added: 1,204 lines [1]" in text
    assert f"1. lines added, measured: `{'ab' * 32}`" in text
    assert "(draft)" in text.replace("\\", "")
    assert "and 2 earlier ones" in text
    assert "cd" * 32 in text


def test_markdown_escapes_what_could_be_markup(document: dict[str, Any]) -> None:
    text = render.as_markdown(document, "")
    assert "<script>" not in text
    assert "[a](" not in text


def test_figures_are_numbered_through_and_the_appendix_names_inputs_and_versions(document: dict[str, Any]) -> None:
    own = {"label": "changes landed", "value": 3, "unit": "change", "kind": "measured", "receipt": "ef" * 32}
    doubt = {**own, "label": "direct commits", "receipt": "01" * 32}
    entry = {"receipt": "ef" * 32, "method": "achievements.total", "version": "1",
             "inputs": [{"name": "changes", "ref": "achievement:x", "sha256": "cd" * 32}]}  # fmt: skip
    document["achievements"][0]["figures"] = [own]
    text = render.as_markdown({**document, "caveats": [doubt], "appendix": [entry]}, "")
    assert "changes landed: 3 changes [2]" in text
    assert "- direct commits: 3 changes [3]" in text
    plain = text.replace("\\", "")
    assert f"2. changes landed, measured: `{'ef' * 32}`, achievements.total 1 of changes cdcdcdcdcdcd" in plain


def test_a_document_of_the_first_format_still_renders(document: dict[str, Any]) -> None:
    assert "caveats" not in document
    assert render.as_markdown(document, "")
    assert render.as_pdf(document, "").startswith(b"%PDF-")


def test_a_managers_report_of_the_largest_kind_fits_a_page(document: dict[str, Any]) -> None:
    import typst

    row = {**document["achievements"][0], "title": "word " * 24, "summary": "word " * 48, "state": "published"}
    full = {
        **document, "reader": "manager", "achievements": [row] * 5, "claims": document["claims"] * 5, "changes": [],
        "totals": [{**document["totals"][0], "receipt": f"{n:02x}" * 32} for n in range(5)],
        "caveats": [{**document["totals"][0], "receipt": f"{n:02x}" * 32} for n in range(5, 8)],
        "not_proven": document["not_proven"] * 2,
    }  # fmt: skip
    pages = typst.compile(render.typst_source(full, "ab" * 32).encode(), format="png", ppi=30)
    assert isinstance(pages, bytes), f"{len(pages)} pages"


def test_no_installed_font_is_needed(document: dict[str, Any]) -> None:
    import typst

    assert typst.compile(render.typst_source(document, "").encode(), ignore_system_fonts=True).startswith(b"%PDF-")


def test_a_refusal_of_the_typesetter_names_the_other_formats(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "_STYLE", "#panic(")
    with pytest.raises(render.NotSet, match="Markdown and JSON"):
        render.as_pdf(document, "")


def test_json_is_the_document_itself(document: dict[str, Any]) -> None:
    assert json.loads(render.as_json(document, "cd" * 32)) == {**document, "sha256": "cd" * 32}


def test_pdf_is_made_and_hostile_text_cannot_run_in_it(document: dict[str, Any]) -> None:
    pdf = render.as_pdf(document, "cd" * 32)
    assert pdf.startswith(b"%PDF-")


def test_an_emoji_of_a_title_is_named_in_the_pdf_and_stays_itself_elsewhere(document: dict[str, Any]) -> None:
    title = "🚀 Ship the mirror 👩‍💻"
    document["changes"][0]["title"] = document["achievements"][0]["title"] = document["title"] = title
    assert empty_boxes(render.as_pdf(document, "")) == 0
    assert "[rocket] Ship the mirror [woman, personal computer]" in render.typst_source(document, "")
    assert f"# {title}" in render.as_markdown(document, "")


def test_amounts_agree_in_number() -> None:
    assert wording.amount(1, "line") == "1 line"
    assert wording.amount(1234567, "change") == "1,234,567 changes"


def test_difference_names_what_came_and_went(document: dict[str, Any]) -> None:
    later = {
        **document,
        "totals": [{**document["totals"][0], "value": 2000}],
        "achievements": [{**document["achievements"][0], "title": "Other", "changes": ["change:x#9"]}],
    }
    found = difference(document, later)
    assert found["totals"] == [{"label": "lines added", "unit": "line", "before": 1204, "now": 2000}]
    assert (found["new"], found["gone"]) == (["Other"], [HOSTILE])
