"""Telling the pages that a published text links to, if they take notices."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from evidence.operator import outside_policy
from portfolio import queries
from portfolio.models.documents import Document
from portfolio.publishing import documents, embeds
from portfolio.publishing.mentions import reading

MOST_LINKS = 50
_HREF = re.compile(r'<a [^>]*?href="([^"]+)"')


def send(*, kind: str, slug: str) -> dict[str, str]:
    """Tell every page that the newest revision links to, or the one before it did; the outcome by address.

    One page that does not answer keeps no other from being told.
    """
    document = documents.KINDS[kind]._default_manager.filter(slug=slug, live__isnull=False).first()
    if document is None:
        return {}
    source = settings.ATTEST_ORIGIN.rstrip("/") + documents.url_of(kind, slug)
    policy = outside_policy(max_bytes=reading.MAX_BYTES, total_seconds=reading.TOTAL_SECONDS)
    with reading.client(policy, settings.ATTEST_ORIGIN) as asked:
        return {target: _tell(asked, source, target) for target in links(document)}


def links(document: Document) -> list[str]:
    """Addresses of other sites in the texts of the last two revisions, in their order, at most fifty."""
    found: dict[str, None] = {}
    for revision in queries.revisions(document.KIND, document.slug).order_by("-number")[:2]:
        for name in document.TEXTS:
            html = str(embeds.render(revision.content.get(name) or "").html)
            found |= dict.fromkeys(unescape(address).partition("#")[0] for address in _HREF.findall(html))
    own = urlsplit(settings.ATTEST_ORIGIN).netloc
    web = [address for address in found if address.startswith(("https://", "http://"))]
    return [address for address in web if urlsplit(address).netloc != own][:MOST_LINKS]


def _tell(asked: httpx.Client, source: str, target: str) -> str:
    try:
        endpoint = reading.fetch(asked, target).endpoint
        if not endpoint:
            return "takes no notices"
        answer: Any = asked.post(endpoint, data={"source": source, "target": target})
    except (httpx.HTTPError, httpx.InvalidURL, reading.Unreadable) as error:
        return f"not told: {error}"[:200]
    return "told" if answer.is_success else f"not told: its endpoint answers {answer.status_code}"
