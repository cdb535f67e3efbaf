"""Classify changes with what ships: the trained network where its parameters load, the rules otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from analysis.change_types import network, rules
from analysis.change_types.labels import split_prefix
from analysis.change_types.network import TypePrediction

RULES_VERSION = "rules-1"
NETWORK_VERSION = "network-3"


def with_rules(changes: Sequence[tuple[str, Sequence[str]]]) -> list[TypePrediction]:
    """The rules in the same shape as the network."""
    return [_ruled(text, files) for text, files in changes]


def with_network(changes: Sequence[tuple[str, Sequence[str]]], version: str = NETWORK_VERSION) -> list[TypePrediction]:
    """The network as it ships, or as it shipped. Author's prefixes are taken off first: it was trained without them.

    Raises LookupError for a version that never shipped.
    """
    trained = network.shipped() if version == NETWORK_VERSION else network.earlier(version)
    return network.predict(trained, [(bare(text), files) for text, files in changes])


def bare(text: str) -> str:
    """The first line of a text without its conventional prefix and trailing reference."""
    return split_prefix(text.strip().split("\n", 1)[0])[1]


def classify_lines(lines: Iterable[dict[str, object]], *, batch: int = 1_000) -> Iterator[dict[str, object]]:
    """The `types` command: {"id", "text", "files"} in, {"id", "type", "probability", "abstained"} out, in order."""
    rows = iter(lines)
    while part := list(islice(rows, batch)):
        changes = [(_text(row), _files(row)) for row in part]
        for row, answer in zip(part, with_network(changes), strict=True):
            yield {
                "id": row.get("id"),
                "type": answer.type,
                "probability": answer.probability,
                "abstained": answer.abstained,
            }


def _ruled(text: str, files: Sequence[str]) -> TypePrediction:
    ruling = rules.decide(bare(text), files)
    shares = {ruling.type: ruling.probability} if ruling.type else {}
    return TypePrediction(ruling.type, ruling.probability, ruling.type is None, shares, ruling.rule)


def _text(row: dict[str, object]) -> str:
    text = row.get("text")
    return text if isinstance(text, str) else ""


def _files(row: dict[str, object]) -> tuple[str, ...]:
    files = row.get("files")
    return tuple(path for path in files if isinstance(path, str)) if isinstance(files, list) else ()
