"""Thin doorways of background work: each loads by id or value and makes one call."""

from typing import Any

from jobs.handlers import handler
from mlops.routing import services as routing


@handler("route", soft_limit=120, hard_limit=180)
def route(ctx: Any, *, task: str, documents: list[tuple[str, str]], **_ignored: Any) -> dict[str, Any]:
    """Route one public input; the answer is the job's result and stays with the decision."""
    return routing.route_kept(task=task, documents=documents)


@handler("routing-sweep", soft_limit=60, hard_limit=90)
def routing_sweep(ctx: Any, **_ignored: Any) -> dict[str, int]:
    """Charge abandoned holds and close lost decisions."""
    return routing.sweep()
