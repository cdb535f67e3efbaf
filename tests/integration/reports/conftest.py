"""Reports are about periods: the made-up changes land in January 2031, however many other tests made some before."""

import pytest

from tests.factories.collection import ChangeFactory


@pytest.fixture(autouse=True)
def january() -> None:
    """An hour between one change and the next, counted from the sixth of January in every test."""
    ChangeFactory.reset_sequence(1)
