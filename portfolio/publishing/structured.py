"""Structured data (JSON-LD) for search engines: only what the site itself shows."""

import json
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from portfolio.publishing.documents import Shown

_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def _person(site: dict[str, Any]) -> dict[str, Any]:
    person = site["person"]
    found = {
        "@type": "Person",
        "name": person.name,
        "jobTitle": person.role,
        "url": site["origin"] + "/",
        "sameAs": [link.get("url") for link in person.links if link.get("url")],
    }
    return {key: value for key, value in found.items() if value}


def of_page(site: dict[str, Any], document: object, path: str) -> dict[str, Any] | None:
    """ProfilePage for the first page, BlogPosting or Article for a published text, else None."""
    if not site or not site["person"].name:
        return None
    if path == "/":
        return {"@context": "https://schema.org", "@type": "ProfilePage", "mainEntity": _person(site)}
    if isinstance(document, Shown) and document.published_at and document.first_published_at:
        return {
            "@context": "https://schema.org",
            "@type": "BlogPosting" if document.kind == "post" else "Article",
            "headline": document.title,
            "description": document.summary,
            "datePublished": document.first_published_at.isoformat(),
            "dateModified": document.published_at.isoformat(),
            "version": str(document.number),
            "author": _person(site),
            "mainEntityOfPage": site["origin"] + path,
        }
    return None


def script(data: dict[str, Any]) -> SafeString:
    """The data as a script element. It is data, not code: a strict policy lets it stand and no browser runs it."""
    text = json.dumps(data, ensure_ascii=False).translate(_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308  escaped just above
