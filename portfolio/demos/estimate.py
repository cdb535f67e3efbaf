"""An estimate with its assumptions open; the simulation, the tornado and the gate are the real ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis import queries as analysis
from portfolio.demos.errors import DemoError
from portfolio.publishing import charts


@dataclass(frozen=True)
class Field:
    """One assumption of the form: a slider where its scale is known, else a field; `choices` make it a list."""

    name: str
    label: str
    least: float | None = None
    most: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()


VOLUME_UNITS = ("build/day", "run/day", "request/second", "deploy/week", "query/day")
FIELDS = (
    Field("volume_low", "how often, at least", 1, 400, 1),
    Field("volume_high", "how often, at most", 1, 400, 1),
    Field("before_low", "each took before, at least", 1, 300, 1),
    Field("before_high", "each took before, at most", 1, 300, 1),
    Field("after_low", "each takes now, at least", 1, 300, 1),
    Field("after_high", "each takes now, at most", 1, 300, 1),
    Field("months_low", "months it lasts, at least", 1, 36, 1),
    Field("months_high", "months it lasts, at most", 1, 36, 1),
    Field("share_low", "my share, at least", 0.05, 1, 0.05),
    Field("share_high", "my share, at most", 0.05, 1, 0.05),
    Field("volume_unit", "counted in", choices=VOLUME_UNITS),
    Field("unit", "measured in", choices=("millisecond", "second", "minute", "hour")),
)
MONEY = (
    Field("rate_low", "rate, at least"),
    Field("rate_high", "rate, at most"),
    Field("currency", "currency", choices=("EUR", "USD", "GBP")),
    Field("rate_source", "source of the rate"),
    Field("rate_dated", "its date (year-month-day)"),
    Field("realised_low", "share that somebody really stopped doing, at least"),
    Field("realised_high", "share that somebody really stopped doing, at most"),
)


def sample() -> dict[str, Any]:
    """What the form starts with: an effect in hours, and no money, since nothing supports any."""
    start = analysis.play({}).fields
    return {**start, "rows": rows(start, FIELDS), "money": rows(start, MONEY)}


def rows(values: Mapping[str, Any], fields: tuple[Field, ...]) -> list[tuple[Field, str]]:
    """The fields with where they stand."""
    return [(field, str(values.get(field.name, ""))) for field in fields]


def run(form: Mapping[str, Any]) -> dict[str, Any]:
    """Range, tornado and gate from what was entered."""
    played = analysis.play({name: str(value) for name, value in form.items()})
    if played.problems:
        raise DemoError(" ".join(played.problems))
    bars = [(bar.role, (bar.end - bar.start) / 100) for bar in played.bars]
    table = [(bar.role, bar.low, bar.high) for bar in played.bars]
    chart = charts.bars(
        "What the range hangs on",
        "How far the median moves when one assumption goes from its low to its high end and the others stand still.",
        bars,
        ("Assumption", "Median at its low end", "Median at its high end"),
        table,
    )
    return {"played": played, "tornado": chart if bars else None}
