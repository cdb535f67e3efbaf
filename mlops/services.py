"""Do: keyword-only, atomic, takes the acting user, writes the audit row."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TextIO

from mlops.routing.catalogue import register_task
from mlops.routing.checks import register_grounding
from mlops.routing.errors import RoutingError
from mlops.routing.local.registry import LocalAnswer, register_local
from mlops.routing.records import Document, Routed, Task, TaskInput
from mlops.routing.services import (
    NotAllowed,
    evaluate_policy,
    go_live,
    judge,
    new_policy,
    route,
    route_batch,
    save_target,
    set_budget,
    sweep,
)

__all__ = [
    "Document",
    "LocalAnswer",
    "NotAllowed",
    "Routed",
    "RoutingError",
    "Task",
    "TaskInput",
    "evaluate_policy",
    "evaluate_router",
    "go_live",
    "judge",
    "new_policy",
    "playground",
    "playground_form",
    "register_grounding",
    "register_local",
    "register_task",
    "route",
    "route_batch",
    "save_target",
    "set_budget",
    "sweep",
]


def evaluate_router(data: Path, stdout: TextIO) -> None:
    """Print how well learned routers rank prompts; needs the learning libraries, so they are imported here."""
    from mlops.routing.evaluate import run
    from mlops.routing.learned import folder

    run(data, stdout, folder() / "benchmark.json")


def playground(text: str, off: Iterable[str] = (), switches: Mapping[str, str] | None = None) -> Routed:
    """Route a visitor's text over the demonstration targets (`playground_form` names them and what can be done to
    them). Raises RoutingError, or ValueError for an unknown target or switch."""
    from mlops.routing.playground import play

    return play(text=text, switches={**dict.fromkeys(off, "off"), **(switches or {})})


def playground_form() -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """What the form offers: (key, label) of each demonstration target, and the switches."""
    from mlops.routing.playground import DEMO_TARGETS, SWITCHES

    return tuple((target.key, target.label) for target in DEMO_TARGETS), tuple(SWITCHES)
