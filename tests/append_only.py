"""Lets the test runner empty append-only tables on SQLite, whose flush deletes row by row; flushing puts them back."""

from typing import Any

import pytest
from django.db import connections
from django.test import TransactionTestCase

_teardown = TransactionTestCase._fixture_teardown


def _lift_then_flush(self: TransactionTestCase) -> Any:
    from evidence import protection

    for alias in self._databases_names(include_mirrors=False):
        if connections[alias].vendor == "sqlite":
            protection.lift(connections[alias])
    return _teardown(self)


@pytest.fixture(autouse=True, scope="session")
def flush_append_only_tables() -> Any:
    """Only the runner's own flush after a transactional test; nothing else may lift the rules."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _lift_then_flush)
        yield
