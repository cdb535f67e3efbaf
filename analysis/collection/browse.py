"""What the public site asks about repositories and changes: bounded querysets, never anything hidden.

Lists are read by keyset on (sorted_at, id), newest first; a page of the list costs the same at any depth and with any
amount of data. Facets are counted in facets.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Case, Count, Exists, Max, Min, OuterRef, Prefetch, Q, QuerySet, When

from analysis.collection.models import Change, Collection, Repository
from analysis.collection.part_models import ChangeContributor, ChangedFile, ChangeText

PAGE_SIZE = 25
_CATEGORIES = ("source", "test", "docs", "config")
FEW = 500


@dataclass(frozen=True)
class ChangeFilters:
    """What a visitor asked for; an empty field asks for nothing."""

    text: str = ""
    repository: str = ""
    kind: str = ""
    author: str = ""
    language: str = ""
    size: str = ""
    year: int | None = None


@dataclass(frozen=True)
class ChangePage:
    """One page of changes, newest first; `after` is the cursor of the next page, "" at the end."""

    changes: Sequence[Change]
    after: str


def on_site(path: str = "") -> Q:
    """What makes a repository one that visitors may see: neither hidden, nor private without the owner's word for it.

    ``path`` leads to the repository from the rows that are filtered, as "change__repository__".
    """
    allowed = Q(**{f"{path}is_private": False}) | Q(**{f"{path}published_at__isnull": False})
    return allowed & Q(**{f"{path}is_hidden": False})


def public_repositories() -> QuerySet[Repository]:
    """Repositories that visitors may see."""
    return Repository.objects.filter(on_site())


def public_changes() -> QuerySet[Change]:
    """Changes that visitors may see, of repositories that they may see."""
    return Change.objects.filter(on_site("repository__"), is_hidden=False, vanished_at__isnull=True)


def repository_summaries() -> list[dict[str, object]]:
    """Each public repository with its number of changes, its first and last landing and its latest collection."""
    visible = Q(changes__is_hidden=False, changes__vanished_at__isnull=True)
    rows = public_repositories().annotate(
        change_count=Count("changes", filter=visible),
        first_landed=Min("changes__landed_at", filter=visible),
        last_landed=Max("changes__landed_at", filter=visible),
    )
    repositories = list(rows.order_by("name", "id")[:200])
    latest = latest_collections([repository.pk for repository in repositories])
    return [{"repository": repository, "collection": latest.get(repository.pk)} for repository in repositories]


def latest_collections(repository_ids: Sequence[int]) -> dict[int, Collection]:
    """The newest collection of each repository, by the repository's id, in one query."""
    newest = (
        Collection.objects.filter(repository__in=repository_ids).values("repository").annotate(last=Max("id"))
    ).values("last")
    return {run.repository_id: run for run in Collection.objects.filter(id__in=newest)}


def running_collections() -> list[Collection]:
    """Collections of public repositories that are at work now."""
    return list(
        Collection.objects.filter(on_site("repository__"), state=Collection.State.RUNNING)
        .select_related("repository")
        .order_by("-id")[:5]
    )


def filtered_changes(filters: ChangeFilters) -> QuerySet[Change]:
    """Public changes that fit the filters, without an order."""
    found = public_changes()
    if filters.repository:
        found = found.filter(repository__key=filters.repository)
    if filters.kind:
        found = found.filter(kind=filters.kind)
    if filters.language:
        found = found.filter(language=filters.language)
    if filters.size:
        found = found.filter(size_class=filters.size)
    if filters.year and 1 <= filters.year < 9999:
        start = datetime(filters.year, 1, 1, tzinfo=UTC)
        found = found.filter(sorted_at__gte=start, sorted_at__lt=start.replace(year=filters.year + 1))
    if filters.author:
        found = found.filter(_written_by(filters.author))
    if filters.text:
        by_text = Q(title__icontains=filters.text)
        number = filters.text.lstrip("#")
        if number.isascii() and number.isdigit() and len(number) < 10:
            by_text |= Q(number=int(number))
        found = found.filter(by_text)
    return found


def _written_by(identity: str) -> Q:
    """Changes that a person wrote, alone or with others.

    Those of somebody with few are named by their ids, which are found by the person; only among many of somebody's
    are a page's found soon when the list is read from its top.
    """
    roles = [ChangeContributor.Role.AUTHOR, ChangeContributor.Role.CO_AUTHOR]
    written = ChangeContributor.objects.filter(role__in=roles, contributor__identity=identity)
    few = list(written.values_list("change_id", flat=True)[: FEW + 1])
    return Q(pk__in=few) if len(few) <= FEW else Q(Exists(written.filter(change=OuterRef("pk"))))


def change_page(filters: ChangeFilters, after: str = "", size: int = PAGE_SIZE) -> ChangePage:
    """A page of the list with repositories and authors at hand: three queries whatever the amount."""
    found = filtered_changes(filters)
    cursor = read_cursor(after)
    if cursor:
        moment, last = cursor
        # The bound stands on its own: an OR alone makes SQLite gather and sort all that is older.
        found = found.filter(Q(sorted_at__lt=moment) | Q(id__lt=last), sorted_at__lte=moment)
    authors = ChangeContributor.objects.filter(role=ChangeContributor.Role.AUTHOR).select_related("contributor")
    rows = list(
        found.order_by("-sorted_at", "-id")
        .select_related("repository")
        .prefetch_related(Prefetch("participations", queryset=authors.order_by("id"), to_attr="author_rows"))[
            : size + 1
        ]
    )
    more = len(rows) > size
    rows = rows[:size]
    return ChangePage(rows, write_cursor(rows[-1]) if more else "")


def write_cursor(change: Change) -> str:
    """The place of a change in the list, as text for a URL: microseconds since 1970 and the row's id."""
    since = change.sorted_at - datetime(1970, 1, 1, tzinfo=UTC)
    return f"{since // timedelta(microseconds=1)}.{change.pk}"


def read_cursor(text: str) -> tuple[datetime, int] | None:
    """The place that a URL names, or None for what is no cursor."""
    moment, _, last = text.partition(".")
    if not (last.isascii() and last.isdigit() and len(last) < 19):
        return None
    if not (moment.isascii() and moment.removeprefix("-").isdigit() and len(moment) <= 18):
        return None
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(moment)), int(last)
    except OverflowError:
        return None


def change_by_key(repository_key: str, key: str) -> Change | None:
    """One public change with its repository, people, files (at most 500) and current texts; None if there is none.

    What later stages keep beside a change, one to one, comes along in the same query.
    `key` is pull:<number> or commit:<sha>; of a SHA the first 12 digits or more are enough.
    """
    found = public_changes().filter(repository__key=repository_key)
    if key.startswith("commit:") and len(key) >= len("commit:") + 12:
        found = found.filter(key__startswith=key)
    else:
        found = found.filter(key=key)
    people = ChangeContributor.objects.select_related("contributor").order_by("id")
    return (
        found.select_related("repository", "same_as__repository", "facts", "survival", "pull_detail")
        .prefetch_related(Prefetch("participations", queryset=people))
        .order_by("id")
        .first()
    )


_SOURCES = {"git": "the git mirror", "github": "GitHub’s API", "webhook": "GitHub’s webhook"}
_SAID = {
    "title": "title", "body": "description", "kind": "how it landed", "merged": "whether it was merged",
    "merged_at": "merge time", "merge_commit": "merge commit", "opened_at": "opening time", "closed_at": "closing time",
    "first_commit_at": "first commit", "landed_additions": "what landed", "proposed_additions": "what was proposed",
}  # fmt: skip


def told_by(change: Change) -> list[tuple[str, list[str]]]:
    """(source, what it said of the change) for each source whose word was taken; needs no query."""
    return [
        (words, told)
        for source, words in _SOURCES.items()
        if (told := [said for field, said in _SAID.items() if change.said_by.get(field) == source])
    ]


def latest_collection_id() -> int:
    """The id of the newest ended collection: what cached counts are keyed by. 0 without any."""
    newest = Collection.objects.exclude(state=Collection.State.RUNNING).aggregate(last=Max("id"))["last"]
    return newest or 0


def changed_files(change: Change, limit: int) -> list[ChangedFile]:
    """The files of a change, source first and then by path, at most `limit` of them."""
    order = Case(*(When(category=name, then=place) for place, name in enumerate(_CATEGORIES)), default=len(_CATEGORIES))
    return list(ChangedFile.objects.filter(change=change).order_by(order, "path", "id")[:limit])


def current_texts(change: Change, limit: int = 40) -> list[ChangeText]:
    """Title, body and commit messages as they stand now, redacted."""
    order = {"title": 0, "body": 1, "commit": 2}
    rows = ChangeText.objects.filter(change=change, is_current=True).order_by("id")[:limit]
    return sorted((row for row in rows if row.text), key=lambda row: (order.get(row.kind, 3), row.pk))


def change_ref(change: Change) -> str:
    """The reference of a change, as receipts and texts name it: change:<repository>#<number> or …@<sha>."""
    kind, _, tail = change.key.partition(":")
    return f"change:{change.repository.key}{'#' if kind == 'pull' else '@'}{tail}"


def change_by_ref(ref: str) -> Change | None:
    """The public change of a reference (see change_ref); None where there is none."""
    repository, key = _parts(ref)
    return change_by_key(repository, key) if key else None


def _parts(ref: str) -> tuple[str, str]:
    """(repository key, change key) of a reference; the second is "" for what is no reference to a change."""
    tail = ref.removeprefix("change:")
    for mark, kind in (("#", "pull"), ("@", "commit")):
        repository, found, name = tail.rpartition(mark)
        if found and name:
            return repository, f"{kind}:{name}"
    return tail, ""


def text_by_hash(ref: str, sha256: str) -> str | None:
    """The text of this hash among those of a public change, any version of it; None where there is none."""
    repository, key = _parts(ref)
    texts = ChangeText.objects.filter(change__in=public_changes().filter(repository__key=repository), sha256=sha256)
    words = Q(change__key__startswith=key) if key.startswith("commit:") else Q(change__key=key)
    of_change = texts.filter(words)
    return of_change.order_by("pk").values_list("text", flat=True).first() if key else None


def changes_by_ref(refs: Sequence[str]) -> dict[str, Change]:
    """The public changes among ``refs``, by reference, with their repositories; one query. At most 500 are looked up.

    Of a SHA twelve digits or more are enough.
    """
    parts = {ref: _parts(ref) for ref in refs[:500]}
    wanted = Q(pk__in=[])
    for repository, key in parts.values():
        if key.startswith("pull:") or len(key) >= len("commit:") + 12:
            wanted |= (
                Q(repository__key=repository, key__startswith=key)
                if key[0] == "c"
                else Q(repository__key=repository, key=key)
            )
    rows = list(public_changes().filter(wanted).select_related("repository").order_by("pk")) if parts else []
    by_pull = {(row.repository.key, row.key): row for row in rows}
    by_sha = {(row.repository.key, row.key[: len("commit:") + 12]): row for row in rows}
    found = {ref: by_pull.get(part) or by_sha.get((part[0], part[1][:19])) for ref, part in parts.items()}
    return {ref: row for ref, row in found.items() if row is not None}
