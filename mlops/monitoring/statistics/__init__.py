"""One statistic a file, each a plain function over a window; found by name. No Django here."""

from mlops.monitoring.statistics import (
    accuracy,
    calibration,
    degraded,
    disagreement,
    errors,
    freshness,
    ks,
    latency,
    psi,
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
}

__all__ = ["STATISTICS", "Measured", "Statistic", "Window"]
