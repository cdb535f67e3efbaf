"""What callers and models hand over, in a form that every database keeps as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def storable(value: Any) -> Any:
    """A value as every database takes it as JSON: no NaN, no NUL, no half of a surrogate pair, no foreign type.

    One such value would otherwise keep everything that is written with it from being written, again and again.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {str(storable(str(name))): storable(found) for name, found in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [storable(found) for found in value]
    return storable(value.item() if hasattr(value, "item") and not getattr(value, "shape", ()) else str(value))
