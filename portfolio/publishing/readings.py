"""Receipts for numbers that were measured once and stored with what they describe, such as the card of a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from evidence.receipts import Derived, Input, Kind, derive
from evidence.recompute import recompute
from mlops import queries as mlops

VERSION = "1"
SUBJECT = "model:"


@recompute(
    "site.reading",
    VERSION,
    words="Read from the stored record under the stated name; nothing is computed anew",
    symbols="x",
)
def reading(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None, /) -> dict[str, Any]:
    """The value of `record` under the parameter `name`."""
    return {"value": inputs["record"][parameters["name"]], "unit": parameters["unit"]}


def card_receipts(card: Any) -> Iterator[tuple[str, str, Derived]]:
    """(set, name, receipt) of each figure on a version's card, with the ends of its interval in the record."""
    version = card.version
    subject = f"{SUBJECT}{version.model}/{version.number}"
    for group, name, value, interval in card.figures:
        record: dict[str, Any] = {name: value, "set": group, "artefact": version.artefact_sha256}
        if interval:
            record["interval"] = list(interval)
        yield (
            group,
            name,
            derive(
                kind=Kind.MEASURED,
                subject=subject,
                method="site.reading",
                version=VERSION,
                inputs=[Input("record", f"{subject}/{group or 'all'}/{name}", record)],
                parameters={"name": name, "unit": "1"},
            ),
        )


def readings_of(subject: str) -> list[tuple[str, str, Derived]]:
    """(set, name, receipt) of every figure on the card of `model:<model>/<number>`; empty for anything else."""
    model, _, number = subject.removeprefix(SUBJECT).rpartition("/")
    if not subject.startswith(SUBJECT) or not number.isdigit():
        return []
    card = mlops.version_card(model, int(number))
    return list(card_receipts(card)) if card else []


def receipts_of(subject: str) -> list[Derived]:
    """Every receipt of a model version's card, derived again from its subject."""
    return [derived for _group, _name, derived in readings_of(subject)]
