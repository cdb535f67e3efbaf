"""The schema's examples: real answers with what was asked, recorded by `python -m tests.api_examples`."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from drf_spectacular.plumbing import ResolvedComponent

from portfolio.rest.problems import MEDIA_TYPE


@cache
def recorded() -> dict[str, Any]:
    """{"operations": {operationId: {"status", "request", "answer"}}, "problems": {status: problem}}."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name("examples.json").read_text())
    return found


def illustrate(operation: dict[str, Any], registry: Any) -> None:
    """Show an operation's own answer with the body that it answers, and a problem for every other status."""
    own = recorded()["operations"].get(operation["operationId"], {})
    if "request" in own:
        _show(operation["requestBody"]["content"], {"value": own["request"]})
    if "answer" in own:
        _show(operation["responses"][own["status"]]["content"], {"value": own["answer"]})
    for status, answer in operation["responses"].items():
        if MEDIA_TYPE in answer.get("content", {}):
            _show(answer["content"], _problem(status, "requestBody" in operation, registry))


def _show(content: dict[str, Any], example: dict[str, Any]) -> None:
    """In JSON where the answer has several forms, else in the only one."""
    media_type = "application/json" if "application/json" in content else next(iter(content))
    content[media_type]["examples"] = {"recorded": example}


def _problem(status: str, has_body: bool, registry: Any) -> dict[str, str]:
    """Where the problem of this status stands. What is wrong with a body is told otherwise than a parameter."""
    problems = recorded()["problems"]
    name = f"{status} of a body" if has_body and f"{status} of a body" in problems else status
    shown = {"summary": problems[name]["detail"], "value": problems[name]}
    component = ResolvedComponent(
        name=f"Problem{name.title().replace(' ', '')}", type=ResolvedComponent.EXAMPLE, object=name, schema=shown
    )
    registry.register_on_missing(component)
    return component.ref
