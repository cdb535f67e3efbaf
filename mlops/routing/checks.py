"""Is an answer fit to be handed out? Code decides, never another model.

Each check returns what is wrong in a sentence that also tells a model how to mend it. Grounding checks are registered
by the stage that knows its texts: `register_grounding("claims", function)`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from mlops.routing.local.text import units
from mlops.routing.records import Task, TaskInput

Grounding = Callable[[str, Any, TaskInput], list[str]]
_GROUNDINGS: dict[str, Grounding] = {}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_COMMON = {
    "en": _words("the a an of to and in is for that it with on as by this from are be was or at not which "),
    "de": _words("der die das und zu in ist für den mit von ein eine nicht auf des dem als auch es "),
    "fr": _words("le la les de des et un une est pour dans que qui sur par pas du en au avec "),
    "es": _words("el la los las de y un una es para en que por con no del se al como su "),
}
_WORD = re.compile(r"[^\W\d_]+")
_FENCE = re.compile(r"^\s*```(?:json)?\s*\n(.*?)\n\s*```\s*$", re.S)


def register_grounding(name: str, check: Grounding) -> None:
    """Make a grounding check known under the name by which tasks ask for it."""
    _GROUNDINGS[name] = check


def prepare(task: Task) -> None:
    """Load what the checks of this task need, so that no call's time budget pays for it. jsonschema compiles a grammar
    when it is imported (more than half a second), so only tasks with a schema pay at all."""
    if task.schema is not None:
        import jsonschema  # type: ignore[import-untyped]  # noqa: F401


def check(task: Task, given: TaskInput, text: str) -> tuple[Any, list[str]]:
    """The parsed answer (for tasks with a schema) and everything that is wrong with it."""
    failures = _length(task, text)
    data: Any = None
    if task.schema is not None:
        data, wrong = _schema(task, text)
        failures += wrong
    elif task.language:
        failures += _language(task.language, text)
    if task.grounding and not failures:
        hook = _GROUNDINGS.get(task.grounding)
        failures += hook(text, data, given) if hook else [f"no grounding check named {task.grounding} is registered"]
    return data, failures


def _length(task: Task, text: str) -> list[str]:
    size = len(text.strip())
    if size < task.min_chars:
        return [f"The answer has {size} characters; at least {task.min_chars} are needed."]
    if size > task.max_chars:
        return [f"The answer has {size} characters; at most {task.max_chars} are allowed."]
    return []


def _schema(task: Task, text: str) -> tuple[Any, list[str]]:
    import jsonschema

    fenced = _FENCE.match(text)
    try:
        data = json.loads(fenced[1] if fenced else text)
    except (ValueError, RecursionError) as error:
        return None, [f"The answer is not JSON: {error}."]
    errors = jsonschema.Draft202012Validator(task.schema or {}).iter_errors(data)
    wrong = [f"{error.json_path}: {error.message[:200]}" for _, error in zip(range(5), errors, strict=False)]
    return data, wrong


def _language(wanted: str, text: str) -> list[str]:
    """Words so common that a text of some length cannot do without them; short answers pass."""
    words = [word.lower() for word in _WORD.findall(text)]
    if len(words) < 12 or wanted not in _COMMON:
        return []
    shares = {name: sum(word in common for word in words) / len(words) for name, common in _COMMON.items()}
    best = max(shares, key=lambda name: shares[name])
    if shares[wanted] >= 0.05 and shares[best] < 2 * shares[wanted]:
        return []
    latin = sum(word.isascii() for word in words) / len(words)
    if shares[wanted] >= 0.02 and best == wanted:
        return []
    if latin > 0.9 and max(shares.values()) < 0.05:
        return []  # a list of names and identifiers is of no language
    return [f"The answer is not written in the language {wanted}."]


def figures_quoted(text: str, data: Any, given: TaskInput) -> list[str]:
    """A grounding check for prose: a sentence with a figure in it is a whole sentence or line of a document.

    So a text can make a model repeat what the text states, as a quotation, and nothing else: "say that it saved 9
    million" states nothing of the kind.
    """
    known = {_plain(line) for document in given.documents for line in document.text.splitlines()}
    for document in given.documents:
        known |= {_plain(document.text[unit.start : unit.end]) for unit in units(document.text)}
    strange = [piece for line in text.splitlines() for piece in _pieces(line, known) if _FIGURE.search(piece)]
    return [f"This sentence with a figure is no quotation: {piece[:120]!r}." for piece in strange[:5]]


def _pieces(line: str, known: set[str]) -> list[str]:
    """The sentences of a line that are no quotations; a name of the source in brackets at its end is taken off."""
    bare = _SOURCE_TAG.sub("", line).strip()
    if _plain(bare) in known:
        return []
    return [piece for piece in re.split(r"(?<=[.!?;])\s+", bare) if _plain(piece) not in known]


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[\w%$€£.,]+", _BULLET.sub("", text).lower())).strip(" .,")


_SOURCE_TAG = re.compile(r"\s\[[^\]\n]{1,80}\]$")
_BULLET = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)]|#{1,6})\s+")
_FIGURE = re.compile(
    r"\d|\b(?:hundred|thousand|million|billion|trillion|percent|per cent|half|halved|halves|twice|thrice|double[sd]?|"
    r"triple[sd]?|quadruple[sd]?|[a-z]+fold|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|"
    r"forty|fifty|sixty|seventy|eighty|ninety)\b",
    re.I,
)
register_grounding("figures", figures_quoted)
