"""The local targets by name. A stage registers its own rule-based worker, for example the claims extractor:

register_local("claims-rules", function)   with   function(task, given) -> LocalAnswer
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mlops.routing.local.extractive import summarise
from mlops.routing.local.rules import first_lines, label_by_rules
from mlops.routing.records import Sentence, Task, TaskInput


@dataclass(frozen=True, slots=True)
class LocalAnswer:
    """What a local target says: text, parsed data where the task wants it, and the sentences' sources."""

    text: str
    data: Any = None
    sentences: tuple[Sentence, ...] = ()


# Said instead of filling up a summary with what is none; it is no quotation and so not among the sentences.
NOTHING_MORE = "(The other texts say nothing beyond this title.)"

Worker = Callable[[Task, TaskInput], LocalAnswer]
_WORKERS: dict[str, Worker] = {}


def register_local(name: str, worker: Worker) -> None:
    """Make a local worker known under a target's key."""
    _WORKERS[name] = worker


def local_worker(name: str) -> Worker | None:
    return _WORKERS.get(name)


def local_names() -> tuple[str, ...]:
    return tuple(sorted(_WORKERS))


def _extractive(task: Task, given: TaskInput) -> LocalAnswer:
    sentences = summarise(given.documents, max_chars=min(task.max_chars, task.max_output_tokens * 4))
    lines = [f"{entry.text} [{entry.source}]" for entry in sentences]
    if len(sentences) == 1 and len(given.documents) > 1 and sentences[0].source == given.documents[0].name:
        lines.append(NOTHING_MORE)
    return LocalAnswer("\n".join(lines), None, sentences)


def _rules(task: Task, given: TaskInput) -> LocalAnswer:
    if task.schema is not None:
        return label_answer(given)
    sentences = first_lines(given.documents, task.max_chars)
    return LocalAnswer("\n".join(f"{entry.text} [{entry.source}]" for entry in sentences), None, sentences)


def label_answer(given: TaskInput) -> LocalAnswer:
    """A JSON label by rules of wording, with the rule that gave it."""
    import json

    label, rule = label_by_rules(given.documents)
    data = {"label": label, "rule": rule}
    return LocalAnswer(json.dumps(data), data)


register_local("local-extractive", _extractive)
register_local("local-rules", _rules)
