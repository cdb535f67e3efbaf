"""The one door for outgoing HTTP and git addresses (no Django here).

``client(policy)`` is an ordinary ``httpx.Client`` behind a transport that resolves a name once, judges every address,
connects to the judged address (so a second DNS answer changes nothing), speaks https only, follows no redirect,
ignores proxy variables, and holds the whole exchange, head and body, to one deadline and one size. Errors::

    httpx.RequestError
    ├── Refused            the address or scheme is not allowed: never try again
    ├── TooLarge           the body passed ``max_bytes`` (counted after decompression)
    ├── httpx.TimeoutException  ConnectTimeout, ReadTimeout (also the total deadline): try again later
    └── httpx.NetworkError, httpx.ProtocolError …: try again later

A request may carry its own deadline: ``extensions={"deadline": time.monotonic() + seconds}``.
"""

from __future__ import annotations

import contextlib
import ssl
import time
import zlib
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

from evidence.addresses import AddressRefused, Policy, judge, parse_allowed
from evidence.giturls import GitUrl, GitUrlRefused, check_git_url

_PIECE = 65536
_deadline: ContextVar[float] = ContextVar("outside_deadline")


class Refused(httpx.RequestError):
    """The request may not be made; the message says why."""


class TooLarge(httpx.RequestError):
    """The answer is larger than the policy allows."""


def client(policy: Policy | None = None, **options: Any) -> httpx.Client:
    """Return an httpx.Client that can only go where ``policy`` allows.

    ``options`` are those of httpx.Client (``base_url``, ``headers``, ``auth`` …); transport, redirects, proxies and
    time-outs are not the caller's to choose.
    """
    chosen = policy or Policy()
    for name in ("transport", "mounts", "proxy", "trust_env", "follow_redirects", "verify"):
        if name in options:
            raise TypeError(f"{name} is decided by the policy")
    options.setdefault("timeout", httpx.Timeout(chosen.total_seconds, connect=chosen.connect_seconds))
    return httpx.Client(transport=Transport(chosen), trust_env=False, follow_redirects=False, **options)


class Transport(httpx.BaseTransport):
    """An httpx transport that enforces a Policy."""

    def __init__(self, policy: Policy, ssl_context: ssl.SSLContext | None = None) -> None:
        self.policy = policy
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl_context or httpx.create_ssl_context(trust_env=False),
            network_backend=_JudgingBackend(policy),
            max_connections=10,
            keepalive_expiry=15.0,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; see the module's docstring for the errors."""
        url = request.url
        port = url.port or {"https": 443, "http": 80}.get(url.scheme, 0)
        self._require_scheme(request, port)
        deadline = request.extensions.get("deadline", time.monotonic() + self.policy.total_seconds)
        sent = [(name, value) for name, value in request.headers.raw if name.lower() != b"accept-encoding"]
        raw = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=[*sent, (b"Accept-Encoding", b"gzip")],
            content=request.stream,
            extensions=request.extensions,
        )
        with _until(deadline), _mapped(request):
            answer = self._pool.handle_request(raw)
        encoding = b", ".join(value for name, value in answer.headers if name.lower() == b"content-encoding")
        body = _Body(answer, request, deadline, self.policy.max_bytes, encoding.decode("latin-1"))
        # The body is handed on decoded, so what described its form on the wire would be wrong.
        headers = [pair for pair in answer.headers if pair[0].lower() not in (b"content-encoding", b"content-length")]
        return httpx.Response(answer.status, headers=headers, stream=body, extensions=answer.extensions)

    def _require_scheme(self, request: httpx.Request, port: int) -> None:
        url = request.url
        if self.policy.is_allowed(url.host, port) and url.scheme in ("http", "https"):
            return
        if url.scheme != "https" or port != 443:
            raise Refused(
                f"{url.scheme}://{url.host}:{port}: only https on port 443 may leave, unless the operator lists "
                f"{url.host}:{port} in ATTEST_OUTSIDE_ALLOW",
                request=request,
            )

    def close(self) -> None:
        """Close every kept connection."""
        self._pool.close()


class _JudgingBackend(httpcore.NetworkBackend):
    """Opens TCP connections to judged addresses only; TLS still verifies the name that was asked for."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = judge(host, port, self._policy, _remaining(timeout))
        except AddressRefused:
            raise
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(str(error)) from error
        except (OSError, ValueError) as error:
            raise httpcore.ConnectError(str(error)) from error
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses[:4]:
            try:
                return _BoundedStream(self._plain.connect_tcp(address, port, _remaining(timeout)))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class _BoundedStream(httpcore.NetworkStream):
    """A network stream whose every operation ends at the deadline of the exchange, however slowly bytes trickle."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _remaining(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            self._inner.write(buffer[start : start + _PIECE], _remaining(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _BoundedStream(self._inner.start_tls(ssl_context, server_hostname, _remaining(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Body(httpx.SyncByteStream):
    """The decoded body, counted and timed."""

    def __init__(
        self, answer: httpcore.Response, request: httpx.Request, deadline: float, limit: int, encoding: str
    ) -> None:
        self._answer = answer
        self._request = request
        self._deadline = deadline
        self._limit = limit
        self._encoding = encoding.strip().lower()

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        chunks = iter(self._answer.iter_stream())
        decoder = self._decoder()
        while True:
            with _until(self._deadline), _mapped(self._request):
                chunk = next(chunks, None)
            if chunk is None:
                return
            pieces = [chunk] if decoder is None else self._inflate(decoder, chunk)
            for piece in pieces:
                size += len(piece)
                if size > self._limit:
                    raise TooLarge(f"the answer passes {self._limit} bytes", request=self._request)
                yield piece

    def _decoder(self) -> Any:
        if self._encoding in ("", "identity"):
            return None
        if self._encoding in ("gzip", "x-gzip"):
            return zlib.decompressobj(16 + zlib.MAX_WBITS)
        raise httpx.DecodingError(f"content encoding {self._encoding!r} was not asked for", request=self._request)

    def _inflate(self, decoder: Any, chunk: bytes) -> Iterator[bytes]:
        """Decompress in bounded pieces, so that a bomb is noticed before it is in memory."""
        while chunk:
            try:
                piece = decoder.decompress(chunk, _PIECE)
            except zlib.error as error:
                raise httpx.DecodingError(f"damaged gzip body: {error}", request=self._request) from error
            yield piece
            chunk = decoder.unconsumed_tail

    def close(self) -> None:
        self._answer.close()


def _remaining(timeout: float | None) -> float:
    left = _deadline.get(time.monotonic() + 30.0) - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the total deadline of the request has passed")
    return left if timeout is None else min(timeout, left)


@contextlib.contextmanager
def _until(deadline: float) -> Iterator[None]:
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


_MAPPED: dict[type[Exception], type[httpx.RequestError]] = {
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.WriteTimeout: httpx.WriteTimeout,
    httpcore.PoolTimeout: httpx.PoolTimeout,
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.ReadError: httpx.ReadError,
    httpcore.WriteError: httpx.WriteError,
    httpcore.LocalProtocolError: httpx.LocalProtocolError,
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
    httpcore.UnsupportedProtocol: httpx.UnsupportedProtocol,
    AddressRefused: Refused,
}


@contextlib.contextmanager
def _mapped(request: httpx.Request) -> Iterator[None]:
    """Let nothing of the library underneath leak out."""
    try:
        yield
    except tuple(_MAPPED) as error:
        raise _MAPPED[type(error)](str(error), request=request) from error


__all__ = [
    "GitUrl",
    "GitUrlRefused",
    "Policy",
    "Refused",
    "TooLarge",
    "Transport",
    "check_git_url",
    "client",
    "parse_allowed",
]
