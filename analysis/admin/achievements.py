"""The curation desk: one achievement after another with its evidence beside it, one key a decision, and undo."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysis import queries, services
from analysis.admin.base import CollectedAdmin
from analysis.models import Achievement, AchievementRevision, Change, Claim

State = Achievement.State
# The texts that can be drafted; the pages for them are the portfolio's, and the template leads there by name.
TEXT_KINDS = (
    ("summary", _("summary")), ("case_study", _("case study")), ("cv_bullet", _("CV line")),
    ("linkedin", _("LinkedIn text")),
)  # fmt: skip
# What a key does, as the states that are gone through: approving a draft is also taking it into review.
DECISIONS: dict[str, tuple[State, ...]] = {
    "approve": (State.IN_REVIEW, State.APPROVED),
    "publish": (State.IN_REVIEW, State.APPROVED, State.PUBLISHED),
    "retire": (State.RETIRED,),
}


def _with_claims(row: Achievement) -> list[tuple[Change, list[tuple[Claim, str, str]]]]:
    """The changes with what they state: (claim, the words before its quote, those behind it), two queries."""
    changes = list(row.changes.all())
    claims = queries.claims_of(changes)
    phrases = queries.claim_phrases(claim for found in claims.values() for claim in found)

    def around(claim: Claim) -> tuple[Claim, str, str]:
        before, quote, after = phrases[claim.pk].partition(claim.quote)
        return (claim, before, after) if quote else (claim, "", "")

    return [(change, [around(claim) for claim in claims.get(change.pk, [])]) for change in changes]


@admin.register(Achievement)
class AchievementAdmin(CollectedAdmin):
    """All achievements; the desk is behind "curate"."""

    list_display = ("title", "state", "part", "ended_at", "landed_source_lines", "version", "is_stale")
    list_filter = ("state", "part")
    search_fields = ("title", "key")
    ordering = ("state", "-landed_source_lines", "pk")
    actions = ("approve_selected", "retire_selected")
    change_list_template = "admin/analysis/achievement_list.html"

    @admin.display(boolean=True, description=_("stale"))
    def is_stale(self, achievement: Achievement) -> bool:
        return bool(achievement.stale_reason)

    def get_urls(self) -> list[URLPattern]:
        own = [path("desk/", self.admin_site.admin_view(self.desk), name="analysis_achievement_desk")]
        return own + super().get_urls()

    def desk(self, request: HttpRequest) -> HttpResponse:
        """What waits, largest work first; ?at= opens one again, ?after= skips one."""
        if not request.user.has_perm("analysis.change_achievement"):
            raise PermissionDenied
        if request.method == "POST":
            return self._decide(request)
        row = self._wanted(request)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": _("Curation desk"),
            "row": row,
            "text_kinds": TEXT_KINDS,
            "changes": _with_claims(row) if row else [],
            "progress": (progress := queries.queue_progress()),
            "decided": sum(many for state, many in progress.items() if state not in ("draft", "in_review")),
            "total": sum(progress.values()),
            "history": queries.achievement_history(row) if row else [],
            "last": request.session.get("desk_last"),
            "others": list(queries.queue().exclude(pk=row.pk)[:50]) if row else [],
        }
        return TemplateResponse(request, "admin/analysis/achievement_desk.html", context)

    def _wanted(self, request: HttpRequest) -> Achievement | None:
        at, after = request.GET.get("at", ""), request.GET.get("after", "")
        if at.isdigit():
            return queries.with_changes(Achievement.objects.filter(pk=at)).first()
        ids = list(queries.queue(cast(User, request.user)).values_list("pk", flat=True)[:2000])
        place = ids.index(int(after)) + 1 if after.isdigit() and int(after) in ids else 0
        if place >= len(ids):
            return None
        return queries.with_changes(Achievement.objects.filter(pk=ids[place])).first()

    def _decide(self, request: HttpRequest) -> HttpResponse:
        data = request.POST
        if not (data.get("id", "").isdigit() and data.get("version", "").isdigit()):
            return HttpResponseRedirect(reverse("admin:analysis_achievement_desk"))
        pk, version, actor = int(data["id"]), int(data["version"]), cast(User, request.user)
        try:
            self._act(data.get("decision", ""), pk, version, actor, data)
        except (services.Conflict, services.NotAllowed) as refused:
            self.message_user(request, str(refused), level="ERROR")
            return HttpResponseRedirect(f"{reverse('admin:analysis_achievement_desk')}?at={pk}")
        request.session["desk_last"] = pk
        stay = data.get("decision") in ("save", "undo", "split", "merge")
        return HttpResponseRedirect(reverse("admin:analysis_achievement_desk") + (f"?at={pk}" if stay else ""))

    def _act(self, decision: str, pk: int, version: int, actor: User, data: Any) -> None:
        """One decision; each service checks the version, so that nothing is overwritten.

        Words that were typed before a deciding key are kept: they are saved first.
        """
        if decision in DECISIONS and "title" in data:
            version = self._keep_words(pk, version, actor, data)
        if decision == "save":
            services.edit_achievement(
                achievement_id=pk, version=version, actor=actor, title=data["title"], summary=data["summary"]
            )
        elif decision == "undo":
            services.undo_achievement(achievement_id=pk, version=version, actor=actor)
        elif decision == "split":
            chosen = [int(value) for value in data.getlist("change") if value.isdigit()]
            services.split_achievement(achievement_id=pk, version=version, change_ids=chosen, actor=actor)
        elif decision == "merge" and data.get("other", "").isdigit():
            services.merge_achievements(achievement_id=pk, version=version, other_id=int(data["other"]), actor=actor)
        elif decision in DECISIONS:
            self._advance(DECISIONS[decision], pk, version, actor)
        else:
            raise services.NotAllowed(_("Choose a decision."))

    def _keep_words(self, pk: int, version: int, actor: User, data: Any) -> int:
        """Save title and summary where they differ from what is stored; the version that stands then."""
        words = {"title": data["title"].strip(), "summary": data.get("summary", "").replace("\r\n", "\n").strip()}
        if Achievement.objects.filter(pk=pk, **words).exists():
            return version
        return services.edit_achievement(achievement_id=pk, version=version, actor=actor, **words).version

    def _advance(self, states: tuple[State, ...], pk: int, version: int, actor: User) -> None:
        """Go through the states that are still ahead; the first one checks the version that the person saw."""
        current = State(Achievement.objects.values_list("state", flat=True).get(pk=pk))
        ahead = states[states.index(current) + 1 :] if current in states else states
        for state in ahead:
            moved = services.move_achievement(
                achievement_id=pk, version=version, state=state, actor=actor, now=timezone.now()
            )
            version = moved.version

    @admin.action(description=_("Approve the selected achievements"))
    def approve_selected(self, request: HttpRequest, chosen: Any) -> None:
        self._bulk(request, chosen, "approve")

    @admin.action(description=_("Retire the selected achievements"))
    def retire_selected(self, request: HttpRequest, chosen: Any) -> None:
        self._bulk(request, chosen, "retire")

    def _bulk(self, request: HttpRequest, chosen: Any, decision: str) -> None:
        done = 0
        for pk, version in list(chosen.values_list("pk", "version")):
            try:
                self._advance(DECISIONS[decision], pk, version, cast(User, request.user))
                done += 1
            except (services.Conflict, services.NotAllowed) as refused:
                self.message_user(request, f"{pk}: {refused}", level="ERROR")
        self.message_user(request, _("Decided: %(done)d.") % {"done": done})


@admin.register(AchievementRevision)
class AchievementRevisionAdmin(CollectedAdmin):
    """Every decision with who, when and what stood before."""

    list_display = ("achievement", "version", "action", "decided_by", "decided_at", "undone")
    list_filter = ("action", "undone")
    list_select_related = ("achievement", "decided_by")
    ordering = ("-id",)
