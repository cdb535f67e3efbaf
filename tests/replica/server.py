"""The replica's HTTP server: authentication, faults on the wire, and a log of every call."""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.replica import rest
from tests.replica.faults import Call, Fault, Script
from tests.replica.graphql_api import Reply, answer, secondary
from tests.replica.hooks import Hooks
from tests.replica.limits import Limits
from tests.replica.world import Token, World

TALLY = "/_replica/tally"


class Replica:
    """A GitHub on loopback. Use as a context manager; `url` is the API's base, `calls` what was asked of it."""

    def __init__(self, world: World, latency: float = 0.0, port: int = 0) -> None:
        self.world, self.latency = world, latency
        self.limits = Limits(world.clock)
        self.script = Script()
        self.hooks = Hooks(world.clock)
        self.calls: list[Call] = []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.replica = self
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Base URL of the REST API; GraphQL is at /graphql below it."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def points(self) -> int:
        """GraphQL points charged so far, over all tokens."""
        return sum(c.points for c in self.calls)

    def forget(self) -> None:
        """Empty the log of calls."""
        self.calls.clear()

    def start(self) -> Self:
        """Serve in a thread."""
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and free the port."""
        self._server.shutdown()
        self._server.server_close()

    def serve(self) -> None:
        """Serve in this thread until interrupted."""
        self._server.serve_forever()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def log(self, method: str, path: str, body: dict[str, Any], token: str) -> Call:
        """Record a call."""
        with self._lock:
            call = Call(
                len(self.calls),
                method,
                path,
                body.get("operationName"),
                body.get("variables") or {},
                token=token,
            )
            self.calls.append(call)
            return call

    def handle(self, method: str, target: str, headers: Any, raw: bytes) -> Reply:
        """Answer one request."""
        parts = urlsplit(target)
        path = parts.path.removeprefix("/api/v3").removeprefix("/api")
        if path == TALLY:
            return self._tally(method)
        body = _body(raw) if path == "/graphql" else {}
        key = (headers.get("Authorization") or "").split(" ")[-1]
        call = self.log(method, path, body, key)
        fault = self.script.take(call)
        if fault and fault.before:
            fault.before()
        reply = self._answer(method, path, parse_qs(parts.query), key, call, body, fault, raw)
        if fault and fault.kind in ("cut", "drip", "reset", "html", "charset"):
            reply.fault = fault
        if fault and fault.after:
            fault.after()
        return reply

    def _tally(self, method: str) -> Reply:
        """How much was asked so far; a POST begins to count anew."""
        told = {"requests": len(self.calls), "points": self.points}
        if method == "POST":
            self.forget()
        return Reply(200, told)

    def _answer(
        self, method: str, path: str, query: dict[str, list[str]], key: str, call: Call, body: dict[str, Any],
        fault: Fault | None, raw: bytes,
    ) -> Reply:  # fmt: skip
        token = self.world.tokens.get(key)
        if token is None and not key and path != "/graphql":
            token = Token(login="anonymous", limit=60)
        if token is None or token.revoked or (fault and fault.kind == "unauthorized"):
            told = {
                "message": "Bad credentials",
                "documentation_url": "https://docs.github.com/rest",
                "status": "401",
            }
            return Reply(401, told)
        resource = "graphql" if path == "/graphql" else "core"
        if fault and fault.kind == "status":
            self.limits.spend(key, resource, fault.points)
            return Reply(
                fault.status,
                {"message": "Something went wrong"},
                self.limits.headers(key, resource, token),
            )
        if fault and fault.kind in ("retry_after", "secondary"):
            status = fault.status if fault.status in (200, 403, 429) else 403
            return secondary(
                self.limits,
                key,
                token,
                status,
                fault.seconds if fault.kind == "retry_after" else None,
            )
        if path == "/graphql":
            return answer(self.world, self.limits, key, token, call, body, fault)
        return rest.answer(self, method, path, query, key, token, raw)


def _body(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    replica: Replica

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the game; anything else is told."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the calls are in the replica's log."""

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.server.replica.latency:
            time.sleep(self.server.replica.latency)
        reply = self.server.replica.handle(self.command, self.path, self.headers, raw)
        try:
            self._write(reply)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _write(self, reply: Reply) -> None:
        fault, raw = reply.fault, reply.raw()
        kind = "application/json; charset=utf-8"
        if fault and fault.kind == "reset":
            self.close_connection = True
            return
        if fault and fault.kind == "html":
            raw, kind = (
                b"<html><body>We're having a really bad day.</body></html>",
                "text/html",
            )
        if fault and fault.kind == "charset":
            raw = b'{"data": "\xff\xfe\xfa"}'
        self.send_response(reply.status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if fault and fault.kind == "cut":
            self.wfile.write(raw[: fault.bytes])
            self.wfile.flush()
            self.close_connection = True
        elif fault and fault.kind == "drip":
            for one in raw:
                self.wfile.write(bytes([one]))
                self.wfile.flush()
                time.sleep(fault.seconds)
        else:
            self.wfile.write(raw)
        self.wfile.flush()
