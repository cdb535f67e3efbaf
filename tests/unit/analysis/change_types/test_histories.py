"""Training rows from mirrors: which commits are chosen, what is taken off, and the version made of a folder of them."""

import hashlib
import json
from pathlib import Path

import pytest

from analysis.change_types import classify, shipping
from analysis.change_types.histories import mirrors_in, rows_of
from tests.gitstory import Story

KINDS = (
    ("fix: close file", "src/a.py"),
    ("feat: draw chart", "src/b.py"),
    ("docs: name option", "README.md"),
    ("Cover case", "tests/test_a.py"),
    ("chore(deps): bump x from 1.0 to", "uv.lock"),
    ('Revert "Count', "src/c.py"),
)


def told(path: Path, *, times: int = 4) -> Story:
    """A bare history of every kind of title, `times` each, and two commits that no convention labels."""
    story = Story(path)
    for number in range(times):
        for title, file in KINDS:
            end = '"' if title.startswith("Revert") else ""
            story.commit({file: f"{title} {number}\n"}, f"{title} {number}{end}\n\nWhy it was so.")
    story.commit({"src/d.py": "1\n"}, "Rethink everything")
    story.commit({"src/d.py": "2\n"}, "FIX: Close File 1")
    return story.finish()


def test_mirrors_are_found_by_name(tmp_path: Path) -> None:
    told(tmp_path / "ada+bare")
    told(tmp_path / "ada+inner" / "repo")
    told(tmp_path / "nobody")
    (tmp_path / "ada+empty").mkdir()
    (tmp_path / "a+file").write_text("")
    assert [found.repository for found in mirrors_in(tmp_path)] == ["ada/bare", "ada/inner"]


def test_rows_carry_the_label_and_not_the_prefix(tmp_path: Path) -> None:
    story = told(tmp_path / "ada+one")
    (history,) = mirrors_in(tmp_path)
    taken = rows_of(history, most=3, seed=1)
    assert taken.tip == story.sha(len(KINDS) * 4 + 2)
    by_type: dict[str, list[str]] = {}
    for row in taken.rows:
        by_type.setdefault(row.label, []).append(row.text)
        assert row.group == "ada/one" and len(row.files) == 1 and ":" not in row.text
    assert {name: len(texts) for name, texts in by_type.items()} == dict.fromkeys(
        ("dependency", "docs", "feature", "fix", "revert", "test"), 3
    )
    assert all(text.lower().startswith("close file ") for text in by_type["fix"])
    assert rows_of(history, most=3, seed=1) == taken
    assert len(rows_of(history, most=9, seed=1).rows) == 24  # the same words in other letters count once


def test_a_merge_gives_the_title_of_its_pull_and_the_paths_that_it_brought(tmp_path: Path) -> None:
    story = Story(tmp_path / "ada+merged")
    first = story.commit({"a.py": "1\n"}, "Begin")
    work = story.commit({"b.py": "1\n"}, "wip", parents=[first], branch="work")
    story.merge(first, work, "Merge pull request #1 from ada/work\n\nperf: read in one pass", {"b.py": "1\n"})
    story.finish()
    (history,) = mirrors_in(tmp_path)
    (row,) = rows_of(history, most=5, seed=1).rows
    assert (row.label, row.text, row.files) == ("performance", "read in one pass", ("b.py",))


def test_a_folder_of_mirrors_becomes_parameters_and_card(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mirrors, into = tmp_path / "mirrors", tmp_path / "into"
    into.mkdir()
    for name in ("ada+one", "bo+two", "rack+rack", "pallets+flask"):
        told(mirrors / name, times=30)
    shipping.main([str(mirrors), "--into", str(into)])
    payload, card = (into / "parameters.json").read_bytes(), json.loads((into / "card.json").read_text())
    assert card["parameters_sha256"] == hashlib.sha256(payload).hexdigest()
    assert list(card["training"]["repositories"]) == ["ada/one", "bo/two"]
    assert list(card["held_out"]["repositories"]) == ["rack/rack"]
    assert card["metrics"]["network"]["strict"]["value"] > 0.9
    assert "close file" not in json.dumps(card)
    judged = tmp_path / "judged.jsonl"
    judged.write_text(
        "".join(json.dumps({"text": title, "files": [file], "label": "fix"}) + "\n" for title, file in KINDS)
    )
    shipping.main([str(mirrors), "--into", str(into), "--judged", str(judged)])
    for found in json.loads((into / "card.json").read_text())["calibration"].values():
        assert f"Of {len(KINDS)} judged titles" in found["note"]
        assert 0 < sum(part["rows"] for part in found["bins"]) <= len(KINDS)
    assert (into / "parameters.json").read_bytes() == payload
    assert "pallets/flask" not in capsys.readouterr().out


def test_a_folder_that_does_not_do_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(tmp_path / "ada+one")
    for folder, words in ((tmp_path, "some that are held out"), (tmp_path / "absent", "is not a folder")):
        with pytest.raises(SystemExit):
            shipping.main([str(folder)])
        assert words in capsys.readouterr().err


def test_the_shipped_card_names_what_the_code_holds_out() -> None:
    card = json.loads(shipping.CARD.read_text())
    assert set(card["held_out"]["repositories"]) == shipping.HELD_OUT
    assert not set(card["training"]["repositories"]) & (shipping.HELD_OUT | shipping.DEVELOPMENT)
    assert card["version"] == classify.NETWORK_VERSION
