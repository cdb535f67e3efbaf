"""The plain records that pass between the steps of extraction. No Django here, and no decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from analysis.claims.grounding import Claim


class Metric(StrEnum):
    """What a claim says has changed."""

    LATENCY = "latency"
    THROUGHPUT = "throughput"
    MEMORY = "memory"
    SIZE = "size"
    TIME = "time"
    COST = "cost"
    COVERAGE = "coverage"
    ERROR_RATE = "error_rate"
    OTHER = "other"


class Direction(StrEnum):
    BETTER = "better"
    WORSE = "worse"


class State(StrEnum):
    """What extraction says of a claim; the owner's review is another matter."""

    STATED = "stated"
    EXPECTED = "expected"
    CONTRADICTED = "contradicted"
    CORROBORATED = "corroborated"


class Kind(StrEnum):
    """The shapes of a magnitude."""

    RELATIVE_PCT = "relative_pct"
    FACTOR = "factor"
    ABSOLUTE_DELTA = "absolute_delta"
    FROM_TO = "from_to"


class Origin(StrEnum):
    """Where in a text a sentence stands: only prose, lists and tables can claim."""

    PROSE = "prose"
    HEADING = "heading"
    LIST = "list"
    TABLE = "table"
    QUOTE = "quote"
    CODE = "code"
    LOG = "log"
    TEMPLATE = "template"
    TOOL = "tool"
    TRAILER = "trailer"


class Reason(StrEnum):
    """Why a quantity is not a claim. The wording for people is in ``explain.REASONS``."""

    VERSION = "version"
    ISSUE_NUMBER = "issue_number"
    DATE_OR_TIME = "date_or_time"
    HTTP_CODE = "http_code"
    PORT = "port"
    IDENTIFIER = "identifier"
    CODE = "code"
    LOG = "log"
    FIXTURE = "fixture"
    QUOTATION = "quotation"
    TEMPLATE = "template"
    TOOL = "tool_written"
    COUNT = "count"
    THRESHOLD = "threshold"
    CONFIGURATION = "configuration"
    OLD_STATE = "old_state"
    LEVEL = "level_not_change"
    SHARE = "share"
    NEGATED = "negated"
    NO_CHANGE = "no_change"
    INCONCLUSIVE = "inconclusive"
    HYPOTHETICAL = "hypothetical"
    COMPARISON = "comparison_to_alternative"
    TARGET = "target"
    OTHER_CHANGE = "other_change"
    OTHER_PEOPLE = "other_people"
    SPEND = "spend_not_saving"
    DAMAGED = "damaged_number"
    NO_OUTCOME = "no_outcome"
    UNGROUNDED = "ungrounded"
    TOO_LONG = "too_long"


class Dim(StrEnum):
    """What a number measures."""

    PERCENT = "percent"
    POINTS = "points"
    FACTOR = "factor"
    TIME = "time"
    BYTES = "bytes"
    MONEY = "money"
    RATE = "rate"
    COUNT = "count"
    WORD = "word"  # "minutes" without a number: an end of a from-to whose value is unknown
    OPAQUE = "opaque"  # a version, a date, a port ...: never part of a claim


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text in code points, with its exact words."""

    start: int
    end: int
    quote: str


@dataclass(slots=True)
class Quantity:
    """A number as it stands in a text. ``value`` is scaled (12k is 12000) but never converted to another unit."""

    start: int
    end: int
    dim: Dim
    value: float | None
    high: float | None = None
    unit: str = ""
    sign: int = 0
    approx: bool = False
    bound: str = ""  # "<" or ">" where the text gives only a limit
    step: float = 0.0  # half of the last printed digit, in units of value
    reason: Reason | None = None  # for Dim.OPAQUE
    word: bool = False  # written in words ("twice")


@dataclass(frozen=True, slots=True)
class Magnitude:
    """How much. Values stand in ``unit`` (``to_unit`` for the second of a from-to); None is unknown, never zero."""

    kind: Kind
    value: float | None = None
    value_hi: float | None = None
    from_value: float | None = None
    to_value: float | None = None
    unit: str = ""
    to_unit: str = ""

    def as_dict(self) -> dict[str, object]:
        """The magnitude as the interchange format of the ``claims`` command has it."""
        if self.kind is Kind.FROM_TO:
            return {
                "kind": self.kind.value,
                "from": self.from_value,
                "to": self.to_value,
                "unit": self.unit,
                "to_unit": self.to_unit,
            }
        found: dict[str, object] = {"kind": self.kind.value, "value": self.value, "unit": self.unit}
        if self.value_hi is not None:
            found["value_hi"] = self.value_hi
        return found


@dataclass(frozen=True, slots=True)
class Candidate:
    """What an extractor proposes. It becomes a claim only by passing ``grounding.ground``."""

    start: int
    end: int
    quote: str
    metric: str
    direction: str
    magnitude: Magnitude
    also: Magnitude | None = None
    state: str = State.STATED
    scope: Span | None = None
    period: Span | None = None
    context: tuple[Span, ...] = ()  # where a unit stands that the quote does not carry (a table's header)
    why: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A quantity, or a proposed claim, that is not a claim, and why."""

    start: int
    end: int
    quote: str
    reason: Reason
    detail: str = ""

    def as_dict(self) -> dict[str, object]:
        """The refusal as the interchange format of the ``claims`` command has it."""
        found: dict[str, object] = {"start": self.start, "end": self.end, "quote": self.quote, "reason": self.reason}
        if self.detail:
            found["detail"] = self.detail
        return found


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a text beside its words: the noun of its heading, or that it only states goals."""

    metric: str = ""
    expected: bool = False
    is_title: bool = False
    tool_written: bool = False  # a bot opened the change: nothing in its text is the engineer's claim


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an extractor answers: candidates, and its own refusals."""

    candidates: Sequence[Candidate] = ()
    refusals: Sequence[Refusal] = ()


@dataclass(frozen=True, slots=True)
class Extraction:
    """Grounded claims and reasoned refusals of one text, in the order of the text."""

    claims: tuple[Claim, ...] = ()
    refusals: tuple[Refusal, ...] = field(default=())


class Extractor(Protocol):
    """Anything that proposes claims: the grammar, later a language model. What it proposes is checked alike."""

    name: str
    version: str

    def propose(self, text: str, context: Context | None = None) -> Proposal:
        """Return candidates for the whole ``text``, with offsets in code points of it."""
        ...
