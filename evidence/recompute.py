"""The registry of methods by which figures are computed, and computed again (no Django here).

A method is a pure function of a receipt's inputs, parameters and seed. It is registered under a name and a version;
a changed formula gets a new version, so that old receipts stay verifiable under the old one::

    @recompute("facts.lines_added", "1", words="Sum of the added lines of the landed files", symbols="Σ a_f")
    def lines_added(inputs, parameters, seed):
        return {"value": sum(row["added"] for row in inputs["files"]), "unit": "line"}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any, Protocol

library_version = cache(version)
"""What is installed does not change while a process runs, and reading it costs more than most figures."""


class Compute(Protocol):
    """What a method looks like: named input values, parameters and seed in, the result out.

    The result is ``{"value": …, "unit": …}`` or ``{"p10": …, "p50": …, "p90": …, "unit": …}``; further keys may stand
    beside these. Floats are rounded by the caller. No clock, no network, no database, no global random state.
    """

    def __call__(
        self, inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None, /
    ) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Method:
    """One registered method: its name and version, its formula in words and symbols, and the libraries it rests on."""

    name: str
    version: str
    words: str
    symbols: str
    libraries: tuple[str, ...]
    compute: Compute

    def library_versions(self) -> dict[str, str]:
        """Return the installed version of each library that the method declares."""
        return {name: library_version(name) for name in self.libraries}


class UnknownMethod(LookupError):
    """No method of this name and version is registered here."""


_methods: dict[tuple[str, str], Method] = {}


def recompute(
    name: str, version: str, *, words: str, symbols: str = "", libraries: tuple[str, ...] = ()
) -> Callable[[Compute], Compute]:
    """Register a pure function as ``version`` of the method ``name``; registering other code under it is an error."""

    def register(function: Compute) -> Compute:
        known = _methods.get((name, version))
        if known is not None and _origin(known.compute) != _origin(function):
            raise ValueError(f"method {name} {version} is registered twice: give the changed formula a new version")
        _methods[(name, version)] = Method(name, version, words, symbols, libraries, function)
        return function

    return register


def method(name: str, version: str) -> Method:
    """Return the registered method, or raise UnknownMethod."""
    try:
        return _methods[(name, version)]
    except KeyError:
        raise UnknownMethod(f"method {name} {version} is not registered") from None


def registered() -> tuple[Method, ...]:
    """Return every registered method, ordered by name and version."""
    return tuple(_methods[key] for key in sorted(_methods))


def _origin(function: Compute) -> tuple[str, str]:
    return (getattr(function, "__module__", ""), getattr(function, "__qualname__", ""))
