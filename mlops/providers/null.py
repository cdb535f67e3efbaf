"""The provider of a target that has no key or no address: it never answers and says why."""

from __future__ import annotations

from collections.abc import Callable

from mlops.providers.protocol import Cancel, Completion, CompletionRequest, Deadline, ProviderError


class NullProvider:
    """Refuses every request with the reason it was made with."""

    def __init__(self, reason: str = "no service is configured for this target") -> None:
        self.reason = reason

    def complete(
        self,
        request: CompletionRequest,
        deadline: Deadline,
        cancel: Cancel,
        on_text: Callable[[str], None] | None = None,
    ) -> Completion:
        raise ProviderError("unconfigured", self.reason)
