"""One protocol for everything that can complete a prompt, so that the router never knows whose service it calls.

ProviderError carries what the router must know: the kind, whether the request may be sent again, how long the service
asks to wait, and whether it may have been billed although no answer arrived.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

# Kinds after which the request surely was not worked on, so that sending it again cannot be paid for twice.
SAFE_TO_REPEAT = frozenset({"connect", "rate_limited", "overloaded"})


@dataclass(frozen=True, slots=True)
class Message:
    role: str  # system, user, assistant
    content: str


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """What is asked of a provider. Texts from outside are already fenced by the caller."""

    model: str
    messages: tuple[Message, ...]
    max_tokens: int
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """What came back. Token counts are the provider's own words and may be missing."""

    text: str
    tokens_in: int | None = None
    tokens_out: int | None = None
    finish: str = ""


class ProviderError(Exception):
    """A failed completion.

    `kind` is one of connect, timeout, rate_limited, overloaded, server, auth, refused, gone, garbage, too_large,
    cancelled, unconfigured, unsafe_address.
    """

    def __init__(
        self, kind: str, detail: str = "", *, retry_after: float | None = None, maybe_billed: bool = False
    ) -> None:
        super().__init__(f"{kind}: {detail}" if detail else kind)
        self.kind = kind
        self.detail = detail
        self.retry_after = retry_after
        self.maybe_billed = maybe_billed

    @property
    def repeatable(self) -> bool:
        return self.kind in SAFE_TO_REPEAT and not self.maybe_billed


class Deadline:
    """A point on the monotonic clock; the wall clock may jump without consequence."""

    __slots__ = ("at",)

    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds

    def left(self) -> float:
        return max(0.0, self.at - time.monotonic())

    def within(self, seconds: float) -> Deadline:
        """The earlier of this deadline and `seconds` from now."""
        return Deadline(min(self.left(), seconds))


class Cancel:
    """A flag that the caller may raise from another thread; hooks close what is waiting."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._hooks: list[Callable[[], Any]] = []
        self._lock = threading.Lock()

    @property
    def raised(self) -> bool:
        return self._event.is_set()

    def set(self) -> None:
        with self._lock:
            self._event.set()
            hooks, self._hooks = self._hooks, []
        for hook in hooks:
            hook()

    def wait(self, seconds: float) -> bool:
        """Sleep at most `seconds`; true when cancelled meanwhile."""
        return self._event.wait(seconds)

    def on_set(self, hook: Callable[[], Any]) -> None:
        with self._lock:
            if not self._event.is_set():
                self._hooks.append(hook)
                return
        hook()

    def forget(self, hook: Callable[[], Any]) -> None:
        with self._lock:
            if hook in self._hooks:
                self._hooks.remove(hook)


class Provider(Protocol):
    """Completes one request within a deadline, optionally handing out pieces as they arrive."""

    def complete(
        self,
        request: CompletionRequest,
        deadline: Deadline,
        cancel: Cancel,
        on_text: Callable[[str], None] | None = None,
    ) -> Completion: ...
