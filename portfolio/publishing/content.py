"""Texts as files: Markdown with front matter under content/, so that an owner may keep them in git.

A case study's texts stand under second-level headings of their own names; a post or page is one text. Importing fills
working copies and never publishes; a broken file is refused by itself, with its name and reason, and the others go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError

from portfolio.models.documents import Document
from portfolio.publishing import documents

FOLDERS = {"case-study": "work", "post": "writing", "page": "pages"}
MAX_BYTES = 1_000_000
_FRONT = re.compile(r"\A---\r?\n(.*?)\r?\n---\r?\n?(.*)\Z", re.S)
_FIELDS = {"title", "summary"}


class ContentError(ValueError):
    """A file cannot be read as a document; the message is one line for its writer."""


@dataclass(frozen=True)
class Outcome:
    """What became of one file: created, updated, unchanged or refused (then with the reason)."""

    path: Path
    state: str
    reason: str = ""


def to_text(document: Document) -> str:
    """The working copy of a document as a file's text."""
    front = {name: getattr(document, name) for name in ("title", "summary", *document.EXTRAS)}
    head = yaml.safe_dump({key: value for key, value in front.items() if value}, allow_unicode=True, sort_keys=False)
    if document.TEXTS == ("body",):
        body = str(getattr(document, "body")).strip()  # noqa: B009  the abstract document has no such field
    else:
        sections = [(documents.HEADINGS[name], getattr(document, name).strip()) for name in document.TEXTS]
        body = "\n\n".join(f"## {heading}\n\n{text}" for heading, text in sections if text)
    return f"---\n{head}---\n\n{body}\n"


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    """The names and values between the two lines of ---, and the text after them; raises ContentError."""
    found = _FRONT.match(text)
    if not found:
        raise ContentError("it does not begin with front matter between two lines of ---")
    try:
        front = yaml.safe_load(found.group(1)) or {}
    except yaml.YAMLError as error:
        raise ContentError(f"its front matter is no YAML: {' '.join(str(error).split())[:120]}") from error
    if not isinstance(front, dict):
        raise ContentError("its front matter is no list of names and values")
    return front, found.group(2)


def parse(kind: str, text: str) -> dict[str, Any]:
    """The fields of a document from a file's text; raises ContentError."""
    model = documents.KINDS[kind]
    front, body = front_matter(text)
    unknown = set(front) - _FIELDS - set(model.EXTRAS)
    if unknown:
        raise ContentError(f"its front matter has unknown names: {', '.join(sorted(map(str, unknown)))}")
    if not str(front.get("title") or "").strip():
        raise ContentError("its front matter has no title")
    fields: dict[str, Any] = {"title": str(front["title"])[:160], "summary": str(front.get("summary") or "")[:300]}
    for name in model.EXTRAS:
        if name in front:
            value = front[name]
            is_list = isinstance(getattr(model(), name), list)
            if is_list and not (isinstance(value, list) and all(isinstance(word, str) for word in value)):
                raise ContentError(f"“{name}” must be a list of words")
            fields[name] = value if is_list else str(value)
    return {**fields, **_texts(model, body)}


def _texts(model: type[Document], body: str) -> dict[str, str]:
    if model.TEXTS == ("body",):
        return {"body": body.strip()}
    names = {documents.HEADINGS[name].lower(): name for name in model.TEXTS}
    pieces = re.split(r"^## +(.+?) *$", body, flags=re.M)
    if pieces[0].strip():
        raise ContentError("there is text before the first heading")
    texts = dict.fromkeys(model.TEXTS, "")
    for heading, text in zip(pieces[1::2], pieces[2::2], strict=True):
        if heading.lower() not in names:
            raise ContentError(f"“{heading[:60]}” is not a section of a case study")
        texts[names[heading.lower()]] = text.strip()
    return texts


def import_folder(root: Path) -> Iterator[Outcome]:
    """Bring every file under content/ into its working copy; yields one outcome a file, in the order of paths."""
    for kind, folder in FOLDERS.items():
        for path in sorted((root / folder).glob("*.md")):
            try:
                yield Outcome(path, _import_file(kind, path))
            except ContentError as error:
                yield Outcome(path, "refused", str(error))


def _import_file(kind: str, path: Path) -> str:
    if path.stat().st_size > MAX_BYTES:
        raise ContentError("it is longer than a million bytes")
    try:
        fields = parse(kind, path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ContentError("it is not UTF-8") from error
    model = documents.KINDS[kind]
    document = model._default_manager.filter(slug=path.stem).first() or model(slug=path.stem)
    fresh = document.pk is None
    if not fresh and all(getattr(document, name) == value for name, value in fields.items()):
        return "unchanged"
    for name, value in fields.items():
        setattr(document, name, value)
    problems = documents.check(document)
    if problems:
        raise ContentError(" ".join(problems[:3]))
    try:
        document.full_clean(validate_constraints=False)
    except ValidationError as error:
        raise ContentError("; ".join(error.messages)) from error
    document.save()
    return "created" if fresh else "updated"


def export_folder(root: Path) -> Iterator[Outcome]:
    """Write every working copy under content/; a file that is the same already is not touched."""
    for kind, folder in FOLDERS.items():
        for document in documents.KINDS[kind]._default_manager.order_by("slug"):
            path = root / folder / f"{document.slug}.md"
            text = to_text(document)
            if path.exists() and path.read_text(encoding="utf-8") == text:
                yield Outcome(path, "unchanged")
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            state = "updated" if path.exists() else "created"
            path.write_text(text, encoding="utf-8")
            yield Outcome(path, state)
