"""Two versions of the classifier on the same change."""

from collections.abc import Mapping
from typing import Any

from analysis import queries as analysis
from portfolio.demos import types

sample = types.sample


def run(form: Mapping[str, Any]) -> dict[str, Any]:
    """Each version's answer, the older first."""
    title, paths = types.read(form)
    return {"answers": analysis.compare_types(title, paths)}
