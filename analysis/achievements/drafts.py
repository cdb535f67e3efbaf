"""Drafts of achievements by rule: group a repository's changes, and say why and what is missing.

A draft that no person has touched follows the evidence; one that a person touched is never rewritten: it is marked as
stale, and the change that seems to belong to it is named.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from analysis.achievements.grouping import Group, Work, group
from analysis.achievements.issues import issues_of
from analysis.achievements.models import Achievement, AchievementChange
from analysis.achievements.part import Part, Participation, part_of
from analysis.claims.models import Claim
from analysis.collection.browse import change_ref
from analysis.collection.models import Change, Repository
from analysis.collection.part_models import ChangeContributor, ChangedFile

Progress = Callable[[int, int | None, str], None]
OWN_WORK = (ChangedFile.Category.SOURCE, ChangedFile.Category.TEST)
OUTCOMES = (Claim.State.STATED, Claim.State.CORROBORATED)
TITLE_LENGTH = 200
BATCH = 200


@dataclass(slots=True)
class Counts:
    """What a run of the rules did."""

    groups: int = 0
    created: int = 0
    updated: int = 0
    stale: int = 0


@dataclass(frozen=True, slots=True)
class Material:
    """What drafts of a repository are made from, read in a handful of queries."""

    changes: Mapping[int, Change]
    paths: Mapping[int, frozenset[str]]
    lines: Mapping[int, int]
    people: Mapping[int, Sequence[Participation]]
    claimed: frozenset[int]
    owners: Mapping[int, Achievement]


def candidates(repository: Repository) -> QuerySet[Change]:
    """Changes that reached the default branch and are credited: what never landed achieves nothing."""
    return Change.objects.filter(
        repository=repository, merged=True, is_credited=True, is_hidden=False, vanished_at__isnull=True
    )


def gather(mine: QuerySet[Change]) -> Material:
    """Read everything that drafting needs of these changes; five queries whatever the amount."""
    changes = {change.pk: change for change in mine.select_related("repository").order_by("pk")}
    paths: dict[int, set[str]] = defaultdict(set)
    lines: dict[int, int] = defaultdict(int)
    files = ChangedFile.objects.filter(change__in=mine, category__in=OWN_WORK)
    for change_id, path, added, deleted in files.values_list("change_id", "path", "additions", "deletions").iterator():
        paths[change_id].add(path)
        lines[change_id] += (added or 0) + (deleted or 0)
    people: dict[int, list[Participation]] = defaultdict(list)
    rows = ChangeContributor.objects.filter(change__in=mine).values_list(
        "change_id", "contributor_id", "contributor__kind", "role", "commits", "contributor__is_owner"
    )
    for change_id, who, kind, role, commits, is_owner in rows.iterator():
        people[change_id].append(Participation(who, kind, role, commits, is_owner))
    outcomes = Claim.objects.filter(change__in=mine, is_current=True, state__in=OUTCOMES).exclude(review="rejected")
    memberships = AchievementChange.objects.filter(change__in=mine).select_related("achievement")
    return Material(
        changes,
        {key: frozenset(value) for key, value in paths.items()},
        lines,
        people,
        frozenset(outcomes.values_list("change_id", flat=True)),
        {row.change_id: row.achievement for row in memberships},
    )


def build(repository: Repository, progress: Progress = lambda *_: None) -> Counts:
    """Make or refresh the drafts of one repository. A run with nothing new writes nothing."""
    material = gather(candidates(repository))
    works = [_work(change, material, repository.name) for change in material.changes.values()]
    groups = [found for found in group(works) if len(found.members) > 1 or found.members[0] in material.claimed]
    counts = Counts(groups=len(groups))
    for start in range(0, len(groups), BATCH):
        with transaction.atomic():
            for found in groups[start : start + BATCH]:
                _take(found, material, counts)
        progress(min(start + BATCH, len(groups)), len(groups), "drafting achievements")
    return counts


def _work(change: Change, material: Material, name: str) -> Work:
    label = f"#{change.number}" if change.number else change.merge_commit[:10]
    text = f"{change.title}\n{change.body or ''}"
    return Work(
        id=change.pk,
        label=label,
        at=change.sorted_at,
        paths=material.paths.get(change.pk, frozenset()),
        issues=issues_of(text, name),
        head_sha=change.head_sha,
        base_sha=change.base_sha if change.number else "",
        same_as=change.same_as_id,
    )


def _take(found: Group, material: Material, counts: Counts) -> None:
    """Create, refresh or mark, depending on whose the group's changes are already."""
    holders = {material.owners[pk].pk: material.owners[pk] for pk in found.members if pk in material.owners}
    fields = describe(found.members, material)
    fields["reasons"] = [{"rule": link.rule, "reason": link.reason} for link in found.links]
    if not holders:
        achievement = Achievement.objects.create(key=fields["title_source"], **fields)
        _join(achievement, found.members)
        counts.created += 1
        return
    newcomers = [pk for pk in found.members if pk not in material.owners]
    achievement = min(holders.values(), key=lambda row: row.pk)
    if len(holders) == 1 and not achievement.touched:
        counts.updated += _refresh(achievement, fields, newcomers)
    elif newcomers:
        counts.stale += _mark(achievement, [material.changes[pk] for pk in newcomers])


def describe(members: Sequence[int], material: Material) -> dict[str, Any]:
    """The fields of a draft that follow from its changes alone."""
    changes = [material.changes[pk] for pk in members]
    weightiest = max(changes, key=lambda change: (material.lines.get(change.pk, 0), -change.pk))
    part = part_of(person for pk in members for person in material.people.get(pk, ()))
    return {
        "title": weightiest.title[:TITLE_LENGTH],
        "title_source": change_ref(weightiest),
        "part": part.name,
        "part_reason": part.reason,
        "missing": missing(changes, part, has_outcome=not material.claimed.isdisjoint(members)),
        "started_at": min(change.first_commit_at or change.sorted_at for change in changes),
        "ended_at": max(max(change.sorted_at, change.first_commit_at or change.sorted_at) for change in changes),
        "landed_source_lines": sum(material.lines.get(pk, 0) for pk in members),
    }


def missing(changes: Sequence[Change], part: Part, *, has_outcome: bool) -> list[dict[str, str]]:
    """What a sceptic would ask and the evidence does not say."""
    found = []
    if part.name == "unknown":
        found.append({"what": "whose work it is", "hint": "Mark the owner among the contributors."})
    if all(change.body is None for change in changes):
        hint = "Git holds no descriptions of pull requests; collect from GitHub's API too."
        found.append({"what": "the descriptions", "hint": hint})
    if not has_outcome:
        hint = "No text of these changes states a quantified outcome; say what was measured, and where."
        found.append({"what": "an outcome", "hint": hint})
    if part.reviewers == 0:
        found.append({"what": "reviews", "hint": "No source says that anybody reviewed these changes."})
    return found


def _join(achievement: Achievement, members: Sequence[int]) -> None:
    AchievementChange.objects.bulk_create(AchievementChange(achievement=achievement, change_id=pk) for pk in members)


def _refresh(achievement: Achievement, fields: dict[str, Any], newcomers: Sequence[int]) -> int:
    """Bring an untouched draft up to date; 0 when there was nothing to do."""
    changed = [name for name, value in fields.items() if getattr(achievement, name) != value]
    if not changed and not newcomers:
        return 0
    for name in changed:
        setattr(achievement, name, fields[name])
    if changed:
        achievement.save(update_fields=changed)
    _join(achievement, newcomers)
    return 1


def _mark(achievement: Achievement, newcomers: Sequence[Change]) -> int:
    """Say on a curated achievement that new changes seem to belong to it."""
    reason = "; ".join(f"{change_ref(change)} seems to belong here" for change in newcomers)
    if achievement.stale_reason == reason:
        return 0
    Achievement.objects.filter(pk=achievement.pk).update(stale_reason=reason)
    return 1
