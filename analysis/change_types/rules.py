"""Version 1: words, paths and bots. It needs no training data, no library and no store, so it always exists.

Rules are read from top to bottom; the first that holds decides. Each has a name (shown as the reason) and the share of
its answers that readers accepted, measured on held-out public histories (docs/benchmarks.md), as its probability.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis.change_types.files import BUILD, CHANGES, CI, DOCS, LOCK, MANIFEST, STYLE, TEST, kinds_of
from analysis.change_types.labels import REVERT_TITLE, SECURITY_WORDS, is_bot_bump


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules say: a type (None when no rule holds), how often that rule is right, and the rule's name."""

    type: str | None
    probability: float
    rule: str


def _words(pattern: str) -> Callable[[str, frozenset[str]], bool]:
    found = re.compile(pattern, re.I)
    return lambda text, kinds: bool(found.search(text))


def _only(*allowed: str) -> Callable[[str, frozenset[str]], bool]:
    return lambda text, kinds: bool(kinds) and kinds <= frozenset(allowed)


def _both(*conditions: Callable[[str, frozenset[str]], bool]) -> Callable[[str, frozenset[str]], bool]:
    return lambda text, kinds: all(condition(text, kinds) for condition in conditions)


_MAINTENANCE = _only(LOCK, MANIFEST, CI, BUILD, CHANGES, DOCS)
_PERFORMANCE = _words(
    r"\b(?:speed(?:s|ed|ing)?[- ]?up|faster|perf(?:ormance)?|optimi[sz]e[sd]?|optimi[sz](?:ing|ation)|n\+1|latency|"
    r"throughput|(?:reduce|avoid|fewer|less|unnecessary|redundant) (?:\w+ )?"
    r"(?:allocations?|clones?|cloning|copies|copying|"
    r"queries|lookups?|memory|iterations?)|cache (?:compiled|result|lookup)|memoi[sz]e|inline hints?|micro-?opt\w*|"
    r"quick(?:er|ly)|hot path)\b"
)
_DEPENDENCY = _words(
    r"^(?:bump|upgrade|update|pin|unpin|lock)\b.*(?:\bto v?\d|\bfrom v?\d|\bdeps\b|\bdependenc|\brequirements\b|@v?\d|"
    r"\bversions?\b|\bdigest\b|lock ?file|\bcrates?\b)|^(?:bump|pin)\b"
)
_TESTING = _words(
    r"^(?:add|adds|added|fix|improve|more|extend|update|refactor|cover)\b.{0,30}\b"
    r"(?:tests?|test cases?|coverage|flaky)\b|^tests?\b"
)
_DOCUMENTING = _words(r"\b(?:typos?|docs?|docstrings?|documentation|readme|changelog|document(?:s|ed)?|comments?)\b")
_BUILDING = _words(
    r"\b(?:ci|github actions?|workflows?|travis|appveyor|build system|release script|makefile|dockerfile|cmake)\b"
)
_FIXING = _words(
    r"\b(?:fix(?:es|ed|ing)?|bugs?|crash(?:es|ed)?|regressions?|correct(?:s|ly|ed)?|incorrect(?:ly)?|"
    r"wrong(?:ly)?|broken|fail(?:s|ed|ing|ures?)?|"
    r"prevents?|handle[sd]?|panics?|don'?t|do not|should(?:n'?t)?|ensure|properly|missing|avoid|"
    r"resolve[sd]?|errors?|leaks?|race)\b"
)
_REFACTORING = _words(
    r"^(?:refactor\w*|rename[sd]?|move[sd]?|extract\w*|simplif\w+|clean\w*|remov\w+|replac\w+|reorgani[sz]e\w*|"
    r"restructure\w*|split|merge|unify|consolidate|inline|use|migrate|convert|drop|delete)\b"
)
_ADDING = _words(
    r"^(?:add\w*|support\w*|implement\w*|allow\w*|introduc\w*|enable\w*|new|expose\w*|provide\w*|integrate\w*|"
    r"creat\w*|make|complete|improve\w*|show|display)\b|\bsupport\b"
)


def _security(text: str, kinds: frozenset[str]) -> bool:
    return bool(SECURITY_WORDS.search(text)) and not kinds <= {TEST, DOCS, CI}


# name, type, share of its answers that were right on held-out histories (a type counting alike), condition
_RULES: tuple[tuple[str, str, float, Callable[[str, frozenset[str]], bool]], ...] = (
    ("revert title", "revert", 0.99, lambda text, kinds: bool(REVERT_TITLE.match(text))),
    ("bot's dependency title", "dependency", 0.96, lambda text, kinds: is_bot_bump(text)),
    ("dependency wording and manifests", "dependency", 0.78, _both(_DEPENDENCY, _MAINTENANCE)),
    ("security wording", "security", 0.9, _security),
    ("only lock files and manifests", "dependency", 0.5, _only(LOCK, MANIFEST)),
    ("only test files", "test", 0.92, _only(TEST)),
    ("only continuous integration files", "build/ci", 0.92, _only(CI)),
    ("only documentation files", "docs", 0.9, _only(DOCS, CHANGES)),
    ("only build files", "build/ci", 0.7, _only(BUILD, CI, MANIFEST, LOCK)),
    ("test wording", "test", 0.75, _TESTING),
    ("documentation wording", "docs", 0.65, _DOCUMENTING),
    ("performance wording", "performance", 0.85, _PERFORMANCE),
    ("build wording", "build/ci", 0.6, _BUILDING),
    ("fix wording", "fix", 0.65, _FIXING),
    ("refactoring wording", "refactor", 0.65, _REFACTORING),
    ("feature wording", "feature", 0.7, _ADDING),
    ("only style sheets", "feature", 0.4, _only(STYLE)),
)


def decide(text: str, files: Sequence[str]) -> Ruling:
    """The first rule that holds for a title and its paths; without any, a fix at the share that fixes have."""
    line = text.strip().split("\n", 1)[0][:300]
    kinds = frozenset(kinds_of(files[:200]))
    for name, type_, probability, holds in _RULES:
        if holds(line, kinds):
            return Ruling(type_, probability, name)
    if not line and not files:
        return Ruling(None, 0.0, "nothing to read")
    return Ruling("fix", 0.35, "no rule holds")
