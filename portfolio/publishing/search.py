"""Full-text search over everything published: PostgreSQL's own, or FTS5 where the embedded SQLite serves.

The words of a page go into SearchEntry; the index over it is made by the migration for the database at hand. Both
sides understand plain words and "quoted phrases"; anything else that a visitor types is taken as words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank, SearchVector
from django.db import connection
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from portfolio.models import SearchEntry
from portfolio.publishing import manual, markdown
from portfolio.publishing.documents import Shown

MANUAL = "documentation"
MAX_QUERY, MAX_WORDS, LIMIT = 200, 12, 30
_START, _STOP = "\ue100", "\ue101"
_WORD = re.compile(r'"([^"]+)"|(\w+)')


@dataclass(frozen=True)
class Hit:
    """One result: where it is, what it is called, and a piece of its text with the words marked."""

    kind: str
    url: str
    title: str
    excerpt: SafeString
    year: int | None


def index(shown: Shown) -> None:
    """Put a published document into the index, in place of its former state."""
    body = " ".join(markdown.plain_html(str(section.text.html)) for section in shown.sections)
    tags = list(shown.extras.get("tags") or shown.extras.get("technologies") or [])
    SearchEntry.objects.update_or_create(
        kind=shown.kind,
        key=shown.slug,
        defaults={
            "url": shown.url,
            "title": shown.title,
            "body": f"{shown.summary} {body} {' '.join(tags)}"[:200_000],
            "year": shown.first_published_at.year if shown.first_published_at else None,
            "tags": tags,
        },
    )


def index_manual() -> int:
    """Bring the documentation into the index, and drop pages that are gone; returns how many pages there are."""
    names = manual.names()
    known = {row.key: row for row in SearchEntry.objects.filter(kind=MANUAL)}
    for name in names:
        page = manual.page(name)
        if page is None:
            continue
        entry: dict[str, Any] = {
            "url": reverse("portfolio:doc", args=[name]),
            "title": page.title,
            "body": markdown.plain_html(str(page.text.html))[:200_000],
            "year": None,
            "tags": [],
        }
        if name not in known or any(getattr(known[name], field) != value for field, value in entry.items()):
            SearchEntry.objects.update_or_create(kind=MANUAL, key=name, defaults=entry)
    SearchEntry.objects.filter(kind=MANUAL).exclude(key__in=names).delete()
    return len(names)


def forget(kind: str, key: str) -> None:
    """Take a withdrawn document out of the index."""
    SearchEntry.objects.filter(kind=kind, key=key).delete()


def terms(text: str) -> list[str]:
    """The words and phrases of a query, without operators; at most a dozen."""
    found = [(phrase or word).strip() for phrase, word in _WORD.findall(text.replace("\x00", " ")[:MAX_QUERY])]
    return [term for term in found if re.search(r"\w", term)][:MAX_WORDS]


def find(text: str, kind: str = "", year: int | None = None, tag: str = "") -> list[Hit]:
    """The best published pages for a query, best first, at most thirty; nothing for an empty query."""
    wanted = terms(text)
    if not wanted:
        return []
    rows = _postgres(wanted, kind, year, tag) if connection.vendor == "postgresql" else _sqlite(wanted, kind, year, tag)
    return [Hit(kind_, url, title, _marked(excerpt), when) for kind_, url, title, excerpt, when in rows]


Row = tuple[str, str, str, str, int | None]


def _postgres(wanted: Sequence[str], kind: str, year: int | None, tag: str) -> list[Row]:
    query = SearchQuery(wanted[0], search_type="phrase", config="english")
    for term in wanted[1:]:
        query &= SearchQuery(term, search_type="phrase", config="english")
    vector = SearchVector("title", weight="A", config="english") + SearchVector("body", weight="B", config="english")
    found = SearchEntry.objects.annotate(vector=vector).filter(vector=query)
    if kind:
        found = found.filter(kind=kind)
    if year:
        found = found.filter(year=year)
    if tag:
        found = found.filter(tags__contains=[tag])
    found = found.annotate(
        rank=SearchRank(vector, query),
        excerpt=SearchHeadline(
            "body", query, start_sel=_START, stop_sel=_STOP, max_words=30, min_words=12, config="english"
        ),
    ).order_by("-rank", "id")
    return list(found.values_list("kind", "url", "title", "excerpt", "year")[:LIMIT])


def _sqlite(wanted: Sequence[str], kind: str, year: int | None, tag: str) -> list[Row]:
    match = " AND ".join('"' + re.sub(r'["\x00]', " ", term) + '"*' for term in wanted)
    sql = (
        "SELECT e.kind, e.url, e.title, snippet(portfolio_search_fts, 1, %s, %s, '…', 24), e.year "
        "FROM portfolio_search_fts f JOIN portfolio_searchentry e ON e.id = f.rowid "
        "WHERE portfolio_search_fts MATCH %s AND (%s = '' OR e.kind = %s) AND (%s = 0 OR e.year = %s) "
        "AND (%s = '' OR EXISTS (SELECT 1 FROM json_each(e.tags) t WHERE t.value = %s)) "
        "ORDER BY bm25(portfolio_search_fts, 4.0, 1.0), e.id LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [_START, _STOP, match, kind, kind, year or 0, year or 0, tag, tag, LIMIT])
        return [tuple(row) for row in cursor.fetchall()]


def _marked(excerpt: str) -> SafeString:
    text = escape(excerpt).replace(_START, "<mark>").replace(_STOP, "</mark>")
    return mark_safe(text)  # noqa: S308  escaped just above; only our own marks are let through
