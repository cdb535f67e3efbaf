"""A summary made of the documents' own sentences, each naming where it stands.

Sentences are ranked by what they share with the other sentences (a random walk over their similarity, as LexRank does),
by place, by kinship with the first document (the title), and by what they are about: a change that was made counts more
than advertising, plans and notes. A sentence close to one already taken is passed over.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mlops.routing.local.text import Unit, units, words
from mlops.routing.records import Document, Sentence

MAX_UNITS = 400  # enough for a long description; the walk is quadratic


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP = _words(
    "the and for with that this from are was were will can has have had not but all any into its our your "
    "their out than then now also via per use used using when which who how what been more most each only "
    "other some such to of in on is it as by be or an we you they he she at if no so do does did "
)
MADE = re.compile(
    r"^(?:\W|:\w+:)*(?:add|creat|implement|built|build|introduc|replac|remov|delet|fix|resolv|mov|renam|extract|split|"
    r"merg|chang|updat|upgrad|migrat|consolidat|eliminat|reduc|improv|cach|enabl|disabl|support|refactor|convert|switch|prevent|"
    r"allow|handl|drop|simplif|unif|integrat|expos|correct|stop|avoid|limit|validat|encrypt|automat|configur)\w*\b",
    re.I,
)
WHY = re.compile(
    r"\b(?:because|so that|in order to|previously|root cause|instead of|failed|broke|caused|problem)\b", re.I
)
HYPE = re.compile(
    r"\b(?:enterprise-grade|world-class|production-ready|interview|portfolio|talking point|showcase|impressive|"
    r"next phase|ready (?:for|to)|top 1%|roi|breakthrough|cutting-edge|state-of-the-art|"
    r"game.chang\w*|seamless\w*|robust|hiring|"
    r"minor linting|follow-up|positioning|mission accomplished|ultimate|revolutionary|comprehensive|demonstrates?|"
    r"senior|job|salary|roles?|lead generation|target:|potential|projected|experience)\b",
    re.I,
)
LOUD_SECTIONS = re.compile(
    r"next|todo|checklist|test plan|how to|interview|portfolio|talking|benefit|status|note|ready|screenshot|career|"
    r"value|business|dependenc|files? (?:created|changed|modified)|type of change|highlights?",
    re.I,
)
# What was tidied along the way, and how to call something: true, and not what a reader asks for.
MINOR = re.compile(
    r"\b(?:lint\w*|typos?|formatting|whitespace|unused (?:imports?|variables?)|merge conflicts?|trigger ci)\b|"
    r"^\W*(?:\w+(?:\([^)]*\))?!?:\s*)?(?:disable auto|clean ?up)|"
    r"^\W*`?(?:just|make|npm|yarn|pip|docker|python3?|\./)\s?\S+.*(?:→|->| - )",
    re.I,
)
# What had to be done so that the change could land, and where it is spoken of: no part of the change itself, unless the
# title says that it is.
UPKEEP = re.compile(
    r"\b(?:ci|workflows?|pipelines?|tests?)\b[^.]{0,40}\b(?:fail\w*|errors?|timeouts?)\b|"
    r"\bfail\w*\b[^.]{0,30}\b(?:ci|workflows?|tests?)\b|\b(?:test comment|automated fixes)\b|"
    r"^\W*(?:ci|tests?|style)(?:\([^)]*\))?!?:|^\W*merge\b.*\b(?:branch|into|main|master)\b|"
    r"\breview (?:feedback|comments?)\b|\bsuggestions from\b.{0,20}\breview\b|\bpr description\b|"
    r"^\W*update \S+\.\w+\W*$|"
    r"^\W*(?:fix(?:e[sd])?|close[sd]?|resolve[sd]?|supersedes?|port of|part of|refs?|see|related to):?\s+"
    r"(?:\S*#\d+|https?://\S+)\W*$",
    re.I,
)
CLEAR_SECTIONS = re.compile(
    r"summary|what|change|fix|implement|problem|cause|solution|overview|motivation|why|descri", re.I
)


def summarise(documents: Sequence[Document], max_chars: int = 900, max_sentences: int = 6) -> tuple[Sentence, ...]:
    """Up to `max_sentences` quotations in reading order; `documents[n].text[start:end]` is each one's text.

    The first document is taken for the title when it is short: it steers the choice and opens the summary.
    """
    pool = _pool(documents)
    if not pool:
        return ()
    bags = [Counter(word for word in words(_text(documents, entry)) if word not in STOP) for entry in pool]
    vectors = _vectors(bags)
    likeness = vectors @ vectors.T
    scores = _rank(documents, pool, bags, likeness)
    taken = _take(documents, pool, scores, likeness, bags, max_chars, max_sentences)
    return tuple(
        Sentence(_text(documents, pool[at]), documents[pool[at][0]].name, pool[at][1].start, pool[at][1].end)
        for at in sorted(taken)
    )


Entry = tuple[int, Unit]


def _text(documents: Sequence[Document], entry: Entry) -> str:
    number, unit = entry
    return documents[number].text[unit.start : unit.end]


def _pool(documents: Sequence[Document]) -> list[Entry]:
    """The units worth ranking; the same wording counts once."""
    seen: set[str] = set()
    pool: list[Entry] = []
    for number, document in enumerate(documents):
        for unit in units(document.text):
            key = " ".join(words(document.text[unit.start : unit.end]))
            size = unit.end - unit.start
            if unit.quiet or key in seen or size > 500 or (size < 15 and number):
                continue
            seen.add(key)
            pool.append((number, unit))
    return pool[:MAX_UNITS]


def _vectors(bags: list[Counter[str]]) -> npt.NDArray[np.float64]:
    """Rows of unit length, weighted so that words of every sentence count little."""
    spread = Counter(word for bag in bags for word in bag)
    index = {word: at for at, word in enumerate(spread)}
    rows = np.zeros((len(bags), max(1, len(index))))
    for at, bag in enumerate(bags):
        for word, count in bag.items():
            rows[at, index[word]] = (1 + math.log(count)) * math.log(1 + len(bags) / spread[word])
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def _walk(likeness: npt.NDArray[np.float64], damping: float = 0.85, rounds: int = 30) -> npt.NDArray[np.float64]:
    """Where a reader ends who keeps moving to similar sentences; scaled to at most one."""
    links = np.where(likeness > 0.05, likeness, 0.0)
    np.fill_diagonal(links, 0.0)
    totals = links.sum(1, keepdims=True)
    steps = np.divide(links, totals, out=np.full_like(links, 1 / len(links)), where=totals > 0)
    place = np.full(len(links), 1 / len(links))
    for _ in range(rounds):
        place = (1 - damping) / len(links) + damping * place @ steps
    return place / place.max()


def _rank(
    documents: Sequence[Document], pool: list[Entry], bags: list[Counter[str]], likeness: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    scores = 0.8 * _walk(likeness)
    first = [at for at, (number, _) in enumerate(pool) if number == 0]
    title = bool(first) and len(documents) > 1 and len(documents[0].text) <= 200
    several = len(documents) > 3
    upkeep = title and bool(UPKEEP.search(documents[0].text))
    kin = _kin(pool, likeness, first) if title and several else {}
    for at, (number, unit) in enumerate(pool):
        text = _text(documents, pool[at])
        if title:
            scores[at] += 0.5 * float(likeness[at, first].max())
        scores[at] += 0.25 / (1 + 0.2 * (unit.start / 200))
        scores[at] += 0.4 * bool(MADE.search(text)) + 0.3 * bool(WHY.search(text))
        scores[at] += 0.15 * bool(re.search(r"\d|`[^`]+`", text)) + 0.25 * bool(CLEAR_SECTIONS.search(unit.section))
        scores[at] -= 0.7 * min(2, len(HYPE.findall(text))) + 0.6 * bool(LOUD_SECTIONS.search(unit.section))
        # The first line of one of several texts is what its author said that it does.
        leads = several and number > 0 and unit.start == 0 and unit.end <= 120
        scores[at] += 0.2 * (leads and title and float(likeness[at, first].max()) > 0.1)
        minor, beside = bool(MINOR.search(text)), not upkeep and bool(UPKEEP.search(text))
        scores[at] += 0.7 * kin.get(number, 0.0) * (not minor and not beside) - 0.6 * minor - 1.0 * beside
        size = sum(bags[at].values())
        scores[at] -= 0.6 * text.endswith((":", ",")) + 0.2 * max(0, len(re.findall("[✅🎯🚀]", text)) - 1)
        scores[at] -= 0.5 * (size < 4) + 0.15 * (size < 6) + 0.3 * (size > 45)
    if title and first:
        scores[first[0]] += 5  # the title opens the summary
    return scores


def _kin(pool: list[Entry], likeness: npt.NDArray[np.float64], title: list[int]) -> dict[int, float]:
    """How much each text opens like the title, 1 for the one that does most: of several, that one tells the change."""
    opens: dict[int, float] = {}
    for at, (number, _unit) in enumerate(pool):
        if number and number not in opens:
            opens[number] = float(likeness[at, title].max())
    most = max(opens.values(), default=0.0)
    return {number: value / most for number, value in opens.items()} if most > 0.1 else {}


def _take(
    documents: Sequence[Document], pool: list[Entry], scores: npt.NDArray[np.float64],
    likeness: npt.NDArray[np.float64], bags: list[Counter[str]], max_chars: int, max_sentences: int,
) -> list[int]:  # fmt: skip
    """Best first, each judged by what it adds to those taken before."""
    taken: list[int] = []
    said: set[str] = set()
    left, open_ = max_chars, set(range(len(pool)))
    while open_ and len(taken) < max_sentences:
        spoken = Counter(pool[at][0] for at in taken)
        nearest = likeness[:, taken].max(1) if taken else np.zeros(len(pool))
        worth = {at: scores[at] - 1.2 * nearest[at] - 0.1 * max(0, spoken[pool[at][0]] - 2) for at in open_}
        best = max(sorted(worth), key=lambda at: worth[at])
        open_.discard(best)
        cost = pool[best][1].end - pool[best][1].start + len(documents[pool[best][0]].name) + 4
        alike = bool(taken) and float(likeness[best, taken].max()) > 0.5
        if cost > left or alike or len(bags[best].keys() & said) > 0.65 * max(1, len(bags[best])):
            continue
        if taken and worth[best] < (0.1 if len(taken) >= 3 else 0.0):
            break  # what is left says nothing
        taken.append(best)
        said |= bags[best].keys()
        left -= cost
    return taken
