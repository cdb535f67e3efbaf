"""Row 34: an attack corpus in every field runs nothing in a real browser and breaks no policy; no text takes long."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from analysis.change_types import rules
from analysis.claims.explain import explain
from evidence.redaction import redact
from portfolio.publishing import markdown
from tests.e2e.conftest import browser, visit
from tests.integration.portfolio.test_hostile_text import CORPUS, dangers, hostile

__all__ = ["browser", "hostile", "visit"]

LONGEST = 65_536  # characters of a description at GitHub
PIECES = (
    "a", " ", "1", "1,", "1.5 ", "<", "[", "*", "_a", "`", "a@", "a.b@", "\n", "- ", "> ", "[a](", "![", "from 1 to ",
    "1% ", "eyJ", "-----BEGIN ", "AKIA", "http://", "|", "&#x", "~~~\n", "```\n", "[[figure ", "\t", "0x", "a-",
    "password=", "\u202e\u200b", "é́", "\x00", "<svg/onload=", "[^", "](", "<http://", "=\n", "# a\n", "\"", "'",
)  # fmt: skip
READ_FROM_OUTSIDE: dict[str, Callable[[str], Any]] = {
    "claims": explain,
    "types": lambda text: rules.decide(text, ["a.py"]),
    "redaction": redact,
    "numbers": markdown.bare_numbers,
}
_WATCH = """
window.broken = [];
addEventListener("securitypolicyviolation", event => broken.push(`${event.violatedDirective} ${event.blockedURI}`));
for (const name of ["alert", "confirm", "prompt"]) window[name] = text => broken.push(`${name} ${text}`);
"""


def seconds(read: Callable[[str], Any], text: str) -> float:
    """Processor seconds of the faster of two readings."""
    taken = []
    for _ in range(2):
        started = time.process_time()
        read(text)
        taken.append(time.process_time() - started)
    return min(taken)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_row_34_nothing_runs_and_no_policy_is_broken_in_a_browser(visit: Any, hostile: list[str]) -> None:
    visitor = visit()
    visitor.context.add_init_script(_WATCH)
    found: dict[str, Any] = {}
    for url in [*hostile, "/feed-that-is-not/<script>alert(1)</script>"]:
        visitor.page.goto(url)
        visitor.page.mouse.click(5, 5)
        if broken := visitor.page.evaluate("window.broken"):
            found[url] = broken
    assert found == {}
    assert [line for line in visitor.wrong if "404" not in line] == []


@pytest.mark.long  # it holds a time of the clock, which belongs to no default suite
@pytest.mark.parametrize("name", READ_FROM_OUTSIDE)
def test_row_34_no_text_of_the_longest_length_takes_200_ms(name: str) -> None:
    slow = {}
    for piece in PIECES:
        taken = seconds(READ_FROM_OUTSIDE[name], (piece * LONGEST)[:LONGEST])
        if taken > 0.2:
            slow[piece] = taken
    assert slow == {}


@pytest.mark.parametrize("piece", ["x", "1", " ", "a@", "<img src=x onerror=y> "])
def test_row_34_a_line_of_a_megabyte_is_redacted_in_time(piece: str) -> None:
    line = (piece * 1_000_000)[:1_000_000]
    whole = seconds(redact, line)
    assert whole < 20 * max(seconds(redact, line[:100_000]), 0.02), "time grows with the length, not with its square"


def test_row_34_what_the_owner_writes_renders_inert_and_in_time() -> None:
    squares = {}
    for piece in PIECES:
        text = (piece * 32_768)[:32_768]
        growth = seconds(markdown.render, text) / max(seconds(markdown.render, text[:4_096]), 0.01)
        if growth > 24:
            squares[piece] = growth
        assert dangers(str(markdown.render(text).html)) == []
    assert squares == {}, "eight times the text takes about eight times as long, and not sixty-four"
    assert dangers(str(markdown.render("\n\n".join(CORPUS)).html)) == []
