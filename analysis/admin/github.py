"""What GitHub says in the admin: reviews, deliveries, refusals, and repositories as GitHub knows them. Read only."""

from __future__ import annotations

from django.contrib import admin

from analysis.admin.base import CollectedAdmin
from analysis.models import Erasure, GitHubRepository, PullDetail, Review, WebhookDelivery, WebhookRefusal


@admin.register(GitHubRepository)
class GitHubRepositoryAdmin(CollectedAdmin):
    """Lasting id and present name; a tombstone with its reason where GitHub shows a repository no longer."""

    list_display = ("full_name", "repository", "is_archived", "seen_at", "gone_at", "gone_reason")
    list_select_related = ("repository",)
    search_fields = ("full_name",)
    ordering = ("full_name", "id")


@admin.register(PullDetail)
class PullDetailAdmin(CollectedAdmin):
    """The API's own words about pulls; `counts` is the ledger of one pull: held by GitHub, given."""

    list_display = ("change", "state", "profile", "review_decision", "checks", "updated_at", "counts")
    list_filter = ("state", "profile", "review_decision", "checks")
    list_select_related = ("change",)
    search_fields = ("=change__number", "=external_id")
    ordering = ("-id",)


@admin.register(Review)
class ReviewAdmin(CollectedAdmin):
    """Reviews, machines told apart."""

    list_display = ("change", "state", "reviewer", "by_machine", "submitted_at")
    list_filter = ("state", "by_machine")
    list_select_related = ("change", "reviewer")
    search_fields = ("=change__number",)
    ordering = ("-id",)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(CollectedAdmin):
    """Accepted deliveries and what became of them."""

    list_display = ("received_at", "event", "action", "repository_name", "number", "state", "reason")
    list_filter = ("state", "event")
    search_fields = ("=delivery_id", "repository_name", "=number")
    exclude = ("body",)
    ordering = ("-id",)


@admin.register(WebhookRefusal)
class WebhookRefusalAdmin(CollectedAdmin):
    """How many deliveries were refused each day, and why."""

    list_display = ("day", "reason", "count")
    list_filter = ("reason",)
    ordering = ("-day", "reason", "id")


@admin.register(Erasure)
class ErasureAdmin(CollectedAdmin):
    """That somebody was erased: keyed hashes, from which nobody can be read."""

    list_display = ("erased_at", "erased_by", "identity")
    ordering = ("-id",)
