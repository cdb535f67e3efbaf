"""The ten types, and weak labels from what authors and bots already wrote.

A conventional prefix ("fix(ui): …"), a bracket prefix ("[DOCS] …"), an upper-case one ("BUG: …") or a GitHub label says
what the author thought the change was. It becomes the training label and is removed from the text, so that the
classifier learns from the words and files, never from the prefix that gives the answer away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis.change_types.files import DOCS, TEST, kinds_of

TYPES: tuple[str, ...] = (
    "build/ci",
    "dependency",
    "docs",
    "feature",
    "fix",
    "performance",
    "refactor",
    "revert",
    "security",
    "test",
)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORDS = {
    "feature": "feat feats feature features enh enhancement enhance new added add",
    "fix": "fix fixes fixed bug bugfix hotfix bugfixes",
    "performance": "perf performance optimize optimise optimization",
    "refactor": "refactor refactoring ref refact rework cln clean cleanup",
    "docs": "doc docs documentation docfix",
    "test": "test tests tst testing",
    "build/ci": "build ci bld cicd workflow workflows",
    "dependency": "deps dependencies dependency bump",
    "security": "security sec",
    "revert": "revert",
}
_TYPE_OF_WORD = {word: name for name, words in _WORDS.items() for word in words.split()}
# Words that are a prefix all the same, but say nothing of the type.
_MUTE_WORDS = _names(
    """
    api breaking change chore dep depr dev dx imp improve improvement infra init internal maint maintenance
    merge minor misc mnt release sty style tweak typ type types typing update upgrade wip
    """
)
_DEPENDENCY_SCOPE = re.compile(r"\b(deps?|deps-dev|dependenc(?:y|ies)|dev-deps?)\b", re.I)
_CI_SCOPE = re.compile(r"^(ci|build|gha|github-actions?|actions|workflows?)$", re.I)
_PREFIX = re.compile(
    r"^[^\w\s\[`'\"(<]{0,4}\s*(?P<word>[A-Za-z]{2,14})(?:/[A-Za-z]+)?\s?(?:\((?P<scope>[^()]{0,60})\))?!?:(?!:)\s*"
)
_BRACKET = re.compile(r"^\[(?P<word>[A-Za-z]{2,14})(?:[/ (][^\]]{0,30})?\]:?\s*")
_TRAILING = re.compile(r"\s*\((?:#|gh-)\d+\)\s*$|\s*\[(?:skip ci|ci skip)\]\s*$", re.I)
_LEADING_NOISE = re.compile(r"^\[(?:skip ci|ci skip)\]\s*", re.I)
REVERT_TITLE = re.compile(r'^revert(?:ed|s|ing)?\b(?:\s*[:"“\'`]|\s)', re.I)
_BOT_BUMP = re.compile(
    r"^(?:bump \S+(?: and \S+)?(?: from \S+ to \S+| in /|$)|bump the \S+ group|update (?:rust crate|dependency|module|"
    r"plugin|\S+ (?:docker tag|action|digest|monorepo))\b.*|update \S+ requirement from|update \S+ digest to|"
    r"lock file maintenance|pin dependenc|update (?:all )?(?:non-major )?dependenc\w+|update pre-commit hooks?|"
    r"pre-commit autoupdate)",
    re.I,
)
_DEPENDENCY_TITLE = re.compile(
    r"^(?:bump|upgrade|update|pin|unpin)\b.{0,60}(?:\bto v?\d|\bfrom v?\d|\bdeps\b|\bdependenc|\brequirements\b|@v?\d)",
    re.I,
)
SECURITY_WORDS = re.compile(
    r"CVE-\d{4}-\d+|\bGHSA-|\bvulnerabilit(?:y|ies)\b|\bXSS\b|\bCSRF\b|\bSSRF\b|\bXXE\b|\bReDoS\b|\bopen redirects?\b|"
    r"\b(?:path|directory) traversal\b|\b(?:sql|command|code|header|html|template|crlf|log) injection\b|"
    r"\bsecurity (?:issue|problem|bug|fix|hole|flaw|hardening|advisory|patch)|\bprototype pollution\b|"
    r"\btiming attacks?\b|"
    r"\bconstant[- ]time\b|\bprivilege escalation\b|\bsaniti[sz]e[sd]?\b|\bzip ?slip\b|\bdenial[- ]of[- ]service\b|"
    r"\bclickjacking\b|\brequest smuggling\b|\bsession fixation\b|"
    r"\bleak(?:s|ed|ing)? (?:of )?(?:credential|secret|password|token)|"
    r"\b(?:redact|mask)\w*\b.{0,30}\b(?:credential|secret|password|token)",
    re.I,
)
_ADVISORY = re.compile(r"\bCVE-\d{4}-\d+|\bGHSA-\w{4}-")
_RELEASE = re.compile(
    r"^(?:v?\d+\.\d+[\w.\-]*$|release\b|publish\b|prepare .{0,30}release|bump version|version packages)", re.I
)

GITHUB_LABELS = {
    "bug": "fix",
    "feature": "feature",
    "enhancement": "feature",
    "documentation": "docs",
    "docs": "docs",
    "dependencies": "dependency",
    "performance": "performance",
    "refactor": "refactor",
    "refactoring": "refactor",
    "tests": "test",
    "testing": "test",
    "security": "security",
    "ci": "build/ci",
    "build": "build/ci",
    "github_actions": "build/ci",
    "revert": "revert",
}


@dataclass(frozen=True, slots=True)
class WeakLabel:
    """A label somebody else's convention gave: its type, the text without what gave it away, and where it came from."""

    type: str
    text: str
    origin: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """What a prefix said: the type (None when it says nothing of it, as "chore"), its word and scope."""

    type: str | None
    word: str
    scope: str


def split_prefix(title: str) -> tuple[Prefix | None, str]:
    """Take a conventional, bracket or upper-case prefix off a title. Unknown words before a colon stay in the text."""
    text = _LEADING_NOISE.sub("", title.strip())
    match = _PREFIX.match(text) or _BRACKET.match(text)
    if match is None:
        return None, _without_trailing(text)
    word = match["word"].lower()
    scope = (match.groupdict().get("scope") or "").strip()
    if word not in _TYPE_OF_WORD and word not in _MUTE_WORDS:
        return None, _without_trailing(text)
    rest = _without_trailing(text[match.end() :])
    if not rest:
        return None, _without_trailing(text)
    return Prefix(_type_of_prefix(word, scope), word, scope), rest


def weak_label(
    title: str,
    *,
    files: Sequence[str] = (),
    body: str = "",
    github_labels: Iterable[str] = (),
) -> WeakLabel | None:
    """The type that conventions give to a change, or None when they give none or contradict each other."""
    prefix, text = split_prefix(title)
    if not text or _RELEASE.match(text):
        return None
    if REVERT_TITLE.match(text) or (prefix and prefix.type == "revert"):
        return WeakLabel("revert", text if REVERT_TITLE.match(text) else f'Revert "{text}"', "revert title")
    if _is_dependency(prefix, text):
        return WeakLabel("dependency", text, "dependency title")
    security = _security(prefix, text, body)
    if security:
        return WeakLabel("security", text, security)
    if prefix:
        if prefix.type is None or split_prefix(text)[0] is not None:
            return None
        return WeakLabel(prefix.type, text, f"prefix {prefix.word}")
    named = {
        GITHUB_LABELS[name]
        for label in github_labels
        if (name := label.lower().split(":")[-1].strip()) in GITHUB_LABELS
    }
    if len(named) == 1:
        return WeakLabel(named.pop(), text, "GitHub label")
    kinds = set(kinds_of(files))
    if kinds == {DOCS}:
        return WeakLabel("docs", text, "only documentation files")
    if kinds == {TEST}:
        return WeakLabel("test", text, "only test files")
    return None


def is_bot_bump(text: str) -> bool:
    """Does this title read as the ones that Dependabot, Renovate and pre-commit.ci write?"""
    return bool(_BOT_BUMP.match(text))


def _without_trailing(text: str) -> str:
    while True:
        shorter = _TRAILING.sub("", text).strip()
        if shorter == text:
            return text
        text = shorter


def _type_of_prefix(word: str, scope: str) -> str | None:
    base = _TYPE_OF_WORD.get(word)
    if base in {"revert", "feature"}:
        return base
    if (
        scope
        and _DEPENDENCY_SCOPE.search(scope)
        and word in {"chore", "build", "fix", "ci", "deps", "update", "upgrade"}
    ):
        return "dependency"
    if scope.lower() in {"security", "sec"} and (base in {"fix", "security"} or word == "chore"):
        return "security"
    if base is None and word == "chore" and _CI_SCOPE.match(scope):
        return "build/ci"
    return base


def _is_dependency(prefix: Prefix | None, text: str) -> bool:
    if prefix and prefix.type == "dependency":
        return True
    if prefix and prefix.type in {"build/ci", "feature", "test", "docs"}:
        return False
    if _BOT_BUMP.match(text):
        return True
    return bool(prefix and prefix.word in {"chore", "fix", "upgrade"} and _DEPENDENCY_TITLE.match(text))


def _security(prefix: Prefix | None, text: str, body: str) -> str:
    """Why this is a security change by convention, or nothing. A feature or a test about security stays what it is."""
    if prefix and prefix.type == "security":
        return f"prefix {prefix.word}"
    if prefix and prefix.type not in {None, "fix"}:
        return ""
    if text.startswith("Merge pull request from GHSA-"):
        return "advisory merge"
    if SECURITY_WORDS.search(text):
        return "security wording"
    if prefix and prefix.type == "fix" and _ADVISORY.search(body):
        return "advisory in the body"
    return ""
