"""The project's own documentation, read from docs/ beside the code: its pages, titles and links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from portfolio.publishing import markdown

INDEX = "README"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)?\Z")
_LINK = re.compile(r"\]\((?!https?:|#|/)(?:\./)?([A-Za-z0-9./_-]+)\.md(#[^)]*)?\)")


@dataclass(frozen=True)
class ManualPage:
    """One document: its name (path below docs/ without the ending), title and rendered text."""

    name: str
    title: str
    text: markdown.Rendered


def folder() -> Path:
    """Where the documents lie."""
    return Path(settings.BASE_DIR) / "docs"


def names() -> list[str]:
    """The names of all documents but the index, in order."""
    found = (path.relative_to(folder()).with_suffix("").as_posix() for path in folder().rglob("*.md"))
    return sorted(name for name in found if _NAME.match(name))


def page(name: str) -> ManualPage | None:
    """A document by its name, its links between documents turned into addresses; None when there is none."""
    path = folder() / f"{name}.md"
    if not (_NAME.match(name) or name == INDEX) or not path.is_file():
        return None
    title, _, body = path.read_text(encoding="utf-8").partition("\n")
    base = name.rpartition("/")[0]
    body = _LINK.sub(lambda link: f"]({_address(base, link.group(1))}{link.group(2) or ''})", body)
    return ManualPage(name, title.lstrip("# ").strip(), markdown.render(body))


def _address(base: str, target: str) -> str:
    """The address of a document that another one names relative to itself."""
    parts = [part for part in base.split("/") if part]
    for part in target.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return reverse("portfolio:doc", args=["/".join(parts)])
