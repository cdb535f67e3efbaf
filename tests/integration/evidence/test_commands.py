"""``verify`` and ``table_hash`` as an operator calls them, and the read-only admin."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from evidence import audit, services, tablehash, verification
from evidence.canonical import canonical_text, sha256_bytes
from evidence.models import Receipt
from tests.factories.collection import ChangeFactory
from tests.factories.evidence import ReceiptFactory
from tests.integration.evidence.test_receipts import make


def call(*arguments: str, **options: object) -> tuple[int, str]:
    out, code = io.StringIO(), 0
    try:
        call_command(*arguments, stdout=out, stderr=io.StringIO(), **options)
    except SystemExit as end:
        code = int(end.code or 0)
    return code, out.getvalue()


def freeze_wrong() -> Receipt:
    document = {**make().document, "result": {"value": 99, "unit": "line"}}
    text = canonical_text(document)
    return ReceiptFactory(id=sha256_bytes(text.encode()), document=text)


@pytest.mark.django_db
def test_verify_one_by_the_beginning_of_its_id():
    row = services.freeze(make())
    assert call("verify", row.pk) == (0, f"{row.pk} same\n")
    assert call("verify", row.pk[:10])[0] == 0
    wrong = freeze_wrong()
    code, text = call("verify", wrong.pk)
    assert code == 1 and "result.value: recorded 99, computed 3" in text


@pytest.mark.django_db
@pytest.mark.parametrize("arguments", [(), ("--all", "abc"), ("0000",)])
def test_wrong_use_says_what_is_right(arguments):
    with pytest.raises(CommandError) as caught:
        call_command("verify", *arguments)
    assert caught.value.returncode == 2


@pytest.mark.django_db
def test_verify_all_counts_and_reports():
    assert call("verify", "--all") == (0, "0 receipts: none is frozen yet\n")
    services.freeze_many([make(f"change:o/r#{n}") for n in range(5)])
    assert call("verify", "--all") == (0, "5 receipts: 5 same\n")
    freeze_wrong()
    code, text = call("verify", "--all")
    assert code == 1 and "1 differs, 5 same" in text


@pytest.mark.django_db(transaction=True)
def test_verify_all_in_two_processes_agrees(monkeypatch):
    monkeypatch.setattr(verification, "_CHUNK", 10)
    services.freeze_many([make(f"change:o/r#{n}") for n in range(35)])
    wrong = freeze_wrong()
    seen: list[tuple[int, int]] = []
    summary = verification.verify_all(2, lambda done, total: seen.append((done, total)))
    assert summary.counts == {"same": 35, "differs": 1} and seen[-1] == (36, 36)
    assert [found.receipt for found in summary.troubled] == [wrong.pk] and not summary.ok


@pytest.mark.django_db
def test_table_hash_sees_content_and_not_surrogates():
    empty = tablehash.table_hash()
    change = ChangeFactory(title="first")
    one = tablehash.table_hash()
    assert one != empty and call("table_hash") == (0, one + "\n")
    change.title = "second"
    change.save(update_fields=["title"])
    assert tablehash.table_hash() != one
    change.title = "first"
    change.save(update_fields=["title"])
    assert tablehash.table_hash() == one
    lines = call("table_hash", tables=True)[1].splitlines()
    assert any(line.endswith("1  analysis.change") for line in lines)


@pytest.mark.django_db
def test_table_hash_is_the_same_whatever_the_order_of_storing(monkeypatch):
    monkeypatch.setattr(tablehash, "_CHUNK", 3)
    rows = [ReceiptFactory.build() for _ in range(8)]
    Receipt.objects.bulk_create(rows)
    first = tablehash.table_hashes()["evidence.receipt"]
    from django.db import connection

    from evidence import protection

    protection.lift(connection)
    Receipt.objects.all().delete()
    protection.install(connection)
    Receipt.objects.bulk_create(list(reversed(rows)))
    assert tablehash.table_hashes()["evidence.receipt"] == first and first[0] == 8


@pytest.mark.django_db
def test_admin_shows_and_lets_nobody_edit(admin_client):
    row = services.freeze(make())
    entry = audit.record(actor="ann", action="tests.touch", target="thing:1")
    for name, pk in (("receipt", row.pk), ("auditentry", entry.pk)):
        listed = admin_client.get(reverse(f"admin:evidence_{name}_changelist"))
        shown = admin_client.get(reverse(f"admin:evidence_{name}_change", args=[pk]))
        assert (listed.status_code, shown.status_code) == (200, 200)
        assert b'name="_save"' not in shown.content and b"deletelink" not in shown.content
        assert admin_client.get(reverse(f"admin:evidence_{name}_add")).status_code == 403
        assert admin_client.post(reverse(f"admin:evidence_{name}_delete", args=[pk])).status_code == 403
