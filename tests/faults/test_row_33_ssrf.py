"""Row 33: addresses that lead inside are refused before any connection, whatever spelling or DNS answer hides them."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from evidence import outside
from evidence.addresses import AddressRefused, judge, parse_allowed
from evidence.outside import Policy, Refused

PUBLIC = "93.184.216.34"


class Canary:
    """A loopback listener that counts who knocks, answers one request as told, says that it closes, and closes."""

    def __init__(self, answer: bytes = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok") -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.knocks = 0
        self.answer = answer
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self.socket.accept()
            except OSError:
                return
            self.knocks += 1
            with connection:
                connection.settimeout(2)
                try:
                    connection.recv(65536)
                    connection.sendall(self.answer)
                except OSError:
                    continue


@pytest.fixture
def canary() -> Iterator[Canary]:
    made = Canary()
    yield made
    made.socket.close()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "127.0.1", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "2130706433", "017700000001",
        "localhost", "0.0.0.0", "0",  # noqa: S104  an address to refuse, not to bind
         "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "192.0.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "[::1]", "[::]", "[::ffff:10.0.0.1]",
        "[::ffff:127.0.0.1]", "[::7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]", "[fc00::1]",
        "[fec0::1]", "[ff02::1]",
    ],
)  # fmt: skip
def test_no_spelling_of_an_inside_address_is_reached(host: str, canary: Canary) -> None:
    with outside.client(Policy()) as client, pytest.raises((httpx.RequestError, httpx.InvalidURL)) as caught:
        client.get(f"https://{host}/")
    assert isinstance(caught.value, (Refused, httpx.ConnectError, httpx.InvalidURL))
    with pytest.raises((outside.GitUrlRefused, OSError)):
        outside.check_git_url(f"https://{host}/owner/name")
    assert canary.knocks == 0


@pytest.mark.parametrize("scheme_and_port", ["http://{}/", "https://{}:8443/", "http://{}:443/", "ftp://{}/"])
def test_only_https_on_its_port_leaves(scheme_and_port: str) -> None:
    policy = Policy(resolver=lambda host, port: [PUBLIC])
    with outside.client(policy) as client, pytest.raises((Refused, httpx.UnsupportedProtocol)):
        client.get(scheme_and_port.format("example.org"))


def test_one_inside_address_among_public_ones_refuses_the_name() -> None:
    policy = Policy(resolver=lambda host, port: [PUBLIC, "10.0.0.7"])
    with pytest.raises(AddressRefused, match=r"10\.0\.0\.7"):
        judge("mixed.example", 443, policy)


def test_second_dns_answer_is_never_asked_for(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the first answer is public, the second is loopback. What was judged is what is connected to."""
    answers = [[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]]
    connected: list[str] = []

    def connect(address: Any, *arguments: Any, **options: Any) -> socket.socket:
        connected.append(address[0])
        raise ConnectionRefusedError("nothing here")

    monkeypatch.setattr(socket, "create_connection", connect)
    policy = Policy(resolver=lambda host, port: answers.pop(0))
    with outside.client(policy) as client, pytest.raises(httpx.ConnectError):
        client.get("https://rebind.example/")
    assert connected == [PUBLIC] and len(answers) == 2 and canary.knocks == 0
    with outside.client(policy) as client, pytest.raises(Refused):
        client.get("https://rebind.example/")


def test_redirect_to_loopback_is_not_followed() -> None:
    hidden = Canary()
    location = f"http://127.0.0.1:{hidden.port}/".encode()
    head = b"HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: "
    door = Canary(head + location + b"\r\n\r\n")
    policy = Policy(allowed=frozenset({("127.0.0.1", door.port)}))
    with outside.client(policy) as client:
        assert client.get(f"http://127.0.0.1:{door.port}/").status_code == 302
        with pytest.raises(Refused):
            client.get(f"http://127.0.0.1:{door.port}/", follow_redirects=True)
    assert (door.knocks, hidden.knocks) == (2, 0)
    for server in (door, hidden):
        server.socket.close()


def test_operator_may_allow_one_host_and_port(canary: Canary) -> None:
    policy = Policy(allowed=parse_allowed([f"127.0.0.1:{canary.port}"]))
    with outside.client(policy) as client:
        assert client.get(f"http://127.0.0.1:{canary.port}/").text == "ok"
        with pytest.raises(Refused):
            client.get(f"http://localhost:{canary.port}/")
    url = f"http://127.0.0.1:{canary.port}/owner/name.git"
    assert outside.check_git_url(url, policy=policy).pin == f"127.0.0.1:{canary.port}:127.0.0.1"


def test_tls_verifies_the_name_and_not_the_address(tmp_path: Path) -> None:
    """The pinned address does not weaken TLS: a certificate for another name is refused."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", "/CN=right.example", "-addext", "subjectAltName=DNS:right.example",
         "-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "crt")],
        check=True, capture_output=True,
    )  # fmt: skip
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "crt", tmp_path / "key")
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def serve() -> None:
        for _ in range(2):
            connection, _address = listener.accept()
            try:
                with server.wrap_socket(connection, server_side=True) as wrapped:
                    wrapped.recv(65536)
                    wrapped.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            except OSError:
                continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    allowed = frozenset({("right.example", port), ("wrong.example", port)})
    policy = Policy(allowed=allowed, resolver=lambda host, number: ["127.0.0.1"])
    context = ssl.create_default_context(cafile=str(tmp_path / "crt"))
    with httpx.Client(transport=outside.Transport(policy, context)) as client:
        assert client.get(f"https://right.example:{port}/").text == "ok"
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            client.get(f"https://wrong.example:{port}/")
    thread.join(5)
    listener.close()
