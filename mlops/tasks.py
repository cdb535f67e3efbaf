"""Background work of mlops: thin doorways, one call each. Handlers tolerate arguments that they do not know."""

from __future__ import annotations

from typing import Any

from jobs.context import Context
from jobs.errors import Retry
from jobs.handlers import handler
from mlops import services
from mlops.monitoring import retention
from mlops.registry.mlflow_store import StoreUnavailable
from mlops.routing import services as routing

__all__ = ["retention"]  # its rules register by being imported


@handler("models_start", soft_limit=300, hard_limit=360)
def models_start(ctx: Context, **_ignored: Any) -> dict[str, Any]:
    """Register what ships with the code, make default monitors and schedules."""
    return {"added": services.start()}


@handler("train", soft_limit=1800, hard_limit=2100, priority=-20)
def train(
    ctx: Context, *, model: str, seed: int = 1, retraining: bool = True, asked_for: str = "", **_ignored: Any
) -> dict[str, Any]:
    """Train one model; too little data, or none that is installed, is a finding and no failure."""
    try:
        version = services.train_model(
            model=model, seed=seed, retraining=retraining, asked_for=asked_for, progress=ctx.progress
        )
    except services.TooLittleData as error:
        return {"registered": None, "have": error.have, "need": error.need, "reason": str(error)}
    except services.DataSetProblem as error:
        return {"registered": None, "reason": str(error)}
    return {"registered": str(version), "state": version.state}


@handler("registry_sync", retry_on=(StoreUnavailable,), max_attempts=3, soft_limit=300, hard_limit=360, priority=-30)
def registry_sync(ctx: Context, **_ignored: Any) -> dict[str, Any]:
    """Copy versions and aliases to MLflow."""
    return {"pushed": services.sync_registry()}


@handler("monitors", soft_limit=240, hard_limit=300)
def monitors(ctx: Context, **_ignored: Any) -> dict[str, Any]:
    """Measure every monitor, act on the rules, carry out notifications."""
    services.flush()
    open_alerts = services.check_monitors()
    arrived, waiting = services.deliver_notifications()
    if waiting:
        raise Retry(f"{waiting} notifications wait", after=60)
    return {"open_alerts": open_alerts, "notified": arrived}


@handler("readiness", soft_limit=300, hard_limit=360, priority=-20)
def readiness(ctx: Context, *, model: str, **_ignored: Any) -> dict[str, Any]:
    """Count the labelled rows of a model, and ask for a training where that is worth it."""
    return services.train_if_worth(model=model)


@handler("route", soft_limit=120, hard_limit=180)
def route(ctx: Any, *, task: str, documents: list[tuple[str, str]], **_ignored: Any) -> dict[str, Any]:
    """Route one public input; the answer is the job's result and stays with the decision."""
    return routing.route_kept(task=task, documents=documents)


@handler("routing-sweep", soft_limit=60, hard_limit=90)
def routing_sweep(ctx: Any, **_ignored: Any) -> dict[str, int]:
    """Charge abandoned holds and close lost decisions."""
    return routing.sweep()
