"""Small helpers of the pages: addresses, lookups and the writing of counts."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import template
from django.template.context import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from portfolio.pages.cards import card_key
from portfolio.pages.style import inline
from portfolio.publishing import structured
from portfolio.publishing.addresses import change_path, page_of

register = template.Library()


@register.simple_tag
def change_url(change: Any) -> str:
    """The page of a change."""
    return change_path(change)


@register.filter
def get(mapping: Mapping[Any, Any] | None, key: Any) -> Any:
    """The value under a key that a template cannot spell, or None."""
    return mapping.get(key) if mapping else None


@register.filter
def commas(value: object) -> str:
    """A whole number with separators; what is no number stays as it is."""
    return f"{value:,}" if isinstance(value, int) else str(value if value is not None else "")


@register.filter
def spoken(name: object) -> str:
    """An identifier as words: underscores become spaces."""
    return str(name).replace("_", " ")


@register.filter
def moment(text: object) -> datetime:
    """A moment that stands as text in a stored story."""
    return datetime.fromisoformat(str(text))


@register.filter
def told(why: object) -> str:
    """Why words are a claim, without the side on which the cue stands: "fell (left)" is "the word fell"."""
    cue = re.fullmatch(r"(.+) \((?:left|right)\)", str(why))
    return f"the word “{cue[1]}”" if cue else str(why)


@register.filter
def breakable(name: object) -> SafeString:
    """An identifier that may be broken after its underscores, where it is wider than its column."""
    return format_html_join(mark_safe("_<wbr>"), "{}", ((part,) for part in str(name).split("_")))


@register.filter
def coded(text: object) -> SafeString:
    """A sentence in which what stands between backticks is code."""
    parts = re.split("`+", str(text))
    return format_html_join("", "{}<code>{}</code>", zip(parts[::2], parts[1::2], strict=False)) + escape(
        parts[-1] if len(parts) % 2 else ""
    )


@register.filter
def shortly(value: float) -> str:
    """A measured value with four digits that count, and none of them as a power of ten: 0.2751, 0.5, 1,209,600."""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"


@register.filter
def runbook_url(runbook: str) -> str:
    """Where a monitor's runbook is read: a page of this site, or an address of the web; "" for anything else."""
    path, _, place = runbook.partition("#")
    if not (path.startswith("docs/") and path.endswith(".md")):
        return runbook if runbook.startswith(("https://", "http://")) else ""
    name = path.removeprefix("docs/").removesuffix(".md")
    return reverse("portfolio:doc", args=[name]) + (f"#s-{place}" if place else "")


@register.simple_tag
def file_rows(files: Iterable[Any]) -> SafeString:
    """The rows of a table of changed files, in one go: a large change lists hundreds."""
    number = '<td class="num" data-label="{}"><code>{}</code></td>'
    return format_html_join(
        "\n",
        '<tr><th scope="row" class="path"><code>{}</code></th><td data-label="Kind">{}</td>{}</tr>',
        (
            (
                file.path,
                file.get_category_display().lower(),
                format_html('<td class="num" colspan="2">{}</td>', "binary")
                if file.is_binary
                else format_html(number * 2, "Added", commas(file.additions), "Deleted", commas(file.deletions)),
            )
            for file in files
        ),
    )


@register.simple_tag
def marked(pieces: Iterable[Any]) -> SafeString:
    """A source's text with the spans of its claims marked."""
    shown = (f"<mark>{escape(p.text)}</mark>" if p.kind == "claim" else escape(p.text) for p in pieces)
    return mark_safe("".join(shown))  # noqa: S308 every piece was escaped; a page has a thousand of them


@register.filter
def milliseconds(value: int) -> str:
    """A duration in ms as people read it: "under 1 ms", "30 ms", "20.8 s"."""
    if value < 1:
        return "under 1 ms"
    return f"{value} ms" if value < 1_000 else f"{value / 1000:.1f} s"


@register.filter
def person(name: object) -> str:
    """A contributor's name as lists print it: a pseudonym without the word that all of them begin with."""
    return str(name).removeprefix("contributor-")


@register.simple_tag
def ref_link(ref: str) -> SafeString:
    """A reference as a link to its page, or as plain code where it has none."""
    url = page_of(ref)
    label = ref.partition(":")[2]
    if not url:
        return format_html("<code>{}</code>", label)
    return format_html('<a href="{}"><code>{}</code></a>', url, label)


@register.simple_tag
def head_style() -> SafeString:
    """The script that sets a chosen theme, and the site's style; the policy names both by their hashes."""
    here = inline()
    return mark_safe(f"<script>{here.theme}</script>\n<style>{here.style}</style>")  # noqa: S308  files of this project


@register.simple_tag
def foot_script() -> SafeString:
    """The site's own script, at the end of a page; it fetches htmx where the page has use for it."""
    quick = static("django_htmx/htmx-2.min.js")
    return format_html('<script data-htmx="{}">{}</script>', quick, mark_safe(inline().script))  # noqa: S308  as above


@register.simple_tag(takes_context=True)
def card_title(context: Context) -> str:
    """The words on a page's Open Graph image: the document's or the change's title, else the section's name."""
    document, change, site = context.get("document"), context.get("change"), context.get("site") or {}
    title = getattr(document, "title", "") or getattr(change, "title", "") or site.get("here", "")
    return str(title or site.get("name", "Attest"))[:200]


@register.simple_tag
def card_url(title: str) -> str:
    """The signed address of an Open Graph image."""
    return f"{reverse('portfolio:card', args=[card_key(title)])}?{urlencode({'title': title})}"


@register.simple_tag(takes_context=True)
def json_ld(context: Context) -> SafeString:
    """Structured data of the page: ProfilePage on the first page, Article on a text; nothing where nothing is known."""
    site, document = context.get("site") or {}, context.get("document")
    data = structured.of_page(site, document, getattr(context.get("request"), "path", "/"))
    return structured.script(data) if data else SafeString("")
