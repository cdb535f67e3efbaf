"""The list of facts: name, wording, method and what it needs. One computation serves both the stored value and the
receipt, so that they cannot differ.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from analysis.facts import methods
from analysis.facts.cycle_times import ORDER, WORDS
from analysis.sources.records import CATEGORIES
from evidence.canonical import rounded, sha256_of
from evidence.receipts import Derived, Input, Kind, derive
from evidence.recompute import method

# More files than this stay out of the receipt's text: it keeps their hash, and a resolver loads them again.
EMBED_FILES = 60


@dataclass(frozen=True, slots=True)
class Material:
    """All that the facts of one change are computed from. None means that no source could say (see `unknown`)."""

    ref: str
    landed: Mapping[str, Any] | None
    proposed: Mapping[str, Any] | None
    files: list[list[Any]] | None
    proposed_lines: Mapping[str, list[int]] | None
    commits: int | None
    people: list[list[str]]
    authored: list[str]
    merged_at: str | None
    unknown: Mapping[str, str]
    reverted: list[list[str]] | None = None
    fixed: list[list[str]] | None = None
    tip: str = ""
    blame: Mapping[str, Any] | None = None
    cycle: Mapping[str, Any] | None = None
    files_sha256: str = ""  # hashes of `files` and `landed` where they are known already; see `hashed`
    landed_sha256: str = ""


def hashed(material: Material) -> Material:
    """The material with the hashes of its files and its landed diff, which the receipts of a dozen facts share."""
    files = sha256_of(material.files) if material.files else ""
    landed = sha256_of(material.landed) if material.landed is not None else ""
    return replace(material, files_sha256=files, landed_sha256=landed)


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact's name, label for pages, unit, method and parameters; `needs` names the part of the material it reads."""

    name: str
    label: str
    unit: str
    method: str
    needs: str
    parameters: tuple[tuple[str, Any], ...] = ()


def _stated(name: str, label: str, column: str, unit: str, needs: str) -> Fact:
    return Fact(name, label, unit, "facts.stated", needs, (("column", column), ("unit", unit)))


def _facts() -> Iterator[Fact]:
    for side in ("landed", "proposed"):
        yield _stated(f"{side}_additions", f"lines added, {side}", "additions", "line", side)
        yield _stated(f"{side}_deletions", f"lines deleted, {side}", "deletions", "line", side)
        yield _stated(f"{side}_files", f"files, {side}", "files", "file", side)
    for category in CATEGORIES:
        for column in ("added", "deleted"):
            chosen = (("category", category), ("column", column))
            label = f"{category} lines {column}"
            yield Fact(f"{category}_{column}", label, "line", "facts.lines", "files", chosen)
            name = f"proposed_{category}_{column}"
            yield Fact(name, f"{label}, proposed", "line", "facts.proposed_lines", "proposed_lines", chosen)
    yield Fact("languages", "languages", "language", "facts.languages", "files")
    yield Fact("directories", "directories", "directory", "facts.directories", "files")
    yield _stated("commits", "commits", "commits", "commit", "commits")
    yield Fact("authors", "authors", "person", "facts.people", "people")
    yield Fact("active_days", "active days", "day", "facts.active_days", "authored")
    yield Fact("hours_to_merge", "first commit to merge", "hour", "facts.hours_between", "duration")
    yield Fact("test_share", "share of tests", "share", "facts.test_share", "files")
    yield Fact("tests_per_source", "test lines per source line", "ratio", "facts.tests_per_source", "files")
    yield Fact("size_class", "size", "class", "facts.size_class", "files")
    yield Fact(
        "reverted_later", "later changes that revert it", "change", "facts.later", "reverted", (("what", "reverts"),)
    )
    yield Fact("fixed_later", "later changes that mend it", "change", "facts.later", "fixed", (("what", "fixes"),))
    yield Fact("survival", "lines that survive", "share", "facts.survival", "blame")
    yield from _cycle()


def _cycle() -> Iterator[Fact]:
    """The stages of a pull, in order, then what its reviews say. Whole seconds, so that the stages add up exactly."""

    def span(name: str, label: str, start: str, end: str) -> Fact:
        return Fact(name, label, "second", "facts.cycle_stage", "cycle", (("start", start), ("end", end)))

    for start, end in itertools.pairwise(ORDER):
        words = f"{WORDS[start]} to {WORDS[end]}"
        yield span(f"cycle_{start}_to_{end}", words, start, end)
    yield span("cycle_total", "first commit to merge", ORDER[0], ORDER[-1])
    yield Fact("cycle_draft", "time as a draft", "second", "facts.cycle_draft", "cycle")
    for what, label in (
        ("rounds", "review rounds"), ("people", "reviews by people"), ("machines", "reviews by bots and assistants"),
    ):  # fmt: skip
        unit = "round" if what == "rounds" else "review"
        yield Fact(f"cycle_{what}", label, unit, "facts.cycle_reviews", "cycle", (("what", what), ("unit", unit)))


FACTS: dict[str, Fact] = {fact.name: fact for fact in _facts()}


Reader = Callable[[Material], "list[Input] | str"]


def inputs_of(fact: Fact, material: Material) -> list[Input] | str:
    """The inputs of a fact, or the reason why there are none."""
    return _READERS[fact.needs](material)


def _one(name: str, material: Material, value: Any, reason: str, sha256: str = "") -> list[Input] | str:
    return [Input(name, material.ref, value, sha256=sha256)] if value is not None and value != [] else reason


def _diff(material: Material, side: str) -> list[Input] | str:
    landed = side == "landed"
    diff, known = (material.landed, material.landed_sha256) if landed else (material.proposed, "")
    return _one("diff", material, diff, material.unknown.get(side, f"no {side} diff is known"), known)


def _files(material: Material) -> list[Input] | str:
    if material.files is None:
        return material.unknown.get("landed", "nothing of it is known to have landed")
    whole = len(material.files) <= EMBED_FILES
    return [
        Input("files", f"files:{material.ref.removeprefix('change:')}", material.files, whole, material.files_sha256)
    ]


def _later(material: Material, found: list[list[str]] | None) -> list[Input] | str:
    if found is None:
        return "it has not landed, or was not searched yet"
    return [Input("later", material.ref, found)]


def _duration(material: Material) -> list[Input] | str:
    if not material.authored:
        return "the first commit is not at hand"
    if material.merged_at is None:
        return "no merge time is known"
    return [Input("start", material.ref, min(material.authored)), Input("end", material.ref, material.merged_at)]


_READERS: dict[str, Reader] = {
    "landed": lambda m: _diff(m, "landed"),
    "proposed": lambda m: _diff(m, "proposed"),
    "files": _files,
    "proposed_lines": lambda m: _one(
        "proposed", m, m.proposed_lines, m.unknown.get("proposed", "no proposed diff is known")
    ),
    "commits": lambda m: _one(
        "diff",
        m,
        {"commits": m.commits} if m.commits is not None else None,
        m.unknown.get("commits", "no source states its commits"),
    ),
    "people": lambda m: _one("people", m, m.people, "no author is known"),
    "authored": lambda m: _one("authored", m, m.authored, "no commit of it is at hand"),
    "duration": _duration,
    "reverted": lambda m: _later(m, m.reverted),
    "fixed": lambda m: _later(m, m.fixed),
    "blame": lambda m: _one("blame", m, m.blame, "the blame was not computed yet"),
    "cycle": lambda m: _one("events", m, m.cycle, "only GitHub's API tells of it, and it was not asked"),
}


def receipt(fact: Fact, material: Material) -> Derived | str:
    """The receipt of a fact, or the reason why the fact is unknown."""
    inputs = inputs_of(fact, material)
    if isinstance(inputs, str):
        return inputs
    parameters = dict(fact.parameters)
    if fact.needs in ("reverted", "fixed", "blame"):
        parameters["tip"] = material.tip
    try:
        return derive(
            kind=Kind.MEASURED,
            subject=material.ref,
            method=fact.method,
            version=methods.VERSION,
            inputs=inputs,
            parameters=parameters,
        )
    except methods.NoEvidence as error:
        return str(error)


def with_later(material: Material, later: Mapping[str, Any]) -> Material:
    """The material with what a search for reverts and fixes found; an empty mapping means that none was made."""
    return replace(
        material, reverted=later.get("reverted"), fixed=later.get("fixed"), tip=material.tip or later.get("tip", "")
    )


def value(fact: Fact, material: Material) -> tuple[Any, str]:
    """(the value, "") or (None, reason), without the cost of a receipt: the very same method on the same inputs."""
    inputs = inputs_of(fact, material)
    if isinstance(inputs, str):
        return None, inputs
    try:
        result = method(fact.method, methods.VERSION).compute(
            {entry.name: entry.value for entry in inputs}, dict(fact.parameters), None
        )
    except methods.NoEvidence as error:
        return None, str(error)
    return rounded(dict(result))["value"], ""
