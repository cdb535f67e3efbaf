"""Every receipt about a subject, derived again; a copy of the site keeps the last subject's for its next page."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from analysis import queries as analysis
from evidence.receipts import Derived
from portfolio.publishing import drawings, readings

_kept: ContextVar[dict[str, list[Derived]] | None] = ContextVar("receipts of the last subject", default=None)


@contextmanager
def keeping() -> Iterator[None]:
    """Within this block, asking for the receipts of the same subject again derives nothing."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def receipts_about(subject: str) -> list[Derived]:
    """All that analysis and the site's own readings know about a subject; empty for an unknown one."""
    kept = _kept.get()
    if kept is not None and subject in kept:
        return kept[subject]
    found = [*analysis.figures_of(subject), *readings.receipts_of(subject), *drawings.receipts_of(subject)]
    if kept is not None:
        kept.clear()
        kept[subject] = found
    return found
