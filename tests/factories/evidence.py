"""Made-up receipts and audit entries."""

import factory
from factory.django import DjangoModelFactory

from evidence.canonical import sha256_bytes
from evidence.models import AuditEntry, Receipt, ReceiptInput


class ReceiptFactory(DjangoModelFactory[Receipt]):
    """A row with a true hash; build receipts with content by ``evidence.receipts.derive`` instead."""

    class Meta:
        model = Receipt

    document = factory.Sequence(lambda n: f'{{"made-up":{n}}}')
    id = factory.LazyAttribute(lambda row: sha256_bytes(row.document.encode()))
    kind = "measured"
    subject = factory.Sequence(lambda n: f"change:example.org/made-up#{n}")
    method = "made-up"
    version = "1"


class ReceiptInputFactory(DjangoModelFactory[ReceiptInput]):
    class Meta:
        model = ReceiptInput

    receipt = factory.SubFactory(ReceiptFactory)
    position = factory.Sequence(int)
    name = "part"
    ref = factory.Sequence(lambda n: f"file:made-up/{n}")
    sha256 = factory.LazyAttribute(lambda row: sha256_bytes(row.ref.encode()))


class AuditEntryFactory(DjangoModelFactory[AuditEntry]):
    class Meta:
        model = AuditEntry

    actor = "system:made-up"
    action = "made-up.touch"
    target = factory.Sequence(lambda n: f"thing:{n}")
