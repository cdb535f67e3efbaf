"""Weak labels: what a convention says of a change, and that it does not stay in the text."""

import pytest

from analysis.change_types.labels import TYPES, split_prefix, weak_label


@pytest.mark.parametrize(
    ("title", "files", "type_", "text"),
    [
        ("feat(ui)!: add a dark theme (#12)", ["src/a.ts"], "feature", "add a dark theme"),
        ("BUG: Handle empty arrays", ["lib/a.c"], "fix", "Handle empty arrays"),
        ("[DOCS] Say how to install", ["docs/a.md"], "docs", "Say how to install"),
        ("🐛 fix: close the file", ["a.py"], "fix", "close the file"),
        ("chore(deps): bump left-pad from 1.0 to 1.1", ["package.json"], "dependency", "bump left-pad from 1.0 to 1.1"),
        ("build(deps-dev): update linters", ["uv.lock"], "dependency", "update linters"),
        ("ci: bump the checkout action", [".github/workflows/a.yml"], "build/ci", "bump the checkout action"),
        ('Revert "feat: add a dark theme"', ["src/a.ts"], "revert", 'Revert "feat: add a dark theme"'),
        ("revert: add a dark theme", ["src/a.ts"], "revert", 'Revert "add a dark theme"'),
        ("fix: close an open redirect", ["src/a.py"], "security", "close an open redirect"),
        ("Explain the flags", ["docs/flags.rst"], "docs", "Explain the flags"),
        ("Say more", ["tests/test_flags.py"], "test", "Say more"),
    ],
)
def test_conventions_become_labels(title: str, files: list[str], type_: str, text: str) -> None:
    label = weak_label(title, files=files)
    assert label is not None
    assert (label.type, label.text) == (type_, text)
    assert label.type in TYPES


@pytest.mark.parametrize(
    "title", ["chore: tidy", "v1.2.3", "Release 2.0", "fix: test: two prefixes", "", "DEP: drop it"]
)
def test_what_says_nothing_gives_no_label(title: str) -> None:
    assert weak_label(title, files=["src/a.py"]) is None


def test_a_feature_about_security_stays_a_feature() -> None:
    label = weak_label("feat: let users set a CSRF token name", files=["src/a.py"])
    assert label is not None and label.type == "feature"


def test_github_labels_count_when_they_agree() -> None:
    def given(*labels: str) -> str | None:
        found = weak_label("Widen it", files=["src/a.py"], github_labels=labels)
        return found.type if found else None

    assert given("bug") == "fix"
    assert given("type: bug", "good first issue") == "fix"
    assert given("bug", "enhancement") is None


def test_an_area_before_a_colon_is_no_prefix() -> None:
    assert split_prefix("parser: accept tabs") == (None, "parser: accept tabs")
    assert split_prefix("std::move is used twice")[0] is None
