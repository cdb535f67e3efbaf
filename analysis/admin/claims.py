"""Claims in the admin: a queue that is worked through with one key a decision, and the decisions as a file."""

from __future__ import annotations

import json

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from analysis import services
from analysis.admin.base import CollectedAdmin
from analysis.claims import queries
from analysis.claims.explain import cut
from analysis.claims.records import Direction, Metric
from analysis.models import Claim, ClaimReading, ClaimReview, ClaimSupport

METRIC_KEYS = "123456789"
AROUND = 700  # code points of the text shown on each side of a quote


@admin.register(Claim)
class ClaimAdmin(CollectedAdmin):
    """Every claim that was found; the queue is behind "review"."""

    list_display = ("quote", "metric", "direction", "state", "review", "change", "is_current")
    list_filter = ("is_current", "review", "state", "metric", "direction", "kind")
    search_fields = ("quote", "change__title")
    list_select_related = ("change",)
    ordering = ("-id",)
    change_list_template = "admin/analysis/claim_list.html"

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("review/", self.admin_site.admin_view(self.review), name="analysis_claim_review"),
            path("labels/", self.admin_site.admin_view(self.labels), name="analysis_claim_labels"),
        ]
        return own + super().get_urls()

    def review(self, request: HttpRequest) -> HttpResponse:
        """One unreviewed claim after another, newest first, its quote highlighted in its text."""
        if not request.user.has_perm("analysis.add_claimreview"):
            raise PermissionDenied
        if request.method == "POST":
            return self._decide(request)
        waiting = queries.review_queue()
        rows = waiting.select_related("change__repository", "text")
        after = request.GET.get("after", "")
        if after.isdigit():
            rows = rows.filter(pk__lt=int(after))
        row = rows.first()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": _("Review claims"),
            "row": row,
            "pieces": _pieces(row) if row else [],
            "waiting": waiting.count(),
            "metrics": list(zip(METRIC_KEYS, [metric.value for metric in Metric], strict=True)),
            "other_direction": _other(row.direction) if row else "",
        }
        return TemplateResponse(request, "admin/analysis/review_claims.html", context)

    def labels(self, request: HttpRequest) -> StreamingHttpResponse:
        """Every decision as JSON lines: labelled sentences for a training or evaluation elsewhere."""
        if not request.user.has_perm("analysis.view_claimreview"):
            raise PermissionDenied
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in queries.export_reviews())
        answer = StreamingHttpResponse(lines, content_type="application/x-ndjson")
        answer["Content-Disposition"] = 'attachment; filename="claims.jsonl"'
        return answer

    def _decide(self, request: HttpRequest) -> HttpResponse:
        chosen = str(request.POST.get("claim", ""))
        correction = {name: str(request.POST[name]) for name in ("metric", "direction") if request.POST.get(name)}
        decision = Claim.Review.CORRECTED if correction else str(request.POST.get("decision", ""))
        try:
            services.review_claim(
                claim_id=int(chosen) if chosen.isdigit() else 0,
                decision=decision,
                correction=correction,
                note=str(request.POST.get("note", ""))[:500],
                actor=request.user,
            )
        except Claim.DoesNotExist:
            self.message_user(request, _("This claim is gone meanwhile; here is what waits now."))
        except ValueError as error:
            self.message_user(request, str(error), level="ERROR")
        return HttpResponseRedirect(reverse("admin:analysis_claim_review"))


def _other(direction: str) -> str:
    return Direction.WORSE if direction == Direction.BETTER else Direction.BETTER


def _pieces(claim: Claim) -> list[object]:
    """The text around a claim in pieces, the claim's one marked."""
    text = claim.text.text
    begin, end = max(0, claim.start - AROUND), min(len(text), claim.end + AROUND)
    span = (claim.start - begin, claim.end - begin, "claim", 0, claim.state, "")
    return list(cut(text[begin:end], [span]))


@admin.register(ClaimReview)
class ClaimReviewAdmin(CollectedAdmin):
    """What people decided, with who and when."""

    list_display = ("claim", "decision", "correction", "note", "decided_by", "decided_at")
    list_filter = ("decision",)
    list_select_related = ("claim", "decided_by")
    ordering = ("-id",)


@admin.register(ClaimReading)
class ClaimReadingAdmin(CollectedAdmin):
    """Which texts were read by which method, and what was refused in them."""

    list_display = ("text", "method", "read_at")
    list_filter = ("method",)
    list_select_related = ("text",)
    ordering = ("-id",)


@admin.register(ClaimSupport)
class ClaimSupportAdmin(CollectedAdmin):
    """The records that support claims."""

    list_display = ("claim", "kind", "ref", "says")
    list_filter = ("kind",)
    list_select_related = ("claim",)
    ordering = ("-id",)
