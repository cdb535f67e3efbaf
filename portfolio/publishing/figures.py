"""How a figure is written for people: separators, units in words, durations in a unit that one can picture."""

from dataclasses import dataclass

from evidence.figures import Figure

# What a unit is called after a number, singular and plural; units that are not here stand as they are.
_WORDS = {
    "line": ("line", "lines"),
    "lines": ("line", "lines"),
    "file": ("file", "files"),
    "files": ("file", "files"),
    "commit": ("commit", "commits"),
    "commits": ("commit", "commits"),
    "change": ("change", "changes"),
    "changes": ("change", "changes"),
    "author": ("author", "authors"),
    "authors": ("author", "authors"),
    "day": ("day", "days"),
    "days": ("day", "days"),
    "person": ("person", "people"),
    "hour": ("hour", "hours"),
    "hours": ("hour", "hours"),
    "second": ("second", "seconds"),
    "task": ("task", "tasks"),
    "pull": ("pull request", "pull requests"),
    "quantity": ("quantity", "quantities"),
    "outcome": ("outcome", "outcomes"),
    "amount": ("amount", "amounts"),
    "review": ("review", "reviews"),
    "round": ("round", "rounds"),
    "class": ("", ""),
    "directory": ("directory", "directories"),
    "directories": ("directory", "directories"),
    "claim": ("claim", "claims"),
    "claims": ("claim", "claims"),
    "language": ("language", "languages"),
    "languages": ("language", "languages"),
}
_BARE = {"", "1", "dimensionless", "ratio", "count", "text", "type"}
_TIMES = {"s": 1.0, "second": 1.0, "seconds": 1.0, "hour": 3600.0, "hours": 3600.0, "h": 3600.0}
_SHARES = {"share", "probability", "percent_of_one"}
_CURRENCIES = {"USD": "$", "EUR": "€", "GBP": "£"}


@dataclass(frozen=True)
class Shown:
    """The parts of a figure as text: `number` (with the range's ends, if it has them) and the unit's word."""

    number: str
    unit: str = ""
    low: str = ""
    high: str = ""


def number_text(value: float | int | str) -> str:
    """A number with thousands separators and no more than three decimals that mean something; text as it is."""
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}"
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:,.1f}".removesuffix(".0")
    if size >= 0.01:
        return f"{value:,.2f}"
    return f"{value:.2g}"


def _time(seconds: float) -> tuple[float, str]:
    """The size and word of the unit in which a duration reads best."""
    for size, one, many in ((86_400.0, "day", "days"), (3_600.0, "hour", "hours"), (60.0, "minute", "minutes")):
        if abs(seconds) >= 2 * size:
            return size, many
        if abs(seconds) == size:
            return size, one
    return 1.0, "second" if abs(seconds) == 1 else "seconds"


def duration(seconds: float) -> str:
    """A measured duration in the unit in which it reads best, such as "3.5 hours"."""
    size, word = _time(seconds)
    return f"{number_text(seconds / size)} {word}"


def shown(figure: Figure) -> Shown:
    """The words and digits under which a known figure stands on a page.

    Only a measured duration is put into the unit that reads best: a quotation keeps its own, and a year's hours of
    work are no days.
    """
    value, unit = figure.value, figure.unit
    if value is None:
        return Shown("unknown")
    if isinstance(value, str):
        return Shown(value, "" if unit in _BARE or unit in _WORDS else unit)
    scale, word = 1.0, unit
    period = ""
    if unit.endswith("/year"):
        unit, period = unit.removesuffix("/year"), " a year"
        word = _WORDS.get(unit, (unit, unit))[0 if value == 1 else 1]
    if unit in _TIMES and str(figure.kind) == "measured" and not period:
        size, word = _time(value * _TIMES[unit])
        scale = size / _TIMES[unit]
    elif unit in _SHARES:
        scale, word = 0.01, "%"
    elif unit in _BARE:
        word = ""
    elif unit in _WORDS:
        word = _WORDS[unit][0 if value == 1 else 1]
    prefix = _CURRENCIES.get(unit, "")
    word = ("" if prefix else word) + period

    def text(amount: float) -> str:
        scaled: float | int = amount if scale == 1.0 else amount / scale
        return prefix + number_text(scaled)

    if figure.is_range and figure.low != figure.high:
        assert figure.low is not None and figure.high is not None  # noqa: S101  is_range says so
        return Shown(text(value), word, text(figure.low), text(figure.high))
    return Shown(text(value), word)


def exact(figure: Figure) -> str:
    """A figure as its receipt prints it: the result itself with its own unit, nothing rounded, no other unit."""

    def text(value: float | int | str | None) -> str:
        return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)

    joint = "" if figure.unit == "%" else " "
    word = "" if figure.unit in _BARE else _WORDS.get(figure.unit, (figure.unit,) * 2)[0 if figure.value == 1 else 1]
    amount = f"{text(figure.value)}{joint}{word}".strip()
    return f"{amount} ({text(figure.low)} to {text(figure.high)})" if figure.is_range else amount
