"""A pasted job description: which lines ask for something, which terms they name, and what is no term."""

import time

import pytest

from analysis.reports.description import LONGEST, DescriptionError, clean, read
from analysis.reports.language import language_of
from analysis.reports.terms import NOT_SHOWN, Vocabulary

LIST = """We are a made-up shop that sells shelves to people who read.

Requirements:
- Five years of Python in production, and some Go
* Tests that you trust
1. A degree in carpentry or
   in computer science

You must know how to write documentation. Our office has a garden.

Benefits
- Java and cake on Fridays
What you'll do
- Make the search quicker
"""
GERMAN = """Wir suchen eine Person, die mit uns Regale baut und dabei auf die Tests achtet.
- Erfahrung mit Python und PostgreSQL ist von Vorteil
- Freude an der Dokumentation"""


def asked(text: str) -> list[str]:
    return [line.text for line in read(clean(text)).lines if line.asks]


def keys(line: str, **more: bool) -> list[str]:
    return [term.key for term in Vocabulary(["PostgreSQL"]).find(line, **more)]


def test_entries_and_asking_sentences_are_requirements_and_benefits_are_left_out() -> None:
    assert asked(LIST) == [
        "Five years of Python in production, and some Go",
        "Tests that you trust",
        "A degree in carpentry or in computer science",
        "You must know how to write documentation.",
        "Make the search quicker",
    ]
    assert read(clean(LIST)).skipped == ("Benefits",)


def test_html_source_is_read_as_its_text_and_script_stays_text() -> None:
    found = asked("<ul><li>You know <b>Python</b> &amp; SQL</li><li>You must <script>alert(1)</script></li></ul>")
    assert found == ["You know Python & SQL", "You must <script>alert(1)</script>"]


@pytest.mark.parametrize("text", ["", "  \n\t", "\x00\x00", "--- 12 ---"])
def test_an_empty_text_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(DescriptionError, match="paste its text"):
        clean(text)


def test_a_text_of_200_kilobytes_is_refused_with_its_size_and_what_to_do() -> None:
    with pytest.raises(DescriptionError, match=r"200,000 bytes; at most 40,960 are read. Paste only the part"):
        clean("a" * 200_000)
    assert clean("ä" * (LONGEST // 2))
    with pytest.raises(DescriptionError):
        clean("ä" * (LONGEST // 2 + 1))


def test_what_no_store_can_hold_is_taken_out() -> None:
    assert clean("Python\x00\ud800 and\x1b[31m Go\r\nRust") == "Python   and [31m Go\nRust"


@pytest.mark.parametrize(
    "piece", ["<p ", "- ", " ", "\n ", "&amp;", "Go,", "a-", "ab. Cd ", "(", "1. ", "native ", "Kafka ", "years of "]
)
def test_no_text_of_the_largest_size_is_slow(piece: str) -> None:
    """In processor time, and far above what it takes: something that grows with the square takes minutes."""
    text = (piece * LONGEST)[: LONGEST - 2] + "xy"
    vocabulary, start = Vocabulary(), time.process_time()
    for line in read(clean(text)).lines:
        vocabulary.find(line.text)
        vocabulary.unknown(line.text)
        for _, pattern in NOT_SHOWN:
            pattern.search(line.text)
    assert time.process_time() - start < 20


@pytest.mark.parametrize(
    ("text", "language"),
    [(LIST, "en"), (GERMAN, "de"), ("Python, SQL, Terraform", "en"), ("Знание Python и опыт разработки", ""),
     ("Vous avec nous pour des étagères dans le jardin", "fr")],
)  # fmt: skip
def test_the_language_is_told_by_small_words(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Python, C/C++ and Node", ["Python", "C", "C++"]),
        ("We write Go and golang", ["Go"]),
        ("Go, TypeScript", ["Go", "TypeScript"]),
        ("bash scripts", ["Shell"]),
        ("postgresql tuning", ["PostgreSQL"]),
        ("Experience in R, C# or F#.", ["R", "C#", "F#"]),
        ("Unit tests and CI/CD", ["test", "ci"]),
        ("JavaScript", ["JavaScript"]),
    ],
)
def test_whole_words_and_stated_synonyms_are_terms(line: str, found: list[str]) -> None:
    assert keys(line) == found


@pytest.mark.parametrize(
    "line",
    ["Go beyond what you see", "Let us go and look", "A go-to person", "Pythonic, scalability, javascripty",
     "R&D budget", "A series C company, funded", "C-level contacts", "Swift answers", "the latest", "gopher.python",
     "A/B testing", "penetration testing", "Rust never sleeps", "rest and less stress", "security clearance"],
)  # fmt: skip
def test_a_word_that_means_another_thing_is_no_term(line: str) -> None:
    assert keys(line) == []


def test_in_another_language_only_names_are_read() -> None:
    assert keys("Python mit performance tuning und PostgreSQL", names_only=True) == ["Python", "PostgreSQL"]


def test_words_that_look_like_names_and_are_none_of_the_terms_are_told() -> None:
    vocabulary = Vocabulary()
    assert vocabulary.unknown("Experience with Python, Kafka and AWS in production") == ["Kafka", "AWS"]
    assert vocabulary.unknown("Strong writing, in English") == []
    assert vocabulary.unknown("Great Shelves For Good Readers") == []
