"""The quick redaction finds the same places as the plain one, on texts made of what each of them looks at."""

import random
import re
from collections.abc import Iterator

import pytest

from evidence import redaction
from evidence import secret_patterns as patterns
from tests.unit.evidence import plain_redaction as plain

_WORDS = (
    "password passwords passwd passphrase pwd secret Secrets token tokens api_key apikey API-KEYS access_key auth_keys "
    "private-key account_key signing_key encryptionkey master_key credentials connection_string key keys KEY Token "
    "SECRET \u017fecret token\u017f \u212aey ap\u0130_key ap\u0131_key"
)
WORDS = _WORDS.split()
PIECES = [
    "=", ":=", "=>", "==", ":", " is ", "is ", " = ", ": ", " ", "  ", "\t", "\n", "'", '"', "`", "@", "%40", "&#64;",
    "&commat;", ".", "-", "_", "/", "+", "<", ">", "(", ")", "[", "]", ",", ";", "curl", "curl -u", " -u ", " --user ",
    "--user=", "bob:s3cret", "eyJ", ".eyJ", ".eyJhbGciOiJI", "eyJhbGciOiJI", "git", "com", "png", "xn--p1ai", "a", "B",
    "7", "aB3", "_count", "_NAME", "hash", "example", "\u00e9", "\u00df", "\u0130", "\u03c3\u03a3", "\u2028",
    "git@x.com:",
]  # fmt: skip
LETTERS = "abcdefghijkKLMNOPQR0123456789/+_-=."
LENGTHS = (3, 18, 19, 20, 21, 22, 30, 45, 199, 200, 201, 202, 203, 204)


def texts(seed: int, number: int) -> Iterator[str]:
    """Texts in which words, separators and tokens of telling lengths meet by chance; the same ones each time."""
    draw = random.Random(seed)
    for _ in range(number):
        tokens = ["".join(draw.choices(LETTERS, k=draw.choice(LENGTHS))) for _ in range(3)]
        tokens += ["".join(draw.choices(LETTERS[:-5], k=25)) + draw.choice(["", "=", "==="]) for _ in range(2)]
        few = draw.sample(WORDS, 3) + draw.sample(PIECES, 5) + tokens + [" ", " "]
        pool = draw.choice([few, WORDS + PIECES + tokens])
        yield "".join(draw.choices(pool, k=draw.randrange(1, 60))) * draw.choice([1] * 20 + [5])


def places(spans: Iterator[redaction.Span]) -> list[tuple[int, int]]:
    return [(start, end) for start, end, _kind in spans]


@pytest.mark.parametrize("seed", range(8))
def test_the_quick_way_finds_what_the_plain_way_finds(seed: int) -> None:
    curl = next(pattern for pattern in patterns.TOKENS if pattern.kind == "curl-password")
    found = dict.fromkeys(["assignments", "nearby", "emails", "curl", "web tokens"], 0)
    for text in texts(seed, 400):
        folded = patterns.folded(text)
        pairs = {
            "assignments": (places(redaction._assignments(text, folded)), [*plain.assignments(text)]),
            "nearby": (places(redaction._nearby(text, folded)), [*plain.nearby(text)]),
            "emails": (places(redaction._emails(text)), [*plain.emails(text, redaction._FILE_ENDINGS)]),
            "curl": (places(redaction._pattern_spans(curl, text)), [*plain.curl_passwords(text)]),
            "web tokens": (places(redaction._web_tokens(text)), [*plain.web_tokens(text)]),
        }
        for name, (quick, slow) in pairs.items():
            assert quick == slow, (name, text)
            found[name] += len(slow)
    assert min(found.values()) > 0, found


def test_folding_keeps_every_place_and_takes_what_ignored_case_takes() -> None:
    letters, folded_letters = re.compile("[A-Za-z]", re.IGNORECASE), re.compile("[a-z]")
    for code in range(0x110000):
        character = chr(code)
        folded = patterns.folded(character)
        assert len(folded) == 1
        assert bool(letters.match(character)) == bool(folded_letters.match(folded))
        assert (character.isalnum(), character.isspace()) == (folded.isalnum(), folded.isspace())


@pytest.mark.parametrize("length", [7, 8, 2047, 2048, 2049])
def test_the_first_part_of_a_web_token_keeps_its_bounds(length: int) -> None:
    text = "-eyJ" + "a" * length + ".eyJ" + "b" * 9 + ".c eyJ"
    assert places(redaction._web_tokens(text)) == [*plain.web_tokens(text)]
