"""Files that are written whole or not at all: a full disk leaves the earlier one as it was (no Django)."""

from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write beside the place and move it there; its folder is made. Raises OSError, and leaves nothing half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.part")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
