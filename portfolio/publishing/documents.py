"""A document as visitors get it: the live revision's fields, with its texts rendered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast
from django.urls import reverse

from evidence.canonical import sha256_of
from portfolio import queries
from portfolio.models import CaseStudy, Page, Post, Profile, Revision
from portfolio.models.documents import Document
from portfolio.publishing import embeds, markdown

# How a drafted section begins that nobody has written yet; a document with one is not published.
MISSING = "Missing:"
KINDS: dict[str, type[Document]] = {model.KIND: model for model in (CaseStudy, Post, Page)}
HEADINGS = {
    "context": "Context",
    "constraint": "Constraint",
    "options": "Options",
    "decision": "Decision",
    "evidence": "Evidence",
    "result": "Result",
    "what_failed": "What failed",
    "my_part": "My part",
    "not_proven": "What is not proven",
}
# What a document must say before it may be published.
REQUIRED = {
    "case-study": ("context", "decision", "result", "my_part", "not_proven"),
    "post": ("body",),
    "page": ("body",),
}


def kind_of(document: Document) -> str:
    """The word under which a document's revisions are kept."""
    return document.KIND


def url_of(kind: str, slug: str) -> str:
    """The public address of a document."""
    name = {"case-study": "portfolio:case-study", "post": "portfolio:post", "page": "portfolio:page"}[kind]
    return reverse(name, args=[slug])


@dataclass(frozen=True)
class Section:
    """One text of a document under its heading ("" for a post's body)."""

    name: str
    heading: str
    text: markdown.Rendered


@dataclass(frozen=True)
class Shown:
    """A document ready for its template. `number` 0 is a working copy that was never published."""

    kind: str
    slug: str
    url: str
    title: str
    summary: str
    sections: list[Section]
    extras: dict[str, Any]
    number: int
    published_at: datetime | None
    first_published_at: datetime | None

    @property
    def minutes(self) -> int:
        """Minutes of reading, all sections together."""
        return (
            sum(section.text.minutes for section in self.sections)
            if len(self.sections) == 1
            else max(
                1, sum(len(str(section.text.html).split()) for section in self.sections) // markdown.WORDS_A_MINUTE
            )
        )

    @property
    def contents(self) -> list[tuple[int, str, str]]:
        """Headings for a table of contents."""
        return [entry for section in self.sections for entry in section.text.contents]


def citing(receipt_id: str) -> list[tuple[str, str]]:
    """(title, address) of the published texts that state the figure of a receipt, the first page among them."""
    found = [("The first page", reverse("portfolio:home"))] if _names(queries.shown_profile(), receipt_id) else []
    for kind, model in KINDS.items():
        live = model._default_manager.filter(live__isnull=False).annotate(words=Cast("live__content", TextField()))
        rows = live.filter(words__contains=receipt_id).select_related("live").order_by("pk")[:20]
        found += [(row.live.content["title"], url_of(kind, row.slug)) for row in rows if row.live]
    return found


def _names(profile: Profile, receipt_id: str) -> bool:
    return receipt_id in profile.outcomes or receipt_id in profile.statement


def snapshot(document: Document) -> dict[str, Any]:
    """The fields that a revision freezes, as plain JSON."""
    names = ("title", "summary", *document.EXTRAS, *document.TEXTS)
    return {name: getattr(document, name) for name in names}


def content_hash(content: dict[str, Any]) -> str:
    """SHA-256 of a revision's content in canonical form."""
    return sha256_of(content)


def _shown(document: Document, content: dict[str, Any], revision: Revision | None) -> Shown:
    kind = kind_of(document)
    sections = [
        Section(name, HEADINGS.get(name, ""), embeds.render(content[name]))
        for name in document.TEXTS
        if content.get(name)
    ]
    return Shown(
        kind=kind,
        slug=document.slug,
        url=url_of(kind, document.slug),
        title=content["title"],
        summary=content["summary"],
        sections=sections,
        extras={name: content.get(name) for name in document.EXTRAS},
        number=revision.number if revision else 0,
        published_at=revision.published_at if revision else None,
        first_published_at=document.first_published_at,
    )


def published(document: Document) -> Shown:
    """What visitors see; the document must have a live revision."""
    assert document.live is not None  # noqa: S101  callers select by live revision
    return _shown(document, document.live.content, document.live)


def draft(document: Document) -> Shown:
    """The working copy, for its preview."""
    return _shown(document, snapshot(document), None)


def missing(document: Document) -> list[str]:
    """What a document still lacks before it may be published, one line each."""
    lacking = [
        f"“{HEADINGS.get(name, name.capitalize())}” is empty."
        for name in REQUIRED[kind_of(document)]
        if not getattr(document, name).strip()
    ]
    lacking += [
        f"“{HEADINGS.get(name, name.capitalize())}” still says what is missing."
        for name in document.TEXTS
        if getattr(document, name).lstrip().startswith(MISSING)
    ]
    return lacking + check(document)


def check(document: Document) -> list[str]:
    """Broken embeds and bare numbers in any text of a document."""
    found: list[str] = []
    for name in ("title", "summary", *document.TEXTS):
        label = HEADINGS.get(name, name.capitalize())
        found.extend(f"{label}: {problem}" for problem in embeds.problems(getattr(document, name)))
    return found
