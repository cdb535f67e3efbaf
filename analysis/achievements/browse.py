"""What pages, API and reports ask about achievements."""

from collections.abc import Collection, Sequence

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Count, Prefetch, Q, QuerySet

from analysis.achievements.figures import achievement_ref
from analysis.achievements.models import Achievement
from analysis.collection.browse import public_changes
from analysis.collection.models import Change

QUEUE = (Achievement.State.DRAFT, Achievement.State.IN_REVIEW)
STANDING = (Achievement.State.APPROVED, Achievement.State.PUBLISHED)


def public_achievements() -> QuerySet[Achievement]:
    """Published ones whose changes are all public; one hidden change hides the achievement."""
    hidden = Change.objects.exclude(pk__in=public_changes().values("pk"))
    return Achievement.objects.filter(state=Achievement.State.PUBLISHED).exclude(changes__in=hidden)


def with_changes(achievements: QuerySet[Achievement]) -> QuerySet[Achievement]:
    """Each with its changes, oldest first, in one further query."""
    members = Change.objects.select_related("repository", "facts").order_by("sorted_at", "pk")
    return achievements.prefetch_related(Prefetch("changes", queryset=members))


def evidence_changed(subjects: Collection[str]) -> bool:
    """Whether one of these subjects (an achievement, a change) belongs to approved work whose evidence changed since.

    One query, over the few achievements that are marked so; none without subjects.
    """
    named = set(subjects)
    if not named:
        return False
    marked = Achievement.objects.filter(state__in=STANDING).exclude(stale_reason="").only("key", "evidence")
    return any(achievement_ref(row) in named or not named.isdisjoint(row.evidence) for row in marked)


def queue(reader: AbstractBaseUser | None = None) -> QuerySet[Achievement]:
    """What waits for a decision, largest work first, with the number of its changes.

    With four eyes what is approved waits too, for anybody but the ``reader`` who approved it.
    """
    waits = Q(state__in=QUEUE)
    if settings.ATTEST_FOUR_EYES:
        approved = Q(state=Achievement.State.APPROVED)
        waits |= approved & ~Q(approved_by=reader.pk) if reader else approved
    waiting = Achievement.objects.filter(waits).annotate(change_count=Count("memberships"))
    return waiting.order_by("state", "-landed_source_lines", "pk")


def queue_progress() -> dict[str, int]:
    """How many achievements stand in each state."""
    rows: Sequence[tuple[str, int]] = list(
        Achievement.objects.values_list("state").annotate(many=Count("pk")).order_by("state")
    )
    return {**dict.fromkeys(Achievement.State.values, 0), **dict(rows)}
