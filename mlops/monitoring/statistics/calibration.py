"""Expected calibration error in ten bins: how far stated probabilities lie from what turned out right."""

from __future__ import annotations

from collections import defaultdict

from mlops.monitoring.statistics.window import Measured, Window, nothing


def measure(window: Window) -> Measured:
    """The error over labelled predictions; detail holds each bin's probability, share right and rows."""
    if not window.outcomes:
        return nothing(0, "no labels arrived for predictions of the window")
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for probability, hit in window.outcomes:
        bins[min(9, max(0, int(probability * 10)))].append((probability, hit))
    gap = sum(abs(sum(p for p, _ in rows) - sum(hit for _, hit in rows)) for rows in bins.values())
    detail = {
        "bins": [
            {
                "probability": round(sum(p for p, _ in rows) / len(rows), 4),
                "right": round(sum(hit for _, hit in rows) / len(rows), 4),
                "rows": len(rows),
            }
            for _, rows in sorted(bins.items())
        ]
    }
    return Measured(float(f"{gap / len(window.outcomes):.6g}"), len(window.outcomes), detail=detail)
