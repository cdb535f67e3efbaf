"""The registry desk: candidates beside the champion, with their gates; promote, shadow, canary, roll back, retrain."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from evidence import sudo
from mlops import queries, services
from mlops.admin.routing import ReadOnly
from mlops.models import Alias, Dataset, Deployment, ModelVersion, PredictionSample
from mlops.registry.artefacts import ArtefactRefused
from mlops.registry.browse import VersionCard
from mlops.training import spec as specs

MOST_ROWS = 50


class SwitchForm(forms.Form):
    """One switch: what, why, for a canary how much, and the serial that was shown."""

    CHOICES = (
        ("promote", _("Promote to champion")),
        ("shadow", _("Let it answer along, unheard (shadow)")),
        ("canary", _("Let it answer a share (canary)")),
        ("stop_challenger", _("End the canary")),
        ("stop_shadow", _("End the shadow")),
        ("roll_back", _("Roll the champion back")),
    )
    action = forms.ChoiceField(choices=CHOICES)
    share = forms.FloatField(
        min_value=0.01, max_value=0.99, initial=0.2, required=False, help_text=_("Of the requests; for a canary only.")
    )
    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    serial = forms.IntegerField(widget=forms.HiddenInput)


class CompareForm(forms.Form):
    """Two versions on the same inputs: JSON lines, one input each; empty takes the newest rows of the dataset."""

    other = forms.ModelChoiceField(queryset=ModelVersion.objects.none(), label=_("With"))
    inputs = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        help_text=_("One JSON object a line; empty takes the newest labelled rows."),
    )


@dataclass(frozen=True, slots=True)
class Compared:
    """One input with both versions' answers in words; `differs`: not merely in how sure they are."""

    input: str
    mine: str
    theirs: str
    differs: bool

    @property
    def same(self) -> bool:
        return self.mine == self.theirs


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnly):
    """Versions, newest first; a version's own page is the desk."""

    list_display = ("model", "number", "name", "origin", "state", "parts", "created_at", "in_mlflow")
    list_filter = ("model", "state", "origin")
    search_fields = ("name",)
    ordering = ("model", "-number")
    actions = ("retrain",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("aliases")

    @admin.display(description=_("plays"))
    def parts(self, row: ModelVersion) -> str:
        return ", ".join(alias.role + (f" {alias.share:.0%}" if alias.share else "") for alias in row.aliases.all())

    @admin.display(description=_("in MLflow"), boolean=True)
    def in_mlflow(self, row: ModelVersion) -> bool:
        return bool(row.mlflow_version)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("mlops.view_modelversion"))

    @admin.action(description=_("Train these models again, in the background"))
    def retrain(self, request: HttpRequest, queryset: Any) -> None:
        self._require_change(request)
        for model in sorted(set(queryset.values_list("model", flat=True))):
            job = services.request_training(model=model, actor=request.user)
            self.message_user(request, f"{model}: asked for (job {job.pk}).")

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("<int:pk>/retrain/", self.admin_site.admin_view(self.train_again), name="mlops_modelversion_retrain"),
            path("<int:pk>/switch/", self.admin_site.admin_view(self.switch), name="mlops_modelversion_switch"),
            path("<int:pk>/compare/", self.admin_site.admin_view(self.compare), name="mlops_modelversion_compare"),
        ]
        return own + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return self._desk(request, self._version(request, object_id))

    def switch(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make one switch; a refusal is shown, nothing is half done."""
        version = self._version(request, pk)
        self._require_change(request)
        if request.method == "POST" and not sudo.is_recent(request):
            return sudo.ask(request)
        form = SwitchForm(request.POST)
        if request.method != "POST" or not form.is_valid():
            return self._desk(request, version, switch=form if request.method == "POST" else None)
        try:
            row = self._act(version, form.cleaned_data, request.user)
        except services.DeploymentRefused as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, _("Done: %s") % row if row else _("Nobody played that part."))
        return HttpResponseRedirect(reverse("admin:mlops_modelversion_change", args=[version.pk]))

    def train_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for a training of this version's model; the desk says which job does it."""
        version = self._version(request, pk)
        self._require_change(request)
        if request.method == "POST":
            job = services.request_training(model=version.model, actor=request.user)
            self.message_user(request, _("Training is asked for (job %s); a new candidate appears here.") % job.pk)
        return HttpResponseRedirect(reverse("admin:mlops_modelversion_change", args=[version.pk]))

    def compare(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Both versions' answers to the same inputs, on one page."""
        version = self._version(request, pk)
        form = CompareForm(request.GET)
        _others(form, version)
        rows: list[Compared] = []
        if form.is_valid():
            try:
                inputs = _inputs(version, form.cleaned_data["inputs"])
                both = services.compare(first=version, second=form.cleaned_data["other"], rows=inputs)
                rows = [_compared(one, *pair) for one, pair in zip(inputs, both, strict=True)]
                rows.sort(key=lambda row: not row.differs)
            except (ArtefactRefused, ValueError, KeyError, TypeError) as error:
                self.message_user(request, f"{type(error).__name__}: {error}", messages.ERROR)
        return self._desk(request, version, compare=form, rows=rows)

    def _act(self, version: ModelVersion, said: dict[str, Any], actor: Any) -> Deployment | None:
        reason, model = said["reason"], version.model
        serial = said["serial"]
        acts: dict[str, Callable[[], Deployment | None]] = {
            "promote": lambda: services.promote(version=version, reason=reason, actor=actor, serial=serial),
            "roll_back": lambda: services.roll_back(model=model, reason=reason, actor=actor, serial=serial),
            "shadow": lambda: services.shadow(version=version, reason=reason, actor=actor),
            "canary": lambda: services.canary(version=version, share=said["share"] or 0.2, reason=reason, actor=actor),
            "stop_challenger": lambda: services.stop(model=model, role="challenger", reason=reason, actor=actor),
            "stop_shadow": lambda: services.stop(model=model, role="shadow", reason=reason, actor=actor),
        }
        return acts[said["action"]]()

    def _desk(
        self, request: HttpRequest, version: ModelVersion, switch: Any = None, compare: Any = None, rows: Any = ()
    ) -> HttpResponse:
        card = queries.version_card(version.model, version.number)
        alias = Alias.objects.filter(model=version.model, role="champion").select_related("version").first()
        champion = queries.version_card(version.model, alias.version.number) if alias else None
        compare = compare or CompareForm()
        _others(compare, version)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": str(version),
            "card": card,
            "champion": champion,
            "figures": _beside(card, champion),
            "switch": switch or SwitchForm(initial={"serial": queries.serial_of(version.model, "champion")}),
            "compare": compare,
            "rows": rows,
            "differ": sum(row.differs for row in rows),
            "other": compare.cleaned_data.get("other") if rows else None,
            "others": Alias.objects.filter(model=version.model).exclude(role="champion").select_related("version"),
            "alerts": queries.open_alerts(version.model),
            "banner": queries.banner(),
            "lineage": json.dumps(version.lineage, indent=2, sort_keys=True),
        }
        return TemplateResponse(request, "admin/mlops/desk.html", context)

    def _version(self, request: HttpRequest, pk: Any) -> ModelVersion:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = ModelVersion.objects.filter(pk=pk).first() if str(pk).isdigit() else None
        if found is None:
            raise Http404("No such version.")
        return found

    def _require_change(self, request: HttpRequest) -> None:
        if not request.user.has_perm("mlops.change_modelversion"):
            raise PermissionDenied


def _others(form: CompareForm, version: ModelVersion) -> None:
    field = form.fields["other"]
    assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  tells the type
    field.queryset = ModelVersion.objects.filter(model=version.model).exclude(pk=version.pk).order_by("-number")


def _inputs(version: ModelVersion, text: str) -> list[dict[str, Any]]:
    if text.strip():
        return [json.loads(line) for line in text.splitlines() if line.strip()][:MOST_ROWS]
    rows = [dict(example.inputs) for example in specs.get(version.model).dataset()]
    return rows[-MOST_ROWS:]


def _compared(inputs: dict[str, Any], mine: Any, theirs: Any) -> Compared:
    return Compared(json.dumps(inputs), _said(mine), _said(theirs), _gist(mine) != _gist(theirs))


def _said(answer: Any) -> str:
    """An answer as a person reads it: fix, probability 0.93."""
    return ", ".join(
        (f"{name} {value:.3g}" if isinstance(value, float) else str(value))
        for name, value in answer.items()
        if value not in (None, "")
    )


def _gist(answer: Any) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in ("probability", "reason")}


def _beside(card: VersionCard | None, champion: VersionCard | None) -> dict[str, Any]:
    """The figures as a table: a trained version beside the champion and the baselines on the same rows; one that ships
    with the code beside what the champion's own card says."""
    if card is None:
        return {"heads": [], "rows": []}
    mine = _by_set(card)
    if "test" in mine:
        then = card.version.metrics.get("champion", {})
        heads = {"test": card.version.name, "champion / test": _("champion then: %s") % then.get("version", "")}
        columns = [(heads.get(name, name.removeprefix("baselines / ")), mine[name])
                   for name in sorted(mine, key=lambda name: (name != "test", not name.startswith("champion"), name))
                   if name != "champion"]  # fmt: skip
        difference = mine.get("champion", {}).get("difference", "")
    else:
        columns = [(f"{card.version.name}, {name}", found) for name, found in mine.items()]
        if champion and champion.version != card.version:
            theirs = {name: found for name, found in _by_set(champion).items() if name in ("test", "held_out")}
            columns += [(f"{champion.version.name}, {name}", found) for name, found in theirs.items()]
        difference = ""
    names = dict.fromkeys(name for _title, found in columns for name in found)
    rows = [(name, [(title, found.get(name, "–")) for title, found in columns]) for name in names]
    return {"heads": [title for title, _found in columns], "rows": rows, "difference": difference}


def _by_set(card: VersionCard) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for where, name, value, bounds in card.figures:
        ends = f" [{bounds[0]:.3g}, {bounds[1]:.3g}]" if len(bounds) == 2 else ""
        found.setdefault(where, {})[name] = f"{value:.3g}{ends}"
    return found


@admin.register(Deployment)
class DeploymentAdmin(ReadOnly):
    """The timeline of switches."""

    list_display = ("at", "step", "change", "who", "reason")
    list_filter = ("model", "action", "automatic")
    list_select_related = ("before", "after")
    ordering = ("-at", "-id")

    @admin.display(description=_("switch"))
    def step(self, row: Deployment) -> str:
        return f"{row}, {row.share:g}" if row.share else str(row)

    @admin.display(description=_("from, to"))
    def change(self, row: Deployment) -> str:
        return " → ".join(version.name if version else "–" for version in (row.before, row.after))

    @admin.display(description=_("by"))
    def who(self, row: Deployment) -> str:
        return f"{row.actor} ({_('by itself')})" if row.automatic else row.actor


@admin.register(Dataset)
class DatasetAdmin(ReadOnly):
    """Snapshots by their hash."""

    list_display = ("model", "short_hash", "rows", "size_bytes", "taken_at")
    list_filter = ("model",)
    ordering = ("-id",)

    @admin.display(description="SHA-256")
    def short_hash(self, row: Dataset) -> str:
        return format_html("<code>{}</code>", row.sha256[:16])


@admin.register(PredictionSample)
class PredictionSampleAdmin(ReadOnly):
    """Sampled predictions: which version answered, and why it was live."""

    list_display = ("at", "model", "version", "part", "key", "answer", "microseconds", "degraded", "correct", "why")
    list_filter = ("model", "part", "degraded", "correct")
    search_fields = ("=key", "input_sha256")
    list_select_related = ("version", "deployment")
    ordering = ("-id",)

    @admin.display(description=_("live because"))
    def why(self, row: PredictionSample) -> str:
        return row.deployment.reason if row.deployment else ""
