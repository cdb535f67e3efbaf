"""The models of every room, listed for Django. Each lives in its room."""

from mlops.datasets.models import Dataset
from mlops.monitoring.models import Alert, Channel, Delivery, Measurement, Monitor, Silence
from mlops.registry.models import Alias, Deployment, GateResult, ModelVersion, RegistryHealth
from mlops.routing.models import BreakerState, Budget, Decision, Hold, Outcome, Policy, Spend, Target
from mlops.serving.models import PredictionSample, ServingCount
from mlops.training.models import Readiness

__all__ = [
    "Alert",
    "Alias",
    "BreakerState",
    "Budget",
    "Channel",
    "Dataset",
    "Decision",
    "Delivery",
    "Deployment",
    "GateResult",
    "Hold",
    "Measurement",
    "ModelVersion",
    "Monitor",
    "Outcome",
    "Policy",
    "PredictionSample",
    "Readiness",
    "RegistryHealth",
    "ServingCount",
    "Silence",
    "Spend",
    "Target",
]
