"""Where the learned router of this installation lies, and how it is put there."""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
from pathlib import Path

from django.conf import settings

from mlops.routing.learn.student import Student

log = logging.getLogger(__name__)


def folder() -> Path:
    return Path(settings.VAR_DIR) / "router"


def current_student() -> Student | None:
    """The learned router, or None when there is none or when its file is not the one that was put there."""
    pointer = folder() / "current.json"
    if not pointer.exists():
        return None
    try:
        wanted = json.loads(pointer.read_text("utf-8"))["sha256"]
        path = folder() / f"{wanted}.json"
        if hashlib.sha256(path.read_bytes()).hexdigest() != wanted:
            raise ValueError("the file does not have the hash under which it was stored")
        return Student.load(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("the learned router is not used: %s", error)
        return None


def keep_student(student: Student, report: dict[str, float]) -> str:
    """Store a student under its hash and make it the current one; returns the hash."""
    folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder()) as temporary:
        draft = Path(temporary) / "student.json"
        student.save(draft)
        digest = hashlib.sha256(draft.read_bytes()).hexdigest()
        draft.replace(folder() / f"{digest}.json")
        pointer = Path(temporary) / "current.json"
        pointer.write_text(json.dumps({"sha256": digest, "report": report}), encoding="utf-8")
        pointer.replace(folder() / "current.json")
    return digest
