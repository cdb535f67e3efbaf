"""What changed between two reports (no Django): totals side by side, achievements that came and went."""

from collections.abc import Mapping
from typing import Any


def difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """``{"totals": [{label, unit, before, now}], "new": [title], "gone": [title]}`` of two report documents."""
    old = {figure["label"]: figure["value"] for figure in before["totals"]}
    totals = [
        {"label": figure["label"], "unit": figure["unit"], "before": old.get(figure["label"]), "now": figure["value"]}
        for figure in now["totals"]
    ]
    was = {tuple(row["changes"]): row["title"] for row in before["achievements"]}
    is_now = {tuple(row["changes"]): row["title"] for row in now["achievements"]}
    return {
        "totals": totals,
        "new": [title for key, title in is_now.items() if key not in was],
        "gone": [title for key, title in was.items() if key not in is_now],
    }
