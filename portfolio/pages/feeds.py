"""Atom and JSON Feed of the posts, whole and per tag; the sitemap; robots.txt."""

from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from analysis import queries as analysis
from portfolio import queries
from portfolio.pages.context import origin
from portfolio.pages.texts import post_entries
from portfolio.publishing import documents, embeds
from portfolio.publishing.addresses import change_path

FEED_LENGTH = 20
SITEMAP_LENGTH = 5000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_XML_FORBIDDEN = dict.fromkeys([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF])


def _text(value: object) -> str:
    return escape(str(value).translate(_XML_FORBIDDEN))


def _entries(tag: str) -> list[dict[str, object]]:
    entries = post_entries(tag)
    if tag and not entries:
        raise Http404("no post has this tag")
    return entries[:FEED_LENGTH]


@require_safe
def atom(request: HttpRequest, tag: str = "") -> HttpResponse:
    """RFC 4287."""
    here, site = request.build_absolute_uri(), origin(request)
    person = queries.shown_profile().name or "Attest"
    entries = _entries(tag)
    updated = max((entry["updated"] for entry in entries), default=_EPOCH)  # type: ignore[type-var]
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<title>{_text(person)}{_text(f', {tag}' if tag else '')}</title>",
        f"<id>{_text(here)}</id>",
        f'<link rel="self" href={quoteattr(here)}/>',
        f"<link href={quoteattr(site + reverse('portfolio:writing'))}/>",
        f"<updated>{updated.isoformat()}</updated>",  # type: ignore[attr-defined]
        f"<author><name>{_text(person)}</name></author>",
    ]
    for entry in entries:
        url = site + str(entry["url"])
        html = str(embeds.render(str(entry["body"])).html)
        parts.append(
            f"<entry><title>{_text(entry['title'])}</title><id>{_text(url)}</id><link href={quoteattr(url)}/>"
            f"<published>{entry['published'].isoformat()}</published>"  # type: ignore[attr-defined]
            f"<updated>{entry['updated'].isoformat()}</updated>"  # type: ignore[attr-defined]
            f"<summary>{_text(entry['summary'])}</summary>"
            f'<content type="html" xml:base={quoteattr(site)}>{_text(html)}</content></entry>'
        )
    parts.append("</feed>")
    return HttpResponse("\n".join(parts), content_type="application/atom+xml; charset=utf-8")


@require_safe
def json_feed(request: HttpRequest, tag: str = "") -> JsonResponse:
    """JSON Feed 1.1."""
    site = origin(request)
    person = queries.shown_profile().name or "Attest"
    items = [
        {
            "id": site + str(entry["url"]),
            "url": site + str(entry["url"]),
            "title": entry["title"],
            "summary": entry["summary"],
            "content_html": str(embeds.render(str(entry["body"])).html),
            "date_published": entry["published"],
            "date_modified": entry["updated"],
            "tags": entry["tags"],
        }
        for entry in _entries(tag)
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": f"{person}, {tag}" if tag else person,
        "home_page_url": site + reverse("portfolio:writing"),
        "feed_url": request.build_absolute_uri(),
        "authors": [{"name": person}],
        "items": items,
    }
    return JsonResponse(feed, content_type="application/feed+json")


STANDING = (
    "home", "work", "evidence", "method", "writing", "models", "router", "demos", "reports", "resume", "status",
    "about", "privacy", "colophon", "contact", "repositories",
)  # fmt: skip


def sitemap_paths() -> list[str]:
    """Every public page that a search engine may keep: the standing ones, the texts, the newest changes."""
    paths = []
    for name in STANDING:
        try:
            paths.append(reverse(f"portfolio:{name}"))
        except NoReverseMatch:
            continue  # a page that this build does not have
    paths += [documents.url_of("case-study", study.slug) for study in queries.case_studies()[:500]]
    paths += [documents.url_of("post", post.slug) for post in queries.posts()[:500]]
    newest = analysis.public_changes().select_related("repository").order_by("-sorted_at", "-id")
    paths += [change_path(change) for change in newest[: SITEMAP_LENGTH - len(paths)]]
    return paths


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """sitemap.xml, protocol 0.9."""
    site = origin(request)
    urls = "".join(f"<url><loc>{_text(site + path)}</loc></url>\n" for path in sitemap_paths())
    xml = (
        '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{urls}</urlset>"
    )
    return HttpResponse(xml, content_type="application/xml; charset=utf-8")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Everything public may be read; receipts and drafts say noindex themselves."""
    lines = ["User-agent: *", "Disallow: /admin/", "Disallow: /preview/", f"Sitemap: {origin(request)}/sitemap.xml", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
