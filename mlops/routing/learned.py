"""The learned gain of this process: the version of the registry that is live, loaded safely, asked prompt by prompt.

Decisions ask the loaded version without the recorder of predictions: the decision's own row keeps what was predicted
and by which version, and a decision is to cost a fraction of a millisecond. A shadow version is not asked.
"""

from __future__ import annotations

import gzip
import json
import logging
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from evidence.files import write_whole
from mlops.registry.models import ModelVersion
from mlops.routing import gain
from mlops.serving.live import models
from mlops.serving.predict import share_of
from mlops.serving.recorder import input_hash
from mlops.training.run import train

log = logging.getLogger(__name__)


def folder() -> Path:
    """Where this installation keeps the tables of its own `evaluate router`."""
    return Path(settings.VAR_DIR) / "router"


def live_gain(prompt: str) -> tuple[float | None, str]:
    """What the live version expects the dearer target to gain, and the version's name; None where only the priors are
    known. One that fails is passed over for the one before it, and in the end for the rules."""
    live, row = models.of(gain.MODEL), {"prompt": prompt}
    first = live.champion
    if live.challenger is not None and share_of(input_hash(row)) < live.share:
        first = live.challenger
    for loaded in (first, live.champion, *live.fallbacks):
        if loaded is None:
            continue
        try:
            return loaded.predict([row])[0]["gain"], loaded.label
        except Exception:
            log.exception("%s of the router's model failed on a prompt", loaded.label)
    return None, "none"


def learn(data: Path, asked_for: str) -> ModelVersion:
    """Train and judge a version on a table; an approved one's table becomes the data set of later trainings. Raises
    TooLittleData, and KeyError or ValueError for a file that is no such table."""
    rows = list(gain.examples(data))
    spec = replace(gain.SPEC, dataset=lambda: rows)
    version = train(spec, asked_for=asked_for, origin={"from": f"the table {data.name}"})
    if version.state == ModelVersion.State.APPROVED:
        _keep(data)
    return version


def _keep(data: Path) -> None:
    """Copy a table to where the model's data set is read."""
    raw = data.read_bytes()
    write_whole(gain.table_path(), raw if data.suffix == ".gz" else gzip.compress(raw, mtime=0))


def refused_because(version: ModelVersion) -> str:
    """The gates that a version did not pass, in one line."""
    failed = version.gates.filter(passed=False).order_by("id")
    return "; ".join(
        f"{row.gate}: {row.figure} is {json.dumps(row.value)}, not {row.comparison} {row.bound:g}" for row in failed
    )
