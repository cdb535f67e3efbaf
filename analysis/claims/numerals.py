"""Numerals: what "1,234.5", "0,5", "12k" and "twice" stand for, and which ones are damaged.

A numeral that a shell or an editor has eaten a part of (",000/year", "$.k") has no value: it is refused, not
repaired.
"""

from __future__ import annotations

import re

MAX_DIGITS = 24  # longer runs of digits are hashes and keys

_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_GROUPED_DOT = re.compile(r"\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?|\d{1,3}(?:\.\d{3})+,\d+")
_GROUPED_LOW = re.compile(r"\d{1,3}(?:_\d{3})+(?:\.\d+)?")

# The closed lexicon: each word carries its number, so that a quotation with the word carries the number too.
FACTOR_WORDS: dict[str, float] = {
    "twice": 2, "double": 2, "doubles": 2, "doubled": 2, "doubling": 2,
    "thrice": 3, "triple": 3, "triples": 3, "tripled": 3, "tripling": 3,
    "quadruple": 4, "quadruples": 4, "quadrupled": 4, "quadrupling": 4,
    "twofold": 2, "threefold": 3, "fourfold": 4, "fivefold": 5, "tenfold": 10,
    "two-fold": 2, "three-fold": 3, "four-fold": 4, "five-fold": 5, "ten-fold": 10,
}  # fmt: skip
HALF_WORDS: dict[str, float] = {"halve": 50, "halves": 50, "halved": 50, "halving": 50, "half": 50}
SHARE_WORDS: dict[str, float] = {"half": 50, "third": 100 / 3, "quarter": 25, "two-thirds": 200 / 3}
COUNT_WORDS: dict[str, float] = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twenty": 20, "fifty": 50, "hundred": 100,
}  # fmt: skip
WORDS = frozenset(FACTOR_WORDS) | frozenset(HALF_WORDS) | frozenset(SHARE_WORDS) | frozenset(COUNT_WORDS)


def parse(numeral: str) -> float | None:
    """The value of a numeral, or None where its writing has no certain meaning (dotted versions, bad groups)."""
    clean = numeral.replace("\\", "")
    if len(clean) > MAX_DIGITS:
        return None
    commas, dots = clean.count(","), clean.count(".")
    if not commas and dots <= 1 and "_" not in clean:
        return float(clean)
    if _GROUPED.fullmatch(clean):
        return float(clean.replace(",", ""))
    if _GROUPED_LOW.fullmatch(clean):
        return float(clean.replace("_", ""))
    if _GROUPED_DOT.fullmatch(clean):
        return float(clean.replace(".", "").replace(",", "."))
    if commas == 1 and not dots:
        head, tail = clean.split(",")
        # "0,5" is a decimal comma; "12,5000" is nothing that anybody writes.
        return float(f"{head}.{tail}") if len(tail) in (1, 2) or head == "0" else None
    return None


def step_of(numeral: str) -> float:
    """Half of the last printed digit: how far rounding can have moved the number."""
    clean = numeral.replace("\\", "").replace(",", "").replace("_", "")
    decimals = len(clean.partition(".")[2])
    return 0.5 * 10.0**-decimals


def word_value(word: str) -> float | None:
    """The number that a word of the closed lexicon carries, or None."""
    for lexicon in (FACTOR_WORDS, HALF_WORDS, SHARE_WORDS, COUNT_WORDS):
        if word in lexicon:
            return lexicon[word]
    return None
