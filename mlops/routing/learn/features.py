"""What a prompt looks like, in numbers that need no model: size, figures, question form, answer options.

Plain Python, so that the served router computes them without sklearn.
"""

from __future__ import annotations

import math
import re


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Words whose count says something about the kind of question or the number of steps it takes.
CUES = _words(
    "each every per twice half third quarter double triple times more less fewer than total left remaining if average "
    "ratio first then after before together same rest only all both an hour minute day week month year percent dollar "
    "cent mile feet inch pound gallon age old speed price cost sold profit discount tax interest he she they how many "
    "much what which who why when not except according following best most likely true false statement between is are "
    "was would should law court plaintiff defendant state patient calculate find value equal number group function "
    "theory because"
)
_PLACE = {cue: at for at, cue in enumerate(CUES)}
COUNTING = frozenset(_words(
    "two three four five six seven eight nine ten eleven twelve dozen hundred thousand half twice thrice third quarter "
    "double triple"
))  # fmt: skip
OPTIONS = re.compile(r"\nA\. (.*)\nB\. (.*)\nC\. (.*)\nD\. (.*?)(?:\nAnswer:|\Z)", re.S)
_WORD = re.compile(r"[a-z']+")
_NUMBER = re.compile(r"\d[\d,]*\.?\d*")
_SENTENCE_END = re.compile(r"[.?!]\s+")
_FRACTION = re.compile(r"\d+/\d+")
_NAME = re.compile(r"\b[A-Z][a-z]+")
_LOUD = re.compile(r"\b[A-Z]{2,}\b")
_SYMBOL = re.compile(r"[=+*^<>|\\{}\[\]]")
_OPTION_SYMBOL = re.compile(r"[=+*^<>\\{}]")
_OPTION_WORD = re.compile(r"[a-z0-9']+")
_ONLY_NUMBER = re.compile(r"[^a-zA-Z]*\d[^a-zA-Z]*")
_EMPHASIS = re.compile(r"\b(?:NOT|EXCEPT|LEAST)\b")
_NEGATION = re.compile(r"\b(?:not|no|never|none|without|n't)\b")
STEM_SIZE, OPTION_SIZE = 27, 20
SIZE = STEM_SIZE + len(CUES) + OPTION_SIZE


def hand(prompt: str) -> list[float]:
    """`SIZE` numbers about a prompt; the options' part is zero for a prompt without options."""
    match = OPTIONS.search(prompt)
    stem = prompt[: match.start()] if match else prompt
    words = _WORD.findall(stem.lower())
    cues = [0.0] * len(CUES)
    for word in filter(_PLACE.__contains__, words):
        cues[_PLACE[word]] += 1
    options = _options(stem, match.groups(), set(words)) if match else [0.0] * OPTION_SIZE
    return [*_stem(stem, words), *cues, *options]


def _stem(stem: str, words: list[str]) -> list[float]:
    low, many = stem.lower(), max(1, len(words))
    numbers = _NUMBER.findall(stem)
    values = [value for value in map(_value, numbers) if value is not None]
    sentences = [part for part in _SENTENCE_END.split(stem) if part.strip()]
    sizes, counted = list(map(len, words)), sum(map(COUNTING.__contains__, words))
    end = stem.rstrip()
    return [
        math.log1p(len(stem)), math.log1p(many), len(sentences), many / max(1, len(sentences)),
        len(numbers), len(set(numbers)), counted, counted + len(numbers),
        max((math.log1p(value) for value in values), default=0.0), sum("." in number.rstrip(".") for number in numbers),
        stem.count("%") + low.count("percent"), stem.count("$"), len(_FRACTION.findall(stem)) if "/" in stem else 0,
        sum(sizes) / many, len(set(words)) / many, len(_NAME.findall(stem)),
        len(_LOUD.findall(stem)), len(_SYMBOL.findall(stem)), stem.count("_"),
        stem.count("\n"), stem.count(","), end.endswith("?"), end.endswith("."),
        sum(value >= 100 for value in values), sum(value != int(value) for value in values),
        len(sentences[-1]) if sentences else 0, sum(size > 9 for size in sizes) / many,
    ]  # fmt: skip


def _value(number: str) -> float | None:
    try:
        return min(float(number.replace(",", "").rstrip(".")), 1e15)
    except ValueError:
        return None


def _options(stem: str, options: tuple[str, ...], stem_words: set[str]) -> list[float]:
    sizes = [len(option) for option in options]
    mean = sum(sizes) / 4
    spread = math.sqrt(sum((size - mean) ** 2 for size in sizes) / 4)
    low = [option.lower() for option in options]
    bags = [set(_OPTION_WORD.findall(option)) for option in low]
    pairs = [_overlap(bags[a], bags[b]) for a in range(4) for b in range(a)]
    return [
        math.log1p(mean), math.log1p(max(sizes)), math.log1p(min(sizes)), spread / (1 + mean),
        sum(bool(_ONLY_NUMBER.fullmatch(option)) for option in options),
        sum(any(map(str.isdigit, option)) for option in options),
        sum("of the above" in option for option in low),
        sum(len(bag & stem_words) / (1 + len(bag)) for bag in bags) / 4, sum(pairs) / 6,
        sum(bool(_NEGATION.search(option)) for option in low),
        sum(bool(_OPTION_SYMBOL.search(option)) for option in options),
        sum(option[:1].isupper() for option in options) / 4,
        sum("true" in option or option.strip() == "false" for option in low),
        sum(option.strip().endswith(".") for option in options),
        sum(";" in option or " and " in option for option in options),
        bool(_EMPHASIS.search(stem)), "Statement 1" in stem, "___" in stem,
        math.log1p(sum(sizes)), sizes.index(max(sizes)),
    ]  # fmt: skip


def _overlap(left: set[str], right: set[str]) -> float:
    """Shared words by all words, smoothed."""
    shared = len(left & right)
    return shared / (1 + len(left) + len(right) - shared)
