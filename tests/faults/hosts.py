"""Hosts of their own on one machine: network namespaces joined by a bridge, each with an address."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.workers import kill_tree
from tests.servers import Postgres, Redis

_NET = "10.213.77"


def _ip(*arguments: str) -> int:
    return subprocess.run(["ip", *arguments], check=False, capture_output=True).returncode


class Host:
    """A namespace with one address; what is started with ``command`` runs in it."""

    def __init__(self, name: str, number: int) -> None:
        self.name = f"attest-{os.getpid()}-{name}"
        self.address = f"{_NET}.{number}"
        self.link = f"at{os.getpid() % 100000}{number}"
        for arguments in (
            ("netns", "add", self.name),
            ("link", "add", self.link, "type", "veth", "peer", "name", "eth0", "netns", self.name),
            ("link", "set", self.link, "master", _bridge(), "up"),
            ("-n", self.name, "addr", "add", f"{self.address}/24", "dev", "eth0"),
            ("-n", self.name, "link", "set", "eth0", "up"),
            ("-n", self.name, "link", "set", "lo", "up"),
        ):
            assert _ip(*arguments) == 0, arguments

    def command(self, *arguments: str, user: str | None = None) -> list[str]:
        as_user = ["setpriv", f"--reuid={user}", "--clear-groups"] if user else []
        return ["ip", "netns", "exec", self.name, *as_user, *arguments]

    def cut_off(self) -> None:
        """No packet comes or goes any more; nobody is told."""
        assert _ip("link", "set", self.link, "down") == 0

    def return_(self) -> None:
        assert _ip("link", "set", self.link, "up") == 0

    def remove(self) -> None:
        _ip("netns", "del", self.name)


def _bridge() -> str:
    return f"atb{os.getpid() % 1000000}"


@contextmanager
def hosts(*names: str) -> Iterator[dict[str, Host]]:
    """One host a name. Skips the test, visibly, without the right to make namespaces."""
    if os.geteuid() != 0 or shutil.which("ip") is None or _ip("link", "add", _bridge(), "type", "bridge"):
        pytest.skip("network namespaces need root, iproute2 and a kernel that allows them")
    made: dict[str, Host] = {}
    try:
        assert _ip("addr", "add", f"{_NET}.254/24", "dev", _bridge()) == 0
        assert _ip("link", "set", _bridge(), "up") == 0
        for number, name in enumerate(names, 1):
            made[name] = Host(name, number)
        yield made
    finally:
        for host in made.values():
            host.remove()
        _ip("link", "del", _bridge())


class PostgresOn(Postgres):
    """PostgreSQL on a host of its own, for the other hosts of the net."""

    def __init__(self, host: Host) -> None:
        super().__init__()
        self.host = host
        with (self.data / "pg_hba.conf").open("a") as file:
            file.write(f"host all all {_NET}.0/24 trust\n")

    @property
    def url(self) -> str:
        return f"postgres://attest@{self.host.address}:{self.port}/postgres"

    def start(self) -> "PostgresOn":
        options = [f"-c{setting}" for setting in (*self.settings, "unix_socket_directories=", "listen_addresses=*")]
        postgres = [str(self.bin / "postgres"), "-D", str(self.data), "-p", str(self.port), *options]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.host.command(*postgres, user=self.user), stdout=log, stderr=log, cwd="/", start_new_session=True
            )
        return self


class RedisOn(Redis):
    """Redis on a host of its own."""

    def __init__(self, host: Host) -> None:
        super().__init__()
        self.host = host

    @property
    def url(self) -> str:
        return f"redis://{self.host.address}:{self.port}/0"

    def start(self) -> "RedisOn":
        options = ["--port", str(self.port), "--bind", "*", "--protected-mode", "no", "--save", "", "--dir"]
        self.process = subprocess.Popen(
            self.host.command(str(self.binary), *options, str(self.folder)),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        return self


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill what was started in a namespace and everything below it: a worker's pool has a session of its own."""
    kill_tree(process.pid)
    process.wait(10)


def log_of(path: Path) -> str:
    return path.read_text()[-3000:] if path.exists() else ""
