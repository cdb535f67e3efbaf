"""Files that are named by their content: written whole or not at all, and never again."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_once(path: Path, payload: bytes) -> None:
    """Put ``payload`` at ``path`` unless something is there; OSError leaves no part of it behind."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(payload)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
