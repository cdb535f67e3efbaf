"""People as contributors: a keyed hash instead of an address, a pseudonym instead of a name.

Bots and AI assistants are no persons and keep their names. A person whom nobody may link again (erased) is left out.
"""

from __future__ import annotations

from collections.abc import Iterable

from analysis.collection.erasures import Erased
from analysis.collection.models import Contributor
from analysis.sources.people import identity as source_identity
from analysis.sources.records import ChangeRecord, Person
from evidence.identities import identity, pseudonym
from evidence.operator import identity_key
from evidence.redaction import redact


class ContributorBook:
    """Finds or makes the Contributor of each Person; one query for each batch's unknown people."""

    def __init__(self) -> None:
        self._key = identity_key()
        self.erased = Erased()
        self._ids: dict[str, int] = {}
        self._keys: dict[tuple[str, str], str] = {}
        self.created = 0

    def key_of(self, who: Person) -> str:
        """The stored identity of a person: `github:<id>`, or a keyed hash of login, address or name."""
        kind, value = source_identity(who)
        if kind == "github_id":
            return f"github:{value}"
        if (kind, value) not in self._keys:
            self._keys[kind, value] = f"{kind}:{identity(kind, value, key=self._key)}"
        return self._keys[kind, value]

    def learn(self, records: Iterable[ChangeRecord]) -> None:
        """Make sure that everybody in these records is known."""
        people = {self.key_of(who): who for record in records for who in _everybody(record)}
        missing = {key: who for key, who in people.items() if key not in self._ids}
        if not missing:
            return
        self._load(missing)
        fresh = [self._row(key, who) for key, who in missing.items() if key not in self._ids]
        if fresh:
            Contributor.objects.bulk_create(fresh, ignore_conflicts=True)
            self.created += len(fresh)
            self._load(row.identity for row in fresh)

    def _load(self, keys: Iterable[str]) -> None:
        rows = Contributor.objects.filter(identity__in=list(keys)).values_list("identity", "pk")
        self._ids.update(rows)

    def _row(self, key: str, who: Person) -> Contributor:
        _, value = source_identity(who)
        shown = redact(who.name or who.login or "").text[:200]
        return Contributor(
            identity=key,
            kind=who.kind,
            kind_reason=who.kind_reason,
            display_name=shown if who.kind != "human" and shown else pseudonym("contributor", value, key=self._key),
            login=(who.login or "")[:64] if who.kind != "human" else "",
            github_id=who.github_id,
        )

    def id_of(self, who: Person | None) -> int | None:
        """The row's id, None for nobody or for somebody who may not be stored."""
        return self._ids.get(self.key_of(who)) if who is not None else None


def _everybody(record: ChangeRecord) -> Iterable[Person]:
    yield from record.authors
    for commit in record.commit_list:
        yield commit.author
        yield from commit.co_authors
    if record.merged_by:
        yield record.merged_by
    if record.details:
        for who in (record.details.author, record.details.merged_by, *(one.reviewer for one in record.details.reviews)):
            if who:
                yield who
