"""What `make test`, `make audit` and `make bench` wrote into var/build, as lines of the build's record."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any


class BadRecord(ValueError):
    """A file of the build that cannot be read; the message says which."""


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: its label on the page, the file and name that it was read from, value and unit."""

    label: str
    file: str
    name: str
    value: float | int
    unit: str
    revision: str = ""


def read(folder: Path) -> tuple[str, list[Line]]:
    """(revision of the first file that names one, lines) of every file that is there. Raises BadRecord.

    Each line keeps the revision of its own file: tests, audits and benchmarks may have seen different ones. Coverage
    is measured by the tests.
    """
    files = {path.stem: _json(path) for path in sorted(folder.glob("*.json"))}
    known = {name: str(files[name].get("revision") or "") for name in _READERS if name in files}
    known["coverage"] = known.get("tests", "")
    lines = [
        replace(line, revision=known[name])
        for name, reader in _READERS.items()
        if name in files
        for line in _read(name, reader, files[name])
    ]
    return next(filter(None, known.values()), ""), lines


def _read(name: str, reader: Callable[[Any], Iterator[Line]], document: Any) -> list[Line]:
    try:
        return list(reader(document))
    except (KeyError, TypeError) as error:
        raise BadRecord(
            f"{name}.json has another form ({error!r}). Run the part of the build again that writes it."
        ) from error


def _json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadRecord(f"{path.name} is no JSON ({error}). Run the part of the build again that writes it.") from error
    if not isinstance(document, dict):
        raise BadRecord(f"{path.name} is no record. Run the part of the build again that writes it.")
    return document


def _tests(document: Any) -> Iterator[Line]:
    for leg in document["legs"]:
        name = str(leg["leg"])
        yield Line(f"tests on {name}", "tests", f"{name} tests", leg["tests"], "1")
        bad = leg["failures"] + leg["errors"]
        yield Line(f"of these failed on {name}", "tests", f"{name} failures", bad, "1")
        yield Line(f"time on {name}", "tests", f"{name} seconds", leg["seconds"], "s")


def _coverage(document: Any) -> Iterator[Line]:
    percent = document["totals"]["percent_covered"]
    yield Line("branch coverage", "coverage", "percent covered", round(percent, 1), "%")


def _code(document: Any) -> Iterator[Line]:
    for name in ("ruff findings", "mypy findings", "files", "lines"):
        yield Line(name, "code", name, document[name], "1")
    yield Line("mean cyclomatic complexity", "code", "mean complexity", document["mean complexity"], "1")
    yield Line("highest cyclomatic complexity", "code", "highest complexity", document["highest complexity"], "1")


def _audit(document: Any) -> Iterator[Line]:
    yield Line("findings of the audits", "audit", "findings", len(document["findings"]), "1")
    yield Line("pages audited", "audit", "pages", len(document["pages"]), "1")


def _bench(document: Any) -> Iterator[Line]:
    results = document["results"]
    yield Line("benchmarks run", "bench", "benchmarks", len(results), "1")
    yield Line("of these ended with an error", "bench", "failed", sum(1 for one in results if one["exit"]), "1")
    for row in (row for one in results for row in one["rows"]):
        if row["unit"] == "x":  # a ratio says the same on another machine; seconds do not
            label = f"{row['subject']}: {row['name']}"
            yield Line(label, "bench", label, round(row["value"], 2), "x")


def _soak(document: Any) -> Iterator[Line]:
    yield Line("requests of the soak", "soak", "requests", document["requests"], "1")
    yield Line("errors of the soak", "soak", "error share", round(100 * document["error share"], 3), "%")
    yield Line("broken promises of the soak", "soak", "broken", len(document["broken"]), "1")


_READERS = {
    "tests": _tests, "coverage": _coverage, "code": _code, "audit": _audit, "bench": _bench, "soak": _soak,
}  # fmt: skip
