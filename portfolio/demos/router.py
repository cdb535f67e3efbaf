"""A text through the router, with targets that the visitor may switch off or slow down."""

from collections.abc import Mapping
from typing import Any

from mlops import queries as mlops_queries
from mlops import services as mlops
from portfolio.demos.errors import DemoError

MAX = 4000
SAMPLE = (
    "The importer reads each file twice. The first pass counts lines, the second parses them. Counting can be done "
    "while parsing, so one pass is enough. The tests cover both passes."
)


def sample() -> dict[str, Any]:
    """A short text, everything on."""
    targets, switches = mlops.playground_form()
    return {"text": SAMPLE, "targets": targets, "switches": switches}


def run(form: Mapping[str, Any]) -> dict[str, Any]:
    """The answer, and the decision in the order in which it was made."""
    text = str(form.get("text", "")).strip()[:MAX]
    if not text:
        raise DemoError("There is no text to send.")
    targets, switches = mlops.playground_form()
    chosen = {key: str(form.get(f"switch-{key}", "on")) for key, _label in targets}
    try:
        routed = mlops.playground(text, switches={key: value for key, value in chosen.items() if value in switches})
    except (mlops.RoutingError, ValueError) as error:
        raise DemoError(f"The router gave no answer: {error}") from error
    return {"routed": routed, "decision": mlops_queries.decision(routed.decision.id)}
