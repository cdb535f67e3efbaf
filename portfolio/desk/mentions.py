"""Mentions at the owner's desk: to be shown or refused, never edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Case, OuterRef, QuerySet, Subquery, Value, When
from django.http import HttpRequest
from django.utils.html import format_html

from portfolio import services
from portfolio.models import CaseStudy, Mention, Post


@admin.register(Mention)
class MentionAdmin(admin.ModelAdmin):
    """Pages that say they link here, the newest first."""

    list_display = ("page", "state", "of_text", "received_at")
    list_filter = ("state", "kind")
    search_fields = ("source", "title")
    ordering = ("-received_at", "-id")
    readonly_fields = ("open",)
    actions = ("show", "refuse")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never by hand."""
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Whoever may change what the site shows; a reader may not."""
        return request.user.has_perm("portfolio.change_mention")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mention]:
        """With the title of the text that each is of."""
        titles = [
            When(kind=model.KIND, then=Subquery(model.objects.filter(pk=OuterRef("document")).values("title")[:1]))
            for model in (CaseStudy, Post)
        ]
        return super().get_queryset(request).annotate(text_title=Case(*titles, default=Value("")))

    @admin.display(description="page", ordering="source")
    def page(self, mention: Mention) -> str:
        """What it calls itself, and its site."""
        return f"{mention.title}, {mention.host}" if mention.title else mention.source

    @admin.display(description="text")
    def of_text(self, mention: Any) -> str:
        """The text that the page says it links to."""
        return mention.text_title or "deleted"

    @admin.display(description="the page")
    def open(self, mention: Mention) -> str:
        """To look at it before deciding."""
        return format_html('<a href="{0}" rel="noopener noreferrer nofollow">{0}</a>', mention.source)

    @admin.action(description="Show under the text", permissions=["decide"])
    def show(self, request: HttpRequest, chosen: QuerySet[Mention]) -> None:
        """Visitors see them."""
        self._decide(request, chosen, show=True)

    @admin.action(description="Refuse", permissions=["decide"])
    def refuse(self, request: HttpRequest, chosen: QuerySet[Mention]) -> None:
        """Nobody sees them, and another notice of them changes nothing."""
        self._decide(request, chosen, show=False)

    def _decide(self, request: HttpRequest, chosen: QuerySet[Mention], *, show: bool) -> None:
        for mention in chosen:
            try:
                services.decide_mention(mention=mention, show=show, actor=request.user)
            except services.NoticeRefused as refused:
                self.message_user(request, f"{mention}: {refused}", messages.ERROR)
            else:
                self.message_user(request, f"{mention}: {mention.get_state_display().lower()}.")
