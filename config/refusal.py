"""A start that is refused says why in one line, on stderr, instead of a traceback that hides it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ImproperlyConfigured

# What gunicorn takes for "cannot start": with any other code it would start the process again for ever.
CANNOT_BOOT = 3


@contextmanager
def in_one_line(code: int = 1) -> Iterator[None]:
    """End the process with ``code`` when the settings refuse the start."""
    try:
        yield
    except ImproperlyConfigured as refused:
        print(f"Attest does not start: {refused}", file=sys.stderr, flush=True)
        raise SystemExit(code) from None
