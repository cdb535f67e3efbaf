"""Ask: read-only querysets and records."""

from __future__ import annotations

from mlops.datasets.external import folder as dataset_folder
from mlops.datasets.external import installed as dataset_installed
from mlops.datasets.external import known as external_datasets
from mlops.monitoring.browse import Series, alert_page, drift_series, open_alerts
from mlops.monitoring.models import Alert, Monitor
from mlops.registry.browse import (
    PAGE,
    LiveModel,
    Span,
    VersionCard,
    banner,
    champion_name,
    live_models,
    parts_played,
    serial_of,
    timeline,
    version_card,
    versions_of,
    why_live,
)
from mlops.registry.models import Deployment, ModelVersion
from mlops.routing.models import Decision, Outcome, Policy, Target
from mlops.routing.showcase import (
    by_policy,
    by_target,
    decision,
    explained,
    live_targets,
    newest_decisions,
    policies,
    router_showcase,
    spending,
)
from mlops.serving.models import PredictionSample as Prediction
from mlops.training.progress import readiness
from mlops.training.spec import get as _spec_of

OUTCOMES = Outcome.KINDS

__all__ = [
    "OUTCOMES",
    "PAGE",
    "Alert",
    "Decision",
    "Deployment",
    "LiveModel",
    "ModelVersion",
    "Monitor",
    "Policy",
    "Prediction",
    "Series",
    "Span",
    "Target",
    "VersionCard",
    "alert_page",
    "banner",
    "by_policy",
    "by_target",
    "champion_name",
    "dataset_folder",
    "dataset_installed",
    "decision",
    "drift_series",
    "explained",
    "external_datasets",
    "input_names",
    "live_models",
    "live_targets",
    "newest_decisions",
    "open_alerts",
    "parts_played",
    "policies",
    "readiness",
    "router_showcase",
    "serial_of",
    "spending",
    "timeline",
    "version_card",
    "versions_of",
    "why_live",
]


def input_names(model: str) -> tuple[str, ...]:
    """The names that each input row of a model has; raises UnknownModel, a LookupError."""
    return _spec_of(model).input_names
