"""How the inputs of estimates that a receipt does not embed are loaded again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.estimates.receipting import effort_parameters
from evidence.services import resolver


@resolver("effort_model")
def effort_model(name: str) -> Mapping[str, Any]:
    """Return the numbers of an effort model by its name; LookupError when it is gone."""
    return effort_parameters(name)
