"""The project's own documentation, read from docs/ beside the code."""

import re
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portfolio.publishing import markdown

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*)?\Z")
_LINK = re.compile(r"\]\((?!https?:|#|/)(?:\./)?([A-Za-z0-9/_-]+)\.md(#[^)]*)?\)")


def folder() -> Path:
    """Where the documents lie."""
    return Path(settings.BASE_DIR) / "docs"


def titles() -> list[tuple[str, str]]:
    """Every document as (name, title), the ones at the top first."""
    found = []
    for path in sorted(folder().rglob("*.md"), key=lambda path: (len(path.parts), path.as_posix())):
        name = path.relative_to(folder()).with_suffix("").as_posix()
        if _NAME.match(name):
            with path.open(encoding="utf-8") as file:
                found.append((name, file.readline().lstrip("# ").strip() or name))
    return found


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All documents by title."""
    return render(request, "portfolio/docs.html", {"titles": titles()})


@require_safe
def document(request: HttpRequest, name: str) -> HttpResponse:
    """One document; relative links between documents are kept alive."""
    path = folder() / f"{name}.md"
    if not _NAME.match(name) or not path.is_file():
        raise Http404("no such document")
    source = path.read_text(encoding="utf-8")
    title, _, body = source.partition("\n")
    base = name.rpartition("/")[0]
    body = _LINK.sub(lambda link: f"](/docs/{_resolve(base, link.group(1))}/{link.group(2) or ''})", body)
    context = {"title": title.lstrip("# ").strip(), "text": markdown.render(body)}
    return render(request, "portfolio/doc.html", context)


def _resolve(base: str, target: str) -> str:
    parts = [part for part in base.split("/") if part]
    for part in target.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
