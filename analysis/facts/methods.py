"""The formulas of facts, registered for recomputation: pure functions of a receipt's inputs and parameters.

`files` is a list of [path, lines added, lines deleted, category, language]; lines are null for binary files. A changed
formula gets a new version, so that old receipts stay verifiable.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from analysis.facts.cycle_times import MISSING, cycle_times, pull_of
from evidence.recompute import recompute

VERSION = "1"
_NOT_OWN = ("generated", "vendored")
_READ = ("source", "test", "config")
SIZES = (("XS", 10), ("S", 50), ("M", 250), ("L", 1000))

Inputs = Mapping[str, Any]
Parameters = Mapping[str, Any]
Result = dict[str, Any]


class NoEvidence(ValueError):
    """The inputs do not allow a figure; the message is the reason that is shown."""


@recompute("facts.stated", VERSION, words="As the diff of the stated commits says, with the stated flags", symbols="x")
def stated(inputs: Inputs, parameters: Parameters, seed: int | None) -> Result:
    """One total of the diff: additions, deletions, changed files, or the number of commits."""
    return {"value": inputs["diff"][parameters["column"]], "unit": parameters["unit"]}


@recompute(
    "facts.lines", VERSION, words="Sum over the files of one category of the lines of one column", symbols="Σ a_f"
)
def lines(inputs: Inputs, parameters: Parameters, seed: int | None) -> Result:
    """Lines added (column 1) or deleted (column 2) in files of one category; binary files count no lines."""
    column = {"added": 1, "deleted": 2}[parameters["column"]]
    chosen = [row[column] or 0 for row in inputs["files"] if row[3] == parameters["category"]]
    return {"value": sum(chosen), "unit": "line"}


@recompute("facts.proposed_lines", VERSION, words="Lines of one category in the proposed diff", symbols="Σ a_f")
def proposed_lines(inputs: Inputs, parameters: Parameters, seed: int | None) -> Result:
    """From the sums by category [added, deleted, files] of the proposed diff."""
    row = inputs["proposed"].get(parameters["category"], [0, 0, 0])
    return {"value": row[{"added": 0, "deleted": 1}[parameters["column"]]], "unit": "line"}


@recompute(
    "facts.languages",
    VERSION,
    words="Distinct languages of the changed files, generated and vendored ones left out",
    symbols="|L|",
)
def languages(inputs: Inputs, parameters: Parameters, seed: int | None) -> Result:
    """Files whose language is not known by their name count as none."""
    names = sorted({row[4] for row in inputs["files"] if row[3] not in _NOT_OWN and row[4] != "Other"})
    return {"value": len(names), "unit": "language", "names": names}


@recompute("facts.directories", VERSION, words="Distinct directories that hold changed files", symbols="|D|")
def directories(inputs: Inputs, parameters: Parameters, seed: int | None) -> Result:
    """The directory of a path is all before its last slash."""
    return {"value": len({row[0].rpartition("/")[0] for row in inputs["files"]}), "unit": "directory"}


@recompute(
    "facts.people", VERSION, words="Distinct people (no bots, no AI) among authors and co-authors", symbols="|P|"
)
def people(inputs: Inputs, parameters: Parameters, seed: int | None) -> Result:
    """`people` is a list of [pseudonym, kind]."""
    return {"value": len({name for name, kind in inputs["people"] if kind == "human"}), "unit": "person"}


@recompute(
    "facts.active_days", VERSION, words="Distinct days (UTC) on which its commits were authored", symbols="|{day(t_c)}|"
)
def active_days(inputs: Inputs, parameters: Parameters, seed: int | None) -> Result:
    """`authored` is a list of ISO times in UTC."""
    return {"value": len({time[:10] for time in inputs["authored"]}), "unit": "day"}


@recompute(
    "facts.hours_between",
    VERSION,
    words="Hours from the first authored commit to the merge",
    symbols="(t_m − t_c) / 3600",
)
def hours_between(inputs: Inputs, parameters: Parameters, seed: int | None) -> Result:
    """Raises NoEvidence where the merge lies before the first commit: then a clock was wrong."""
    span = datetime.fromisoformat(inputs["end"]) - datetime.fromisoformat(inputs["start"])
    if span.total_seconds() < 0:
        raise NoEvidence("the merge is dated before the first commit: one of the clocks was wrong")
    return {"value": span.total_seconds() / 3600, "unit": "hour"}


@recompute(
    "facts.test_share", VERSION, words="Test lines added out of test and source lines added", symbols="t / (t + s)"
)
def test_share(inputs: Inputs, parameters: Parameters, seed: int | None) -> Result:
    """Raises NoEvidence when neither was added."""
    test, source = _added(inputs, "test"), _added(inputs, "source")
    if not test + source:
        raise NoEvidence("it added neither source nor test lines")
    return {"value": test / (test + source), "unit": "share"}


@recompute("facts.tests_per_source", VERSION, words="Test lines added for each source line added", symbols="t / s")
def tests_per_source(inputs: Inputs, parameters: Parameters, seed: int | None) -> Result:
    """Raises NoEvidence when no source line was added."""
    source = _added(inputs, "source")
    if not source:
        raise NoEvidence("it added no source lines")
    return {"value": _added(inputs, "test") / source, "unit": "ratio"}


@recompute(
    "facts.size_class",
    VERSION,
    words="Class by the changed lines of source, tests and configuration",
    symbols="XS ≤ 10 < S ≤ 50 < M ≤ 250 < L ≤ 1,000 < XL",
)
def size_class(inputs: Inputs, parameters: Parameters, seed: int | None) -> Result:
    """The class as text, with the lines it rests on."""
    count = sum((row[1] or 0) + (row[2] or 0) for row in inputs["files"] if row[3] in _READ)
    return {"value": next((name for name, most in SIZES if count <= most), "XL"), "unit": "class", "lines": count}


@recompute(
    "facts.later",
    VERSION,
    words="Later changes of the repository that were found to undo or mend this one",
    symbols="|C|",
)
def later(inputs: Inputs, parameters: Parameters, seed: int | None) -> Result:
    """`later` lists [key, how]; the tip up to which was searched stands in the parameters."""
    return {"value": len({key for key, _ in inputs["later"]}), "unit": "change"}


@recompute(
    "facts.survival",
    VERSION,
    words="Lines that blame gives to the change at the tip, out of what it added",
    symbols="alive / added",
)
def survival(inputs: Inputs, parameters: Parameters, seed: int | None) -> Result:
    """`blame` holds alive and added; the tip's SHA stands in the parameters, for the value drifts with it."""
    blame = inputs["blame"]
    if not blame["added"]:
        raise NoEvidence("it added no lines")
    return {"value": blame["alive"] / blame["added"], "unit": "share"}


@recompute("facts.repository_total", VERSION, words="Sum over the years of what was counted once", symbols="Σ x_y")
def repository_total(inputs: Inputs, parameters: Parameters, seed: int | None) -> Result:
    """`years` lists [year, changes, lines added, lines deleted] of landed changes that are counted here."""
    column = {"changes": 1, "added": 2, "deleted": 3}[parameters["column"]]
    return {"value": sum(row[column] for row in inputs["years"]), "unit": parameters["unit"]}


@recompute(
    "facts.cycle_stage",
    VERSION,
    words="Time between two events of the pull, each no earlier than the one before it; people's reviews alone count",
    symbols="t_b − t_a",
)
def cycle_stage(inputs: Inputs, parameters: Parameters, seed: int | None) -> Result:
    """Whole seconds, as git and GitHub state their times, so that the stages add up to the total exactly."""
    moments = cycle_times(pull_of(inputs["events"])).moments
    start, end = moments[parameters["start"]], moments[parameters["end"]]
    if start is None or end is None:
        raise NoEvidence(MISSING[parameters["start" if start is None else "end"]])
    return {"value": int((end - start).total_seconds()), "unit": "second"}


@recompute("facts.cycle_draft", VERSION, words="Time as a draft, over all turns to draft and back", symbols="Σ d_i")
def cycle_draft(inputs: Inputs, parameters: Parameters, seed: int | None) -> Result:
    """Raises NoEvidence while it is a draft, or where nothing tells whether it was one."""
    seconds = cycle_times(pull_of(inputs["events"])).draft_seconds
    if seconds is None:
        raise NoEvidence("it is a draft still, or nothing tells whether it was one")
    return {"value": int(seconds), "unit": "second"}


@recompute(
    "facts.cycle_reviews",
    VERSION,
    words="Reviews of the pull; a round is a request for changes, or the approval that ends them",
    symbols="|R|",
)
def cycle_reviews(inputs: Inputs, parameters: Parameters, seed: int | None) -> Result:
    """Rounds, or reviews by people or by machines; those that were never submitted are left out."""
    pull = pull_of(inputs["events"])
    times = cycle_times(pull)
    counts = {
        "rounds": times.review_rounds,
        "people": len(pull.reviews) - times.machine_reviews,
        "machines": times.machine_reviews,
    }
    return {"value": counts[parameters["what"]], "unit": parameters["unit"]}


def _added(inputs: Inputs, category: str) -> int:
    return sum(row[1] or 0 for row in inputs["files"] if row[3] == category)
