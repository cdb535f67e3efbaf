"""Several names of one person, linked: by what GitHub says of a commit, by a login, by the repository's mailmap, or by
hand in the admin.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analysis.collection.contributors import ContributorBook
from analysis.collection.erasures import login_key
from analysis.collection.github_models import ContributorKey
from analysis.collection.models import Contributor
from analysis.collection.part_models import Commit
from analysis.sources.records import Alias, ChangeRecord, Person

Pair = tuple[int, ChangeRecord]  # a change's id, and what a source says of it


def link_people(pairs: Sequence[Pair], fresh: set[int], book: ContributorBook) -> int:
    """Link contributors before the rows of these records are replaced; returns rows written.

    The same commit seen by git (with an address) and by the API (with an account) has one author: they are one person.
    """
    written = _learn_logins(pairs, book)
    known = _authors_of([change for change, _ in pairs if change not in fresh])
    if not known:
        return written
    twins: dict[int, int] = {}
    for change, record in pairs:
        for commit in record.commit_list:
            old, new = known.get((change, commit.sha)), book.id_of(commit.author)
            if old and new and old != new:
                twins[old] = new
    return written + _join(twins)


def link_aliases(aliases: Sequence[Alias], book: ContributorBook) -> int:
    """Link what the repository's mailmap says is one person, among people who are stored; returns rows written.

    The one with an account is the main one, else the one that the mailmap means, else the oldest. A link that is
    there already stays: the API or the owner set it.
    """
    groups: dict[str, list[str]] = {}
    for alias in aliases:
        means, committed = book.key_of(alias.means), book.key_of(alias.committed)
        if means != committed:
            groups.setdefault(means, [means]).append(committed)
    keys = list({key for group in groups.values() for key in group})
    rows = {row.identity: row for row in _stored(keys)}
    changed: dict[int, Contributor] = {}
    for group in groups.values():
        found = [rows[key] for key in dict.fromkeys(group) if key in rows]
        main = min(found, key=lambda row: (row.github_id is None, row.identity != group[0], row.pk), default=None)
        for row in found:
            if main is not None and row.pk != main.pk and _may_join(row, main):
                row.same_as = main
                changed[row.pk] = row
    Contributor.objects.bulk_update(changed.values(), ["same_as"], batch_size=200)
    return len(changed)


def _stored(keys: Sequence[str]) -> list[Contributor]:
    size = 500
    return [
        row
        for start in range(0, len(keys), size)
        for row in Contributor.objects.filter(identity__in=keys[start : start + size])
    ]


def _authors_of(changes: list[int]) -> dict[tuple[int, str], int]:
    rows = Commit.objects.filter(change__in=changes, author__isnull=False)
    return {
        (change, sha): author for change, sha, author in rows.values_list("change_id", "sha", "author_id") if author
    }


def _join(twins: dict[int, int]) -> int:
    """Point the one without an account to the one with it; never against a choice that somebody made."""
    rows = Contributor.objects.in_bulk({*twins, *twins.values()})
    changed = []
    for one, other in twins.items():
        first, second = rows[one], rows[other]
        if (first.github_id is None) == (second.github_id is None):
            continue
        nameless, account = (first, second) if first.github_id is None else (second, first)
        if _may_join(nameless, account):
            nameless.same_as = account
            changed.append(nameless)
    Contributor.objects.bulk_update(changed, ["same_as"])
    return len(changed)


def _may_join(row: Contributor, main: Contributor) -> bool:
    """Whether ``row`` may become another name of ``main``: it is nobody else's, and the owner said nothing of it."""
    return row.same_as_id is None and main.same_as_id != row.pk and not row.link_decided


def _learn_logins(pairs: Sequence[Pair], book: ContributorBook) -> int:
    """Note the keyed hash of each login beside the account; a contributor known by that login alone is the same."""
    wanted = {
        login_key(who.login): account
        for _, record in pairs
        for who in _accounts(record)
        if who.login and (account := book.id_of(who)) is not None
    }
    known = set(ContributorKey.objects.filter(key__in=wanted).values_list("key", flat=True))
    new = [ContributorKey(contributor_id=account, key=key) for key, account in wanted.items() if key not in known]
    ContributorKey.objects.bulk_create(new, ignore_conflicts=True)
    if not new:
        return 0
    alone = Contributor.objects.filter(
        identity__in=[row.key for row in new], github_id=None, same_as=None, link_decided=False
    )
    by_key = {row.key: row.contributor_id for row in new}
    linked = list(alone)
    for row in linked:
        row.same_as_id = by_key[row.identity]
    Contributor.objects.bulk_update(linked, ["same_as"])
    return len(new) + len(linked)


def _accounts(record: ChangeRecord) -> Iterable[Person]:
    """People of a record that have an account with a login."""
    people = [*record.authors, record.merged_by, *(c.author for c in record.commit_list)]
    if record.details:
        people += [record.details.author, record.details.merged_by, *(r.reviewer for r in record.details.reviews)]
    return [who for who in people if who is not None and who.github_id is not None and who.login]
