"""The outgoing door against misbehaving servers: deadlines, sizes, encodings. Refusals are in tests/faults (row 33)."""

import gzip
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from evidence import outside
from evidence.addresses import Policy, judge, parse_allowed

Reply = Callable[[socket.socket], None]


@pytest.fixture
def serve() -> Iterator[Callable[[Reply], int]]:
    listeners: list[socket.socket] = []

    def start(reply: Reply) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def run() -> None:
            while True:
                try:
                    connection, _address = listener.accept()
                except OSError:
                    return
                with connection:
                    try:
                        whole_request(connection)
                        reply(connection)
                    except OSError:
                        continue

        threading.Thread(target=run, daemon=True).start()
        return int(listener.getsockname()[1])

    yield start
    for listener in listeners:
        listener.close()


def whole_request(connection: socket.socket) -> None:
    """Read head and body: a socket that is closed with unread bytes resets the line, and the answer is lost."""
    connection.settimeout(10)
    read = b""
    while b"\r\n\r\n" not in read and (part := connection.recv(65536)):
        read += part
    head, _, body = read.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    while length and len(body) < int(length[1]) and (part := connection.recv(65536)):
        body += part


def client(port: int, **options: float) -> httpx.Client:
    policy = Policy(allowed=frozenset({("127.0.0.1", port)}), **options)  # type: ignore[arg-type]
    return outside.client(policy, base_url=f"http://127.0.0.1:{port}")


def answer(body: bytes, *headers: bytes) -> bytes:
    head = [b"HTTP/1.1 200 OK", b"Connection: close", b"Content-Length: %d" % len(body)]
    return b"\r\n".join([*head, *headers, b"", body])


@pytest.mark.parametrize("part", ["head", "body"])
def test_trickling_server_meets_the_total_deadline(serve, part):
    def trickle(connection: socket.socket) -> None:
        if part == "body":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 100:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    with client(serve(trickle), total_seconds=0.4) as made, pytest.raises(httpx.TimeoutException):
        made.get("/")


def test_request_may_carry_its_own_deadline(serve):
    with client(serve(lambda connection: time.sleep(2))) as made, pytest.raises(httpx.TimeoutException):
        made.get("/", extensions={"deadline": time.monotonic() + 0.2})
    with client(serve(lambda connection: None)) as made, pytest.raises(httpx.TimeoutException):
        made.get("/", extensions={"deadline": time.monotonic() - 1})


def test_body_is_counted_after_decompression(serve):
    bomb = gzip.compress(b"0" * 3_000_000)
    port = serve(lambda connection: connection.sendall(answer(bomb, b"Content-Encoding: gzip")))
    with client(port, max_bytes=1_000_000) as made, pytest.raises(outside.TooLarge):
        made.get("/")
    with client(port, max_bytes=4_000_000) as made:
        reply = made.get("/")
        assert len(reply.content) == 3_000_000 and "content-encoding" not in reply.headers


@pytest.mark.parametrize("headers", [b"Content-Encoding: br", b"Content-Encoding: gzip"])
def test_unasked_or_damaged_encoding_is_an_error(serve, headers):
    port = serve(lambda connection: connection.sendall(answer(b"not compressed", headers)))
    with client(port) as made, pytest.raises(httpx.DecodingError):
        made.get("/")


def test_cut_body_is_an_error(serve):
    port = serve(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"))
    with client(port) as made, pytest.raises(httpx.RemoteProtocolError):
        made.get("/")


def test_posted_bytes_arrive(serve):
    with client(serve(lambda connection: connection.sendall(answer(b"ok")))) as made:
        assert made.post("/", content=b"x" * 10).text == "ok"


@pytest.mark.parametrize("option", ["transport", "proxy", "trust_env", "follow_redirects", "verify", "mounts"])
def test_caller_cannot_widen_the_door(option):
    with pytest.raises(TypeError, match="policy"):
        outside.client(**{option: None})


def test_resolver_failures_are_named():
    def fails(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(OSError, match="cannot be resolved"):
        judge("absent.example", 443, Policy(resolver=fails))
    with pytest.raises(OSError, match="no address"):
        judge("empty.example", 443, Policy(resolver=lambda host, port: []))


def test_a_resolver_that_never_answers_is_not_waited_for():
    ended = threading.Event()  # a sleep might end before a busy machine looks at the clock

    def silent(host: str, port: int) -> list[str]:
        ended.wait(60)
        return ["1.1.1.1"]

    try:
        with pytest.raises(TimeoutError):
            judge("slow.example", 443, Policy(resolver=silent), timeout=0.05)
        slow = Policy(resolver=silent, connect_seconds=0.05)
        with outside.client(slow) as made, pytest.raises(httpx.ConnectTimeout):
            made.get("https://slow.example/")
    finally:
        ended.set()


def test_allow_list_is_read_strictly():
    assert parse_allowed(["[::1]:80", "Host:443"]) == {("::1", 80), ("host", 443)}
    with pytest.raises(ValueError, match="host:port"):
        parse_allowed(["nonsense"])
