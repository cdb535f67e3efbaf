"""One statistic a file, each a plain function over a window; found by name. No Django here."""

from mlops.monitoring.statistics import (
    accuracy,
    breakers,
    calibration,
    degraded,
    disagreement,
    errors,
    freshness,
    ks,
    latency,
    psi,
    reading,
    spending,
    unseen,
    volume,
)
from mlops.monitoring.statistics.window import Measured, Statistic, Window

STATISTICS: dict[str, Statistic] = {
    "psi": psi.measure,
    "ks": ks.measure,
    "unseen": unseen.measure,
    "accuracy": accuracy.measure,
    "calibration": calibration.measure,
    "latency_ms": latency.measure,
    "error_share": errors.measure,
    "degraded_share": degraded.measure,
    "disagreement": disagreement.measure,
    "volume": volume.measure,
    "age_seconds": freshness.measure,
    "spent_usd": spending.spent,
    "budget_left": spending.left,
    "open_breakers": breakers.measure,
    "reading": reading.measure,
}

__all__ = ["STATISTICS", "Measured", "Statistic", "Window"]
