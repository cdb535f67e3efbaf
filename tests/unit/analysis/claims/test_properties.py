"""Whatever the text: quotes are verbatim, numbers stand in their quotes, and nothing crashes."""

import random
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.claims.extractor import extract
from analysis.claims.numerals import WORDS
from benchmarks.claims_texts import HOSTILE

PIECES = (
    "reduces", "improves", "faster", "slower", "from", "to", "by", "→", "->", "=>", "instead of",
    "before", "after", "build time", "memory", "coverage", "latency", "saves", "cost",
    "twice as fast", "halves", "was", "now", "main", "expected", "should", "not", "20%", "20-30%",
    "3 - 8%", "1.5x", "10×", "2:15", "1m30s", "45 min", "30 sec", "500ms", "3 µs", "$12k", "$.k",
    ",000/year", "€5", "12,500", "1.234,5", "0,5 s", "64 MB", "5 GiB/s", "1200 req/s", "#1234",
    "v1.2.3", "2026-01-02", "404s", "port 8080", "P95", "|", "(", ")", "**", "`", "`16`", "```",
    "\n", "\n\n", "- ", "> ", "# ", ". ", ", ", ": ", "; ", "\u200b", "\u202e", "１２％", "٣٤%", "🚀",
    "é", "中文", "%", "x", "-", "~", "≈", "<", ">", "...", "e.g.", "3pp", "99.9", "1" * 40, "minutes",
    "seconds", "from minutes to seconds", "&nbsp;", "<b>", "<!--", "-->", "https://e.org/1%20x",
    "\\+5.4%",
)  # fmt: skip

UNIT_WORDS = {"minutes", "seconds", "milliseconds", "hours", "days", "weeks"}
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=30).map(" ".join)


def check(text: str) -> int:
    found = extract(text)
    for claim in found.claims:
        assert text[claim.start : claim.end] == claim.quote != ""
        words = set(re.findall(r"[^\W\d_]+(?:-\w+)*", claim.quote.lower()))
        assert any(char.isdigit() for char in claim.quote) or words & (
            WORDS | {"minutes", "seconds", "hours", "days", "weeks"}
        )
        for span in (claim.scope, claim.period, *claim.context):
            assert span is None or text[span.start : span.end] == span.quote
    for refusal in found.refusals:
        assert text[refusal.start : refusal.end] == refusal.quote
    return len(found.claims)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(texts)
def test_every_claim_has_its_verbatim_quote(text: str) -> None:
    check(text)


@pytest.mark.long
@pytest.mark.timeout(1800)  # minutes of one core, and others may have it
def test_every_claim_of_a_hundred_thousand_texts_has_its_verbatim_quote() -> None:
    rng = random.Random(20_000)
    claims = sum(check(" ".join(rng.choices(PIECES, k=rng.randint(1, 30)))) for _ in range(100_000))
    assert claims > 10_000, "the generator must reach the check"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_survived(text: str) -> None:
    check(text)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_survived(name: str) -> None:
    """A catastrophic expression would run into the suite's time limit; ``benchmarks/claims.py`` measures each."""
    check(HOSTILE[name])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Build is ２０% faster", 20),
        ("Speicher um 12,5% reduced by 12,5%", 12.5),
        ("🚀🚀 20% faster 🚀", 20),
        ("\u202eBuild is 20% faster\u202c", 20),
        ("Build is 20\u00a0% faster", 20),
        ("Reduces memory by 1.234,5 MB", 1234.5),
        ("Reduces memory by 1,234.5 MB", 1234.5),
    ],
)
def test_unusual_writing_is_read(text: str, value: float) -> None:
    values = [claim.magnitude.value for claim in extract(text).claims]
    assert value in values
    check(text)


@pytest.mark.parametrize("text", ["2\u200b0% faster", "20\u200b% faster", "Build is 2 0% faster"])
def test_a_number_with_something_inside_is_not_guessed(text: str) -> None:
    check(text)
    assert all(claim.magnitude.value in (0, 20) for claim in extract(text).claims)
