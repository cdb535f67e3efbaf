"""The recomputation of a predicted type: the shipped version answers the same title and paths again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evidence.recompute import recompute

VERSION = "1"


class NotShipped(LookupError):
    """The version that predicted is not among those that ship, so it cannot answer here."""


@recompute(
    "types.predicted",
    VERSION,
    words="The type that the stated version of the model gives to this title and these paths, with the probability "
    "that a reader accepts it",
    symbols="argmax p(type | title, paths)",
    libraries=("numpy",),
)
def predicted(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None, /) -> dict[str, Any]:
    """Title and paths through the version in `parameters`. Raises NotShipped."""
    from analysis.change_types import classify  # loads numpy and the parameters, which only a recomputation needs

    change = [(str(inputs["change"]["title"]), list(inputs["change"]["paths"]))]
    if parameters["version"] == classify.RULES_VERSION:
        answer = classify.with_rules(change)[0]
    elif parameters["version"] == classify.NETWORK_VERSION:
        answer = classify.with_network(change)[0]
    else:
        raise NotShipped(f"{parameters['version']} does not ship with this release")
    if answer.type is None:
        return {"value": "abstained", "unit": "type", "probability": 0.0}
    return {"value": answer.type, "unit": "type", "probability": round(answer.probability, 6)}
