"""Frozen receipts: stored once, immutable by trigger, verifiable, erasable."""

import pytest
from django.db import DatabaseError, connection, transaction

from evidence import audit, queries, services
from evidence.models import AuditEntry, Receipt, ReceiptInput
from evidence.receipts import Derived, Input, Verdict, derive
from evidence.recompute import recompute


@recompute("tests.sum", "1", words="Sum of the parts", symbols="Σ p")
def add_parts(inputs, parameters, seed):
    return {"value": sum(inputs.values()) * parameters.get("times", 1), "unit": "line"}


def make(subject: str = "change:o/r#1", *values: float, **options: object) -> Derived:
    inputs = [Input(f"p{n}", f"file:{subject}/{n}", value) for n, value in enumerate(values or (1, 2))]
    return derive(kind="measured", subject=subject, method="tests.sum", version="1", inputs=inputs, **options)


def refused(action) -> bool:
    try:
        with transaction.atomic():
            action()
    except DatabaseError:
        return True
    return False


@pytest.mark.django_db
def test_freeze_twice_stores_one_row():
    receipt = make()
    services.freeze(receipt)
    row = services.freeze(receipt)
    assert (Receipt.objects.count(), ReceiptInput.objects.count()) == (1, 2)
    assert row.document == receipt.text and queries.content(row).result == {"value": 3, "unit": "line"}


@pytest.mark.django_db
def test_freeze_many_counts_only_new_rows(django_assert_max_num_queries):
    items = [make(f"change:o/r#{n}") for n in range(1200)]
    services.freeze_many(items[:10])
    with django_assert_max_num_queries(40):
        assert services.freeze_many(items) == 1190


@pytest.mark.django_db
def test_frozen_receipt_refuses_update_and_delete():
    row = services.freeze(make())
    assert refused(lambda: Receipt.objects.filter(pk=row.pk).update(document="{}"))
    assert refused(lambda: Receipt.objects.filter(pk=row.pk).update(kind="quoted"))
    assert refused(lambda: Receipt.objects.filter(pk=row.pk)._raw_delete("default"))
    assert refused(lambda: ReceiptInput.objects.filter(receipt=row).update(ref="x:y"))
    assert refused(lambda: ReceiptInput.objects.filter(receipt=row)._raw_delete("default"))


@pytest.mark.django_db
def test_erased_receipt_keeps_its_hash_and_loses_everything_else():
    row = services.freeze(make("contributor:ann"))
    assert services.erase_receipts(receipt_ids=[row.pk], actor="system:erase", reason="asked") == 1
    assert services.erase_receipts(receipt_ids=[row.pk], actor="system:erase", reason="asked") == 0
    row.refresh_from_db()
    assert (row.document, row.subject, row.erased_by) == ("", "", "system:erase")
    assert not ReceiptInput.objects.exists() and queries.content(row) is None
    assert services.verify(row).verdict is Verdict.ERASED
    assert refused(lambda: Receipt.objects.filter(pk=row.pk).update(document="{}"))


@pytest.mark.django_db
def test_standing_on_follows_receipts_to_receipts():
    first = make("change:o/r#1")
    total = derive(
        kind="measured", subject="repository:o/r", method="tests.sum", version="1",
        inputs=[Input("a", f"receipt:{first.id}", 3)],
    )  # fmt: skip
    services.freeze_many([first, total, make("change:o/r#2")])
    found = queries.standing_on("file:change:o/r#1/0")
    assert {row.pk for row in found} == {first.id, total.id}
    assert queries.count_standing_on([f"receipt:{first.id}", "x:y"]) == {f"receipt:{first.id}": 1}
    assert [row.pk for row in queries.about("change:o/r#1")] == [first.id]
    assert queries.receipt("0" * 64) is None


@pytest.mark.django_db
def test_input_that_is_not_embedded_is_loaded_by_its_resolver():
    things = {"1": [1, 2]}
    services.resolver("testthing")(things.__getitem__)

    @recompute("tests.total", "1", words="Total")
    def total(inputs, parameters, seed):
        return {"value": sum(inputs["things"]), "unit": "thing"}

    receipt = derive(
        kind="measured", subject="x:1", method="tests.total", version="1",
        inputs=[Input("things", "testthing:1", [1, 2], embed=False)],
    )  # fmt: skip
    row = services.freeze(receipt)
    assert "value" not in receipt.document["inputs"][0] and services.verify(row).ok
    things["1"] = [1, 3]
    differences = services.verify(row).differences
    assert [difference.place for difference in differences] == ["inputs.things.sha256", "result.value"]
    things.clear()
    assert services.verify(row).verdict is Verdict.INPUT_MISSING


@pytest.mark.django_db
def test_audit_keeps_differences_redacts_secrets_and_refuses_edits():
    secret = "ghp_" + "a1B2" * 9
    entry = audit.record(
        actor="system:tests", action="tests.change", target="change:o/r#1", label="PR 1",
        before={"a": 1, "b": 2}, after={"a": 1, "b": secret}, reason="mail ann@example.org",
    )  # fmt: skip
    assert entry.changes == {"b": [2, "[redacted:github-token]"]} and "ann@" not in entry.reason
    assert refused(lambda: AuditEntry.objects.update(actor="x"))
    assert refused(lambda: AuditEntry.objects.all()._raw_delete("default"))
    assert audit.erase_words("change:o/r#1") == 1
    assert refused(lambda: AuditEntry.objects.update(label="back"))
    assert list(audit.history("change:o/r#1").values_list("label", "changes")) == [("", {})]


@pytest.mark.django_db
def test_audit_names_user_and_object(django_user_model):
    user = django_user_model.objects.create(username="owner")
    entry = audit.record(actor=user, action="tests.touch", target=user)
    assert (entry.actor, entry.actor_id, entry.target) == ("owner", str(user.pk), f"auth.user:{user.pk}")
    assert audit.record(actor=None, action="tests.touch").actor == "system"


@pytest.mark.django_db(transaction=True)
def test_rules_come_back_after_a_flush():
    from django.core.management import call_command

    from evidence import protection

    services.freeze(make())
    protection.lift(connection)
    call_command("flush", interactive=False, verbosity=0)
    row = services.freeze(make())
    assert refused(lambda: Receipt.objects.filter(pk=row.pk)._raw_delete("default"))
