"""Routing in the admin: targets, policies and budgets are changed here; decisions and money are looked at."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet, URLField
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from evidence import sudo
from mlops.models import BreakerState, Budget, Decision, Policy, Spend, Target
from mlops.routing import services
from mlops.routing.records import NANO


class ReadOnly(admin.ModelAdmin):
    """Rows that only the system writes."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def dollars(amount: int) -> str:
    return f"${amount / NANO:,.4f}"


@admin.register(Target)
class TargetAdmin(admin.ModelAdmin):
    """Endpoints; each change leaves an audit row. The key itself lies in the environment and never here."""

    list_display = ("key", "kind", "model", "enabled", "allows_private", "price", "priced_on", "timeout")
    list_filter = ("enabled", "kind", "allows_private")
    search_fields = ("key", "model", "base_url")
    ordering = ("key",)
    formfield_overrides = {URLField: {"assume_scheme": "https"}}

    @admin.display(description=_("$ per million tokens in / out"))
    def price(self, row: Target) -> str:
        return f"{row.price_in / 1e6:g} / {row.price_out / 1e6:g}"

    def save_model(self, request: HttpRequest, obj: Target, form: ModelForm, change: bool) -> None:
        values = {name: getattr(obj, name) for name in form.changed_data if name != "key"}
        if not change:
            values = {name: getattr(obj, name) for name in form.cleaned_data if name != "key"}
        saved = services.save_target(key=obj.key, values=values, actor=request.user)
        obj.pk = saved.pk


@admin.register(Policy)
class PolicyAdmin(admin.ModelAdmin):
    """Policies are versions: a new one is added, evaluated on logged decisions, and goes live through the gate."""

    list_display = ("task", "version", "live", "live_at", "live_by", "verdict")
    list_filter = ("task", "live")
    ordering = ("task", "-version")
    fields = ("task", "settings")
    actions = ("go_live",)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description=_("gate"))
    def verdict(self, row: Policy) -> str:
        return str((row.gate or {}).get("reason", ""))

    def save_model(self, request: HttpRequest, obj: Policy, form: ModelForm, change: bool) -> None:
        made = services.new_policy(task=obj.task, settings=obj.settings, actor=request.user)
        obj.pk, obj.version = made.pk, made.version

    @admin.action(description=_("Let the policy go live, if the gate lets it pass"), permissions=["add"])
    def go_live(self, request: HttpRequest, queryset: QuerySet[Policy]) -> HttpResponse | None:
        if not sudo.is_recent(request):
            return sudo.ask(request)
        for row in queryset.order_by("task", "version"):
            try:
                services.go_live(policy=row, actor=request.user, reason="first policy, chosen in the admin")
            except services.NotAllowed as error:
                self.message_user(request, f"{row}: {error}", messages.ERROR)
            else:
                self.message_user(request, _("%(policy)s is live.") % {"policy": row})
        return None


@admin.register(Budget)
class BudgetAdmin(admin.ModelAdmin):
    """Limits a day; a change holds at once."""

    list_display = ("name", "amount")
    ordering = ("name",)

    @admin.display(description=_("limit a day"))
    def amount(self, row: Budget) -> str:
        return dollars(row.limit)

    def save_model(self, request: HttpRequest, obj: Budget, form: ModelForm, change: bool) -> None:
        services.set_budget(name=obj.name, limit=obj.limit, actor=request.user)
        obj.pk = Budget.objects.get(name=obj.name).pk

    def delete_model(self, request: HttpRequest, obj: Budget) -> None:
        services.set_budget(name=obj.name, limit=None, actor=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Budget]) -> None:
        for row in queryset:
            self.delete_model(request, row)


@admin.register(Spend)
class SpendAdmin(ReadOnly):
    list_display = ("day", "name", "limit_shown", "reserved_shown", "spent_shown", "overrun_shown")
    list_filter = ("day",)
    ordering = ("-day", "name")

    @admin.display(description=_("limit"))
    def limit_shown(self, row: Spend) -> str:
        return dollars(row.limit) if row.limit is not None else "-"

    @admin.display(description=_("reserved"))
    def reserved_shown(self, row: Spend) -> str:
        return dollars(row.reserved)

    @admin.display(description=_("spent"))
    def spent_shown(self, row: Spend) -> str:
        return dollars(row.spent)

    @admin.display(description=_("billed beyond its hold"))
    def overrun_shown(self, row: Spend) -> str:
        return dollars(row.overrun)


@admin.register(BreakerState)
class BreakerAdmin(ReadOnly):
    list_display = ("target", "state", "reason", "until", "score", "changed_at")
    ordering = ("target",)


@admin.register(Decision)
class DecisionAdmin(ReadOnly):
    """What was considered, predicted, chosen and why, and what happened then."""

    list_display = ("id", "created_at", "origin", "task", "answered_by", "degraded", "status", "error", "price")
    list_filter = ("origin", "task", "status", "degraded", "explored")
    search_fields = ("=id", "=content_hash")
    ordering = ("-created_at", "-id")
    fields = (
        "id", "created_at", "origin", "task", "policy", "policy_version", "mode", "reason", "propensity", "explored",
        "considered", "tried", "answered_by", "degraded", "cached", "status", "error", "seconds", "price",
    )  # fmt: skip
    readonly_fields = ("considered", "tried", "price")

    @admin.display(description=_("cost"))
    def price(self, row: Decision) -> str:
        return dollars(row.cost)

    @admin.display(description=_("considered"))
    def considered(self, row: Decision) -> str:
        return _lines(row.candidates)

    @admin.display(description=_("tried"))
    def tried(self, row: Decision) -> str:
        return _lines(row.attempts)


def _lines(entries: list[dict[str, Any]]) -> str:
    return "\n".join(json.dumps(entry, sort_keys=True, ensure_ascii=False) for entry in entries)
