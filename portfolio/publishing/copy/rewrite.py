"""A page of the running site as a page of a copy: links relative, nothing that only a running site could answer."""

import re
from collections.abc import Callable
from html import escape, unescape
from typing import Any
from uuid import NAMESPACE_URL, uuid5

# A start tag with its attributes; quoted values may hold ">".
_TAG = re.compile(r"""<([a-zA-Z][a-zA-Z0-9-]*)((?:\s+[^\s=>"'/]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?)*)\s*(/?)>""")
_ATTRIBUTE = re.compile(r"""\s+([^\s=>"'/]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")
_LINKS = {"href", "src", "cite", "action", "poster"}
_FORM = re.compile(r"<form\b(?P<open>[^>]*)>.*?</form>", re.S)
_ALONE = re.compile(r"<li><a (?P<attributes>[^>]*)>[^<]*</a></li>\n?")
_HREF = re.compile(r'href="([^"]*)"')
# What only a running site can answer: htmx, and the cards of social networks, which are drawn when asked for.
_RUNNING = re.compile(
    r' data-htmx="[^"]*"|<meta name="(?:htmx-config|twitter:card)"[^>]*>\n?'
    r'|<meta property="og:image[^"]*"[^>]*>\n?'
)
# What names the site's own address in the head; it stays where the copy's address is known.
_ORIGIN = re.compile(
    r'<link rel="canonical"[^>]*>\n?|<meta property="og:url"[^>]*>\n?'
    r'|<script type="application/ld\+json">.*?</script>\n?',
    re.S,
)
_CONTENT = re.compile(r'(<content type="html")[^>]*>(.*?)(</content>)', re.S)
_LINK = re.compile(r'(<link [^>]*href=")([^"]*)(")')
_ID = re.compile(r"(<id>)([^<]*)(</id>)")
NEEDS_SITE = "Not part of this copy"

Resolve = Callable[[str], str | None]
"""What a link becomes: another link, or None where the copy has nothing for it."""


def page(html: str, resolve: Resolve, *, keep_origin: bool, search: str) -> str:
    """A whole page. ``search`` is the link to the copy's own search."""
    html = _RUNNING.sub("", html)
    if not keep_origin:
        html = _ORIGIN.sub("", html)
    html = _ALONE.sub(lambda item: _kept(item, resolve), html)
    html = _FORM.sub(lambda form: _instead(form["open"], search), html)
    return links(html, resolve)


def links(html: str, resolve: Resolve) -> str:
    """Markup with each link resolved; a link to what the copy does not hold stays as text."""
    return _TAG.sub(lambda tag: _tag(tag, resolve), html)


def atom(xml: str, resolve: Resolve, *, keep_origin: bool) -> str:
    """A feed: the links in the texts that it carries, and, where the copy's address is not known, its own.

    An entry's id must be absolute (RFC 4287, 4.2.6); without an address it is a UUID made of the site's own one.
    """
    text = _CONTENT.sub(lambda m: f"{m[1]}>{escape(links(unescape(m[2]), resolve), quote=False)}{m[3]}", xml)
    if keep_origin:
        return text
    text = _LINK.sub(lambda m: f"{m[1]}{escape(resolve(unescape(m[2])) or '')}{m[3]}", text)
    return _ID.sub(lambda m: f"{m[1]}{uuid5(NAMESPACE_URL, unescape(m[2])).urn}{m[3]}", text)


def data(value: Any, resolve: Resolve, own: str) -> Any:
    """JSON with the site's addresses resolved (where ``own``, the site's origin, is given) and its texts' links too."""
    if isinstance(value, dict):
        return {
            key: links(item, resolve) if key == "content_html" else data(item, resolve, own)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [data(item, resolve, own) for item in value]
    if own and isinstance(value, str) and (value == own or value.startswith(own + "/")):
        return resolve(value) or ""
    return value


def _kept(item: re.Match[str], resolve: Resolve) -> str:
    """A list's item that is one link is dropped with its target."""
    href = _HREF.search(item["attributes"])
    return "" if href and resolve(unescape(href[1])) is None else item[0]


def _instead(attributes: str, search: str) -> str:
    if 'role="search"' in attributes:
        return f'<p class="copy-search"><a href="{escape(search)}">Search this copy</a></p>'
    return '<p class="soft">This needs the running site; what you read is a copy of it.</p>'


def _tag(tag: re.Match[str], resolve: Resolve) -> str:
    name, attributes, closing = tag[1], tag[2], tag[3]
    if "=" not in attributes or 'rel="canonical"' in attributes:
        return tag[0]
    kept = []
    for found in _ATTRIBUTE.finditer(attributes):
        key, value = found[1], found[2]
        if key.startswith("hx-"):
            continue
        if key in _LINKS and value is not None:
            target = resolve(unescape(value.strip("\"'")))
            if target is None:
                kept.append(f' title="{NEEDS_SITE}"' if name == "a" and "title=" not in attributes else "")
                continue
            kept.append(f' {key}="{escape(target)}"')
        else:
            kept.append(found[0])
    return f"<{name}{''.join(kept)}{' /' if closing else ''}>"
