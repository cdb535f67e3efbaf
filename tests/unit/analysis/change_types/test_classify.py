"""Both versions: what they answer, in what shape, and that bad input is only ever answered, never a crash."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.change_types import network
from analysis.change_types.classify import NETWORK_VERSION, with_network, with_rules
from analysis.change_types.evaluate import calibration, figures, judge
from analysis.change_types.fitting import LabelledChange, fit
from analysis.change_types.labels import TYPES
from analysis.change_types.methods import predicted
from analysis.change_types.network import TypePrediction

CLEAR = [
    ("Bump pytest from 8.1 to 8.2", ["requirements.txt"], "dependency"),
    ('Revert "Draw the chart twice"', ["src/chart.py"], "revert"),
    ("Fix typos in the manual", ["docs/manual.md"], "docs"),
    ("Cover empty lists", ["tests/test_lists.py"], "test"),
    ("Run the linters on every push", [".github/workflows/lint.yml"], "build/ci"),
    ("Fix crash when the list is empty", ["src/lists.py", "tests/test_lists.py"], "fix"),
    ("Add support for dark themes", ["src/theme.py", "docs/themes.md"], "feature"),
    ("Speed up sorting by 40%", ["src/sort.py"], "performance"),
    ("Fix SQL injection in the search form (CVE-2020-0001)", ["src/search.py"], "security"),
    ("Extract the parser into its own module", ["src/parser.py", "src/main.py"], "refactor"),
]


@pytest.mark.parametrize("version", [with_rules, with_network])
@pytest.mark.parametrize(("text", "files", "type_"), CLEAR)
def test_clear_titles(version, text: str, files: list[str], type_: str) -> None:  # type: ignore[no-untyped-def]
    (answer,) = version([(text, files)])
    assert answer.type == type_
    assert 0 < answer.probability <= 1


def test_a_prefix_neither_helps_nor_hurts() -> None:
    plain, prefixed = with_network([("close the file twice", ["a.py"]), ("docs(x): close the file twice", ["a.py"])])
    assert plain == prefixed


def test_nothing_to_read_is_abstained() -> None:
    for version in (with_rules, with_network):
        (answer,) = version([("", [])])
        assert answer.abstained and answer.type is None and answer.probability == 0


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=80), st.lists(st.text(max_size=30), max_size=5)), max_size=4))
def test_any_text_is_answered(changes: list[tuple[str, list[str]]]) -> None:
    for version in (with_rules, with_network):
        answers = version(changes)
        assert len(answers) == len(changes)
        for answer in answers:
            assert answer.abstained is (answer.type is None)
            assert answer.type is None or answer.type in TYPES


def test_hostile_lengths_stay_quick() -> None:
    texts = ["a" * 1_000_000, "9" * 1_000_000, "(" * 100_000, "bump " * 100_000, "x." * 200_000]
    assert len(with_network([(text, ["a/" * 5_000]) for text in texts])) == len(texts)


def test_fitting_is_deterministic_and_learns() -> None:
    rows = [
        LabelledChange(f"{verb} the thing number {n}", (path,), label, f"group{n % 7}")
        for n in range(60)
        for verb, path, label in (
            ("Fix", "src/a.py", "fix"),
            ("Add", "src/b.py", "feature"),
            ("Say", "docs/c.md", "docs"),
        )
    ]
    first, second = fit(rows, seed=3), fit(rows, seed=3)
    assert json.dumps(first) == json.dumps(second)
    answers = network.predict(
        network.load(first), [("Fix the new thing", ("src/z.py",)), ("Add a new thing", ("src/b.py",))]
    )
    assert [answer.type for answer in answers] == ["fix", "feature"]


def test_damaged_parameters_are_refused() -> None:
    document = json.loads(network.SHIPPED.read_text())
    with pytest.raises(ValueError, match="weights for"):
        network.load({**document, "embedding": document["embedding"][:400]})
    with pytest.raises(ValueError, match="format"):
        network.load({**document, "format": "other"})


def test_the_shipped_card_belongs_to_the_shipped_parameters() -> None:
    import hashlib

    payload = network.SHIPPED.read_bytes()
    card = json.loads(network.SHIPPED.with_name("card.json").read_text())
    assert card["parameters_sha256"] == hashlib.sha256(payload).hexdigest()
    assert len(payload) <= 2_000_000


def test_figures_against_the_definition() -> None:
    rows = [{"label": "fix", "label_ok": ["fix", "docs"]}, {"label": "docs"}, {"label": "test"}]
    answers = [
        TypePrediction("docs", 0.9, False, {}),
        TypePrediction("docs", 0.9, False, {}),
        TypePrediction(None, 0.0, True, {}),
    ]
    found = figures(judge(rows, answers))
    assert found["strict"] == pytest.approx(1 / 3)
    assert found["lenient"] == pytest.approx(2 / 3)
    assert found["abstained"] == pytest.approx(1 / 3)
    assert found["macro_f1"] == pytest.approx((0 + 2 / 3 + 0) / 3)
    assert found["calibration_error"] == pytest.approx(0.1)
    assert calibration(judge(rows, answers)) == [{"probability": 0.9, "right": 1.0, "rows": 2}]


def test_command_reads_and_writes_lines(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"id": "a", "text": "Fix typos", "files": ["README.md"]}\n\n{"id": "b"}\n')
    call_command("types", jsonl=[source, target])
    lines = [json.loads(line) for line in target.read_text().splitlines()]
    assert lines[0]["id"] == "a" and lines[0]["type"] == "docs"
    assert lines[1] == {"id": "b", "type": None, "probability": 0.0, "abstained": True}


def test_command_says_what_is_wrong(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text("{}\nnot json\n")
    with pytest.raises(CommandError, match="Line 2"):
        call_command("types", jsonl=[source, tmp_path / "out"])
    with pytest.raises(CommandError, match="not a file"):
        call_command("types", jsonl=[tmp_path / "absent", tmp_path / "out"])


def test_evaluation_prints_versions_and_baseline(tmp_path: Path) -> None:
    path = tmp_path / "labelled.jsonl"
    path.write_text("".join(json.dumps({"id": t, "text": t, "files": f, "label": y}) + "\n" for t, f, y in CLEAR))
    out = StringIO()
    call_command("evaluate", "types", data=path, stdout=out)
    assert "rules (version 1)" in out.getvalue() and "network (version 3)" in out.getvalue()


def test_a_version_that_shipped_before_still_answers_its_receipts() -> None:
    change = {"title": "Read the index once instead of twice", "paths": ["store/index.py", "tests/test_index.py"]}
    before, now = (
        predicted({"change": change}, {"version": version}, None) for version in ("network-2", NETWORK_VERSION)
    )
    # As network-2 answered when it was the one that shipped.
    assert before == {"value": "refactor", "unit": "type", "probability": 0.7256}
    assert now["value"] and now != before


def test_a_version_that_never_shipped_is_named() -> None:
    with pytest.raises(LookupError, match="network-0"):
        with_network([("Fix crash", ())], "network-0")
