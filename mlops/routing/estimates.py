"""What a call will probably cost and take, and the most it can cost.

A token is never shorter than a byte, so the bytes of a text bound its tokens from above whatever the tokenizer. Holds
are made at that bound; a charge follows the provider's own count when that is possible at all.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from mlops.providers.protocol import Completion, Message
from mlops.routing.records import TargetSpec, Task, TaskInput

CHARS_PER_TOKEN = 4  # of English prose with today's tokenizers; used for predictions only
MIN_PLAUSIBLE_CHARS = 8  # a count below one token for so many characters is not believed
OVERHEAD = 32  # template tokens for each message, generous


def expected_tokens(task: Task, given: TaskInput) -> tuple[int, int]:
    """Tokens in and out that a call probably needs."""
    return (given.chars + len(task.instructions)) // CHARS_PER_TOKEN + OVERHEAD, task.max_output_tokens // 2


def bound_in(messages: Iterable[Message]) -> int:
    """The most input tokens that these messages can be."""
    return sum(len(message.content.encode("utf-8", "replace")) + OVERHEAD for message in messages)


@dataclass(frozen=True, slots=True)
class Charge:
    """What a call costs: `amount` in nanodollars, and whose count it rests on."""

    amount: int
    tokens_in: int
    tokens_out: int
    usage: str  # reported, estimated, disputed


def charge(target: TargetSpec, messages: tuple[Message, ...], completion: Completion, max_tokens: int) -> Charge:
    """Believe the provider's counts when they are possible; otherwise take whichever count costs more.

    Too few or none: the upper bound is charged. Too many: the provider's figure is charged, as it may bill it, and the
    charge is marked as disputed.
    """
    most_in, most_out = bound_in(messages), len(completion.text.encode("utf-8", "replace")) + OVERHEAD
    if completion.tokens_in is None or completion.tokens_out is None:
        return Charge(target.cost(most_in, most_out), most_in, most_out, "estimated")
    chars_in = sum(len(message.content) for message in messages)
    too_few = (
        completion.tokens_in < chars_in // MIN_PLAUSIBLE_CHARS // 2
        or completion.tokens_out < len(completion.text) // MIN_PLAUSIBLE_CHARS // 2
    )
    if too_few:
        return Charge(target.cost(most_in, most_out), most_in, most_out, "disputed")
    possible = completion.tokens_in <= most_in and completion.tokens_out <= max(most_out, max_tokens)
    amount = target.cost(completion.tokens_in, completion.tokens_out)
    return Charge(amount, completion.tokens_in, completion.tokens_out, "reported" if possible else "disputed")


class Latencies:
    """Decayed quantiles of latency for each target: counts in logarithmic buckets that fade with every observation."""

    BUCKETS = 64
    LOWEST = 0.001
    STEP = math.log(1.2)

    def __init__(self, fade: float = 0.98) -> None:
        self._fade = fade
        self._lock = threading.Lock()
        self._counts: dict[str, list[float]] = {}
        self._quantiles: dict[str, tuple[float, float]] = {}

    def add(self, target: str, seconds: float) -> None:
        bucket = int(math.log(max(seconds, self.LOWEST) / self.LOWEST) / self.STEP)
        with self._lock:
            counts = [count * self._fade for count in self._counts.get(target, [0.0] * self.BUCKETS)]
            counts[min(bucket, self.BUCKETS - 1)] += 1
            self._counts[target] = counts
            self._quantiles[target] = self._at(counts, 0.5), self._at(counts, 0.95)

    def quantiles(self, target: TargetSpec) -> tuple[float, float]:
        """Median and 95th percentile in seconds; the target's prior until something was seen."""
        seen = self._quantiles.get(target.key)
        return seen if seen else (target.prior_latency, target.prior_latency * 3)

    def _at(self, counts: list[float], share: float) -> float:
        goal, total = share * sum(counts), 0.0
        for bucket, count in enumerate(counts):
            total += count
            if total >= goal:
                return round(self.LOWEST * math.exp((bucket + 0.5) * self.STEP), 6)
        return self.LOWEST
