"""The judge of extraction agrees with the rules that were agreed on."""

import json
from io import StringIO
from pathlib import Path

import pytest

from analysis.claims.evaluate import run
from analysis.claims.jsonl import answer, answers
from analysis.claims.scoring import judge, same_magnitude, summary

LABEL = {
    "id": "a",
    "text": "We cut the build from 30 s to 5 s.",
    "label": "claim",
    "claims": [
        {"start": 17, "end": 33, "metric": "time", "direction": "better",
         "magnitude": {"kind": "from_to", "from": 30, "to": 5, "unit": "s", "to_unit": "s"}}
    ],
}  # fmt: skip
PLAIN = {"id": "b", "text": "We cut the cake in 30 pieces.", "label": "not", "claims": []}


def test_right_answer_is_right_in_everything() -> None:
    found = [judge(row, answer(row["id"], row["text"])["claims"]) for row in (LABEL, PLAIN)]
    assert summary(found) == {"precision": 1, "recall": 1, "span": 1, "magnitude": 1, "direction": 1, "metric": 1}


def test_whole_sentence_is_no_span() -> None:
    long = {**LABEL, "text": LABEL["text"] + " It is a long story, and the rest of it is told elsewhere at length."}
    whole = [{**answer("a", long["text"])["claims"][0], "start": 0, "end": len(long["text"]), "quote": long["text"]}]
    assert judge(long, whole).span == 0


def test_expected_claim_does_not_count_as_found() -> None:
    claim = {**answer("a", LABEL["text"])["claims"][0], "state": "expected"}
    assert not judge(LABEL, [claim]).is_found


@pytest.mark.parametrize(
    ("got", "want", "same"),
    [
        ({"kind": "factor", "value": 2, "unit": "x"}, {"kind": "factor", "value": 2, "unit": "times"}, False),
        (
            {"kind": "relative_pct", "value": 5, "unit": "%"},
            {"kind": "relative_pct", "value": 5, "unit": "percent"},
            True,
        ),
        (
            {"kind": "absolute_delta", "value": 1, "unit": "min"},
            {"kind": "absolute_delta", "value": 60, "unit": "s"},
            True,
        ),
        (
            {"kind": "absolute_delta", "value": 1, "unit": "MB"},
            {"kind": "absolute_delta", "value": 1, "unit": "s"},
            False,
        ),
        ({"kind": "factor", "value": 2, "unit": "x"}, {"kind": "relative_pct", "value": 2, "unit": "%"}, False),
    ],
)
def test_magnitudes_are_compared_with_their_units(got: dict, want: dict, same: bool) -> None:
    assert same_magnitude(got, want) is same


def test_table_is_printed_with_baseline_and_intervals(tmp_path: Path) -> None:
    (tmp_path / "made-up.jsonl").write_text("\n".join(json.dumps(row) for row in (LABEL, PLAIN)), encoding="utf-8")
    out = StringIO()
    run(tmp_path, out)
    assert "| recall | 0.93 | 1.000 |" in out.getvalue()
    assert "not verbatim: 0" in out.getvalue()


@pytest.mark.parametrize("line", ["{", "[]", '{"id": 1}', '{"id": 1, "text": 2}', "null"])
def test_bad_line_names_itself(line: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="line 1"):
        list(answers([line]))
    (tmp_path / "bad.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.jsonl"):
        run(tmp_path / "bad.jsonl", StringIO())
