"""What the documents name exists: tests of faults and of security requirements, runbooks, settings."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

from django.utils.module_loading import autodiscover_modules

from jobs import retention

ROOT = Path(__file__).resolve().parents[2]
_TEST = re.compile(r"`((?:tests/)?[\w/]+\.py)(?:::(\w+))?`")
_ROW = re.compile(r"^\| (\d+) \|(.*)\|$", re.M)


@cache
def names(path: Path) -> dict[str, bool]:
    """Each test function of a file with whether it is marked long."""
    tree = ast.parse(path.read_text())
    whole = "pytest.mark.long" in "".join(
        ast.unparse(node) for node in tree.body if isinstance(node, ast.Assign) and "pytestmark" in ast.unparse(node)
    )
    return {
        node.name: whole or any(ast.unparse(mark) == "pytest.mark.long" for mark in node.decorator_list)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def missing(document: str, folder: str = "") -> list[str]:
    """What ``document`` names as a test and is none."""
    wrong = []
    for name, test in _TEST.findall((ROOT / document).read_text()):
        path = ROOT / name if name.startswith("tests/") else ROOT / folder / name
        if not path.exists() or (test and test not in names(path)):
            wrong.append(f"{name}::{test}")
    return wrong


def test_every_row_of_faults_has_a_test_and_every_test_its_row() -> None:
    text = (ROOT / "docs/faults.md").read_text()
    rows = {int(number): rest for number, rest in _ROW.findall(text)}
    assert sorted(rows) == list(range(1, 41))
    assert missing("docs/faults.md", "tests/faults") == []
    for number, rest in rows.items():
        told = {(file, test) for file, test in _TEST.findall(rest) if "/" not in file}
        there = {
            (path.name, test)
            for path in (ROOT / "tests/faults").glob(f"test_row_{number:02}_*.py")
            for test in names(path)
            if test.startswith("test_")
        }
        assert told == there, f"row {number}"
        assert told, f"row {number} has no test"


def test_table_of_faults_says_which_tests_are_long() -> None:
    text = (ROOT / "docs/faults.md").read_text()
    wrong = []
    for file, test, long in re.findall(r"`(test_row_\w+\.py)::(\w+)`( \*long\*)?", text):
        if names(ROOT / "tests/faults" / file)[test] != bool(long):
            wrong.append(test)
    assert wrong == []


# How many requirements of levels 1 and 2 each chapter of ASVS 5.0 has.
_CHAPTERS = {
    1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13, 16: 16,
    17: 7,
}  # fmt: skip


def test_every_requirement_of_security_is_answered_and_names_tests_that_exist() -> None:
    assert missing("docs/security.md") == missing("docs/asvs.md") == []
    text = (ROOT / "docs/asvs.md").read_text()
    rows = re.findall(r"^\| (\d+)\.(\d+)\.(\d+) \| (.+?) \| (.+?) \| (.*) \| (.*) \|$", text, re.M)
    numbers = [tuple(map(int, row[:3])) for row in rows]
    assert numbers == sorted(set(numbers))
    assert Counter(chapter for chapter, *_ in numbers) == _CHAPTERS
    states = Counter(row[4] for row in rows)
    told = [int(count) for count in re.findall(r"^\| [^|]+ \| (\d+) \|$", text, re.M)]
    order = ("met", "operator", "partly", "not met", "not applicable")
    assert told == [*(states[state] for state in order), len(rows)] and set(states) <= set(order)
    for number, state, how, tests in ((row[:3], *row[4:]) for row in rows):
        assert state == "not applicable" or how or tests, number


def test_every_period_of_retention_is_told_as_it_is() -> None:
    autodiscover_modules("tasks")  # where the rules are registered, as a worker does it at its start
    told = re.findall(r"^\| `([\w-]+)` \| (\d+) \|", (ROOT / "docs/operations.md").read_text(), re.M)
    assert sorted((name, int(days)) for name, days in told) == [(rule.name, rule.days) for rule in retention.rules()]
