"""How many added lines still stand: `git blame` of the files at the default branch's tip, counted by commit.

Runs in the background. The rows of a tip are stored in one transaction, when all of its files were seen: a killed run
leaves those of the tip before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from django.db import transaction

from analysis.collection.models import Change, Repository
from analysis.collection.part_models import ChangedFile, Commit
from analysis.collection.repositories import git_source, located_again
from analysis.facts.models import LineSurvival
from analysis.sources.git_blame import lines_by_commit

VERSION = "blame/1"
_SKIPPED = (ChangedFile.Category.GENERATED, ChangedFile.Category.VENDORED)
Progress = Callable[[int, int | None, str], None]


def compute(repository: Repository, progress: Progress | None = None, guard: Callable[[], None] | None = None) -> int:
    """Blame the tip and store the survival of every landed change; returns rows written."""
    told = progress or (lambda done, total, what: None)
    tip = repository.tip_sha
    known = LineSurvival.objects.filter(change__repository=repository)
    if not tip or known.filter(tip_sha=tip, version=VERSION).exists():
        return 0
    git = git_source(located_again(repository)).git
    alive: Counter[str] = Counter()
    for number, total, counts in lines_by_commit(git, tip):
        alive.update(counts)
        told(number, total, "blaming files")
    with transaction.atomic():
        if guard:
            guard()
        known.delete()
        return len(LineSurvival.objects.bulk_create(_rows(repository, tip, alive), batch_size=500))


def _rows(repository: Repository, tip: str, alive: Counter[str]) -> Iterator[LineSurvival]:
    """A change's lines are those of its own commits and of the commit that landed it."""
    landed = Change.objects.filter(repository=repository, landed_files__isnull=False, is_credited=True)
    commits: dict[int, set[str]] = {}
    for change, sha in Commit.objects.filter(change__in=landed.values("pk")).values_list("change_id", "sha").iterator():
        if sha in alive:
            commits.setdefault(change, set()).add(sha)
    added = _added(repository)
    for change, merge in landed.values_list("pk", "merge_commit").order_by("pk").iterator():
        count = added.get(change, 0)
        if count:
            own = commits.get(change, set()) | {merge}
            still = min(count, sum(alive[sha] for sha in own))
            yield LineSurvival(change_id=change, tip_sha=tip, alive=still, added=count, version=VERSION)


def _added(repository: Repository) -> dict[int, int]:
    rows = ChangedFile.objects.filter(change__repository=repository, change__landed_files__isnull=False)
    out: Counter[int] = Counter()
    for change, count in rows.exclude(category__in=_SKIPPED).values_list("change_id", "additions").iterator():
        out[change] += count or 0
    return dict(out)
