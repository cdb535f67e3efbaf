"""Which later changes revert or mend a change: by what they say, and by what they touch.

Reverts: a later change says "This reverts commit …" or names the pull. Fixes: a later change whose title says fix
names the change, or touches most of the same source files within thirty days. What was found how is kept with it.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from datetime import datetime, timedelta

from analysis.collection.models import Change, Repository
from analysis.collection.part_models import ChangedFile, ChangeLink, Commit

WINDOW = timedelta(days=30)
OVERLAP = 0.5
# A change of more files is an upkeep of the whole tree: its overlap with another says nothing.
MOST_FILES = 40
_FIX = re.compile(r"^\W*(?:\w+\(?[\w\s/-]*\)?!?:\s*)?(?:hot|bug)?fix(?:es|ed|ing)?\b|\bregression\b", re.IGNORECASE)
_NAMED = re.compile(
    r"(?:fix(?:es|ed|up)?|regression|broken?|caused|introduced|follow[- ]?up|since|after)\b[^\n#]{0,40}#(\d{1,9})\b",
    re.IGNORECASE,
)

Found = dict[int, dict[str, list[list[str]]]]


def find(repository: Repository) -> Found:
    """{change: {"reverted": [[key, how]], "fixed": [[key, how]]}} for every landed change of a repository."""
    landed = Change.objects.filter(repository=repository, landed_at__isnull=False, vanished_at=None)
    keys: dict[int, str] = dict(landed.order_by("landed_at", "pk").values_list("pk", "key"))
    found: Found = {pk: {"reverted": [], "fixed": []} for pk in keys}
    by_key = {key: pk for pk, key in keys.items()}
    _reverts(repository, keys, by_key, found)
    _fixes(repository, keys, by_key, found)
    for entry in found.values():
        for rows in entry.values():
            rows.sort()
    return found


def _reverts(repository: Repository, keys: dict[int, str], by_key: dict[str, int], found: Found) -> None:
    links = ChangeLink.objects.filter(change__repository=repository, kind=ChangeLink.Kind.REVERTS)
    rows = [row for row in links.values_list("change_id", "key", "sha") if row[0] in keys]
    shas = [sha for _, _, sha in rows if sha]
    owners = _owners(repository, shas)
    for later, key, sha in rows:
        earlier = by_key.get(key) if key else owners.get(sha)
        if earlier is not None and earlier != later and earlier in found:
            _add(found[earlier]["reverted"], keys[later], "it says so")


def _owners(repository: Repository, shas: list[str]) -> dict[str, int]:
    """{stated SHA or its beginning: the change that it belongs to}; landing commits first."""
    out: dict[str, int] = {}
    landings = Change.objects.filter(repository=repository)
    for start in range(0, len(shas), 200):
        part = [sha for sha in shas[start : start + 200] if len(sha) >= 40]
        commits = Commit.objects.filter(change__repository=repository, sha__in=part).values_list("sha", "change_id")
        out.update(commits)
        out.update(landings.filter(merge_commit__in=part).values_list("merge_commit", "pk"))
    for sha in shas:
        if sha not in out and 7 <= len(sha) < 40:
            known = landings.filter(merge_commit__startswith=sha).values_list("pk", flat=True)[:2]
            if len(known) == 1:
                out[sha] = known[0]
    return out


def _fixes(repository: Repository, keys: dict[int, str], by_key: dict[str, int], found: Found) -> None:
    rows = Change.objects.filter(repository=repository, landed_at__isnull=False, vanished_at=None)
    files = _source_files(repository)
    recent: dict[str, deque[tuple[datetime, int]]] = defaultdict(deque)
    values = rows.order_by("landed_at", "pk").values_list("pk", "title", "body", "landed_at", "is_credited")
    for pk, title, body, landed_at, credited in values.iterator(chunk_size=1000):
        if landed_at is None:
            continue
        paths = files.get(pk, [])
        if _FIX.search(title):
            for number in _NAMED.findall(f"{title}\n{body or ''}"[:20000]):
                earlier = by_key.get(f"pull:{number}")
                if earlier is not None and earlier != pk:
                    _add(found[earlier]["fixed"], keys[pk], "it says so")
            for earlier in _overlapping(paths, recent, landed_at):
                if earlier != pk and keys[earlier] != keys[pk]:
                    _add(found[earlier]["fixed"], keys[pk], "it touches most of the same source files within 30 days")
        if credited and len(paths) <= MOST_FILES:
            for path in paths:
                recent[path].append((landed_at, pk))


def _overlapping(paths: list[str], recent: dict[str, deque[tuple[datetime, int]]], now: datetime) -> list[int]:
    """Changes of the last days of which at least half of this fix's source files are."""
    if not paths or len(paths) > MOST_FILES:
        return []
    counts: dict[int, int] = defaultdict(int)
    for path in paths:
        queue = recent[path]
        while queue and now - queue[0][0] > WINDOW:
            queue.popleft()
        for _, change in queue:
            counts[change] += 1
    return [change for change, count in counts.items() if count / len(paths) >= OVERLAP]


def _source_files(repository: Repository) -> dict[int, list[str]]:
    rows = ChangedFile.objects.filter(
        change__repository=repository, change__landed_at__isnull=False, category=ChangedFile.Category.SOURCE
    )
    out: dict[int, list[str]] = defaultdict(list)
    names: dict[str, str] = {}
    for change, path in rows.values_list("change_id", "path").iterator(chunk_size=5000):
        out[change].append(names.setdefault(path, path))
    return out


def _add(rows: list[list[str]], key: str, how: str) -> None:
    if all(row[0] != key for row in rows):
        rows.append([key, how])
