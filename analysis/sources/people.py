"""Who is behind a name and e-mail: GitHub login from a no-reply address, and the labels bot and AI.

The labels are judgements by rule: each carries its reason and can be reversed by the owner in the admin.
"""
# ruff: noqa: E501  the tables read better in long lines

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from analysis.sources.records import Person, PersonKind

# GitHub's private addresses state the login, and since 2017 the numeric id.
_NOREPLY = re.compile(
    r"^(?:(\d+)\+)?([A-Za-z0-9][A-Za-z0-9-]*(?:\[bot\])?)@users\.noreply\.github\.com$",
    re.I,
)

# Assistants that sign commits themselves or as co-authors: name or login, and address.
_AI_NAMES = re.compile(
    r"^(claude(?:[ -](?:code|opus|sonnet|haiku|fable)\b.*)?|claude\[bot\]|copilot|copilot-swe-agent(?:\[bot\])?|github copilot"
    r"|cursor(?: agent)?|cursoragent|aider\b.*|codex|openai codex|chatgpt-codex-connector\[bot\]|chatgpt"
    r"|devin(?: ai)?|devin-ai-integration\[bot\]|google-labs-jules\[bot\]|jules|gemini(?:-code-assist\[bot\]|-cli)?"
    r"|amazon-q-developer\[bot\]|sweep-ai\[bot\]|openhands|windsurf|amp|opencode|roo code|warp)$",
    re.I,
)
_AI_MAILS = re.compile(
    r"^(noreply@anthropic\.com|claude@anthropic\.com|cursoragent@cursor\.com|noreply@aider\.chat|noreply@openai\.com"
    r"|codex@openai\.com|openhands@all-hands\.dev|amp@ampcode\.com|agent@warp\.dev|bot@devin\.ai"
    r"|(?:\d+\+)?(?:copilot|copilot-swe-agent\[bot\]|devin-ai-integration\[bot\]|claude\[bot\])@users\.noreply\.github\.com)$",
    re.I,
)
# Names that some assistants share with people: the address must say it too.
_AI_SHARED_NAMES = frozenset({"jules", "devin", "amp", "claude", "warp", "cursor", "gemini"})
_BOT_NAMES = re.compile(
    r"(\[bot\]$|^(dependabot(?:-preview)?|renovate(?:[ -]bot)?|pre-commit-ci|github-actions?|greenkeeper(?:io-bot)?|pyup[.-]?(?:io )?bot"
    r"|snyk-bot|codecov-io|imgbot|allcontributors|semantic-release-bot|mergify|bors|homu|requires\.io|weblate|transifex|travis ci"
    r"|circleci|azure pipelines|github merge queue|k8s-ci-robot|rust-log-analyzer|autofix-ci)$)",
    re.I,
)
_BOT_MAILS = re.compile(
    r"^(noreply@github\.com|support@dependabot\.com|bot@renovateapp\.com|action@github\.com|support@pyup\.io"
    r"|(?:\d+\+)?[a-z0-9-]+\[bot\]@users\.noreply\.github\.com)$",
    re.I,
)


@lru_cache(maxsize=16384)
def person(name: str, email: str) -> Person:
    """The Person behind a git identity. Pure and cached: the same identity appears thousands of times."""
    name, email = name.strip(), email.strip()
    login, github_id = None, None
    if found := _NOREPLY.match(email):
        login = found[2]
        github_id = int(found[1]) if found[1] else None
    kind, reason = label(name, email, login)
    return Person(
        name=name,
        email=email,
        login=login,
        github_id=github_id,
        kind=kind,
        kind_reason=reason,
    )


def label(name: str, email: str = "", login: str | None = None) -> tuple[PersonKind, str]:
    """(kind, why) by name, address and login; ("human", "") when nothing speaks for a machine."""
    if _AI_MAILS.match(email):
        return "ai", "address of a known assistant"
    for known in (login, name):
        if known and _AI_NAMES.match(known) and known.lower() not in _AI_SHARED_NAMES:
            return "ai", f"name of a known assistant: {known[:60]}"
    if login and _BOT_NAMES.search(login):
        return "bot", f"login of a bot: {login[:60]}"
    if _BOT_NAMES.search(name):
        return "bot", f"name of a bot: {name[:60]}"
    if _BOT_MAILS.match(email):
        return "bot", "address of a bot"
    return "human", ""


def identity(who: Person) -> tuple[str, str]:
    """What makes two mentions the same person: the numeric id, else the login, else the address, else the name."""
    if who.github_id is not None:
        return "github_id", str(who.github_id)
    if who.login:
        return "login", who.login.lower()
    if who.email:
        return "email", who.email.lower()
    return "name", who.name.lower()


def distinct(people: Iterable[Person]) -> tuple[Person, ...]:
    """Each person once, in order of first appearance; the same name under two addresses is one person."""
    seen: set[tuple[str, str]] = set()
    out: list[Person] = []
    for who in people:
        keys = {identity(who), ("name", who.name.lower())} if who.name else {identity(who)}
        if not keys & seen:
            out.append(who)
        seen |= keys
    return tuple(out)
