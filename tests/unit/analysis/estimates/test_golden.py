"""The golden cases: reproduced exactly, and printed in the docs as they are."""

from io import StringIO
from pathlib import Path

import pytest

from analysis.estimates.evaluate import run_value
from analysis.estimates.golden import Case, run
from analysis.estimates.golden_cases import CASES

DOCS = Path(__file__).parents[4] / "docs" / "value-golden-cases.md"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_golden_case(case: Case) -> None:
    assert run(case) == case.expected


def test_there_are_forty_and_each_is_in_the_docs() -> None:
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)
    text = DOCS.read_text(encoding="utf-8")
    assert all(f"| {case.name} | {case.working} | {case.expected} |" in text for case in CASES)


def test_the_command_prints_them() -> None:
    out = StringIO()
    run_value(None, out)
    assert f"{len(CASES)} of {len(CASES)} golden cases reproduced exactly" in out.getvalue()
