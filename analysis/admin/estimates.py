"""Assumptions, estimates and later outcomes in the admin. What is entered goes through the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from analysis import services
from analysis.admin.base import CollectedAdmin
from analysis.estimates.assumptions import check_assumption
from analysis.estimates.basis import Weight, weights
from analysis.models import Assumption, Estimate, LoggedHours, MeasuredEffect, OwnEffortModel, Repository

ENTERED = (
    "role", "kind", "unit", "point", "low", "mode", "high", "source", "dated", "author", "expires_on", "repository",
    "change", "metric",
)  # fmt: skip
LARGEST_UPLOAD = 5_000_000


class AssumptionForm(forms.ModelForm):
    """Checked by the same rules as every other entry: role, unit, range, scope."""

    class Meta:
        model = Assumption
        fields = ("name", *ENTERED)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.errors:
            return given
        try:
            name = given.get("name") or self.instance.name
            check_assumption(Assumption(name=name, **{field: given.get(field) for field in ENTERED}))
        except services.AssumptionRefused as error:
            raise ValidationError({error.field: str(error)} if error.field in self.fields else str(error)) from error
        return given


def _moves(weight: Weight) -> str:
    """Between what an estimate moves, as text; nothing for an assumption that is a point."""
    return "" if weight.ends is None else " ({} … {})".format(*(end.result["p50"] for end in weight.ends))


@admin.register(Assumption)
class AssumptionAdmin(admin.ModelAdmin):
    """The owner's inputs. An edit makes a version; nothing is overwritten, and what stood on it is computed again."""

    form = AssumptionForm
    list_display = ("name", "version", "is_current", "role", "value", "unit", "source", "dated", "author", "used_by")
    list_filter = ("is_current", "role", "kind")
    search_fields = ("name", "source")
    ordering = ("name", "-version")
    raw_id_fields = ("repository", "change")
    readonly_fields = ("version", "is_current", "stands_on_it")
    fieldsets = (
        (None, {"fields": ("name", "version", "is_current", "role", "kind")}),
        (_("Value: a point, or a range"), {"fields": ("point", "low", "mode", "high", "unit")}),
        (_("Where from"), {"fields": ("source", "dated", "author", "expires_on")}),
        (_("What for"), {"fields": ("metric", "change", "repository")}),
        (_("What hangs on it"), {"fields": ("stands_on_it",)}),
    )
    actions = ("withdraw",)
    show_full_result_count = False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.readonly_fields, "name") if obj else self.readonly_fields

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"author": request.user.get_username(), **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Enter it as a version of its own; the row that was opened stays as it was."""
        content = {name: form.cleaned_data.get(name) for name in ENTERED}
        name = form.instance.name if change else form.cleaned_data["name"]
        saved = services.enter_assumption(actor=request.user, name=name, **content)
        obj.pk, obj.version = saved.pk, saved.version

    @admin.display(description=_("value"))
    def value(self, row: Assumption) -> str:
        """The point, or the range."""
        if row.point is not None:
            return f"{row.point:g}"
        middle = f" … {row.mode:g}" if row.mode is not None else ""
        return f"{row.low:g}{middle} … {row.high:g}"

    @admin.display(description=_("used by"))
    def used_by(self, row: Assumption) -> int:
        """How many estimates stand on this version."""
        return row.uses.count()

    @admin.display(description=_("estimates on it, and how they move with it"))
    def stands_on_it(self, row: Assumption) -> str:
        """Each estimate with its P50, and the P50 with this assumption at its P10 and P90."""
        rows = weights(row) if row.pk else []
        if not rows:
            return str(_("Nothing stands on it."))
        return format_html(
            "<ul>{}</ul>",
            format_html_join(
                "",
                "<li>{} {}: {} {}{}</li>",
                (
                    (one.estimate.level, one.estimate.change, one.estimate.p50, one.estimate.unit, _moves(one))
                    for one in rows
                ),
            ),
        )

    @admin.action(description=_("Withdraw: use it no more"), permissions=["change"])
    def withdraw(self, request: HttpRequest, chosen: QuerySet[Assumption]) -> None:
        """Stop using the chosen assumptions; old receipts keep them."""
        for row in chosen[:500]:
            services.withdraw_assumption(actor=request.user, assumption=row, reason="withdrawn in the admin")


@admin.register(Estimate)
class EstimateAdmin(CollectedAdmin):
    """What was computed or refused, with the missing input and what would mend it."""

    list_display = ("change", "level", "status", "reason", "p10", "p50", "p90", "unit", "currency", "whose")
    list_filter = ("level", "status", "reason", "currency")
    list_select_related = ("change",)
    search_fields = ("change__title", "receipt")
    ordering = ("-id",)
    readonly_fields = ("what_is_missing",)

    @admin.display(description=_("what is missing, and what would mend it"))
    def what_is_missing(self, row: Estimate) -> str:
        """Every reason of the refusal."""
        reasons = ((one["code"], one["title"], one["missing"], one["fix"]) for one in row.reasons)
        return format_html_join("", "<p><strong>{} {}</strong>: {}.<br>{}.</p>", reasons) or "–"


@admin.register(LoggedHours)
class LoggedHoursAdmin(admin.ModelAdmin):
    """Hours that were really spent, one by one or from a time tracker's CSV."""

    list_display = ("change", "hours", "spent_on", "source", "entered_by")
    list_select_related = ("change",)
    ordering = ("-id",)
    raw_id_fields = ("change",)
    fields = ("change", "hours", "spent_on", "source")
    change_list_template = "admin/analysis/loggedhours_list.html"

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        given = form.cleaned_data
        saved = services.log_hours(
            actor=request.user,
            change=given["change"],
            hours_spent=given["hours"],
            spent_on=given["spent_on"],
            source=given["source"],
        )
        obj.pk = saved.pk

    def get_urls(self) -> list[URLPattern]:
        own = [path("import/", self.admin_site.admin_view(self.read_csv), name="analysis_loggedhours_import")]
        return own + super().get_urls()

    def read_csv(self, request: HttpRequest) -> HttpResponse:
        """Read a CSV with the columns change, date and hours; all of it or nothing."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            sent = form.cleaned_data["file"]
            try:
                count = services.import_hours(
                    actor=request.user,
                    repository=form.cleaned_data["repository"],
                    text=sent.read().decode("utf-8-sig"),
                    source=sent.name[:200],
                )
            except (services.HoursRefused, UnicodeDecodeError) as error:
                form.add_error("file", str(error))
            else:
                self.message_user(request, _("%d rows were read.") % count, messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:analysis_loggedhours_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "form": form,
            "title": _("Import"),
        }
        return TemplateResponse(request, "admin/analysis/import_hours.html", context)


class ImportForm(forms.Form):
    """A time tracker's CSV of one repository."""

    repository = forms.ModelChoiceField(queryset=Repository.objects.order_by("key"))
    file = forms.FileField(help_text=_("CSV with the columns change (#12 or a commit), date (2026-05-31), hours (1.5)"))

    def clean_file(self) -> Any:
        sent = self.cleaned_data["file"]
        if sent.size > LARGEST_UPLOAD:
            raise ValidationError(_("The file is larger than 5 MB: split it."))
        return sent


class EffectForm(forms.ModelForm):
    """A measured effect, held against the estimate that it is about."""

    class Meta:
        model = MeasuredEffect
        fields = ("change", "outcome", "value", "unit", "source", "measured_on")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        known = Estimate.objects.filter(
            change=given.get("change"), outcome=given.get("outcome", ""), level="L3", status="ok"
        ).first()
        if known is None:
            raise ValidationError(_("This change has no yearly effect of that outcome to be held against."))
        if given.get("unit") != known.unit:
            raise ValidationError({"unit": _("The estimate is in %s.") % known.unit})
        return given


@admin.register(MeasuredEffect)
class MeasuredEffectAdmin(admin.ModelAdmin):
    """What outcomes really came to, measured later: by these the method is scored."""

    form = EffectForm
    list_display = ("change", "outcome", "value", "unit", "measured_on", "source")
    list_select_related = ("change",)
    ordering = ("-id",)
    raw_id_fields = ("change",)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.pk = services.record_effect(actor=request.user, **form.cleaned_data).pk


@admin.register(OwnEffortModel)
class OwnEffortModelAdmin(CollectedAdmin):
    """Effort models fitted on the owner's own hours."""

    list_display = ("name", "rows", "fitted_at", "sha256")
    ordering = ("-id",)
