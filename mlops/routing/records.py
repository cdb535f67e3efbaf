"""The plain data that travels through a routed call: what is asked, what may answer, what was decided.

Money is counted in whole nanodollars (1e-9 USD) and prices in microdollars per million tokens, so that sums are exact.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

NANO = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Document:
    """A piece of text from outside, under the name by which an answer refers to it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class TaskInput:
    """What the task works on. `private` text may only reach targets whose data policy allows it."""

    documents: tuple[Document, ...]
    private: bool = False

    @property
    def chars(self) -> int:
        return sum(len(document.text) for document in self.documents)


@dataclass(frozen=True, slots=True)
class Task:
    """A kind of work: the trusted instructions, the shape of a good answer, and who answers when nobody else can."""

    name: str
    instructions: str
    max_output_tokens: int = 400
    schema: Mapping[str, Any] | None = None
    min_chars: int = 1
    max_chars: int = 20_000
    language: str | None = None
    needs: frozenset[str] = frozenset()
    local: str | None = "local-extractive"
    grounding: str | None = None


@dataclass(frozen=True, slots=True)
class TargetSpec:
    """Something that can answer. Local targets cost nothing and need no network."""

    key: str
    kind: str  # local, registry, openai, loopback
    model: str = ""
    base_url: str = ""
    key_env: str = ""
    price_in: int = 0  # microdollars per million input tokens
    price_out: int = 0
    context_tokens: int = 8_000
    max_output_tokens: int = 4_000
    allows_private: bool = False
    capabilities: frozenset[str] = frozenset()
    timeout: float = 20.0
    max_concurrent: int = 8
    prior_quality: float = 0.5
    prior_latency: float = 1.0
    enabled: bool = True

    @property
    def local(self) -> bool:
        return self.kind in ("local", "registry")

    def cost(self, tokens_in: int, tokens_out: int) -> int:
        """The price in nanodollars, rounded up."""
        return -(-(tokens_in * self.price_in + tokens_out * self.price_out) // 1000)


@dataclass(frozen=True, slots=True)
class PolicySpec:
    """How targets are chosen for a task. `mode` is utility, weighted, fixed, shadow or cascade."""

    key: str = "default"
    version: int = 1
    mode: str = "utility"
    quality_weight: float = 1.0
    cost_weight: float = 20.0  # utility lost per dollar
    latency_weight: float = 0.01  # utility lost per second
    min_quality: float = 0.0
    max_cost: int | None = None  # nanodollars a call
    exploration: float = 0.0  # share of calls decided by Thompson sampling
    weights: Mapping[str, float] = field(default_factory=dict)
    order: tuple[str, ...] = ()  # fixed and cascade: the order of targets; empty means by cost
    shadow: str | None = None  # a target that is asked as well, without being shown
    total_seconds: float = 30.0
    retries: int = 1
    repair: bool = True
    cache_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Qualities:
    """Predicted quality of each target by its key, 0 to 1, and the version of the model that predicted it."""

    values: Mapping[str, float]
    by: str = "priors"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One target as the policy saw it: predicted figures, or the reason for which it was out of the question."""

    target: str
    quality: float
    cost: int
    latency: float
    utility: float
    propensity: float = 0.0
    excluded: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of one target and what came of it."""

    target: str
    outcome: str  # ok, check_failed, or the kind of a provider's error
    seconds: float
    tokens_in: int = 0
    tokens_out: int = 0
    cost: int = 0
    detail: str = ""
    repair: bool = False
    usage: str = "reported"  # reported, estimated, disputed
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What was considered, predicted, chosen and why, and what happened then."""

    id: str
    task: str
    policy: str
    policy_version: int
    content_hash: str
    seed: int
    mode: str
    candidates: tuple[Candidate, ...]
    state: Mapping[str, Any]  # the inputs of the choice, enough to replay it
    chosen: str
    propensity: float
    explored: bool
    reason: str
    attempts: tuple[Attempt, ...] = ()
    answered_by: str = ""
    degraded: bool = False
    cached: bool = False
    status: str = "open"  # open, answered, failed
    error: str = ""
    seconds: float = 0.0
    cost: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an extractive answer and the place it was taken from."""

    text: str
    source: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller gets. `degraded` says that no planned target could answer and a local one stood in."""

    text: str
    target: str
    degraded: bool
    sentences: tuple[Sentence, ...] = ()
    data: Any = None
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Routed:
    """The result of `route`: the answer and the decision behind it."""

    answer: Answer
    decision: Decision


def content_hash(task: Task, given: TaskInput, policy: PolicySpec) -> str:
    """The hash under which an answer may be cached: everything that could change it, and nothing else."""
    body = {
        "task": [task.name, task.instructions, task.max_output_tokens, task.schema, task.language],
        "policy": [policy.key, policy.version],
        "documents": [[document.name, document.text] for document in given.documents],
    }
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
