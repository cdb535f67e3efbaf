"""Processes whose clock the test sets: a small library that is loaded before the C library's own."""

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("clock_shift.c")


class Clock:
    """What the clock of every process that has `environment` is ahead of the right one, in seconds."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("no C compiler (cc), which a clock that is really wrong needs")
        library, self._file = folder / "clock_shift.so", folder / "clock"
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, SOURCE], check=True)
        self._file.write_bytes(struct.pack("l", 0))
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_SHIFT": str(self._file)}

    def set(self, seconds: int) -> None:
        """Move the clock, at once, under every running process."""
        with self._file.open("r+b") as file:
            file.write(struct.pack("l", seconds))
