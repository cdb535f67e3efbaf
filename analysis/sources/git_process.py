"""Running git on repositories that may be hostile: the only place in the project that starts the git program.

No system, global or foreign configuration, no hooks, no prompts, no work tree, protocols https and file only, every
process in a group of its own that is killed as a whole, with limits of time, memory and file size.

Errors: GitFailed (git said no; holds its last line), GitTimeout, both SourceError.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import resource
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from analysis.sources.git_failures import GitFailed, GitTimeout, failure
from analysis.sources.records import SourceError

# Also given on every command line, so that no configuration file can loosen them.
_HARD = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.symlinks=false",
    "core.askPass=",
    "credential.helper=",
    "protocol.allow=never",
    "protocol.https.allow=always",
    "protocol.file.allow=always",
    "http.followRedirects=initial",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=60",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "transfer.bundleURI=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "core.commitGraph=true",
    "core.quotePath=false",
    "core.bigFileThreshold=32m",
    "diff.orderFile=/dev/null",
    "safe.directory=*",
    "log.showSignature=false",
    "core.packedGitLimit=128m",
    "core.packedGitWindowSize=16m",
    "core.deltaBaseCacheLimit=64m",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a git process may use. Seconds of wall time, bytes of address space and of any file it writes."""

    seconds: float = 3600.0
    memory: int = 4 << 30
    file_size: int = 20 << 30


def environment(home: Path) -> dict[str, str]:
    """The whole environment of a git process: nothing is inherited but PATH and the proxy settings."""
    keep = (
        "PATH",
        "http_proxy",
        "https_proxy",
        "HTTPS_PROXY",
        "no_proxy",
        "NO_PROXY",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "TMPDIR",
    )
    return {name: os.environ[name] for name in keep if name in os.environ} | {
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(home / "gitconfig") if (home / "gitconfig").exists() else "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "/bin/false",
        "SSH_ASKPASS": "/bin/false",
        "GIT_SSH_COMMAND": "/bin/false",
        "GIT_ALLOW_PROTOCOL": "https:file",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_OPTIONAL_LOCKS": "0",
    }


@dataclass(frozen=True, slots=True)
class Git:
    """git bound to one repository (or to none, for a clone), one home and one set of limits."""

    home: Path
    git_dir: Path | None = None
    limits: Limits = Limits()

    def command(self, *arguments: str) -> list[str]:
        """The full command line."""
        if not shutil.which("git"):
            raise SourceError(
                "git is not installed: install it, for example with `apt install git`",
                code="git_missing",
            )
        hard = [part for setting in _HARD for part in ("-c", setting)]
        place = ["--git-dir", str(self.git_dir)] if self.git_dir else []
        return ["git", *hard, *place, *arguments]

    def run(self, *arguments: str, stdin: bytes = b"", seconds: float | None = None) -> bytes:
        """Standard output of one short command; raises GitFailed or GitTimeout."""
        with self.started(arguments, stdin=subprocess.PIPE) as process:
            try:
                out, err = process.communicate(stdin, timeout=seconds or self.limits.seconds)
            except subprocess.TimeoutExpired:
                raise GitTimeout(
                    f"git {arguments[0]} took too long and was stopped",
                    code="git_timeout",
                    retry=True,
                ) from None
            if process.returncode:
                raise failure(arguments[0], process.returncode, err)
            return out

    @contextmanager
    def started(
        self,
        arguments: Sequence[str],
        *,
        stdin: int | IO[bytes],
        stderr: int | IO[bytes] = subprocess.PIPE,
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A running git in a process group of its own; the group is killed on leaving, whatever happened."""
        process = subprocess.Popen(
            self.command(*arguments),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            bufsize=1 << 17,
            env=environment(self.home),
            cwd=self.home,
            start_new_session=True,
        )
        self._restrict(process.pid)
        try:
            yield process
        finally:
            end(process)

    def _restrict(self, pid: int) -> None:
        """Limits are set from outside, right after the start: code between fork and exec is not safe beside threads."""
        if not hasattr(resource, "prlimit"):  # only Linux has it; elsewhere the time limit remains
            return
        for kind, amount in (
            (resource.RLIMIT_AS, self.limits.memory),
            (resource.RLIMIT_FSIZE, self.limits.file_size),
            (resource.RLIMIT_CORE, 0),
        ):
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, kind, (amount, amount))


def end(process: subprocess.Popen[bytes], *, pipes: bool = True) -> None:
    """Kill the process group and close its pipes."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr) if pipes else ():
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise GitFailed("git was started without a pipe", code="git_failed")
    return pipe


def _widen(pipe: IO[bytes]) -> None:
    """Let git work ahead while what it said is being stored: a pipe of 64 KiB makes the two take turns."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):  # only Linux has it
        with contextlib.suppress(OSError):  # the user's share of pipes is used up
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 20)


class Conversation:
    """A long-lived git that is asked on standard input and answers on standard output, both streaming.

    A thread writes the questions, so neither side can block the other. Its standard error is kept (last 64 KiB).
    """

    def __init__(self, git: Git, arguments: Sequence[str], questions: Iterable[bytes]) -> None:
        self._arguments = arguments
        self._error = bytearray()
        self._context = git.started(arguments, stdin=subprocess.PIPE)
        self.process = self._context.__enter__()
        _widen(self.out)
        self._deadline = time.monotonic() + git.limits.seconds
        self._failed: BaseException | None = None
        self._threads = [
            threading.Thread(target=self._write, args=(questions,), daemon=True),
            threading.Thread(target=self._drain, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def out(self) -> IO[bytes]:
        """The answers."""
        return _open(self.process.stdout)

    def _write(self, questions: Iterable[bytes]) -> None:
        pipe = _open(self.process.stdin)
        try:
            for question in questions:
                pipe.write(question)
            pipe.close()
        except (BrokenPipeError, ValueError):
            pass  # git ended or we did: the reader finds out and says why
        except Exception as error:  # noqa: BLE001  handed to the reader's thread, which raises it
            self._failed = error
            end(self.process, pipes=False)

    def _drain(self) -> None:
        pipe = _open(self.process.stderr)
        try:
            while chunk := pipe.read(4096):
                self._error = (self._error + chunk)[-65536:]
        except ValueError:
            pass  # closed by the reader

    def check(self) -> None:
        """Raise if the time is up."""
        if time.monotonic() > self._deadline:
            raise GitTimeout(
                f"git {self._arguments[0]} took too long and was stopped",
                code="git_timeout",
                retry=True,
            )

    def finish(self) -> None:
        """Wait for the end after the last answer; raises GitFailed when git did not end well."""
        if self._failed:
            raise self._failed
        code = self.process.wait(timeout=60)
        self._threads[1].join(timeout=5)
        if code:
            raise failure(self._arguments[0], code, bytes(self._error))

    def close(self) -> None:
        """Kill it if it still runs, and wait until nothing of it is left."""
        end(self.process, pipes=False)
        for thread in self._threads:
            thread.join(timeout=10)
        self._context.__exit__(None, None, None)


def chunks(stream: IO[bytes], size: int = 1 << 16, check: Callable[[], None] | None = None) -> Iterator[bytes]:
    """What comes, as soon as it comes, in pieces of at most `size` bytes."""
    read = getattr(stream, "read1", stream.read)
    while piece := read(size):
        if check:
            check()
        yield piece
