"""The real web server for fault tests: gunicorn in a process group of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.faults.workers import ROOT, descendants
from tests.servers import free_port, wait_for

SECRET = "made-up-webhook-secret"


class Web:
    """gunicorn with two workers of four threads."""

    def __init__(self, environment: dict[str, str], folder: Path, port: int | None = None) -> None:
        self.port = port or free_port()
        self.environment = {
            **environment,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "GITHUB_WEBHOOK_SECRETS": SECRET,
        }
        self.log = folder / "gunicorn.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where deliveries go."""
        return f"http://127.0.0.1:{self.port}/webhooks/github"

    def start(self) -> None:
        """Start, and wait for the first answer."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable, "-m", "gunicorn", "config.wsgi", "-b", f"127.0.0.1:{self.port}",
                    "--workers", "2", "--threads", "4",
                ],
                env=self.environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        wait_for(self.port, self.process)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if httpx.get(self.url, timeout=30).status_code == 405:
                    return
            except httpx.HTTPError:
                time.sleep(0.1)
        raise AssertionError(self.log.read_text()[-2000:])

    def stop(self) -> None:
        """End the server and its workers."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(30)
        self.process = None

    def peak_memory(self) -> int:
        """The largest resident size that any of its processes has had, in bytes."""
        assert self.process is not None
        lines = [
            line
            for pid in descendants(self.process.pid)
            for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        ]
        return max(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


@contextmanager
def served(environment: dict[str, str], folder: Path) -> Iterator[Web]:
    """A running server that ends with the test."""
    web = Web(environment, folder)
    web.start()
    try:
        yield web
    finally:
        web.stop()
