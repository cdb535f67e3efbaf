"""Text from outside in a PDF: it cannot be markup, and no symbol of it comes out as an empty box."""

import unicodedata
from collections.abc import Iterable

import pytest
import typst

from evidence.typesetting import typst_string
from tests.pdf import empty_boxes, glyphs

SYMBOLS = [
    chr(code)
    for code in [*range(0x2000, 0x2C00), *range(0x1F000, 0x1FC00)]
    if unicodedata.category(chr(code)).startswith("S")
]


def _set(literals: Iterable[str]) -> bytes:
    """A PDF of these Typst literals, with the fonts that come with typst alone."""
    body = "\n\n".join(f"#text({literal})" for literal in literals)
    return typst.compile(f"#set page(width: 40cm, height: auto)\n{body}".encode(), ignore_system_fonts=True)


def test_a_symbol_that_no_font_has_is_seen_as_an_empty_box() -> None:
    pdf = _set(['"a🚀b"', '"\U0010fffd"'])
    assert (empty_boxes(pdf), len(glyphs(pdf))) == (2, 4)


def test_no_symbol_is_drawn_as_an_empty_box() -> None:
    assert len(SYMBOLS) > 4000
    assert empty_boxes(_set(typst_string(symbol) for symbol in SYMBOLS)) == 0


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("🚀 Ship it", "[rocket] Ship it"),
        ("✅ done, ❌ not", "✓ done, ✗ not"),
        ("👩‍💻 and 👍🏽", "[woman, personal computer] and [thumbs up sign]"),
        ("🇩🇪 1️⃣ ⚡️", "[flag DE] 1 ⚡"),
        ("🟢 passes", "[large green circle] passes"),
        ("→ 3 × faster, ½ the memory, §4 – “é” µ", "→ 3 × faster, ½ the memory, §4 – “é” µ"),
        ("日本語 العربية", "日本語 العربية"),
        ("a\u200db", "a b"),
        ("\U0001f8ff", "[U+1F8FF]"),
        ("🏽", ""),
    ],
)
def test_a_symbol_is_set_by_its_name_and_letters_stay(text: str, shown: str) -> None:
    assert typst_string(text) == f'"{shown}"'


@pytest.mark.parametrize("text", [
    '#panic("x") <script>alert(1)</script> [a](javascript:b) *c* `d` \\ "e"',
    "", "\\", '"', "a\nb\x00c", "\u202eabc", "#{1+1}", "$x$", "🚀\\", "\ufe0f\u200d",
])  # fmt: skip
def test_typst_strings_hold_any_text(text: str) -> None:
    assert _set([typst_string(text)]).startswith(b"%PDF-")
