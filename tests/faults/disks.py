"""Small disks for fault tests: a tmpfs that a test fills and lets grow again."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Disk:
    """A mounted tmpfs."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def resize(self, size: str) -> None:
        """Give it another size, such as "64m"; what it holds stays."""
        subprocess.run(["mount", "-o", f"remount,size={size}", str(self.path)], check=True)


@contextmanager
def small_disk(path: Path, size: str) -> Iterator[Disk]:
    """A tmpfs of ``size`` at ``path``. Skips the test, visibly, without the right to mount one."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount the small tmpfs that this test fills")
    path.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)]
    if subprocess.run(command, check=False).returncode:
        pytest.skip("this machine does not let root mount a tmpfs")
    try:
        yield Disk(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)
