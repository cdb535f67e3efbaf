"""Predict through the platform: batch first, one consistent view of what is live, always an answer.

Order of trust: the champion (or, for the canary's share of keys, the challenger), then the champion before it, then
the rules. An answer that did not come from the version that should have given it is marked `degraded`.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from mlops.serving.live import Live, Loaded, models
from mlops.serving.models import PredictionSample
from mlops.serving.recorder import SAMPLES_A_CALL, input_hash, recorder
from mlops.training import spec as specs
from mlops.training.spec import Answer, Inputs

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Served:
    """One answer: what the model said, which version said it, and whether that was the one that should have."""

    answer: Answer
    version_id: int | None
    version: str
    degraded: bool = False
    reason: str = ""
    microseconds: float = 0.0


class NoAnswer(Exception):
    """Not even the rules could answer: the input is of the wrong shape."""


def predict(model: str, rows: Sequence[Inputs], *, keys: Sequence[str] | None = None) -> list[Served]:
    """Answer every row, in order. `keys` name the rows for the canary and for later labels; an empty batch is fine."""
    if keys is not None and len(keys) != len(rows):
        raise ValueError(f"{len(keys)} keys for {len(rows)} rows.")
    if not rows:
        return []
    live = models.of(model)
    canary = _canary(live, rows, keys) if live.challenger else None
    if canary is None or not any(canary):
        served = _answer(model, live, live.champion, rows)
    else:
        served = _split(model, live, rows, canary)
    _record(model, live, rows, keys, served)
    recorder.flush_if_due()
    return served


def _canary(live: Live, rows: Sequence[Inputs], keys: Sequence[str] | None) -> list[bool]:
    names = keys if keys is not None else [input_hash(row) for row in rows]
    return [share_of(name) < live.share for name in names]


def share_of(key: str) -> float:
    """Where a key falls between 0 and 1: the same today and tomorrow, in every process."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") / 2**64


def _split(model: str, live: Live, rows: Sequence[Inputs], canary: Sequence[bool]) -> list[Served]:
    found: list[Served | None] = [None] * len(rows)
    for wanted, first in ((True, live.challenger), (False, live.champion)):
        places = [place for place, chosen in enumerate(canary) if chosen is wanted]
        if places:
            part = _answer(model, live, first, [rows[place] for place in places])
            for place, served in zip(places, part, strict=True):
                found[place] = served
    return [served for served in found if served is not None]


def _answer(model: str, live: Live, first: Loaded | None, rows: Sequence[Inputs]) -> list[Served]:
    """Ask in the order of trust. Without any registered version the rules are what should answer, not a makeshift."""
    chain = [first, live.champion if first is not live.champion else None, *live.fallbacks]
    reason = live.problem if first is None else ""
    expected = first is not None
    for loaded in chain:
        if loaded is None:
            continue
        began = time.perf_counter()
        try:
            answers = loaded.predict(rows)
            if len(answers) != len(rows):
                raise ValueError(f"{len(answers)} answers for {len(rows)} rows")
        except Exception as error:  # noqa: BLE001  whatever a model raises, the next one answers
            reason = f"{loaded.label} failed: {type(error).__name__}: {error}"
            logger.error("%s: %s", model, reason)
            recorder.count(loaded.version_id, rows=0, seconds=time.perf_counter() - began, errors=1)
            continue
        degraded = (expected and loaded is not first) or bool(reason)
        seconds = time.perf_counter() - began
        recorder.count(loaded.version_id, rows=len(rows), seconds=seconds, degraded=degraded)
        each = seconds * 1e6 / len(rows)
        return [Served(answer, loaded.version_id, loaded.label, degraded, reason, each) for answer in answers]
    raise NoAnswer(f"{model}: {reason}")


def _record(
    model: str, live: Live, rows: Sequence[Inputs], keys: Sequence[str] | None, served: Sequence[Served]
) -> None:
    step = max(1, len(rows) // SAMPLES_A_CALL)
    places = range(0, len(rows), step)[:SAMPLES_A_CALL]
    watch = specs.get(model).watch
    deployments = {part.version_id: part.deployment_id for part in (live.challenger, live.champion) if part}

    def sample(
        place: int, part: str, version_id: int, answer: Answer, micros: float, *, degraded: bool
    ) -> PredictionSample:
        return PredictionSample(
            model=model,
            version_id=version_id,
            deployment_id=deployments.get(version_id) if part == "served" else None,
            part=part,
            key=(keys[place] if keys else "")[:200],
            input_sha256=input_hash(rows[place]),
            watched=dict(watch(rows[place], answer)),
            answer=dict(answer),
            microseconds=min(int(micros), 2**31 - 1),
            degraded=degraded,
        )

    try:
        samples = [
            sample(place, "served", one.version_id, one.answer, one.microseconds, degraded=one.degraded)
            for place in places
            if (one := served[place]).version_id is not None
        ]
        if live.shadow and live.shadow.version_id is not None:
            began = time.perf_counter()
            answers = live.shadow.predict([rows[place] for place in places])
            micros = (time.perf_counter() - began) * 1e6 / max(1, len(answers))
            recorder.count(live.shadow.version_id, rows=len(answers), seconds=micros * len(answers) / 1e6)
            samples += [
                sample(place, "shadow", live.shadow.version_id, answer, micros, degraded=False)
                for place, answer in zip(places, answers, strict=True)
            ]
        recorder.keep(samples)
    except Exception as error:  # noqa: BLE001  a shadow or a watched value never fails an answer
        logger.error("%s: not recorded: %s: %s", model, type(error).__name__, error)
