"""One batch of records into the database: bulk upsert of changes with all that belongs to them.

Runs inside the caller's transaction. Rows that would not change are not written, so that a second run writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analysis.collection.bulk import insert
from analysis.collection.contributors import ContributorBook
from analysis.collection.erasures import Erased
from analysis.collection.github_store import store_api_details
from analysis.collection.models import Change, Repository
from analysis.collection.part_models import ChangeContributor, ChangedFile, ChangeLink, Commit, Provenance
from analysis.collection.people import link_people
from analysis.collection.rows import FIELDS, columns, overlay, stored_path
from analysis.collection.text_store import store_texts
from analysis.sources.records import ChangeRecord, DiffStat, FileChange

_ROLES = ChangeContributor.Role
_FILE_FIELDS = (
    "change", "path", "old_path", "status", "additions", "deletions", "is_binary", "category", "language",
)  # fmt: skip
_COMMIT_FIELDS = ("change", "sha", "author", "authored_at", "committed_at", "is_merge")


def store(repository: Repository, records: Sequence[ChangeRecord], book: ContributorBook) -> int:
    """Store a batch; returns how many domain rows were created or changed."""
    # An erasure waits for this batch, or this batch sees it (see collection.erase).
    list(Repository.objects.select_for_update(no_key=True).filter(pk=repository.pk).values_list("pk", flat=True))
    book.erased = Erased()
    records = [book.erased.without(record) for record in {record.key: record for record in records}.values()]
    before = book.created
    book.learn(records)
    pairs, fresh, written = _changes(repository, records)
    written += book.created - before
    written += _files(pairs, fresh)
    written += link_people(pairs, fresh, book)
    written += _commits(pairs, fresh, book)
    written += _links(pairs, fresh)
    written += _participations(pairs, fresh, book)
    written += store_texts(pairs, fresh)
    written += store_api_details(pairs, fresh, book)
    written += _provenances(pairs, fresh)
    return written


Pairs = list[tuple[int, ChangeRecord]]  # the change's id, and what the source says of it


def _changes(repository: Repository, records: Sequence[ChangeRecord]) -> tuple[Pairs, set[int], int]:
    """(the id of every change with its record, ids of the new ones, rows written)."""
    keys = [record.key for record in records]
    known = {change.key: change for change in Change.objects.filter(repository=repository, key__in=keys)}
    spoken: dict[int, set[str]] = {}
    if known:
        rows = Provenance.objects.filter(change__in=known.values()).values_list("change_id", "source")
        for change_id, source in rows:
            spoken.setdefault(change_id, set()).add(source)
    new: dict[str, dict[str, Any]] = {}
    stale: list[Change] = []
    for record in records:
        values = columns(record)
        change = known.get(record.key)
        if change is None:
            new[record.key] = values
        elif _differs(change, values, record.source, spoken.get(change.pk, set())):
            stale.append(change)
    ids = _insert_changes(repository, new)
    if stale:
        Change.objects.bulk_update(stale, [*FIELDS, "vanished_at", "vanished_reason"], batch_size=200)
    fresh = set(ids.values())
    ids |= {key: change.pk for key, change in known.items()}
    return [(ids[record.key], record) for record in records], fresh, len(new) + len(stale)


# What a new row has besides FIELDS.
_NEW = {"is_credited": True, "is_hidden": False, "vanished_reason": ""}


def _insert_changes(repository: Repository, new: dict[str, dict[str, Any]]) -> dict[str, int]:
    """Insert the rows; {key: id}."""
    if not new:
        return {}
    rest = tuple(_NEW.values())
    rows = ((repository.pk, key, *map(values.__getitem__, FIELDS), *rest) for key, values in new.items())
    insert(Change, ("repository", "key", *FIELDS, *_NEW), rows)
    return dict(Change.objects.filter(repository=repository, key__in=list(new)).values_list("key", "pk"))


def _differs(change: Change, values: dict[str, Any], source: str, others: set[str]) -> bool:
    """Set the columns on the row; whether that changes anything."""
    old = {name: getattr(change, name) for name in FIELDS}
    values = overlay(old, values, source, others - {source})
    if values["content_sha256"] == change.content_sha256 and change.vanished_at is None:
        return False
    for name, value in values.items():
        setattr(change, name, value)
    change.vanished_at, change.vanished_reason = None, ""
    return True


def _ids(pairs: Pairs, fresh: set[int]) -> list[int]:
    return [change for change, _ in pairs if change not in fresh]


def _files(pairs: Pairs, fresh: set[int]) -> int:
    """The files of what landed, or of what was proposed where nothing did."""
    pairs = [(change, record) for change, record in pairs if _shown(record) is not None]
    if old := _ids(pairs, fresh):
        ChangedFile.objects.filter(change__in=old).delete()
    return insert(
        ChangedFile, _FILE_FIELDS, (_file(change, file) for change, record in pairs for file in _listed(record))
    )


def _listed(record: ChangeRecord) -> tuple[FileChange, ...]:
    diff = _shown(record)
    return (diff.files if diff else None) or ()


def _file(change: int, file: FileChange) -> tuple[Any, ...]:
    return (
        change,
        stored_path(file.path),
        stored_path(file.old_path or ""),
        file.status,
        file.additions,
        file.deletions,
        file.binary,
        file.category,
        file.language,
    )


def _shown(record: ChangeRecord) -> DiffStat | None:
    for diff in (record.landed, record.proposed):
        if diff is not None and diff.files is not None:
            return diff
    return None


def _commits(pairs: Pairs, fresh: set[int], book: ContributorBook) -> int:
    pairs = [(change, record) for change, record in pairs if record.commit_list]
    if old := _ids(pairs, fresh):
        Commit.objects.filter(change__in=old).delete()
    rows = (
        (
            change,
            commit.sha,
            book.id_of(commit.author),
            commit.authored_at,
            commit.committed_at,
            len(commit.parents) > 1,
        )
        for change, record in pairs
        for commit in record.commit_list
    )
    return insert(Commit, _COMMIT_FIELDS, rows)


def _links(pairs: Pairs, fresh: set[int]) -> int:
    pairs = [(change, record) for change, record in pairs if record.source == "git"]
    if old := _ids(pairs, fresh):
        ChangeLink.objects.filter(change__in=old).delete()
    rows = (
        (change, link.kind, link.key, link.sha, link.note[:200])
        for change, record in pairs
        for link in dict.fromkeys(record.links)
    )
    return insert(ChangeLink, ("change", "kind", "key", "sha", "note"), rows)


def _participations(pairs: Pairs, fresh: set[int], book: ContributorBook) -> int:
    """Who took part, by role. A source replaces only the roles that it speaks about."""
    for roles, chosen in _spoken(pairs):
        if old := _ids(chosen, fresh):
            ChangeContributor.objects.filter(change__in=old, role__in=roles).delete()
    rows: dict[tuple[int, int, str], int] = {}
    for change, record in pairs:
        for who, role, commits in _roles(record, book):
            key = (change, who, str(role))
            rows[key] = rows.get(key, 0) + commits
    fields = ("change", "contributor", "role", "commits")
    return insert(ChangeContributor, fields, ((*key, commits) for key, commits in rows.items()))


def _spoken(pairs: Pairs) -> list[tuple[list[str], Pairs]]:
    git = [(change, record) for change, record in pairs if record.source == "git"]
    api = [(change, record) for change, record in pairs if record.details is not None]
    return [
        ([_ROLES.AUTHOR, _ROLES.CO_AUTHOR], [pair for pair in pairs if pair[1].commit_list]),
        ([_ROLES.MERGER], [*git, *(pair for pair in api if pair[1].details and pair[1].details.merged_by)]),
        ([_ROLES.OPENER, _ROLES.REVIEWER], api),
    ]


def _roles(record: ChangeRecord, book: ContributorBook) -> list[tuple[int, str, int]]:
    found: list[tuple[int | None, str, int]] = []
    if record.commit_list:
        found += [(book.id_of(commit.author), _ROLES.AUTHOR, 1) for commit in record.commit_list]
        found += [(book.id_of(who), _ROLES.CO_AUTHOR, 1) for commit in record.commit_list for who in commit.co_authors]
        named = {who for who, _, _ in found}
        found += [(who, _ROLES.CO_AUTHOR, 0) for who in map(book.id_of, record.authors) if who not in named]
    elif record.source == "git":
        found += [(book.id_of(who), _ROLES.AUTHOR, 0) for who in record.authors]
    details = record.details
    merger = (details.merged_by if details else None) or record.merged_by
    found.append((book.id_of(merger), _ROLES.MERGER, 0))
    if details:
        found.append((book.id_of(details.author), _ROLES.OPENER, 0))
        found += [(who, _ROLES.REVIEWER, 0) for who in {book.id_of(review.reviewer) for review in details.reviews}]
    return [(who, role, commits) for who, role, commits in found if who is not None]


def _provenances(pairs: Pairs, fresh: set[int]) -> int:
    """What each source said last; the row of a source that speaks again is replaced."""
    if old := _ids(pairs, fresh):
        for source in {record.source for _, record in pairs}:
            Provenance.objects.filter(change__in=old, source=source).delete()
    rows = (
        (change, record.source, record.fingerprint, record.source_version[:120], list(record.incomplete))
        for change, record in pairs
    )
    return insert(Provenance, ("change", "source", "fingerprint", "version", "incomplete"), rows)
