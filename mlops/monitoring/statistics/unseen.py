"""Share of rows whose category the baseline never had."""

from __future__ import annotations

from mlops.monitoring.statistics.window import Measured, Window, nothing


def measure(window: Window) -> Measured:
    """The share, with the commonest unseen categories in the detail."""
    if not window.baseline:
        return nothing(len(window.values), "the version has no baseline of this feature")
    if not window.values:
        return nothing(0, "no predictions in the window")
    known = {str(value) for value in window.baseline}
    new = [str(value) for value in window.values if str(value) not in known]
    detail = {"unseen": sorted(set(new))[:20]}
    return Measured(float(f"{len(new) / len(window.values):.6g}"), len(window.values), detail=detail)
