"""The SiP data set: tasks of one company with estimated and actual hours, read from its two files (no Django here).

Source: Derek M. Jones and Stephen Cullum, "A conversation around the analysis of the SiP effort estimation dataset",
arXiv 1901.01621. The files are not part of this repository: `manage.py datasets add sip PATH` brings them in.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

TASKS_FILE = "Sip-task-info.csv"
DATES_FILE = "est-act-dates.csv"
TRAIN_SHARE, VALIDATION_SHARE = 0.6, 0.2


class DataSetMissing(FileNotFoundError):
    """The data set is not installed; the message says how to bring it in."""


@dataclass(frozen=True, slots=True)
class Task:
    """One finished task: hours as estimated by a person beforehand and as spent."""

    number: int
    category: str
    subcategory: str
    project: str
    estimated: float
    actual: float
    completed: dt.date


@dataclass(frozen=True, slots=True)
class Split:
    """Tasks in the order of their completion, cut 60/20/20: the test part is later than all that was learned from."""

    train: Sequence[Task]
    validation: Sequence[Task]
    test: Sequence[Task]


def load(folder: Path) -> list[Task]:
    """Return the usable tasks, earliest completion first.

    Usable: the first row of its task number, both hours above zero, valid dates of estimate and completion. Ties of
    the date are ordered by task number. Raises DataSetMissing when a file is absent.
    """
    for name in (TASKS_FILE, DATES_FILE):
        if not (folder / name).is_file():
            raise DataSetMissing(
                f"data set not installed: {name} is not in {folder}. `manage.py datasets add sip PATH` brings it in."
            )
    completed = dict(_completions(folder / DATES_FILE))
    seen: set[str] = set()
    tasks = []
    for row in _rows(folder / TASKS_FILE):
        number = row["TaskNumber"]
        if number in seen:
            continue
        seen.add(number)
        estimated, actual = _hours(row["HoursEstimate"]), _hours(row["HoursActual"])
        when = completed.get(number)
        if when is None or estimated is None or actual is None:
            continue
        tasks.append(
            Task(int(number), row["Category"], row["SubCategory"], row["ProjectCode"], estimated, actual, when)
        )
    return sorted(tasks, key=lambda task: (task.completed, task.number))


def split(tasks: Sequence[Task]) -> Split:
    """Cut tasks that are in time order into the first 60%, the next 20% and the last 20%."""
    first = int(len(tasks) * TRAIN_SHARE)
    second = int(len(tasks) * (TRAIN_SHARE + VALIDATION_SHARE))
    return Split(tasks[:first], tasks[first:second], tasks[second:])


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="latin-1", newline="") as lines:
        yield from csv.DictReader(lines)


def _completions(path: Path) -> Iterator[tuple[str, dt.date]]:
    seen: set[str] = set()
    for row in _rows(path):
        number = row["TaskNumber"]
        if number in seen:
            continue
        seen.add(number)
        estimated, completed = _date(row["EstimateOn"]), _date(row["CompletedOn"])
        if estimated is not None and completed is not None:
            yield number, completed


def _date(text: str | None) -> dt.date | None:
    try:
        return dt.datetime.strptime((text or "").strip(), "%d-%b-%y").replace(tzinfo=dt.UTC).date()
    except ValueError:
        return None


def _hours(text: str | None) -> float | None:
    try:
        hours = float(text or "")
    except ValueError:
        return None
    return hours if math.isfinite(hours) and hours > 0 else None
