"""Reports in the admin: make one, show it on the site, send it, and have it made when its period ends."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from analysis import services
from analysis.admin.base import CollectedAdmin
from analysis.models import Report, ReportDelivery, ReportSchedule


class ReportForm(forms.ModelForm):
    """What to compile: a day in the period, or a range's first and last."""

    day = forms.DateField(help_text=_("A day in the period, or a range's first day"))
    until = forms.DateField(required=False, help_text=_("A range's last day"))
    send_to = forms.EmailField(required=False, label=_("Send to"))
    description = forms.CharField(
        required=False, label=_("Job description"), widget=forms.Textarea(attrs={"rows": 16, "cols": 80}),
        help_text=_("For the reader “job description”: paste it here. It is compared with what landed in the period."),
    )  # fmt: skip

    class Meta:
        model = Report
        fields = ("reader", "period", "repository", "theme")

    def clean(self) -> dict[str, Any]:
        """The description is refused here, where it can still be mended; it is kept redacted."""
        data = super().clean() or self.cleaned_data
        try:
            data["description"] = services.readable_description(
                reader=data.get("reader", ""), text=data.get("description", "")
            )
        except services.ReportRefused as error:
            self.add_error("description", str(error))
        return data


@admin.register(Report)
class ReportAdmin(CollectedAdmin):
    """Frozen reports. "Add" compiles one in the background; actions show, withdraw and send them."""

    list_display = ("title", "period", "starts_on", "ends_on", "repository", "theme", "is_public", "made_at")
    list_filter = ("reader", "period", "is_public")
    list_select_related = ("repository",)
    ordering = ("-ends_on", "-id")
    actions = ("show", "withdraw", "send_to_me")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("analysis.add_report")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Ask for a report; the worker makes it."""
        form = ReportForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            services.request_report(
                reader=data["reader"], period=data["period"], day=data["day"], until=data["until"],
                repository_id=data["repository"].pk if data["repository"] else None, theme=data["theme"] or "",
                send_to=data["send_to"], description=data["description"], actor=request.user,
            )  # fmt: skip
            self.message_user(request, _("The report is asked for; it appears in this list when the worker made it."))
            return redirect("admin:analysis_report_changelist")
        context = {
            **self.admin_site.each_context(request),
            "form": form,
            "opts": self.opts,
            "title": _("Make a report"),
        }
        return render(request, "admin/analysis/report_form.html", context)

    @admin.display(description=_("report"))
    def title(self, report: Report) -> str:
        return str(report)

    @admin.action(description=_("Show on the site"))
    def show(self, request: HttpRequest, chosen: Any) -> None:
        for report in chosen:
            services.set_report_public(report=report, public=True, actor=request.user)

    @admin.action(description=_("Take off the site"))
    def withdraw(self, request: HttpRequest, chosen: Any) -> None:
        for report in chosen:
            services.set_report_public(report=report, public=False, actor=request.user)

    @admin.action(description=_("Send to my e-mail address"))
    def send_to_me(self, request: HttpRequest, chosen: Any) -> None:
        address = cast(User, request.user).email
        if not address:
            self.message_user(request, _("Your account has no e-mail address; give it one first."), level="ERROR")
            return
        for report in chosen:
            services.send_report(report=report, send_to=address, actor=request.user)


@admin.register(ReportSchedule)
class ReportScheduleAdmin(admin.ModelAdmin):
    """Reports that make themselves when their period has ended."""

    list_display = ("reader", "period", "repository", "theme", "send_to", "enabled", "last_start")
    list_filter = ("reader", "period", "enabled")
    list_select_related = ("repository",)
    ordering = ("pk",)

    def save_model(self, request: HttpRequest, obj: ReportSchedule, form: Any, change: bool) -> None:
        """Saved with its audit row, and looked at every hour from now on."""
        services.save_report_schedule(schedule=obj, actor=request.user)

    def delete_model(self, request: HttpRequest, obj: ReportSchedule) -> None:
        services.delete_report_schedule(schedule=obj, actor=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for schedule in queryset:
            services.delete_report_schedule(schedule=schedule, actor=request.user)


@admin.register(ReportDelivery)
class ReportDeliveryAdmin(CollectedAdmin):
    """What was sent, to whom, and what went wrong."""

    list_display = ("report", "send_to", "state", "attempts", "error", "requested_at", "sent_at")
    list_filter = ("state",)
    list_select_related = ("report",)
    ordering = ("-id",)
