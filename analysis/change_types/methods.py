"""The recomputation of a predicted type: the version that predicted answers the same title and paths again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evidence.recompute import recompute

VERSION = "1"


class NotShipped(LookupError):
    """The version that predicted neither ships nor is registered here, so it cannot answer."""


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
    # They load numpy and the parameters, which only a recomputation needs.
    from analysis.change_types import classify, network

    change = [(str(inputs["change"]["title"]), list(inputs["change"]["paths"]))]
    if parameters["version"] in ("rules", classify.RULES_VERSION):  # "rules": before any version was registered
        answer = classify.with_rules(change)[0]
    elif parameters["version"] in (classify.NETWORK_VERSION, *network.EARLIER):
        answer = classify.with_network(change, parameters["version"])[0]
    else:
        return _registered(str(parameters["version"]), inputs["change"])
    return _value(answer.type, answer.probability)


def _value(type_: str | None, probability: float) -> dict[str, Any]:
    if type_ is None:
        return {"value": "abstained", "unit": "type", "probability": 0.0}
    return {"value": type_, "unit": "type", "probability": round(probability, 6)}


def _registered(version: str, change: Mapping[str, Any]) -> dict[str, Any]:
    """What a version of this installation's own registry answers."""
    from analysis.change_types.spec import MODEL, inputs_of
    from mlops import services

    try:
        [answer] = services.answer_of(
            model=MODEL, version=version, rows=[inputs_of(str(change["title"]), list(change["paths"]))]
        )
    except LookupError as error:
        raise NotShipped(f"{version} does not ship with this release and is not registered here") from error
    return _value(answer["type"], float(answer["probability"]))
