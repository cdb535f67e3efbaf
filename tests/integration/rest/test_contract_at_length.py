"""The API against its own schema, at length: a file of its own, since its cases are drawn up at collection."""

from typing import Any

import pytest
from hypothesis import settings

from tests.integration.rest.test_contract import QUIET, call, schema, some_rows

__all__ = ["some_rows"]


@pytest.mark.long
@schema.parametrize()
@settings(max_examples=60, derandomize=False, suppress_health_check=QUIET)
def test_every_operation_keeps_its_contract_at_length(case: Any, some_rows: None, settings: Any) -> None:
    call(case, settings)
