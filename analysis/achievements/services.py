"""What a person decides about achievements. Each decision is one version; the one before it can be restored."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from analysis.achievements import drafts
from analysis.achievements.evidence import difference, standing
from analysis.achievements.models import Achievement, AchievementChange, AchievementRevision
from analysis.collection.models import Change
from evidence import audit

State = Achievement.State
MOVES = {
    State.DRAFT: {State.IN_REVIEW, State.RETIRED},
    State.IN_REVIEW: {State.DRAFT, State.APPROVED, State.RETIRED},
    State.APPROVED: {State.IN_REVIEW, State.PUBLISHED, State.RETIRED},
    State.PUBLISHED: {State.RETIRED, State.APPROVED},
    State.RETIRED: {State.DRAFT},
}
KEPT = (
    "state", "title", "title_source", "summary", "reasons", "missing", "part", "part_reason", "landed_source_lines",
    "touched", "evidence", "stale_reason", "approved_by_id", "published_by_id",
)  # fmt: skip
KEPT_TIMES = ("started_at", "ended_at", "approved_at", "published_at")
EDITABLE = ("title", "summary")


class Conflict(Exception):
    """Somebody else decided in the meantime; nothing was changed."""


class NotAllowed(ValueError):
    """The decision makes no sense in this state; the message says what does."""


def _locked(achievement_id: int, version: int) -> Achievement:
    achievement = Achievement.objects.select_for_update().get(pk=achievement_id)
    if achievement.version != version:
        last = achievement.revisions.order_by("-version").select_related("decided_by").first()
        who = f" ({last.decided_by.get_username()}: {last.action})" if last else ""
        raise Conflict(f"This achievement was changed since you read it{who}. Reload it and decide again.")
    return achievement


def snapshot(achievement: Achievement) -> dict[str, Any]:
    """All decided fields and the ids of the changes, as JSON values."""
    times = {name: value.isoformat() if (value := getattr(achievement, name)) else None for name in KEPT_TIMES}
    members = list(achievement.memberships.order_by("change_id").values_list("change_id", flat=True))
    return {**{name: getattr(achievement, name) for name in KEPT}, **times, "changes": members}


def _close(achievement: Achievement, actor: User, action: str, before: dict[str, Any], reason: str = "") -> Achievement:
    """End a version: store what was, count up, write the audit row."""
    AchievementRevision.objects.create(
        achievement=achievement, version=achievement.version, action=action, before=before, decided_by=actor
    )
    achievement.version += 1
    achievement.touched = True
    achievement.save()
    after = snapshot(achievement)
    audit.record(
        actor=actor, action=f"achievements.{action}", target=achievement, before=before, after=after, reason=reason
    )
    return achievement


@transaction.atomic
def move(
    *, achievement_id: int, version: int, state: str, actor: User, now: dt.datetime, reason: str = ""
) -> Achievement:
    """Move to another state. Approving notes what the achievement stands on; publishing needs an approval first."""
    achievement = _locked(achievement_id, version)
    target = State(state)
    if target not in MOVES[State(achievement.state)]:
        possible = ", ".join(sorted(MOVES[State(achievement.state)]))
        raise NotAllowed(f"From {achievement.get_state_display()} it can go to {possible}, not to {target.label}.")
    if target == State.PUBLISHED and settings.ATTEST_FOUR_EYES and achievement.approved_by_id == actor.pk:
        raise NotAllowed("You approved it; with four eyes (ATTEST_FOUR_EYES) somebody else publishes it.")
    before = snapshot(achievement)
    if target == State.APPROVED and achievement.state == State.IN_REVIEW:
        achievement.approved_by, achievement.approved_at = actor, now
        achievement.evidence = standing(_members(achievement))
        achievement.stale_reason = ""
    elif target in (State.DRAFT, State.IN_REVIEW):
        achievement.approved_by = achievement.approved_at = None
    if target == State.PUBLISHED:
        achievement.published_by, achievement.published_at = actor, now
    elif achievement.state == State.PUBLISHED:
        achievement.published_by = achievement.published_at = None
    achievement.state = target
    return _close(achievement, actor, f"move_to_{target}", before, reason)


@transaction.atomic
def edit(*, achievement_id: int, version: int, actor: User, **fields: str) -> Achievement:
    """Change the owner's words. What was approved goes back to review, since the approval was of other words."""
    achievement = _locked(achievement_id, version)
    unknown = fields.keys() - set(EDITABLE)
    if unknown:
        raise NotAllowed(f"{', '.join(sorted(unknown))} follow from the evidence and cannot be written.")
    before = snapshot(achievement)
    for name, value in fields.items():
        setattr(achievement, name, value.strip())
    if not achievement.title:
        raise NotAllowed("An achievement needs a title.")
    if fields.get("title", before["title"]) != before["title"]:
        achievement.title_source = "owner"
    if achievement.state in (State.APPROVED, State.PUBLISHED):
        achievement.state = State.IN_REVIEW
        achievement.approved_by = achievement.approved_at = None
        achievement.published_by = achievement.published_at = None
    return _close(achievement, actor, "edit", before)


@transaction.atomic
def merge(*, achievement_id: int, version: int, other_id: int, actor: User) -> Achievement:
    """Take over the changes of another achievement, which is retired with none."""
    achievement = _locked(achievement_id, version)
    other = Achievement.objects.select_for_update().get(pk=other_id)
    if other.pk == achievement.pk:
        raise NotAllowed("An achievement cannot be merged with itself.")
    for row in (achievement, other):
        if row.state in (State.PUBLISHED, State.APPROVED):
            raise NotAllowed(f"'{row.title}' is {row.get_state_display()}; take it back to review first.")
    before, before_other = snapshot(achievement), snapshot(other)
    AchievementChange.objects.filter(achievement=other).update(achievement=achievement)
    achievement.reasons = [*achievement.reasons, {"rule": "owner", "reason": "merged by a person"}]
    _describe_again(achievement)
    other.state = State.RETIRED
    _close(other, actor, "merged_away", before_other, reason=f"into achievement {achievement.pk}")
    return _close(achievement, actor, "merge", before, reason=f"with achievement {other.pk}")


@transaction.atomic
def split(*, achievement_id: int, version: int, change_ids: Sequence[int], actor: User) -> Achievement:
    """Move some changes into a new draft, which is returned."""
    achievement = _locked(achievement_id, version)
    if achievement.state in (State.PUBLISHED, State.APPROVED):
        raise NotAllowed(f"It is {achievement.get_state_display()}; take it back to review first.")
    before = snapshot(achievement)
    taken = [pk for pk in before["changes"] if pk in set(change_ids)]
    if not taken or len(taken) == len(before["changes"]):
        raise NotAllowed("Choose some of its changes, and leave at least one.")
    AchievementChange.objects.filter(achievement=achievement, change_id__in=taken).delete()
    fields = drafts.describe(taken, _material(taken))
    fields["reasons"] = [{"rule": "owner", "reason": "split off by a person"}]
    key = f"{fields['title_source']}~{achievement.pk}.{achievement.version}"
    fresh = Achievement.objects.create(key=key, touched=True, **fields)
    AchievementChange.objects.bulk_create(AchievementChange(achievement=fresh, change_id=pk) for pk in taken)
    _describe_again(achievement)
    _close(achievement, actor, "split", before, reason=f"{len(taken)} changes into achievement {fresh.pk}")
    return fresh


@transaction.atomic
def undo(*, achievement_id: int, version: int, actor: User) -> Achievement:
    """Restore what stood before the last decision that is not undone yet. A change that went elsewhere stays there."""
    achievement = _locked(achievement_id, version)
    last = achievement.revisions.filter(undone=False).exclude(action="undo").order_by("-version").first()
    if last is None:
        raise NotAllowed("There is no decision to undo.")
    before = snapshot(achievement)
    for name in KEPT:
        setattr(achievement, name, last.before[name])
    for name in KEPT_TIMES:
        text = last.before[name]
        setattr(achievement, name, dt.datetime.fromisoformat(text) if text else None)
    free = set(last.before["changes"]) - set(
        AchievementChange.objects.filter(change_id__in=last.before["changes"]).values_list("change_id", flat=True)
    )
    AchievementChange.objects.bulk_create(
        AchievementChange(achievement=achievement, change_id=pk) for pk in sorted(free)
    )
    last.undone = True
    last.save(update_fields=["undone"])
    return _close(achievement, actor, "undo", before, reason=f"of {last.action}")


def refresh_stale() -> int:
    """Compare what approved achievements stood on with what stands now; return how many were marked or cleared."""
    changed = 0
    for achievement in Achievement.objects.filter(state__in=[State.APPROVED, State.PUBLISHED]).order_by("pk"):
        reason = difference(achievement.evidence, standing(_members(achievement)))
        if reason != achievement.stale_reason:
            Achievement.objects.filter(pk=achievement.pk).update(stale_reason=reason)
            changed += 1
    return changed


def _members(achievement: Achievement) -> list[Change]:
    return list(Change.objects.filter(achievement_membership__achievement=achievement).select_related("repository"))


def _material(change_ids: Sequence[int]) -> drafts.Material:
    return drafts.gather(Change.objects.filter(pk__in=change_ids))


def _describe_again(achievement: Achievement) -> None:
    """Bring part, period, size and what is missing in line with the changes; the owner's title stays."""
    members = list(achievement.memberships.order_by("change_id").values_list("change_id", flat=True))
    fields = drafts.describe(members, _material(members))
    for name, value in fields.items():
        if name not in ("title", "title_source") or achievement.title_source != "owner":
            setattr(achievement, name, value)
