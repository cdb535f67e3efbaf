"""People who were erased: recognised by keyed hashes only, and taken out of every record before it is stored."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from analysis.collection.github_models import Erasure
from analysis.sources.records import ChangeRecord, CommitInfo, Person, Review, TextPiece
from evidence.identities import identity
from evidence.operator import identity_key

ERASED = "[erased]"
NOBODY = Person(name="erased person")
# Where a text names a login: @login, and "from login/branch" in merge messages.
_NAMED = re.compile(r"(@|\bfrom )([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))(?=[^A-Za-z0-9-]|$)")
_LOGIN = re.compile(rb'"login":\s*"([^"]{1,60})"')


def keys_of(who: Person) -> set[str]:
    """Every keyed hash by which a person could be known; the name counts only where nothing better is there."""
    key = identity_key()
    found = set()
    if who.github_id is not None:
        found.add(f"github_id:{identity('github_id', str(who.github_id), key=key)}")
    if who.login:
        found.add(login_key(who.login))
    if who.email:
        found.add(email_key(who.email))
    if not found and who.name:
        found.add(f"name:{identity('name', who.name, key=key)}")
    return found


def login_key(login: str) -> str:
    """The keyed hash of a login, as Contributor.identity and Erasure.identity hold it."""
    return f"login:{identity('login', login.lower(), key=identity_key())}"


def email_key(address: str) -> str:
    """The keyed hash of an e-mail address."""
    return f"email:{identity('email', address, key=identity_key())}"


class Erased:
    """The erased people of this installation; empty for most, and then it costs one query a run."""

    def __init__(self, keys: Iterable[str] | None = None) -> None:
        self._keys = frozenset(Erasure.objects.values_list("identity", flat=True) if keys is None else keys)

    def __bool__(self) -> bool:
        return bool(self._keys)

    def knows(self, who: Person | None) -> bool:
        """Whether this is an erased person."""
        return who is not None and not self._keys.isdisjoint(keys_of(who))

    def without(self, record: ChangeRecord) -> ChangeRecord:
        """The record without the erased: their names and words are gone, the measured facts stay."""
        if not self._keys:
            return record
        theirs = {c.sha for c in record.commit_list if self.knows(c.author)}
        opener = record.details.author if record.details else None
        owns = self.knows(opener) or (opener is None and bool(record.authors) and self.knows(record.authors[0]))
        touched = owns or bool(theirs) or any(map(self.knows, _people(record)))
        details = record.details
        if details is not None:
            details = replace(
                details,
                author=None if self.knows(details.author) else details.author,
                merged_by=None if self.knows(details.merged_by) else details.merged_by,
                reviews=tuple(self._review(r) for r in details.reviews),
            )
        return replace(
            record,
            title=ERASED if owns else self.words(record.title),
            body=record.body if record.body is None else (ERASED if owns else self.words(record.body)),
            authors=tuple(p for p in record.authors if not self.knows(p)),
            merged_by=None if self.knows(record.merged_by) else record.merged_by,
            commit_list=tuple(self._commit(c) for c in record.commit_list),
            texts=tuple(self._text(t, owns, theirs) for t in record.texts),
            details=details,
            payload=None if touched or self._named(record) else record.payload,
        )

    def words(self, text: str) -> str:
        """A text in which no erased login is named."""
        return _NAMED.sub(lambda m: m[1] + ERASED if login_key(m[2]) in self._keys else m[0], text)

    def _named(self, record: ChangeRecord) -> bool:
        """Whether a text or the payload names somebody who was erased (a comment's author stands only there)."""
        logins = {m.decode("utf-8", "replace") for m in _LOGIN.findall(record.payload or b"")}
        return any(login_key(login) in self._keys for login in logins) or any(
            self.words(text.text) != text.text for text in record.texts
        )

    def _review(self, review: Review) -> Review:
        return replace(review, reviewer=None) if self.knows(review.reviewer) else review

    def _commit(self, commit: CommitInfo) -> CommitInfo:
        gone = self.knows(commit.author)
        return replace(
            commit,
            author=NOBODY if gone else commit.author,
            committer=None if self.knows(commit.committer) else commit.committer,
            message=ERASED if gone else self.words(commit.message),
            co_authors=tuple(p for p in commit.co_authors if not self.knows(p)),
        )

    def _text(self, piece: TextPiece, owns: bool, theirs: set[str]) -> TextPiece:
        gone = piece.ref in theirs if piece.kind == "commit_message" else owns
        return replace(piece, text=ERASED if gone else self.words(piece.text))


def _people(record: ChangeRecord) -> Iterable[Person | None]:
    yield from record.authors
    yield record.merged_by
    for commit in record.commit_list:
        yield commit.committer
        yield from commit.co_authors
    if record.details:
        yield from (r.reviewer for r in record.details.reviews)
        yield record.details.merged_by
