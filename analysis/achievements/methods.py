"""Totals over changes that belong together, each counted once: of an achievement, or of a report's period."""

from collections.abc import Mapping
from typing import Any

from evidence.recompute import recompute

VERSION = "1"
# Columns of a row of the input "changes": [reference, added, deleted, source lines added, test lines added].
COLUMNS = {"changes": None, "added": 1, "deleted": 2, "source": 3, "tests": 4}


@recompute("achievements.total", VERSION, words="Sum of one column over the landed changes", symbols="Σ x_c")
def total(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None) -> dict[str, Any]:
    """The number of changes, or a sum of lines. A change without the figure adds nothing and is listed as unknown."""
    column = COLUMNS[parameters["column"]]
    rows = inputs["changes"]
    value = len(rows) if column is None else sum(row[column] for row in rows if row[column] is not None)
    return {"value": value, "unit": parameters["unit"]}
