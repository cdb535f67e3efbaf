"""Receipts: the computation behind a figure, as one canonical document (no Django here).

``derive`` builds a receipt in memory; it costs no row. Its id is the hash of its document, so that the same inputs,
method and result always have the same id. ``evidence.services.freeze`` stores it once its figure is published,
reported or referred to. ``check`` computes a document again and says what differs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from evidence import recompute
from evidence.canonical import CanonicalError, canonical_bytes, canonical_text, rounded, sha256_bytes, sha256_of

FORMAT = 1


class Kind(StrEnum):
    """The five kinds of figures, which are never mixed."""

    MEASURED = "measured"
    QUOTED = "quoted"
    PREDICTED = "predicted"
    ESTIMATED = "estimated"
    DECLARED = "declared"


class ReceiptError(ValueError):
    """The receipt cannot be built as asked; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a computation.

    ``name`` is its role in the formula; ``ref`` says what it is, as text "kind:id" (``change:owner/name#12``);
    ``value`` is what the method reads. A large value may be left out (``embed=False``): then only its hash is kept
    and a resolver for the kind of ``ref`` must be able to load it again.
    """

    name: str
    ref: str
    value: Any
    embed: bool = True
    sha256: str = ""  # the value's hash where the caller has it already, as when many receipts share a large value

    def document(self) -> dict[str, Any]:
        """Return the input as it stands in the receipt."""
        if ":" not in self.ref:
            raise ReceiptError(f"input {self.name}: reference {self.ref!r} must look like kind:id")
        entry: dict[str, Any] = {"name": self.name, "ref": self.ref, "sha256": self.sha256 or sha256_of(self.value)}
        return {**entry, "value": self.value} if self.embed else entry


@dataclass(frozen=True)
class Derived:
    """A receipt in memory. ``document`` is its content, ``text`` the canonical bytes as text, ``id`` their SHA-256."""

    document: Mapping[str, Any] = field(repr=False)

    @cached_property
    def text(self) -> str:
        """Canonical JSON of the document."""
        return canonical_text(self.document)

    @cached_property
    def id(self) -> str:
        """Content hash: 64 hexadecimal digits."""
        return sha256_bytes(self.text.encode("utf-8"))

    @property
    def kind(self) -> Kind:
        """Which of the five kinds of figure this is."""
        return Kind(self.document["kind"])

    @property
    def subject(self) -> str:
        """Reference of what the figure is about."""
        return str(self.document["subject"])

    @property
    def result(self) -> Mapping[str, Any]:
        """``value`` or ``p10, p50, p90``, and ``unit``."""
        result: Mapping[str, Any] = self.document["result"]
        return result

    @classmethod
    def from_text(cls, text: str) -> Derived:
        """Read a receipt back from its canonical text."""
        return cls(json.loads(text))


def derive(
    *,
    kind: Kind | str,
    subject: str,
    method: str,
    version: str,
    inputs: Iterable[Input],
    parameters: Mapping[str, Any] | None = None,
    seed: int | None = None,
    result: Mapping[str, Any] | None = None,
    formula: Mapping[str, str] | None = None,
) -> Derived:
    """Compute a figure by a registered method and return its receipt; nothing is stored.

    ``result`` may be given where the caller has computed it already by the very same method (bulk work); ``check``
    will hold it to that. ``formula`` (``words``, ``symbols``) replaces the method's general wording by this
    figure's own. Raises ReceiptError for a receipt without inputs, CanonicalError for NaN and infinities,
    UnknownMethod for an unregistered method.
    """
    chosen = recompute.method(method, version)
    entries = list(inputs)
    if not entries:
        raise ReceiptError(f"{subject}: {method} has no input, and no evidence means no number")
    values = {entry.name: entry.value for entry in entries}
    if len(values) != len(entries):
        raise ReceiptError(f"{subject}: two inputs of {method} share a name")
    settings = dict(parameters or {})
    outcome = rounded(dict(chosen.compute(values, settings, seed) if result is None else result))
    _require_result(subject, outcome)
    document = {
        "format": FORMAT,
        "kind": Kind(kind).value,
        "subject": subject,
        "method": {"name": method, "version": version},
        "formula": dict(formula or {"words": chosen.words, "symbols": chosen.symbols}),
        "inputs": [entry.document() for entry in entries],
        "parameters": settings,
        "seed": seed,
        "result": outcome,
        "libraries": chosen.library_versions(),
    }
    return Derived(document)


def _require_result(subject: str, result: Mapping[str, Any]) -> None:
    if "unit" not in result:
        raise ReceiptError(f"{subject}: a result needs a unit")
    if "value" not in result and not {"p10", "p50", "p90"} <= set(result):
        raise ReceiptError(f"{subject}: a result is a value or the range p10, p50, p90")


class Verdict(StrEnum):
    """What verification found."""

    SAME = "same"
    DIFFERS = "differs"
    DAMAGED = "damaged"
    ERASED = "erased"
    UNKNOWN_METHOD = "unknown_method"
    INPUT_MISSING = "input_missing"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the receipt and the new computation disagree."""

    place: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer to "compute again": the verdict, and what differs or why it could not be computed."""

    receipt: str
    verdict: Verdict
    differences: tuple[Difference, ...] = ()
    reason: str = ""

    @property
    def ok(self) -> bool:
        """True when the figure was computed again to the same bytes."""
        return self.verdict is Verdict.SAME


Resolver = Callable[[str], Any]
"""Takes a reference and returns the value it stands for now; raises LookupError when it is gone."""


def check(receipt_id: str, text: str, resolve: Resolver | None = None) -> Verification:
    """Verify one receipt: its own hash, the hash of each input, and the result computed again, byte for byte.

    Inputs that are not embedded are loaded by ``resolve``. Never raises for what a receipt contains.
    """
    if not text:
        return Verification(receipt_id, Verdict.ERASED, reason="content was erased; only the hash is kept")
    if sha256_bytes(text.encode("utf-8", "surrogatepass")) != receipt_id:
        return Verification(receipt_id, Verdict.DAMAGED, reason="the stored content does not have this hash")
    document = json.loads(text)
    try:
        method = recompute.method(document["method"]["name"], document["method"]["version"])
    except recompute.UnknownMethod as error:
        return Verification(receipt_id, Verdict.UNKNOWN_METHOD, reason=str(error))
    try:
        values, differences = _input_values(document["inputs"], resolve)
    except LookupError as error:
        return Verification(receipt_id, Verdict.INPUT_MISSING, reason=str(error.args[0] if error.args else error))
    try:
        again = rounded(dict(method.compute(values, document["parameters"], document["seed"])))
        differences += _compare(document["result"], again)
    except Exception as error:  # noqa: BLE001  a method may fail in any way on damaged input: a finding, not a crash
        return Verification(receipt_id, Verdict.FAILED, reason=f"{type(error).__name__}: {error}")
    return Verification(receipt_id, Verdict.DIFFERS if differences else Verdict.SAME, tuple(differences))


def _input_values(entries: list[dict[str, Any]], resolve: Resolver | None) -> tuple[dict[str, Any], list[Difference]]:
    values: dict[str, Any] = {}
    differences = []
    for entry in entries:
        if "value" in entry:
            value = entry["value"]
        elif resolve is None:
            raise LookupError(f"input {entry['name']} ({entry['ref']}) is not embedded and nothing can load it")
        else:
            value = resolve(entry["ref"])
        found = sha256_of(value)
        if found != entry["sha256"]:
            differences.append(Difference(f"inputs.{entry['name']}.sha256", entry["sha256"], found))
        values[entry["name"]] = value
    return values, differences


def _compare(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[Difference]:
    if canonical_bytes(expected) == canonical_bytes(found):
        return []
    return [
        Difference(f"result.{key}", _shown(expected, key), _shown(found, key))
        for key in sorted({*expected, *found})
        if _shown(expected, key) != _shown(found, key)
    ]


def _shown(values: Mapping[str, Any], key: str) -> str:
    return canonical_text(values[key]) if key in values else "(absent)"


__all__ = [
    "CanonicalError",
    "Derived",
    "Difference",
    "Input",
    "Kind",
    "ReceiptError",
    "Resolver",
    "Verdict",
    "Verification",
    "check",
    "derive",
]
