"""Data sets from outside that models are measured on: not part of this repository, known by name, origin and hash."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


class DataSetProblem(ValueError):
    """The data set is unknown, not installed, or not the one that was registered; the message says what to do."""


@dataclass(frozen=True, slots=True)
class External:
    """A data set: where it comes from, under which terms, and the SHA-256 of each of its files."""

    name: str
    title: str
    url: str
    licence: str
    files: Mapping[str, str]


KNOWN: dict[str, External] = {
    "sip": External(
        name="sip",
        title="SiP: 12,299 tasks of one company with estimated and actual hours, 2004 to 2014",
        url="https://github.com/Derek-Jones/SiP_dataset",
        licence="No licence file. Its authors invite use and ask to be cited: Derek M. Jones and Stephen Cullum,"
        " A conversation around the analysis of the SiP effort estimation dataset, arXiv 1901.01621.",
        files={
            "Sip-task-info.csv": "28621aa8b0ce05c270085a78e96a4d37f1bb39c1a5d260059ff3c197de961a4a",
            "est-act-dates.csv": "4d5a5ea633969dd782ab3d6b2b0c6cf2fcc65d9bb1c22f332ac7d9abf5ead1e9",
        },
    ),
}


def known() -> tuple[External, ...]:
    """Return every registered data set, by name."""
    return tuple(KNOWN[name] for name in sorted(KNOWN))


def find(name: str) -> External:
    """Return a registered data set, or raise DataSetProblem."""
    try:
        return KNOWN[name]
    except KeyError:
        raise DataSetProblem(f"no data set is called {name}; known are: {', '.join(sorted(KNOWN))}") from None


def folder(name: str) -> Path:
    """Return where an installed data set lies; DataSetProblem when it is not installed or was changed since."""
    place = _place(name)
    for file, expected in find(name).files.items():
        if not (place / file).is_file():
            raise DataSetProblem(f"data set not installed: `manage.py datasets add {name} PATH` brings {name} in")
        if _sha256(place / file) != expected:
            raise DataSetProblem(f"{file} of {name} is not the registered file: add the data set again")
    return place


def installed(name: str) -> bool:
    """Say whether a data set is installed and unchanged."""
    try:
        folder(name)
    except DataSetProblem:
        return False
    return True


def add(name: str, source: Path) -> Path:
    """Copy a data set from a folder, each file only if it is the registered one; return where it lies now.

    Raises DataSetProblem and leaves what was installed before untouched.
    """
    wanted = find(name)
    for file, expected in wanted.files.items():
        if not (source / file).is_file():
            raise DataSetProblem(f"{source} holds no {file}; fetch the data set from {wanted.url}")
        if (found := _sha256(source / file)) != expected:
            raise DataSetProblem(f"{file} has the hash {found[:16]}…, not {expected[:16]}… as registered")
    place = _place(name)
    place.mkdir(parents=True, exist_ok=True)
    for file in wanted.files:
        with tempfile.NamedTemporaryFile(dir=place, delete=False) as target, (source / file).open("rb") as content:
            shutil.copyfileobj(content, target)
        Path(target.name).replace(place / file)
    return place


def _place(name: str) -> Path:
    return Path(settings.VAR_DIR) / "datasets" / name


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
