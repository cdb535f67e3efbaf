"""The four kinds of drafts, each made of bound sentences in the structure of the house; what is missing is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from portfolio.publishing.documents import HEADINGS, MISSING
from portfolio.publishing.writing.asking import Asked, ask
from portfolio.publishing.writing.material import Material
from portfolio.publishing.writing.sentences import Sentence, as_markdown, as_plain, wrong_with
from portfolio.publishing.writing.situation import stated_in
from portfolio.publishing.writing.style import praise_in

MOST = {"context": 3, "constraint": 2, "options": 2, "decision": 4, "what_failed": 3}
# By which words a sentence belongs to a section; the first that fits counts, and what fits none tells what was done.
_CUES = (
    ("what_failed", r"\bfail(?:s|ed|ure)|\brevert|\bbroke|\bregress|\bdid not work|\bbug\b|\bflaky|\bcrash"),
    ("options", r"\balternativ|\binstead of|\brather than|\bconsidered|\boption|\bcompared (?:to|with)|\bversus\b"),
    ("constraint", r"\bmust\b|\bcannot\b|\bcan't\b|\bwithout\b|\brequire[sd]?\b|\bcompatib|\blimit(?:s|ed|ation)?\b"),
    (
        "context",
        r"\bpreviously|\bbecause|\bcurrently|\bproblem|\bwas\b|\bwere\b|\bneed(?:s|ed)?\b|\broot cause|\bslow\b",
    ),
)
_CUE_OF = [(section, re.compile(pattern, re.I)) for section, pattern in _CUES]
PARTS = {
    "solo": "I am the only person among the authors of these changes.",
    "led": "I wrote most of the commits that people made to these changes.",
    "contributed": "I wrote some of the commits that people made to these changes; colleagues wrote the others.",
    "reviewed": "I reviewed these changes and wrote none of their commits.",
}
VERBS = {"solo": "Did", "led": "Led", "contributed": "Contributed to", "reviewed": "Reviewed"}


@dataclass(frozen=True, slots=True)
class Composed:
    """A draft before it is stored."""

    sentences: list[Sentence]
    rejected: list[dict[str, str]]
    markdown: str
    plain: str
    asked: Asked


def compose(kind: str, material: Material) -> Composed:
    """Draft one kind of text. Raises RoutingError where nobody answers."""
    make, task, write = _KINDS[kind]
    asked = ask(task, material)
    kept: list[Sentence] = []
    rejected = [{"text": text, "reason": "it stands on none of the sources"} for text in asked.unbound]
    for sentence in asked.sentences:
        reason = wrong_with(sentence, material)
        if reason:
            rejected.append({"text": sentence.text, "reason": reason})
        else:
            kept.append(sentence)
    sentences = make(kept, material)
    for sentence in sentences:
        reason = wrong_with(sentence, material)
        if reason:
            raise AssertionError(f"a rule composed “{sentence.text[:60]}”, and {reason}")
    markdown, plain = write(sentences, material)
    return Composed(sentences, rejected, markdown, plain, asked)


def section_of(text: str) -> str:
    """The section of a case study that a sentence belongs to."""
    return next((section for section, cue in _CUE_OF if cue.search(text)), "decision")


def _summary(kept: Sequence[Sentence], material: Material) -> list[Sentence]:
    found = [replace(sentence, section="summary") for sentence in kept[:4]]
    return found or [Sentence("summary", f"{MISSING} no text of these changes says what was done.", "missing", ())]


def _case_study(kept: Sequence[Sentence], material: Material) -> list[Sentence]:
    placed: dict[str, list[Sentence]] = {}
    for sentence in kept:
        section = section_of(sentence.text)
        if len(placed.setdefault(section, [])) < MOST[section]:
            placed[section].append(replace(sentence, section=section))
    placed["evidence"] = _evidence(material)
    placed["result"] = _result(material)
    if material.part in PARTS:
        placed["my_part"] = [Sentence("my_part", PARTS[material.part], "composed", (material.subject,))]
    placed["not_proven"] = _not_proven(material)
    found = []
    for section, heading in HEADINGS.items():
        words = f"{MISSING} no source says anything for “{heading}”; write it, or take the section out."
        found += placed.get(section) or [Sentence(section, words, "missing", ())]
    return found


def _evidence(material: Material) -> list[Sentence]:
    refs = tuple(material.titles)
    listed = ", ".join(f"[[change {ref}]]" for ref in refs[:12])
    words = f"The work is {listed}." if len(refs) <= 12 else f"Among the changes are {listed}."
    found = [Sentence("evidence", words, "composed", refs[:12])] if refs else []
    for label, receipt in material.totals:
        found.append(
            Sentence("evidence", f"{label.capitalize()}: [[receipt {receipt.id}]].", "composed",
                     (receipt.subject,), (receipt.id,))
        )  # fmt: skip
    return found


def _result(material: Material) -> list[Sentence]:
    found = [
        Sentence("result", quote.text, "quoted", (quote.ref, quote.claim), (quote.receipt.id,))
        for quote in material.quotes[:6]
    ]
    return found + [
        Sentence("result", f"Estimated, as a range: [[receipt {receipt.id}]].", "composed", (receipt.subject,),
                 (receipt.id,))
        for receipt in material.ranges[:4]
    ]  # fmt: skip


def _not_proven(material: Material) -> list[Sentence]:
    about = (material.subject,)
    words = ["Lines are a measure of size, not of value or effort."] if material.totals else []
    if material.quotes:
        words.append("What the changes state of outcomes is quoted, and was not measured again.")
    words += [f"Not known: {', '.join(material.missing)}."] if material.missing else []
    return [Sentence("not_proven", text, "composed", about) for text in words]


def _situation(kept: Sequence[Sentence], material: Material) -> Sentence:
    """What was wrong or needed before: of the answer, else of the sources; where nothing says it, that is said."""
    told = (item for item in kept if section_of(item.text) in ("context", "constraint"))
    found = next(told, None) or stated_in(material)
    missing = Sentence("situation", f"{MISSING} no source states the situation.", "missing", ())
    return replace(found, section="situation") if found else missing


def _action(material: Material) -> Sentence:
    """The change that stands for the work; one whose title praises itself gives way to one that does not."""
    verb = VERBS.get(material.part, "Took part in")
    refs = [material.title_ref, *material.titles]
    ref = next((ref for ref in refs if not praise_in(material.titles.get(ref, ""))), material.title_ref)
    return Sentence("action", f"{verb} [[change {ref}]].", "composed", (ref,))


def _outcome(material: Material, most: int) -> list[Sentence]:
    found = [replace(sentence, section="result") for sentence in _result(material)[:most]]
    missing = Sentence("result", f"{MISSING} no outcome is stated or measured.", "missing", ())
    return found or [missing]


def _cv_bullet(kept: Sequence[Sentence], material: Material) -> list[Sentence]:
    return [_situation(kept, material), _action(material), *_outcome(material, 1)]


def _linkedin(kept: Sequence[Sentence], material: Material) -> list[Sentence]:
    told = [replace(sentence, section="story") for sentence in kept[:4]]
    words = PARTS.get(material.part)
    part = [Sentence("part", words, "composed", (material.subject,))] if words else []
    return [_action(material), *told, *_outcome(material, 2), *part]


def _paragraph(sentences: Sequence[Sentence], material: Material) -> tuple[str, str]:
    """One paragraph, quotations in blocks of their own."""
    blocks = [as_markdown(sentence) for sentence in sentences]
    joined = "\n\n".join(blocks) if any(block.startswith(">") for block in blocks) else " ".join(blocks)
    return joined, " ".join(as_plain(sentence, material) for sentence in sentences)


def _sections(sentences: Sequence[Sentence], material: Material) -> tuple[str, str]:
    """A heading for each section, in the order of the house."""
    markdown, plain = [], []
    for section, heading in HEADINGS.items():
        mine = [sentence for sentence in sentences if sentence.section == section]
        text, bare = _paragraph(mine, material)
        markdown.append(f"## {heading}\n\n{text}")
        plain.append(f"{heading}\n{bare}")
    return "\n\n".join(markdown) + "\n", "\n\n".join(plain) + "\n"


def _paragraphs(sentences: Sequence[Sentence], material: Material) -> tuple[str, str]:
    markdown, plain = _paragraph(sentences, material)
    return markdown, "\n\n".join(as_plain(sentence, material) for sentence in sentences) if plain else ""


Make = Callable[[Sequence[Sentence], Material], list[Sentence]]
Write = Callable[[Sequence[Sentence], Material], tuple[str, str]]
_KINDS: dict[str, tuple[Make, str, Write]] = {
    "summary": (_summary, "summarise", _paragraph),
    "case_study": (_case_study, "draft-case-study", _sections),
    "cv_bullet": (_cv_bullet, "summarise", _paragraph),
    "linkedin": (_linkedin, "summarise", _paragraphs),
}


def sections(sentences: Sequence[Sentence]) -> dict[str, str]:
    """The fields of a case study, by name."""
    return {
        section: "\n\n".join(as_markdown(sentence) for sentence in sentences if sentence.section == section)
        for section in HEADINGS
    }
