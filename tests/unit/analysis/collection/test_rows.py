"""Columns of a change, and how two sources agree on one row."""

from datetime import UTC, datetime
from typing import Any

import pytest

from analysis.collection.rows import columns, main_language, overlay, size_class, stored_path
from analysis.collection.texts import TEXT_LIMIT, clean
from analysis.collection.validate import problem
from analysis.sources.file_kinds import classify
from analysis.sources.records import ChangeRecord, CommitInfo, DiffStat, FileChange, Person, PullDetails

NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)


def record(**changes: Any) -> ChangeRecord:
    values: dict[str, Any] = {
        "source": "git", "source_version": "1", "fingerprint": "f", "number": 7, "kind": "merge", "merged": True,
        "certainty": "certain", "certainty_reason": "a test", "title": "From git", "title_source": "merge-body",
        "merged_at": NOON, "merge_commit": "a" * 40, "commits": 2, "unknown": {"body": "git holds none"},
        "landed": DiffStat(4, 1, 1, "flags", files=(file("a.py", 4, 1),)),
    }  # fmt: skip
    return ChangeRecord(**{**values, **changes})


def file(path: str, plus: int | None, minus: int | None) -> FileChange:
    category, language = classify(path)
    return FileChange(path, "modified", plus, minus, category, language, binary=plus is None)


def from_api(**changes: Any) -> ChangeRecord:
    details = PullDetails("id", "https://example.org/pull/7", "merged", opened_at=NOON, closed_at=NOON)
    values = {
        "source": "github", "kind": "unlanded_or_unknown", "certainty": "likely", "title": "From the API",
        "title_source": "api", "body": "Told there", "body_source": "api", "landed": None, "commits": None,
        "details": details, "unknown": {"landed": "the API does not say"},
    }  # fmt: skip
    return record(**{**values, **changes})


def test_the_order_of_two_sources_does_not_matter() -> None:
    git, api = columns(record()), columns(from_api())
    first_git = overlay(git, api, "github", {"git"})
    first_api = overlay(api, git, "git", {"github"})
    assert first_git["content_sha256"] == first_api["content_sha256"]
    assert (first_git["title"], first_git["body"], first_git["kind"]) == ("From the API", "Told there", "merge")
    assert (first_git["landed_additions"], first_git["commit_count"]) == (4, 2)
    assert (first_git["said_by"]["title"], first_git["said_by"]["kind"]) == ("github", "git")
    assert first_git["unknown"].keys() & {"body", "title"} == set()


def test_api_knows_what_git_must_guess() -> None:
    git = columns(record(kind="unlanded_or_unknown", merged=None, certainty="unknown", landed=None, merged_at=None))
    both = overlay(git, columns(from_api()), "github", {"git"})
    assert (both["merged"], both["kind"], both["certainty"]) == (True, "unlanded_or_unknown", "unknown")
    refused = overlay(git, columns(from_api(merged=False)), "github", {"git"})
    assert refused["merged"] is False


def test_the_same_source_again_replaces_what_it_said() -> None:
    again = overlay(columns(record()), columns(record(title="Edited", body=None)), "git", set())
    assert again["title"] == "Edited"


def test_hash_follows_the_content_alone() -> None:
    assert columns(record())["content_sha256"] == columns(record())["content_sha256"]
    assert columns(record(title="Other"))["content_sha256"] != columns(record())["content_sha256"]


def test_sort_key_is_never_missing() -> None:
    empty = columns(record(merged_at=None, landed=None))
    assert empty["sorted_at"] == datetime(1970, 1, 1, tzinfo=UTC)
    assert columns(record(merged_at=None, last_commit_time=NOON))["sorted_at"] == NOON


@pytest.mark.parametrize(("lines", "size"), [(0, "XS"), (10, "XS"), (11, "S"), (51, "M"), (251, "L"), (1001, "XL")])
def test_size_classes(lines: int, size: str) -> None:
    assert size_class([file("a.py", lines, 0), file("uv.lock", 9999, 9999), file("b.png", None, None)]) == size


def test_language_of_most_source_lines() -> None:
    assert main_language([file("a.py", 5, 0), file("b.rs", 6, 0), file("tests/test_x.go", 99, 0)]) == "Rust"
    assert main_language([file("README.md", 5, 0), file("uv.lock", 50, 0)]) == "Markdown"
    assert main_language([file("LICENSE", 5, 0)]) == ""


def test_long_paths_are_cut_with_a_hash() -> None:
    one, other = stored_path("x" * 3000 + "a"), stored_path("x" * 3000 + "b")
    assert len(one) < 1020 and one != other
    assert stored_path("short") == "short"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "odd"}, "unknown kind"),
        ({"number": None}, "has no number"),
        ({"number": -1}, "out of range"),
        ({"number": 2**40}, "out of range"),
        ({"kind": "unlanded_or_unknown"}, "certainly merged"),
        ({"head_sha": "--output=x"}, "head_sha is no commit id"),
        ({"merged_at": datetime(2031, 5, 4)}, "no time zone"),  # noqa: DTZ001  that is what is tested
        ({"landed": DiffStat(-1, 0, 0, "m")}, "negative"),
        ({"landed": DiffStat(1, 0, 1, "m", files=(FileChange("", "added", 1, 0, "source", "x"),))}, "described"),
        ({"commit_list": (CommitInfo("zz", (), Person("A"), None, NOON, NOON, ""),)}, "no commit id"),
    ],
)
def test_what_is_not_valid_is_refused_with_its_reason(changes: dict[str, Any], reason: str) -> None:
    assert reason in (problem(record(**changes)) or "")


def test_valid_records_pass() -> None:
    assert problem(record()) is None and problem(from_api()) is None


def test_trailers_lose_people_and_keep_machines() -> None:
    text = (
        "Do it\n\nSigned-off-by: Ada Example <ada@example.org>\nCo-authored-by: Claude <noreply@anthropic.com>\n"
        "Reviewed-By: Bo Sample\nCo-authored-by: renovate[bot] <bot@renovateapp.com>"
    )
    found, count = clean(text)
    assert "Ada" not in found and "Bo Sample" not in found
    assert "Claude" in found and "renovate[bot]" in found
    assert found.count("[redacted:person]") == 2 and count >= 2


def test_control_characters_and_endless_texts_are_tamed() -> None:
    assert clean("a\0b\x1b[31mc\rd")[0] == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}[31mc\nd"
    cut, _ = clean("x" * (TEXT_LIMIT + 5))
    assert len(cut) < TEXT_LIMIT + 80 and cut.endswith("characters]")


def test_a_key_in_the_name_of_a_file_is_taken_out_and_other_names_stay() -> None:
    keys = ["AKIA" + f"CANARY{number}2345678" for number in ("ONE", "TWO")]
    one, other = (stored_path(f"old/{key}.txt") for key in keys)
    assert one.startswith("old/[redacted:") and one != other and not any(key in one + other for key in keys)
    for name in ("icons/logo@2x.png", "docs/token=value.md", "node_modules/@types/node/index.d.ts", "a@b.example/x"):
        assert stored_path(name) == name
