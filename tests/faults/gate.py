"""A git whose other side stops in the middle of what it sends, says so, and goes on when it is told to."""

import os
import shutil
import sys
from pathlib import Path

# Real git, but for the program at the other end of a fetch or clone.
_GIT = """#!{python}
import os, sys
arguments = sys.argv[1:]
for verb in ("clone", "fetch"):
    if verb in arguments:
        arguments.insert(arguments.index(verb) + 1, "--upload-pack={folder}/upload-pack")
os.execv({git!r}, ["git", *arguments])
"""
_UPLOAD_PACK = """#!{python}
import os, pathlib, subprocess, sys
folder, left = pathlib.Path({folder!r}), {after}
real = subprocess.Popen([{git!r}, "upload-pack", *sys.argv[1:]], stdout=subprocess.PIPE)
(folder / "pid").write_text(str(os.getpid()))
try:
    while left > 0 and (data := os.read(real.stdout.fileno(), min(left, 65536))):
        os.write(1, data)
        left -= len(data)
    (folder / "reached").touch()
    (folder / "go").open().read()
    while data := os.read(real.stdout.fileno(), 65536):
        os.write(1, data)
except BrokenPipeError:
    pass
finally:
    real.kill()
    (folder / "ended").touch()
"""


class Gate:
    """Put ``path`` into PATH: the first ``after`` bytes of a fetch come through, the rest when the gate is opened."""

    def __init__(self, folder: Path, *, after: int) -> None:
        self._folder = folder / "gate"
        self._folder.mkdir()
        os.mkfifo(self._folder / "go")
        values = {"python": sys.executable, "git": shutil.which("git"), "folder": str(self._folder), "after": after}
        for name, text in (("git", _GIT), ("upload-pack", _UPLOAD_PACK)):
            script = self._folder / name
            script.write_text(text.format(**values))
            script.chmod(0o755)
        self.path = f"{self._folder}{os.pathsep}{os.environ['PATH']}"
        self.reached = self._folder / "reached"

    @property
    def ended(self) -> bool:
        """Whether the program at the other end has sent all that anybody wanted."""
        return (self._folder / "ended").exists()

    def open(self) -> None:
        """Let the rest through; harmless where nobody waits."""
        try:
            os.close(os.open(self._folder / "go", os.O_WRONLY | os.O_NONBLOCK))
        except OSError:  # nobody waits at the gate
            return
