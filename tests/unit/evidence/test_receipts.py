"""Receipts in memory: built, hashed, checked."""

import json
import math

import pytest

from evidence import figures, recompute
from evidence.canonical import CanonicalError, canonical_text, sha256_bytes
from evidence.receipts import Derived, Input, Kind, ReceiptError, Verdict, check, derive
from evidence.recompute import UnknownMethod
from evidence.recompute import recompute as register


@register("unit.mean", "1", words="Mean of the values", symbols="x̄", libraries=("django",))
def mean(inputs, parameters, seed):
    values = inputs["values"]
    return {"value": sum(values) / len(values), "unit": parameters.get("unit", "line")}


@register("unit.spread", "1", words="Range")
def spread(inputs, parameters, seed):
    return {"p10": 1, "p50": 2.00000049, "p90": 3, "unit": "hour"}


def make(values=(1, 2, 2), **options) -> Derived:
    inputs = options.pop("inputs", [Input("values", "facts:1", list(values))])
    return derive(
        **{"kind": "measured", "subject": "change:o/r#1", "method": "unit.mean", "version": "1", "inputs": inputs}
        | options
    )


def test_same_computation_has_the_same_id_and_verifies():
    assert make().id == make().id != make((1, 2, 3)).id
    receipt = make()
    assert receipt.result == {"value": 1.66667, "unit": "line"} and len(receipt.id) == 64
    assert check(receipt.id, receipt.text).ok
    assert Derived.from_text(receipt.text).id == receipt.id
    assert set(receipt.document["libraries"]) == {"django"}


def test_own_wording_of_the_formula_replaces_the_general_one():
    words = {"words": "Mean of 3", "symbols": "m"}
    assert make(formula=words).document["formula"] == words


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"inputs": []}, ReceiptError),
        ({"inputs": [Input("values", "a:1", [1]), Input("values", "a:2", [1])]}, ReceiptError),
        ({"inputs": [Input("values", "no reference", [1])]}, ReceiptError),
        ({"result": {"value": 1}}, ReceiptError),
        ({"result": {"p10": 1, "unit": "line"}}, ReceiptError),
        ({"result": {"value": math.nan, "unit": "line"}}, CanonicalError),
        ({"values": [math.inf, 1]}, CanonicalError),
        ({"method": "unit.absent"}, UnknownMethod),
        ({"kind": "guessed"}, ValueError),
    ],
)
def test_receipt_without_evidence_or_sense_is_refused(options, error):
    with pytest.raises(error):
        make(**options)


def tampered(receipt: Derived, **changes) -> tuple[str, str]:
    text = canonical_text({**receipt.document, **changes})
    return sha256_bytes(text.encode()), text


def test_changed_result_is_reported_with_its_place():
    found = check(*tampered(make(), result={"value": 9, "unit": "line", "extra": 1}))
    assert found.verdict is Verdict.DIFFERS and not found.ok
    assert [(d.place, d.expected, d.found) for d in found.differences] == [
        ("result.extra", "1", "(absent)"), ("result.value", "9", "1.66667"),
    ]  # fmt: skip


def test_changed_input_is_reported():
    document = json.loads(make().text)
    document["inputs"][0]["value"] = [1, 2, 3]
    found = check(*tampered(Derived(document)))
    assert {d.place for d in found.differences} == {"inputs.values.sha256", "result.value"}


def test_damaged_erased_unknown_and_unloadable():
    receipt = make()
    assert check(receipt.id, receipt.text.replace("2", "3")).verdict is Verdict.DAMAGED
    assert check(receipt.id, "").verdict is Verdict.ERASED
    gone = tampered(receipt, method={"name": "unit.mean", "version": "0"})
    assert check(*gone).verdict is Verdict.UNKNOWN_METHOD
    loose = make(inputs=[Input("values", "facts:1", [1, 2], embed=False)])
    assert check(loose.id, loose.text).verdict is Verdict.INPUT_MISSING
    assert check(loose.id, loose.text, lambda ref: [1, 2]).ok
    empty = json.loads(receipt.text)
    empty["inputs"][0]["value"] = []
    failed = check(*tampered(Derived(empty)))
    assert failed.verdict is Verdict.FAILED and "ZeroDivisionError" in failed.reason


def test_method_name_and_version_belong_to_one_function():
    with pytest.raises(ValueError, match="registered twice"):
        register("unit.mean", "1", words="other")(lambda inputs, parameters, seed: {})
    assert ("unit.mean", "1") in {(method.name, method.version) for method in recompute.registered()}


def test_figures_carry_their_receipt():
    receipt = make(method="unit.spread", kind="estimated")
    figure = figures.figure_of(receipt, "Effort")
    assert (figure.low, figure.value, figure.high, figure.unit) == (1, 2, 3, "hour")
    assert figure.is_range and figure.known and figure.receipt == receipt.id and figure.kind is Kind.ESTIMATED
    assert figures.figure_of(make()).value == 1.66667
    missing = figures.unknown(Kind.MEASURED, "no merge commit")
    assert not missing.known and not missing.is_range and missing.reason
    with pytest.raises(ValueError, match="reason"):
        figures.unknown(Kind.MEASURED, "")
