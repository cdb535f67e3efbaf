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
    "hour": ("hour", "hours"),
    "hours": ("hour", "hours"),
    "h": ("hour", "hours"),
    "directory": ("directory", "directories"),
    "directories": ("directory", "directories"),
    "claim": ("claim", "claims"),
    "claims": ("claim", "claims"),
    "language": ("language", "languages"),
    "languages": ("language", "languages"),
}
_BARE = {"", "1", "dimensionless", "ratio", "count", "text"}
_SECONDS = {"s", "second", "seconds"}
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
        return f"{value:,.1f}"
    if size >= 0.01:
        return f"{value:,.2f}"
    return f"{value:.2g}"


def _seconds(value: float) -> tuple[float, str]:
    for size, one, many in ((86_400, "day", "days"), (3_600, "hour", "hours"), (60, "minute", "minutes")):
        if abs(value) >= 2 * size:
            return size, many
        if abs(value) == size:
            return size, one
    return 1, "seconds"


def shown(figure: Figure) -> Shown:
    """The words and digits under which a known figure stands on a page."""
    value, unit = figure.value, figure.unit
    if value is None:
        return Shown("unknown")
    if isinstance(value, str):
        return Shown(value, "" if unit in _BARE else unit)
    scale, word = 1.0, unit
    if unit in _SECONDS:
        scale, word = _seconds(value)
    elif unit in _SHARES:
        scale, word = 0.01, "%"
    elif unit in _BARE:
        word = ""
    elif unit in _WORDS:
        word = _WORDS[unit][0 if value == 1 else 1]
    prefix = _CURRENCIES.get(unit, "")
    if prefix:
        word = ""

    def text(amount: float) -> str:
        scaled: float | int = amount if scale == 1.0 else amount / scale
        return prefix + number_text(scaled)

    if figure.is_range:
        assert figure.low is not None and figure.high is not None  # noqa: S101  is_range says so
        return Shown(text(value), word, text(figure.low), text(figure.high))
    return Shown(text(value), word)
