"""Units: one pint registry with the units of the trade, and the refusals of what does not fit (no Django here).

Counted things (build, request, deploy …) and currencies are dimensions of their own, so that requests never add up
with builds, nor dollars with euros.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

COUNTED = (
    "build",
    "deploy",
    "request",
    "query",
    "run",
    "test",
    "job",
    "incident",
    "error",
    "alert",
    "user",
    "customer",
    "ticket",
    "review",
    "release",
    "message",
    "page",
    "line",
    "file",
    "call",
    "token",
    "instance",
)
CURRENCIES = ("USD", "EUR", "GBP", "CHF", "JPY", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN", "INR", "CNY", "BRL", "UAH")
MAX_TEXT = 80


class UnitError(ValueError):
    """The unit is not known, or two units do not fit; the message names both."""


@cache
def registry() -> Any:
    """Return the one registry; built on first use, since pint takes a moment."""
    import pint

    units: Any = pint.UnitRegistry(cache_folder=None, on_redefinition="ignore")
    units.define("bit = [information]")  # pint counts bits as dimensionless, and so would add gigabytes to shares
    for name in COUNTED:
        units.define(f"{name} = [{name}]")
    for code in CURRENCIES:
        units.define(f"{code} = [currency_{code}]")
    units.define("workday = 8 hour")
    units._build_cache()  # its table of root units was built before the definitions above
    return units


@lru_cache(maxsize=4096)
def parse(text: str) -> Any:
    """Return the unit that ``text`` names, such as "second", "build/day", "USD/hour" or "1".

    Raises UnitError for an unknown unit, a number in it, or text too long to be one.
    """
    cleaned = " ".join(text.replace("%", "percent").split())
    if len(cleaned) > MAX_TEXT:
        raise UnitError(f"a unit has at most {MAX_TEXT} characters")
    if cleaned in {"", "1", "share"}:
        return registry().dimensionless
    import pint

    try:
        unit = registry().parse_units(cleaned)
    except pint.UndefinedUnitError:
        raise UnitError(f"{text!r} is no unit that is known here") from None
    except Exception as error:  # noqa: BLE001  pint raises half a dozen types on nonsense; each is the same refusal
        raise UnitError(f"unknown unit {text!r}: {str(error)[:120] or type(error).__name__}") from None
    _refuse_offset(text, unit)
    return unit


@lru_cache(maxsize=4096)
def factor(source: str, target: str) -> float:
    """Return by what to multiply a magnitude in ``source`` to have it in ``target``; UnitError when they differ."""
    try:
        return float((1.0 * parse(source)).to(parse(target)).magnitude)
    except UnitError:
        raise
    except Exception:  # noqa: BLE001  any failure of pint here means that the two do not fit
        raise UnitError(f"{source!r} cannot be turned into {target!r}") from None


@lru_cache(maxsize=4096)
def same_dimension(one: str, other: str) -> bool:
    """Say whether the two units measure the same kind of thing."""
    return bool(parse(one).dimensionality == parse(other).dimensionality)


@lru_cache(maxsize=4096)
def product(*texts: str) -> str:
    """Return the unit of the product of quantities in these units, as text."""
    result = registry().dimensionless
    for text in texts:
        result = result * parse(text)
    return canonical(result)


def canonical(unit: Any) -> str:
    """Return a unit as plain text that ``parse`` reads back."""
    text = str(unit)
    return "1" if text == "dimensionless" else text


def currency_of(text: str, *, anywhere: bool = False) -> str | None:
    """Return the currency code in the numerator of the unit (or anywhere in it), or None."""
    powers = dict(parse(text).dimensionality)
    found = [code for code in CURRENCIES if (power := powers.get(f"[currency_{code}]", 0)) > 0 or (anywhere and power)]
    return found[0] if found else None


@lru_cache(maxsize=4096)
def counted_in(text: str) -> str | None:
    """Return the counted thing in the numerator of the unit ("build" of "build/day"), or None."""
    powers = dict(parse(text).dimensionality)
    found = [name for name in COUNTED if powers.get(f"[{name}]", 0) > 0]
    return found[0] if len(found) == 1 else None


def _refuse_offset(text: str, unit: Any) -> None:
    """Temperatures with an offset cannot be multiplied; nothing here is a temperature."""
    if "[temperature]" in dict(unit.dimensionality):
        raise UnitError(f"{text!r} is a temperature, which no effect is counted in")


@lru_cache(maxsize=4096)
def per_time(text: str) -> bool:
    """Say whether the unit is a count in a time: "build/day", "1/week"."""
    return dict(parse(text).dimensionality).get("[time]", 0) == -1


@lru_cache(maxsize=4096)
def counts_down(text: str, counted: str) -> bool:
    """Say whether the unit is per this counted thing ("second/build" for build)."""
    return dict(parse(text).dimensionality).get(f"[{counted}]", 0) < 0
