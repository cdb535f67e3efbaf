"""Asking the router for prose, and binding each sentence of the answer to the texts that it stands on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mlops import services as mlops
from portfolio.publishing.writing.material import Material, Source
from portfolio.publishing.writing.sentences import PREFIX, Sentence, from_source

_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"'(`])|\n+")
_BULLET = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)]|#{1,6})\s+")
_TAG = re.compile(r"\s*\[source \d+\]\s*$")
_WORD = re.compile(r"[a-z][a-z0-9]{3,}")
SHARED = 0.7  # the share of a reworded sentence's longer words that one source must hold


@dataclass(frozen=True, slots=True)
class Asked:
    """The bound sentences of an answer, those without a source, and the decision behind it."""

    sentences: Sequence[Sentence]
    unbound: Sequence[str]
    answered_by: str = "none"
    decision: str = ""
    degraded: bool = False


def ask(task: str, material: Material) -> Asked:
    """Route the sources as a task. Raises RoutingError where nobody answers."""
    if not any(source.text.strip() for source in material.sources):
        return Asked((), ())
    documents = [(source.name, source.text) for source in material.sources]
    routed = mlops.route(task=task, documents=documents, private=material.private)
    by_name = {source.name: source for source in material.sources}
    bound: list[Sentence] = []
    unbound: list[str] = []
    exact = routed.answer.sentences
    for said in exact:
        source = by_name.get(said.source)
        if source and source.text[said.start : said.end] == said.text:
            bound.append(Sentence("", from_source(tidy(said.text)), "extracted", (source.ref,)))
        else:
            unbound.append(said.text)
    if not exact:
        for text in pieces(routed.answer.text):
            found = bind(text, material.sources)
            if found:
                bound.append(found)
            else:
                unbound.append(text)
    answer = routed.answer
    return Asked(bound, unbound, answer.target, routed.decision.id, answer.degraded)


def tidy(text: str) -> str:
    """Without the list's mark and the prefix of a conventional commit."""
    return PREFIX.sub("", _BULLET.sub("", text)).strip()


def pieces(text: str) -> list[str]:
    """The sentences of an answer in prose."""
    found = (_TAG.sub("", _BULLET.sub("", piece)).strip() for piece in _END.split(text))
    return [piece for piece in found if len(piece) > 3]


def bind(text: str, sources: Sequence[Source]) -> Sentence | None:
    """A sentence with the source that holds it: word for word, else nearly all of its longer words."""
    flat = " ".join(text.split()).lower()
    for source in sources:
        if flat in " ".join(source.text.split()).lower():
            return Sentence("", from_source(text), "extracted", (source.ref,))
    words = set(_WORD.findall(flat))
    if not words:
        return None
    best = max(sources, key=lambda source: len(words & set(_WORD.findall(source.text.lower()))), default=None)
    if best is None or len(words & set(_WORD.findall(best.text.lower()))) < SHARED * len(words):
        return None
    return Sentence("", from_source(text), "reworded", (best.ref,))
