"""Any endpoint that speaks OpenAI's chat completions: OpenAI itself, Anthropic's and Google's compatible endpoints,
OpenRouter, vLLM, Ollama, llama.cpp.

The openai client does the protocol; the connection is the caller's safe httpx client (public addresses only, pinned
resolution, no redirects, total deadline, body cap). Retries are the router's business, so the client's own are off.
"""

from __future__ import annotations

import contextvars
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from mlops.providers.protocol import Cancel, Completion, CompletionRequest, Deadline, ProviderError

_deadline: contextvars.ContextVar[Deadline | None] = contextvars.ContextVar("deadline", default=None)

STATUS_KINDS = {
    400: "refused", 401: "auth", 403: "auth", 404: "gone", 408: "timeout", 410: "gone", 413: "refused",
    422: "refused", 429: "rate_limited", 502: "overloaded", 503: "overloaded", 529: "overloaded",
}  # fmt: skip


class OpenAICompatible:
    """A provider for one base URL and key name. Thread-safe; keeps its connections open between calls."""

    def __init__(self, base_url: str, key_env: str, make_client: Callable[[], httpx.Client]) -> None:
        self._base_url = base_url
        self._key_env = key_env
        self._make_client = make_client
        self._client: Any = None
        self._key = ""
        self._lock = threading.Lock()

    def complete(
        self,
        request: CompletionRequest,
        deadline: Deadline,
        cancel: Cancel,
        on_text: Callable[[str], None] | None = None,
    ) -> Completion:
        """Ask for one completion. Raises ProviderError, never anything of the libraries below."""
        if cancel.raised:
            raise ProviderError("cancelled")
        client = self._ready()
        arguments: dict[str, Any] = {
            "model": request.model,
            "messages": [{"role": message.role, "content": message.content} for message in request.messages],
            "max_tokens": request.max_tokens,
            "timeout": max(0.01, deadline.left()),
        }
        if request.schema is not None:
            arguments["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": dict(request.schema)},
            }
        token = _deadline.set(deadline)
        try:
            with _translated(deadline, cancel):
                if on_text is not None:
                    return _streamed(client, arguments, deadline, cancel, on_text)
                return _whole(_posted(client, arguments))
        finally:
            _deadline.reset(token)

    def warm(self) -> None:
        """Load the library and open the client beforehand, so that no call's time budget pays for it: the library
        imports most of itself when a resource is first touched."""
        if not self._key_env or os.environ.get(self._key_env):
            _ = self._ready().chat.completions.create  # the streamed call's way in

    def close(self) -> None:
        """Close the kept connections."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def _ready(self) -> Any:
        key = os.environ.get(self._key_env, "") if self._key_env else "none"
        if not key:
            raise ProviderError("unconfigured", f"the environment variable {self._key_env} is not set")
        with self._lock:
            if self._client is None or key != self._key:
                import openai  # slow to import; only needed once a remote target is called

                http: Any = self._make_client()  # openai takes an httpx client, its types say otherwise
                http.event_hooks["request"] = [*http.event_hooks["request"], _attach_deadline]
                self._client = openai.OpenAI(api_key=key, base_url=self._base_url, max_retries=0, http_client=http)
                self._key = key
            return self._client


def _attach_deadline(request: httpx.Request) -> None:
    deadline = _deadline.get()
    if deadline is not None:
        request.extensions["deadline"] = deadline.at


def _posted(client: Any, arguments: dict[str, Any]) -> Any:
    """The parsed body of the reply. The client's own request path is used without its typed models: they copy every
    message through typing introspection and do not check the reply either."""
    timeout = arguments.pop("timeout")
    reply = client.post("/chat/completions", cast_to=httpx.Response, body=arguments, options={"timeout": timeout})
    return reply.json()


def _whole(answer: Any) -> Completion:
    """Check that what came back has the shape of a completion."""
    try:
        choice = answer["choices"][0]
        text, finish = choice["message"]["content"], choice.get("finish_reason")
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise ProviderError("garbage", "the reply is not a chat completion", maybe_billed=True) from error
    if not isinstance(text, str):
        raise ProviderError("garbage", "the reply holds no text", maybe_billed=True)
    usage = answer.get("usage")
    found = usage.get if isinstance(usage, dict) else {}.get
    return Completion(
        text, _whole_number(found("prompt_tokens")), _whole_number(found("completion_tokens")),
        finish if isinstance(finish, str) else "",
    )  # fmt: skip


def _streamed(
    client: Any, arguments: dict[str, Any], deadline: Deadline, cancel: Cancel, on_text: Callable[[str], None]
) -> Completion:
    pieces: list[str] = []
    usage: Any = None
    finish = ""
    stream = client.chat.completions.create(**arguments, stream=True, stream_options={"include_usage": True})
    cancel.on_set(stream.close)
    try:
        for chunk in stream:
            if cancel.raised:
                raise ProviderError("cancelled", maybe_billed=True)
            if not deadline.left():
                raise ProviderError("timeout", "while streaming", maybe_billed=True)
            usage = getattr(chunk, "usage", None) or usage
            for choice in getattr(chunk, "choices", None) or ():
                piece = getattr(choice.delta, "content", None)
                finish = choice.finish_reason or finish
                if piece:
                    pieces.append(piece)
                    on_text(piece)
    finally:
        cancel.forget(stream.close)
        stream.close()
    if not finish:
        raise ProviderError("garbage", "the stream ended early", maybe_billed=True)
    return Completion("".join(pieces), _count(usage, "prompt_tokens"), _count(usage, "completion_tokens"), finish)


def _count(usage: Any, name: str) -> int | None:
    return _whole_number(getattr(usage, name, None))


def _whole_number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


@contextmanager
def _translated(deadline: Deadline, cancel: Cancel) -> Iterator[None]:
    """Turn every exception of the libraries into a ProviderError."""
    import openai

    try:
        yield
    except ProviderError:
        raise
    except openai.APIStatusError as error:
        raise _from_status(error.response) from error
    except Exception as error:
        if cancel.raised:
            raise ProviderError("cancelled", maybe_billed=True) from error
        raise _from_cause(error, deadline) from error


def _from_status(response: Any) -> ProviderError:
    status = response.status_code
    kind = STATUS_KINDS.get(status, "server" if status >= 500 else "refused")
    return ProviderError(kind, f"HTTP {status}", retry_after=retry_after(response.headers))


def _from_cause(error: Exception, deadline: Deadline) -> ProviderError:
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    names = {type(link).__name__ for link in chain}
    detail = str(chain[-1])[:200]
    if names & {"UnsafeAddress", "Refused", "RefusedAddress"}:
        return ProviderError("unsafe_address", detail)
    if names & {"TooLarge", "BodyTooLarge"}:
        return ProviderError("too_large", detail, maybe_billed=True)
    if names & {"ConnectError", "ConnectTimeout", "PoolTimeout"} and deadline.left() > 0:
        return ProviderError("connect", detail)
    if not deadline.left() or any("Timeout" in name or "Deadline" in name for name in names):
        return ProviderError("timeout", detail, maybe_billed="ConnectTimeout" not in names)
    return ProviderError("garbage", detail, maybe_billed=True)


def retry_after(headers: Any) -> float | None:
    """Seconds to wait as the service asks for. A date is read against the service's own clock, so a skewed clock here
    does not matter; nonsense is no wish."""
    raw = str(headers.get("retry-after", "")).strip()
    if not raw:
        return None
    try:
        seconds = float(raw)
    except ValueError:
        try:
            then, now = parsedate_to_datetime(raw), parsedate_to_datetime(str(headers.get("date", "")))
            seconds = (then - now).total_seconds()
        except (TypeError, ValueError):
            return None
    return seconds if 0 <= seconds <= 86_400 else None
