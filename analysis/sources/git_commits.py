"""Commit objects read whole through one long-lived `git cat-file --batch`: people, times, message, co-authors."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import IO

from analysis.sources.git_process import Conversation, Git
from analysis.sources.people import distinct, person
from analysis.sources.records import CommitInfo, Person, SourceError

_TRAILER = re.compile(r"^[ \t]*co-authored-by:[ \t]*(.+?)[ \t]*<([^<>\n]*)>[ \t]*$", re.I | re.M)
_IDENTITY = re.compile(rb"^(.*?) ?<([^>]*)>(?: (-?\d+) ([+-]\d{4}))?")
_TIME = re.compile(rb" (-?\d+) ([+-]\d{4})")
# A message above this is kept to this length: nobody writes it by hand, and every page would carry it.
MESSAGE_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class Missing:
    """A commit that the mirror names but does not hold."""

    sha: str


def read_commits(git: Git, shas: Iterable[str]) -> Generator[CommitInfo | Missing, None, None]:
    """Each commit in the order asked. Streams: `shas` may be endless and is read ahead by a bounded pipe only."""
    talk = Conversation(git, ["cat-file", "--batch"], (f"{sha}\n".encode() for sha in shas))
    with closing(talk):
        while line := talk.out.readline():
            yield _answer(talk.out, line)
            talk.check()
        talk.finish()


def _answer(out: IO[bytes], line: bytes) -> CommitInfo | Missing:
    sha, what, *size = line.decode("ascii", "replace").split()
    if what == "missing" or not size:
        return Missing(sha)
    data = out.read(int(size[0]))
    out.read(1)
    if what != "commit":
        return Missing(sha)
    return parse_commit(sha, data)


def parse_commit(sha: str, data: bytes) -> CommitInfo:
    """A commit object's content as a record. Odd identities and times are kept as near as can be told."""
    head, _, message = data.partition(b"\n\n")
    parents: list[str] = []
    author = committer = b""
    encoding = "utf-8"
    for line in head.split(b"\n"):
        word, _, rest = line.partition(b" ")
        if word == b"parent":
            parents.append(rest.decode("ascii"))
        elif word == b"author" and not author:
            author = rest
        elif word == b"committer" and not committer:
            committer = rest
        elif word == b"encoding":
            encoding = rest.decode("ascii", "replace")
    text = decode(message[:MESSAGE_LIMIT], encoding)
    who, authored = _identity(author, encoding)
    by, committed = _identity(committer or author, encoding)
    return CommitInfo(
        sha=sha,
        parents=tuple(parents),
        author=who,
        committer=by,
        authored_at=authored,
        committed_at=committed,
        message=text,
        co_authors=co_authors(text),
    )


def decode(raw: bytes, encoding: str = "utf-8") -> str:
    """Text that any database can hold: UTF-8 first, then the declared encoding, then with replacement signs; no NUL."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        try:
            text = raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            text = raw.decode("utf-8", "replace")
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").replace("\r\n", "\n")


def _identity(raw: bytes, encoding: str) -> tuple[Person, datetime]:
    """(who, when) of an author or committer line; the same people write thousands of lines, so they are remembered."""
    who, end, when = raw.rpartition(b">")
    found = _TIME.fullmatch(when)
    if not found or b">" in who or b"<" not in who:
        return _odd_identity(raw, encoding)
    zone = found[2]
    offset = (int(zone[1:3]) * 60 + int(zone[3:5])) * (-1 if zone[:1] == b"-" else 1)
    return _person(who + end, encoding), moment(int(found[1]), offset)


@lru_cache(maxsize=4096)
def _person(raw: bytes, encoding: str) -> Person:
    return _odd_identity(raw, encoding)[0]


def _odd_identity(raw: bytes, encoding: str) -> tuple[Person, datetime]:
    found = _IDENTITY.match(raw)
    if not found:
        return person(decode(raw, encoding), ""), moment(0, 0)
    name, email, seconds, zone = found.groups()
    offset = 0
    if zone:
        offset = (int(zone[1:3]) * 60 + int(zone[3:5])) * (-1 if zone[:1] == b"-" else 1)
    return person(decode(name, encoding), decode(email, encoding)), moment(int(seconds or 0), offset)


@lru_cache(maxsize=256)
def _zone(offset_minutes: int) -> timezone:
    return timezone(timedelta(minutes=offset_minutes)) if abs(offset_minutes) < 24 * 60 else UTC


def moment(seconds: int, offset_minutes: int) -> datetime:
    """A git time with its offset; what no calendar holds falls back to UTC or to the nearest end of the calendar."""
    try:
        return datetime.fromtimestamp(seconds, _zone(offset_minutes))
    except (OverflowError, ValueError, OSError):
        return datetime(9999, 12, 31, tzinfo=UTC) if seconds > 0 else datetime(1, 1, 2, tzinfo=UTC)


def co_authors(message: str) -> tuple[Person, ...]:
    """People named by Co-authored-by trailers, each once."""
    if "o-authored-by" not in message and "O-AUTHORED-BY" not in message.upper():
        return ()
    return distinct(person(name, email) for name, email in _TRAILER.findall(message))


def subject_of(message: str) -> str:
    """The subject as git prints it: the first paragraph on one line."""
    return " ".join(line.strip() for line in message.lstrip("\n").split("\n\n", 1)[0].splitlines()).strip()


def rest_of(message: str) -> str:
    """The message without its first paragraph."""
    parts = message.lstrip("\n").split("\n\n", 1)
    return parts[1].strip("\n") if len(parts) == 2 else ""


def require(item: CommitInfo | Missing) -> CommitInfo:
    """The commit, or SourceError when the mirror lacks it."""
    if isinstance(item, Missing):
        raise SourceError(f"commit {item.sha[:12]} is missing from the mirror", code="objects_missing")
    return item
