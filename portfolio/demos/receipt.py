"""Any stored receipt, or the receipt of any figure on a public page, computed again."""

import re
from collections.abc import Mapping
from typing import Any

from analysis import queries as analysis
from evidence import queries as evidence
from evidence import services as evidence_services
from portfolio.demos.errors import DemoError

_ID = re.compile(r"[0-9a-f]{64}")


def sample() -> dict[str, Any]:
    """The newest stored receipt, else the first figure of the newest change."""
    stored = evidence.latest(20)
    shown = analysis.public_receipts(stored)
    for row in stored:
        if row.pk in shown:
            return {"receipt": row.pk, "subject": ""}
    page = analysis.change_page(analysis.ChangeFilters(), size=1)
    for change in page.changes:
        subject = analysis.change_ref(change)
        for derived in analysis.figures_of(subject):
            return {"receipt": derived.id, "subject": subject}
    return {"receipt": "", "subject": ""}


def run(form: Mapping[str, Any]) -> dict[str, Any]:
    """The verdict."""
    found = _ID.search(str(form.get("receipt", "")).lower()[:500])
    if not found:
        raise DemoError("A receipt is named by sixty-four hexadecimal digits; its page's address will do.")
    receipt_id, subject = found.group(0), str(form.get("subject", ""))[:400]
    row = evidence.receipt(receipt_id)
    if row is not None and not row.erased_at and not analysis.public_receipts([row]):
        raise DemoError("No receipt here has this name.")
    derived = evidence.content(row) if row else None
    if row is not None and derived is None:
        raise DemoError("The content of this receipt was erased; only its hash is kept.")
    if derived is None and subject:
        derived = next((item for item in analysis.figures_of(subject) if item.id == receipt_id), None)
    if derived is None:
        raise DemoError("No receipt here has this name. If it belongs to a figure of a change, add the subject.")
    return {"verification": evidence_services.verify(derived), "derived": derived}
