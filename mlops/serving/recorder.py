"""Remember what was served: counts of everything, a sample of single predictions; written every few seconds.

Recording never fails a prediction: what cannot be written is logged and kept for the next time, up to a bound.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DatabaseError, DataError, InterfaceError, transaction
from django.db.models import F
from django.utils import timezone

from mlops.registry.storable import storable
from mlops.serving.models import PredictionSample, ServingCount

logger = logging.getLogger(__name__)
FLUSH_SECONDS = 3.0
MOST_WAITING = 5_000
SAMPLES_A_CALL = 20
STORED = ("key", "watched", "answer")  # what comes from callers and models, and may hold anything


@dataclass(slots=True)
class _Count:
    calls: int = 0
    rows: int = 0
    errors: int = 0
    degraded: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Recorder:
    """One per process. `sample` decides which rows of a call are kept: the first few, spread over the batch."""

    _counts: dict[tuple[int, datetime], _Count] = field(default_factory=lambda: defaultdict(_Count))
    _samples: list[PredictionSample] = field(default_factory=list)
    _flushed: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(
        self, version_id: int | None, *, rows: int, seconds: float, errors: int = 0, degraded: bool = False
    ) -> None:
        """Add one call of a version to this minute."""
        if version_id is None:
            return
        minute = timezone.now().replace(second=0, microsecond=0)
        with self._lock:
            found = self._counts[(version_id, minute)]
            found.calls += 1
            found.rows += rows
            found.errors += errors
            found.degraded += rows if degraded else 0
            found.seconds += seconds

    def keep(self, samples: Sequence[PredictionSample]) -> None:
        """Put samples aside for the next flush; beyond the bound the oldest are dropped."""
        with self._lock:
            self._samples.extend(samples)
            del self._samples[:-MOST_WAITING]

    def flush_if_due(self) -> None:
        """Write when the last writing is some seconds ago."""
        if time.monotonic() - self._flushed >= FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write everything that waits, in one transaction."""
        with self._lock:
            counts, self._counts = self._counts, defaultdict(_Count)
            samples, self._samples = self._samples, []
            self._flushed = time.monotonic()
        if not counts and not samples:
            return
        for sample in samples:
            for name in STORED:
                setattr(sample, name, storable(getattr(sample, name)))
        try:
            with transaction.atomic():
                _write_counts(counts)
                PredictionSample.objects.bulk_create(samples, batch_size=500)
        except DataError as error:  # what the database refuses today it refuses tomorrow
            logger.error("%d samples are dropped: %s", len(samples), error)
            self._return(counts, [])
        except (DatabaseError, InterfaceError) as error:
            logger.warning("%d samples wait: %s", len(samples), error)
            self._return(counts, samples)

    def drop(self) -> None:
        """Forget what waits: after a restore its versions may be others."""
        with self._lock:
            self._counts, self._samples = defaultdict(_Count), []

    def _return(self, counts: Mapping[tuple[int, datetime], _Count], samples: list[PredictionSample]) -> None:
        with self._lock:
            for key, count in counts.items():
                found = self._counts[key]
                for name in ("calls", "rows", "errors", "degraded", "seconds"):
                    setattr(found, name, getattr(found, name) + getattr(count, name))
            self._samples = (samples + self._samples)[-MOST_WAITING:]


def _write_counts(counts: Mapping[tuple[int, datetime], _Count]) -> None:
    for (version_id, minute), count in sorted(counts.items()):
        row, _ = ServingCount.objects.get_or_create(version_id=version_id, minute=minute)
        ServingCount.objects.filter(pk=row.pk).update(
            calls=F("calls") + count.calls,
            rows=F("rows") + count.rows,
            errors=F("errors") + count.errors,
            degraded=F("degraded") + count.degraded,
            seconds=F("seconds") + count.seconds,
        )


def input_hash(inputs: Mapping[str, Any]) -> str:
    """The hash by which an input can be recognised without being stored."""
    return hashlib.sha256(json.dumps(inputs, sort_keys=True, default=str).encode()).hexdigest()


recorder = Recorder()
