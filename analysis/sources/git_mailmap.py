"""The repository's own `.mailmap`: which of the identities in its commits belong to one person.

Only lines that map one address to another link people; a line that corrects a name alone says nothing that the address
does not say already. An address that the file gives to several people (told apart there by the commit's name) links
nobody: an identity here is an address.
"""

from __future__ import annotations

import re

from analysis.sources.git_failures import GitFailed
from analysis.sources.git_process import Git
from analysis.sources.people import person
from analysis.sources.records import Alias

# What nobody writes by hand is not read.
SIZE_LIMIT = 1 << 20
LINES_LIMIT = 20_000
_LINE = re.compile(r"^\s*([^<>#]*)<([^<>]*)>\s*(?:([^<>#]*)<([^<>]*)>)?\s*(?:#.*)?$")


def read_mailmap(git: Git, ref: str) -> tuple[Alias, ...]:
    """The aliases that the file at the tip of `ref` states; none where there is no such file, or one too large."""
    try:
        size = int(git.run("cat-file", "-s", f"{ref}:.mailmap"))
        if size > SIZE_LIMIT:
            return ()
        return parse_mailmap(git.run("cat-file", "blob", f"{ref}:.mailmap").decode("utf-8", "replace"))
    except (GitFailed, ValueError):
        return ()


def parse_mailmap(text: str) -> tuple[Alias, ...]:
    """(as committed, the person that is meant) of every line that links two addresses, in order."""
    found: dict[str, Alias] = {}
    shared: set[str] = set()
    for line in text.splitlines()[:LINES_LIMIT]:
        match = _LINE.match(line)
        if match is None or match[4] is None:
            continue
        proper, committed = match[2].strip(), match[4].strip()
        key = committed.lower()
        if not proper or not committed or key == proper.lower():
            continue
        alias = Alias(person(match[3] or match[1], committed), person(match[1], proper))
        if key in found and found[key].means.email.lower() != proper.lower():
            shared.add(key)
        found[key] = alias
    return tuple(alias for key, alias in found.items() if key not in shared)
