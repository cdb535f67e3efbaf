"""Stage times of public pulls, read from their stored facts: what a drawing of cycle times is made of."""

from __future__ import annotations

import itertools

from analysis.collection.browse import change_ref, public_changes
from analysis.facts.cycle_times import ORDER

NEWEST = 400
WHOLE = "first commit to merge"
_SHORT = {"first_commit": "first commit", "first_review": "review"}
STAGES = {
    f"cycle_{start}_to_{end}": f"{_SHORT.get(start, start)} → {_SHORT.get(end, end)}"
    for start, end in itertools.pairwise(ORDER)
}


def stage_times(limit: int = NEWEST) -> list[list[str | float]]:
    """[stage, reference of the pull, seconds] of the newest landed pulls, in the order of the stages; one query.

    The whole, from first commit to merge, comes last and is known from version control alone; the stages between need
    the events that the hosting service tells of, and a stage without both of its events has no row. Nothing at all is
    returned while the whole is known of no pull: the drawing's figure is its median.
    """
    pulls = public_changes().filter(number__isnull=False, landed_files__isnull=False, is_credited=True)
    newest = pulls.filter(facts__isnull=False).select_related("repository", "facts").order_by("-sorted_at", "-pk")
    found: dict[str, list[list[str | float]]] = {label: [] for label in (*STAGES.values(), WHOLE)}
    for change in newest[:limit]:
        values, reference = change.facts.values, change_ref(change)
        for name, label in STAGES.items():
            if values.get(name) is not None:
                found[label].append([label, reference, values[name]])
        whole = values.get("cycle_total")
        if whole is None and values.get("hours_to_merge") is not None:
            whole = round(values["hours_to_merge"] * 3600)
        if whole is not None:
            found[WHOLE].append([WHOLE, reference, whole])
    return [row for rows in found.values() for row in rows] if found[WHOLE] else []
