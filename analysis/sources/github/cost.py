"""What a query will cost, before it is sent: GitHub's published formula over the text of our own .graphql files.

The requests that would fill every connection, each assumed to reach its `first`, divided by 100, rounded, at least 1.
The text is read with a small scanner (our files only: no strings, no comments inside selections), because the GraphQL
library is needed in tests alone, where the two are compared.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

_TOKEN = re.compile(r"\.\.\.\s*(?:on\s+)?\w*|\w+|[{}()@]")
_FIRST = re.compile(r"\bfirst:\s*(\$\w+|\d+)")
_IDS = re.compile(r"\bids:\s*(\$\w+)")
_INCLUDE = re.compile(r"@include\(if:\s*\$(\w+)\)")


class Selection:
    """One field with its page bound and its inner selections; spreads are names of fragments."""

    def __init__(self, bound: str = "", ids: str = "", only_if: str = "") -> None:
        self.bound, self.ids, self.only_if = bound, ids, only_if
        self.inner: list[Selection] = []
        self.spreads: list[str] = []


def points(document: str, variables: Mapping[str, object]) -> int:
    """Points that one call of the document costs with these variables."""
    operations, fragments = _read(document)
    return max(1, int(_requests(operations, fragments, variables, 1) / 100 + 0.5))


def _requests(node: Selection, fragments: Mapping[str, Selection], variables: Mapping[str, object], times: int) -> int:
    """Requests for the lists below a selection whose node occurs `times` times."""
    total = 0
    for child in node.inner:
        if child.only_if and not variables.get(child.only_if):
            continue
        inner = times
        if child.bound:
            total += times
            inner = times * _number(child.bound, variables)
        elif child.ids:
            ids = variables.get(child.ids[1:])
            inner = times * max(1, len(ids) if isinstance(ids, list | tuple) else 1)
        total += _requests(child, fragments, variables, inner)
    for name in node.spreads:
        total += _requests(fragments[name], fragments, variables, times)
    return total


def _number(bound: str, variables: Mapping[str, object]) -> int:
    value = variables.get(bound[1:], 1) if bound.startswith("$") else bound
    return int(str(value))


@lru_cache(maxsize=32)
def _read(document: str) -> tuple[Selection, dict[str, Selection]]:
    """The operation's and every fragment's selections."""
    operation, fragments = Selection(), {}
    text = re.sub(r"#[^\n]*", "", document)
    for head, body in _definitions(text):
        words = head.split()
        root = _selections(body)
        if words[0] == "fragment":
            fragments[words[1]] = root
        else:
            operation = root
    return operation, fragments


def _definitions(text: str) -> Iterator[tuple[str, str]]:
    """(head, body between the outer braces) of each definition."""
    start = 0
    while (opening := text.find("{", _past_arguments(text, start))) >= 0:
        depth, end = 1, opening + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        yield text[start:opening].strip(), text[opening + 1 : end - 1]
        start = end


def _past_arguments(text: str, start: int) -> int:
    """Where the selections of a definition may begin: after the operation's variables."""
    bracket, brace = text.find("(", start), text.find("{", start)
    return text.find(")", bracket) if 0 <= bracket < brace else start


def _selections(body: str) -> Selection:
    """Read selections; arguments are skipped except `first`, `ids` and `@include`."""
    root = Selection()
    stack, last, place = [root], root, 0
    while match := _TOKEN.search(body, place):
        token, place = match.group(), match.end()
        if token.startswith("..."):
            name = token[3:].strip()
            if token.startswith("... on") or not name:
                last = Selection()
                stack[-1].inner.append(last)
            else:
                stack[-1].spreads.append(name)
        elif token == "(":  # noqa: S105 - a bracket
            end = body.index(")", place)
            last.bound = _group(_FIRST, body[place:end])
            last.ids = _group(_IDS, body[place:end])
            place = end + 1
        elif token == "@":  # noqa: S105 - a directive
            end = body.index(")", place) + 1
            last.only_if = _group(_INCLUDE, body[place - 1 : end])
            place = end
        elif token == "{":  # noqa: S105 - a brace
            stack.append(last)
        elif token == "}":  # noqa: S105 - a brace
            stack.pop()
        else:
            last = Selection()
            stack[-1].inner.append(last)
    return root


def _group(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[1] if match else ""
