"""Files that are written whole or not at all: a full disk leaves the earlier one as it was (no Django)."""

import secrets
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write beside the place and move it there; its folder is made. Raises OSError, and leaves nothing half.

    The name beside it is drawn, so that two writers of one file never write into each other's.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def write_once(path: Path, content: bytes) -> None:
    """Write a file that is named by its content, unless it is there."""
    if not path.exists():
        write_whole(path, content)
