"""Start everything of the embedded default: web server, worker, first collection; end all of it on one signal.

The children run in the launcher's process group, so that Ctrl-C at the terminal reaches them too; the launcher then
waits, and ends what is still there.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

STOP_SECONDS = 10.0


class CannotStart(Exception):
    """One clear line: what is wrong and what to do."""


class Stopped(Exception):
    """A signal asked for the end."""


def require_free_port(port: int) -> None:
    """Raise ``CannotStart`` unless 127.0.0.1:port can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            hint = f"make run PORT={port + 1 if port < 65535 else 8000}"
            raise CannotStart(f"Port {port} cannot be used ({error}). Choose another: {hint}") from error


def wait_until_served(port: int, server: subprocess.Popen[bytes], seconds: float = 60.0) -> None:
    """Return once the server accepts connections; raise ``CannotStart`` if it ends first."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise CannotStart(f"The web server ended at once (exit code {server.returncode}); its lines stand above.")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise CannotStart(f"The web server does not answer on port {port} after {seconds:.0f} s.")


def web_command(port: int) -> list[str]:
    """gunicorn with threads: one process is enough for one machine's own use, and starts fast."""
    return [
        sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}",
        "--workers", "1", "--threads", "8", "--graceful-timeout", "5", "--timeout", "120", "--log-level", "warning",
        "--no-control-socket",
    ]  # fmt: skip


def worker_command(root: Path) -> list[str]:
    return [sys.executable, str(root / "manage.py"), "worker"]


@contextmanager
def children(commands: Sequence[list[str]], root: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run the commands; whatever happens, none of them outlives the block."""
    running = [subprocess.Popen(command, cwd=root, env=os.environ) for command in commands]
    try:
        yield running
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for process in running:
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def stop_on_signals() -> None:
    """SIGINT and SIGTERM both end the launcher in an orderly way, also where the shell set SIGINT to be ignored."""
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)


def serve(port: int, root: Path, served: Callable[[], None], tick: Callable[[], None]) -> int:
    """Run web server and worker until a signal or until one of them ends.

    ``served`` is called once the first page can be had, ``tick`` about twice a second after that. Returns the exit
    code: 0 after a signal, 1 when a child ended by itself.
    """
    try:
        with children([web_command(port), worker_command(root)], root) as (web, worker):
            wait_until_served(port, web)
            served()
            while web.poll() is None and worker.poll() is None:
                tick()
                time.sleep(0.5)
            name = "web server" if web.poll() is not None else "worker"
            raise CannotStart(f"The {name} ended by itself; its lines stand above. Start again with: make run")
    except Stopped:
        return 0
