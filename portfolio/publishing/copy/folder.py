"""The folder of a copy: written beside its place and put there whole, so that a failure leaves nothing half."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MANIFEST = "export.json"


class FolderRefused(ValueError):
    """The folder holds something that is no earlier copy; the message says what to do."""


def _check(target: Path) -> None:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise FolderRefused(f"{target} is no folder. Name a new folder, or one that holds an earlier copy.")
    if target.exists() and any(target.iterdir()) and not (target / MANIFEST).is_file():
        raise FolderRefused(f"{target} holds something else than an earlier copy. Name a new folder, or empty it.")


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A fresh folder to write to, which takes the place of ``target`` when the block ends well.

    An earlier copy stays until then; whatever fails (the disk is full, Ctrl-C) removes the fresh folder only.
    """
    target = target.absolute()
    _check(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield fresh
        fresh.chmod(0o755)
        _put(fresh, target)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _put(fresh: Path, target: Path) -> None:
    if not target.exists():
        fresh.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent)) / "old"
    target.rename(old)
    try:
        fresh.rename(target)
    except OSError:
        old.rename(target)
        raise
    finally:
        shutil.rmtree(old.parent, ignore_errors=True)


def write(root: Path, place: str, content: bytes) -> None:
    """One file with the folders above it."""
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def write_manifest(root: Path, about: dict[str, object]) -> None:
    """What the copy is: when it was made and of how many pages; also the mark by which a later one may replace it."""
    write(root, MANIFEST, (json.dumps(about, indent=1, sort_keys=True) + "\n").encode())
