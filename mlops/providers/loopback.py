"""A chat-completions server on the loopback interface that misbehaves on request.

It serves the tests, the benchmarks and the playground. It is no language model and says so in every answer: it gives
back the first sentence that it was sent. Faults are scripted for each model name, set for the next calls, or asked for
in the model's name itself ("demo!500"), which lets the playground's visitors not disturb each other.

    with LoopbackServer() as server:
        server.script("m", ["ok", "500", "429:2", "hang", "garbage"])
        OpenAI(base_url=server.base_url, api_key="x").chat.completions.create(model="m", …)
"""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FAULTS = (
    "ok", "slow", "hang", "trickle", "close", "cut", "garbage", "html", "empty", "401", "404", "429", "500", "503",
    "huge", "lie_low", "lie_high", "no_usage", "bad_json", "obey", "refuse_schema", "redirect",
)  # fmt: skip
FENCED = re.compile(r"<<<(?P<id>[0-9a-f]+)[^\n]*\n(?P<text>.*?)\n(?P=id)>>>", re.S)


class LoopbackServer(ThreadingHTTPServer):
    """A scripted server on 127.0.0.1. `billed` counts the tokens it would really charge for, by model."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int = 0, *, delay: float = 0.0, seed: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.delay = delay
        self.scripts: dict[str, deque[str]] = {}
        self.modes: dict[str, str] = {}
        self.mix: dict[str, tuple[tuple[str, float], ...]] = {}
        self.reply: Callable[[dict[str, Any]], str] | None = None
        self.requests: list[dict[str, Any]] = []
        self.keep_requests = True
        self.calls: Counter[str] = Counter()
        self.billed: Counter[tuple[str, str]] = Counter()
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self._random = random.Random(seed)  # noqa: S311
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> LoopbackServer:
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the game."""

    def script(self, model: str, faults: Iterable[str]) -> None:
        """The behaviour of the next calls of a model, one each; afterwards its mode holds."""
        with self.lock:
            self.scripts.setdefault(model, deque()).extend(faults)

    def set_mode(self, model: str, fault: str) -> None:
        with self.lock:
            self.modes[model] = fault

    def set_mix(self, model: str, shares: dict[str, float]) -> None:
        """Random faults by share; what is left of 1 is `ok`."""
        with self.lock:
            self.mix[model] = tuple(shares.items())

    def next_fault(self, model: str) -> str:
        asked = model.partition("!")[2]
        if asked.partition(":")[0] in FAULTS:
            return asked
        with self.lock:
            self.calls[model] += 1
            queue = self.scripts.get(model)
            if queue:
                return queue.popleft()
            draw = self._random.random()
            for fault, share in self.mix.get(model, ()):
                draw -= share
                if draw < 0:
                    return fault
            return self.modes.get(model, "ok")

    def bill(self, model: str, tokens_in: int, tokens_out: int) -> None:
        with self.lock:
            self.billed[model, "in"] += tokens_in
            self.billed[model, "out"] += tokens_out


def plain_reply(body: dict[str, Any]) -> str:
    """The first sentence of the newest fenced text, under a label that says what this is."""
    last = str(body["messages"][-1]["content"]) if body.get("messages") else ""
    fenced = FENCED.findall(last)
    text = fenced[0][1] if fenced else last
    first = re.split(r"(?<=[.!?])\s", text.strip(), maxsplit=1)[0]
    return f"[loopback echo, not a language model] {first[:400]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LoopbackServer

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(6, 1, 1)  # TCP_NODELAY

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self._send(200, {"object": "list", "data": [{"id": name} for name in sorted(self.server.modes)]})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(raw)
        except ValueError:
            return self._send(400, {"error": {"message": "not JSON"}})
        if self.server.keep_requests:
            self.server.requests.append({"body": body, "headers": dict(self.headers)})
        fault, _, argument = self.server.next_fault(str(body.get("model"))).partition(":")
        if self.server.delay:
            time.sleep(self.server.delay)
        handler = getattr(self, f"_fault_{fault}", None)
        if handler is not None:
            return handler(body, argument)
        if fault.isdigit():
            return self._status(int(fault), argument)
        return self._answer(body, fault)

    # One method for each fault that is more than another answer.
    def _fault_slow(self, body: dict[str, Any], argument: str) -> None:
        self.server.stopping.wait(float(argument or 1))
        self._answer(body, "ok")

    def _fault_hang(self, body: dict[str, Any], argument: str) -> None:
        self._charge(body, "x")
        self.server.stopping.wait(float(argument or 30))
        self.close_connection = True

    def _fault_trickle(self, body: dict[str, Any], argument: str) -> None:
        text = self._reply(body)
        self._charge(body, text)
        payload = json.dumps(self._completion(body, text, "ok")).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n"
        for byte in head.encode() + payload:
            if self.server.stopping.wait(float(argument or 0.05)):
                break
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
        self.close_connection = True

    def _fault_close(self, body: dict[str, Any], argument: str) -> None:
        self.close_connection = True

    def _fault_cut(self, body: dict[str, Any], argument: str) -> None:
        text = self._reply(body)
        self._charge(body, text)
        payload = json.dumps(self._completion(body, text, "ok")).encode()
        self._head(200, "application/json", len(payload))
        self.wfile.write(payload[: len(payload) // 2])
        self.close_connection = True

    def _fault_garbage(self, body: dict[str, Any], argument: str) -> None:
        self._charge(body, "x")
        self._raw(200, "application/json", b'{"choices": [{"mess')

    def _fault_html(self, body: dict[str, Any], argument: str) -> None:
        self._charge(body, "x")
        self._raw(200, "text/html", b"<html><body>Welcome to nginx</body></html>")

    def _fault_empty(self, body: dict[str, Any], argument: str) -> None:
        self._charge(body, "")
        self._send(200, {"choices": []})

    def _fault_huge(self, body: dict[str, Any], argument: str) -> None:
        self._charge(body, "x")
        megabytes = int(argument or 50)
        self._head(200, "application/json", megabytes << 20)
        for _ in range(megabytes * 16):
            self.wfile.write(b" " * 65536)
        self.close_connection = True

    def _fault_redirect(self, body: dict[str, Any], argument: str) -> None:
        self.send_response(302)
        self.send_header("Location", argument or f"http://127.0.0.1:{self.server.port}/canary")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _status(self, status: int, argument: str) -> None:
        extra = {"Retry-After": argument} if argument else {}
        self._send(status, {"error": {"message": f"scripted {status}", "type": "scripted"}}, extra)

    def _answer(self, body: dict[str, Any], fault: str) -> None:
        text = "{not json" if fault == "bad_json" else self._reply(body)
        self._charge(body, text)
        if body.get("stream"):
            return self._stream(body, text, fault)
        return self._send(200, self._completion(body, text, fault))

    def _stream(self, body: dict[str, Any], text: str, fault: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        whole = self._completion(body, text, fault)
        base = {"id": whole["id"], "object": "chat.completion.chunk", "created": 0, "model": whole["model"]}
        for word in re.findall(r"\S+\s*", text):
            self._event({**base, "choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}]})
        self._event({**base, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        self._event({**base, "choices": [], "usage": whole.get("usage")})
        self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def _event(self, data: dict[str, Any]) -> None:
        self.wfile.write(f"data: {json.dumps(data)}\n\n".encode())
        self.wfile.flush()

    def _reply(self, body: dict[str, Any]) -> str:
        return (self.server.reply or plain_reply)(body)

    def _tokens(self, body: dict[str, Any], text: str) -> tuple[int, int]:
        prompt = sum(len(str(message.get("content", ""))) for message in body.get("messages", ()))
        return -(-prompt // 4), -(-len(text) // 4)

    def _charge(self, body: dict[str, Any], text: str) -> None:
        self.server.bill(str(body.get("model")), *self._tokens(body, text))

    def _completion(self, body: dict[str, Any], text: str, fault: str) -> dict[str, Any]:
        tokens_in, tokens_out = self._tokens(body, text)
        factor = {"lie_low": 0, "lie_high": 1000}.get(fault, 1)
        usage = {"prompt_tokens": tokens_in * factor, "completion_tokens": tokens_out * factor,
                 "total_tokens": (tokens_in + tokens_out) * factor}  # fmt: skip
        whole: dict[str, Any] = {
            "id": "chatcmpl-loopback", "object": "chat.completion", "created": 0, "model": str(body.get("model")),
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        }  # fmt: skip
        if fault != "no_usage":
            whole["usage"] = usage
        return whole

    def _head(self, status: int, kind: str, length: int, extra: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        for name, value in (extra or {}).items():
            self.send_header(name, value)
        self.end_headers()

    def _raw(self, status: int, kind: str, payload: bytes, extra: dict[str, str] | None = None) -> None:
        self._head(status, kind, len(payload), extra)
        self.wfile.write(payload)

    def _send(self, status: int, data: dict[str, Any], extra: dict[str, str] | None = None) -> None:
        self._raw(status, "application/json", json.dumps(data).encode(), extra)


def main(arguments: list[str]) -> None:
    """Serve until interrupted, for benchmarks that want the server in a process of its own."""
    server = LoopbackServer(int(arguments[0]) if arguments else 0, delay=float(arguments[1]) if arguments[1:] else 0.0)
    server.keep_requests = False
    print(server.base_url, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
