"""Monitors, alerts, silences and channels in the admin; each change leaves an audit row."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from evidence import audit
from mlops import services
from mlops.admin.routing import ReadOnly
from mlops.models import Alert, Channel, Delivery, Measurement, Monitor, Silence
from mlops.monitoring.statistics import STATISTICS


class Audited(admin.ModelAdmin):
    """What people edit, written down as they do."""

    show_full_result_count = False

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        after = {name: str(form.cleaned_data[name]) for name in form.changed_data}
        before = {name: str(form.initial.get(name, "")) for name in form.changed_data}
        audit.record(
            actor=request.user, action=f"mlops.save_{obj._meta.model_name}", target=obj, before=before, after=after
        )

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        audit.record(actor=request.user, action=f"mlops.delete_{obj._meta.model_name}", target=obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for obj in queryset:
            self.delete_model(request, obj)


class MonitorForm(forms.ModelForm):
    """A statistic is chosen from those that exist."""

    statistic = forms.ChoiceField(choices=[(name, name) for name in STATISTICS])

    class Meta:
        model = Monitor
        fields = "__all__"  # noqa: DJ007  every field of a rule is the owner's to edit


@admin.register(Monitor)
class MonitorAdmin(Audited):
    form = MonitorForm
    list_display = ("name", "model", "statistic", "feature", "rule", "severity", "response", "is_active")
    list_filter = ("model", "statistic", "severity", "is_active")
    ordering = ("name",)
    actions = ("measure_now",)

    @admin.display(description=_("alert when"))
    def rule(self, row: Monitor) -> str:
        return f"{row.comparison} {row.threshold:,.10g} over {row.window}"

    @admin.action(description=_("Measure now, and act on the rules"), permissions=["change"])
    def measure_now(self, request: HttpRequest, queryset: QuerySet[Monitor]) -> None:
        """What the job does every five minutes, for the chosen monitors: alerts open, roll back and resolve."""
        for monitor, found in services.measure(monitors=queryset, actor=request.user):
            value = found.reason if found.value is None else f"{found.value:g} on {found.rows} rows"
            alert = Alert.objects.filter(monitor=monitor, resolved_at__isnull=True).first()
            told, level = (f"open: {alert.message}", messages.WARNING) if alert else ("no alert", messages.INFO)
            self.message_user(request, f"{monitor.name}: {value}; {told}", level)


@admin.register(Measurement)
class MeasurementAdmin(ReadOnly):
    list_display = ("window_end", "monitor", "version", "value", "rows", "reason")
    list_filter = ("monitor",)
    list_select_related = ("monitor", "version")
    ordering = ("-id",)


@admin.register(Alert)
class AlertAdmin(ReadOnly):
    list_display = ("opened_at", "severity", "message", "notified_at", "resolved_at")
    list_filter = ("severity", "monitor__model")
    fields = ("monitor", "severity", "message", "value", "opened_at", "notified_at", "resolved_at", "told")
    readonly_fields = ("told",)
    list_select_related = ("monitor",)
    ordering = ("-id",)

    @admin.display(description=_("story"))
    def told(self, row: Alert) -> str:
        lines = ((line["at"][:19].replace("T", " "), line["what"]) for line in row.story)
        return format_html_join("\n", "<p>{} UTC: {}</p>", lines)


@admin.register(Silence)
class SilenceAdmin(Audited):
    list_display = ("monitor", "starts_at", "ends_at", "reason", "made_by")
    ordering = ("-id",)

    def save_model(self, request: HttpRequest, obj: Silence, form: ModelForm, change: bool) -> None:
        obj.made_by = audit.name_of(request.user)
        super().save_model(request, obj, form, change)


@admin.register(Channel)
class ChannelAdmin(Audited):
    list_display = ("kind", "target", "is_active")
    ordering = ("id",)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    list_display = ("created_at", "channel", "state", "attempts", "delivered_at", "problem")
    list_filter = ("state",)
    list_select_related = ("channel",)
    ordering = ("-id",)
