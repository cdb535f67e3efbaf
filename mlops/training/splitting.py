"""Split examples into training and test rows, and check that nothing leaks from one to the other."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops.training.spec import Example, TrainingSpec


@dataclass(frozen=True, slots=True)
class Split:
    """Training and test rows, and how they were told apart."""

    train: tuple[Example, ...]
    test: tuple[Example, ...]
    facts: Mapping[str, Any]


class TooLittleData(Exception):
    """There are not enough rows. `missing` says how many; nothing is registered."""

    def __init__(self, have: int, need: int, detail: str) -> None:
        super().__init__(f"{have} of {need} labelled rows: {detail}")
        self.have, self.need, self.missing = have, need, max(0, need - have)


class Leak(Exception):
    """Test rows are known from training."""


def require_enough(spec: TrainingSpec, examples: Sequence[Example]) -> None:
    """Raise TooLittleData unless the spec's minima are met."""
    if len(examples) < spec.minimum_rows:
        missing = spec.minimum_rows - len(examples)
        raise TooLittleData(len(examples), spec.minimum_rows, f"{missing} are missing.")
    if spec.minimum_per_label:
        counts = Counter(json.dumps(example.label) for example in examples)
        for label, count in sorted(counts.items()):
            if count < spec.minimum_per_label:
                need = len(examples) + spec.minimum_per_label - count
                raise TooLittleData(
                    len(examples),
                    need,
                    f"label {label} has {count} rows, {spec.minimum_per_label - count} are missing.",
                )


def split(spec: TrainingSpec, examples: Sequence[Example], *, seed: int) -> Split:
    """Split as the spec says: the newest rows are the test, or whole groups drawn by the seed."""
    ordered = sorted(examples, key=lambda example: example.id)
    if spec.split == "time":
        ordered = sorted(ordered, key=lambda example: (example.at, example.id))
        cut = len(ordered) - max(1, round(len(ordered) * spec.test_share))
        train, test = ordered[:cut], ordered[cut:]
    else:
        train, test = _by_group(ordered, spec.test_share, seed)
    train, dropped = _without_copies(train, test)
    _require_no_leak(spec, train, test)
    if not train or not test:
        raise TooLittleData(
            len(examples), spec.minimum_rows, "all rows are of one group, so that none is left to test."
        )
    facts = {"method": spec.split, "seed": seed, "train": len(train), "test": len(test), "copies_dropped": dropped}
    return Split(tuple(train), tuple(test), facts)


def _by_group(ordered: Sequence[Example], share: float, seed: int) -> tuple[list[Example], list[Example]]:
    """Whole groups into the test until it holds its share; rows without a group are groups of their own."""
    groups: dict[str, list[Example]] = {}
    for example in ordered:
        groups.setdefault(example.group or f"row {example.id}", []).append(example)
    names = sorted(groups)
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(names))
    wanted, size = share * len(ordered), 0
    chosen: set[str] = set()
    for place in order:
        name = names[place]
        if size and size + len(groups[name]) > 1.5 * wanted:
            continue
        if size >= wanted or len(chosen) >= len(names) - 1:
            break
        chosen.add(name)
        size += len(groups[name])
    train = [example for name in names if name not in chosen for example in groups[name]]
    test = [example for name in names if name in chosen for example in groups[name]]
    return train, test


def _without_copies(train: Sequence[Example], test: Sequence[Example]) -> tuple[list[Example], int]:
    """Training rows whose inputs stand in the test too are left out: they would be answered from memory."""
    known = {_content(example) for example in test}
    kept = [example for example in train if _content(example) not in known]
    return kept, len(train) - len(kept)


def _require_no_leak(spec: TrainingSpec, train: Sequence[Example], test: Sequence[Example]) -> None:
    both = {example.id for example in train} & {example.id for example in test}
    if both:
        raise Leak(f"{len(both)} rows are in both parts.")
    if spec.split == "group":
        shared = {e.group for e in train if e.group} & {e.group for e in test if e.group}
        if shared:
            raise Leak(f"Groups in both parts: {', '.join(sorted(shared)[:5])}.")
    elif train and test and max(e.at for e in train) > min(e.at for e in test):
        raise Leak("A training row is newer than a test row.")


def _content(example: Example) -> str:
    return hashlib.sha256(json.dumps(example.inputs, sort_keys=True, default=str).encode()).hexdigest()
