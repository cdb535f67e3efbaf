"""What pages show of the registry: plain records, in a bounded number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from mlops.registry.models import Alias, Deployment, GateResult, ModelVersion, RegistryHealth

PAGE = 50
MOST_MOVES = 200


@dataclass(frozen=True, slots=True)
class LiveModel:
    """One model as it runs now: the champion and, where there are any, challenger with its share and shadow."""

    model: str
    purpose: str
    champion: ModelVersion
    since: datetime
    challenger: ModelVersion | None
    share: float
    shadow: ModelVersion | None
    versions: int

    @property
    def share_percent(self) -> float:
        """Per cent of the requests that the challenger answers."""
        return 100 * self.share


@dataclass(frozen=True, slots=True)
class Span:
    """One version in one part, from a switch to the next one of that part."""

    version: ModelVersion
    role: str
    start: datetime
    end: datetime
    share: float


@dataclass(frozen=True, slots=True)
class VersionCard:
    """Everything of one version's card, each part a stored row: figures, gates, lineage, its way through the parts."""

    version: ModelVersion
    gates: tuple[GateResult, ...]
    deployments: tuple[Deployment, ...]
    roles: tuple[str, ...]
    figures: tuple[tuple[str, str, float, tuple[float, ...]], ...]  # (set, figure, value, interval)
    calibration: tuple[dict[str, Any], ...]
    calibration_note: str  # what the curve is of, or why there is none
    mlflow: str


def live_models() -> list[LiveModel]:
    """What runs now, by model; two queries."""
    aliases: dict[str, dict[str, Alias]] = {}
    for alias in Alias.objects.select_related("version").order_by("model"):
        aliases.setdefault(alias.model, {})[alias.role] = alias
    numbers: dict[str, int] = {}
    for model, number in ModelVersion.objects.order_by("model", "number").values_list("model", "number"):
        numbers[model] = max(number, numbers.get(model, 0))
    return [
        LiveModel(
            model=model,
            purpose=str(champion.version.card.get("purpose", "")),
            champion=champion.version,
            since=champion.since,
            challenger=roles["challenger"].version if "challenger" in roles else None,
            share=roles["challenger"].share if "challenger" in roles else 0.0,
            shadow=roles["shadow"].version if "shadow" in roles else None,
            versions=numbers.get(model, 0),
        )
        for model, roles in aliases.items()
        if (champion := roles.get("champion")) is not None
    ]


def versions_of(model: str) -> Sequence[ModelVersion]:
    """A model's versions, newest first, at most PAGE."""
    return list(ModelVersion.objects.filter(model=model).select_related("dataset", "parent").order_by("-number")[:PAGE])


def version_card(model: str, number: int) -> VersionCard | None:
    """One version's card in four queries, or None."""
    version = ModelVersion.objects.filter(model=model, number=number).select_related("dataset", "parent").first()
    if version is None:
        return None
    moves = Deployment.objects.filter(Q(after=version) | Q(before=version)).select_related("before", "after")
    return VersionCard(
        version=version,
        gates=tuple(version.gates.order_by("id")),
        deployments=tuple(moves.order_by("-at", "-id")[:PAGE]),
        roles=tuple(version.aliases.order_by("role").values_list("role", flat=True)),
        figures=tuple(_figures(version.metrics)),
        calibration=tuple(version.card.get("calibration", [])),
        calibration_note=str(version.card.get("calibration_note", "")),
        mlflow=version.mlflow_version,
    )


def timeline(model: str = "", *, before: int | None = None) -> list[Deployment]:
    """Switches, newest first, at most PAGE; `before` is the id of the last one seen."""
    rows = Deployment.objects.select_related("before", "after").order_by("-id")
    if model:
        rows = rows.filter(model=model)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return list(rows[:PAGE])


def parts_played(model: str, now: datetime) -> list[Span]:
    """Who played which part from when to when, oldest first, from the newest MOST_MOVES switches."""
    rows = Deployment.objects.filter(model=model).select_related("before", "after").order_by("-at", "-id")[:MOST_MOVES]
    open_: dict[str, Deployment] = {}
    found: list[Span] = []

    def close(role: str, end: datetime) -> None:
        start = open_.pop(role, None)
        if start is not None and start.after is not None:
            found.append(Span(start.after, role, start.at, end, start.share))

    for row in reversed(rows):
        close(row.role, row.at)
        if row.after is not None:
            open_[row.role] = row
    for role in list(open_):
        close(role, now)
    return sorted(found, key=lambda span: (span.start, span.role))


def why_live(model: str, at: datetime) -> Deployment | None:
    """The switch that made the champion of a moment: which version answered then, and why it was live."""
    return (
        Deployment.objects.filter(model=model, role=Alias.Role.CHAMPION, at__lte=at)
        .select_related("before", "after")
        .order_by("-at", "-id")
        .first()
    )


def champion_name(model: str) -> str:
    """The name of the champion, or "rules" before anything is registered."""
    alias = Alias.objects.filter(model=model, role=Alias.Role.CHAMPION).select_related("version").first()
    return alias.version.name if alias else "rules"


def serial_of(model: str, role: str) -> int:
    """What a form shows and sends back, so that a switch in between is noticed; 0 without anybody in the part."""
    return Alias.objects.filter(model=model, role=role).values_list("serial", flat=True).first() or 0


def banner() -> str:
    """What to say on pages of models while MLflow is away; empty when all is well or nobody asked yet."""
    health = RegistryHealth.objects.filter(pk=1).first()
    if health is None or health.is_up:
        return ""
    since = f" since {health.last_up_at:%Y-%m-%d %H:%M} UTC" if health.last_up_at else ""
    return f"MLflow does not answer{since}. The last good versions go on serving; new ones wait to be copied there."


def _figures(metrics: dict[str, Any], name: str = "") -> list[tuple[str, str, float, tuple[float, ...]]]:
    found: list[tuple[str, str, float, tuple[float, ...]]] = []
    for key, value in metrics.items():
        if isinstance(value, dict) and "value" in value:
            found.append((name, key, float(value["value"]), tuple(value.get("interval", ()))))
        elif isinstance(value, dict):
            found.extend(_figures(value, f"{name} / {key}" if name else key))
    return found
