"""Markdown to HTML that a strict CSP and a distrustful reader can accept.

Raw HTML in the source is shown as text, highlighted code carries classes only, links keep to a few schemes, and nh3
cleans what comes out. Embeds (portfolio.publishing.embeds) are cut out before and set in after the cleaning, because
what they insert is made by templates here and never by the writer.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape

import nh3
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from mdit_py_plugins.anchors import anchors_plugin
from mdit_py_plugins.footnote import footnote_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

# Longer texts are shown as they were written: setting one takes some microseconds a character, more if hostile.
MAX_CHARACTERS = 65_536
TOO_LONG = "This text is too long to be set, and is shown as it was written."
# More quotation marks than any paragraph has: the parser pairs them in a time that grows with their square.
MAX_QUOTES = 1_000
WORDS_A_MINUTE = 220
EMBED = re.compile(r"\[\[([a-z]+)((?:\s+[^\[\]\s]+)*)\s*\]\]")
# A run of backticks is tried from its first one only, and never given back: a page of them takes one pass.
_CODE = re.compile(r"(^```.*?^```[^\n]*$|^~~~.*?^~~~[^\n]*$|(?<!`)`++(?:[^`\n]|\n(?!\s*\n))++`+)", re.S | re.M)
_HOLE = re.compile("\ue000(\\d+)\ue001")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ue000-\uf8ff]")

_TAGS = {
    "a", "blockquote", "br", "code", "dd", "del", "dl", "dt", "em", "h2", "h3", "h4", "hr", "img", "kbd", "li", "ol",
    "p", "pre", "section", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"class", "id"},
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
}
_SCHEMES = {"http", "https", "mailto"}


@dataclass(frozen=True)
class Rendered:
    """A text ready for a page: safe HTML, its table of contents as (level, id, title), its minutes of reading."""

    html: SafeString
    contents: list[tuple[int, str, str]] = field(default_factory=list)
    minutes: int = 1


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language)
    except ClassNotFound:
        return None


def _code(source: str, language: str, _attributes: str) -> str:
    lexer = _lexer(language) if language else None
    if lexer is None:
        return escape(source)
    return highlight(source, lexer, HtmlFormatter(nowrap=True, classprefix="hl-"))


def _parser(source: str) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "typographer": True, "highlight": _code})
    parser.enable(["table", "strikethrough", "replacements"])
    if max(part.count('"') + part.count("'") for part in source.split("\n\n")) <= MAX_QUOTES:
        parser.enable("smartquotes")
    parser.use(footnote_plugin)
    parser.use(anchors_plugin, max_level=4, slug_func=_Slugs())
    return parser


class _Slugs:
    """Ids for the headings of one text, which cannot collide with each other nor with those of the page itself.

    The plugin would count up from one for each heading of the same words; this goes on where the last one ended.
    """

    def __init__(self) -> None:
        self.taken: set[str] = set()
        self.numbers: dict[str, int] = {}

    def __call__(self, title: str) -> str:
        base = slug = "s-" + (re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "section")
        number = self.numbers.get(base, 0)
        while slug in self.taken:
            number += 1
            slug = f"{base}-{number}"
        self.numbers[base] = number
        self.taken.add(slug)
        return slug


def _lower_headings(html: str) -> str:
    # The page owns h1: a text's own first level becomes h2.
    return re.sub(r"(</?)h1\b", r"\1h2", html)


def render(source: str, embed: Callable[[str, list[str]], str] | None = None) -> Rendered:
    """Markdown to safe HTML; `embed(name, arguments)` gives the HTML of a [[name …]], which is trusted as it is."""
    source = _INVISIBLE.sub("", source)
    if len(source) > MAX_CHARACTERS:
        return _as_written(source)
    inserts: list[str] = []

    def cut(match: re.Match[str]) -> str:
        if embed is None:
            return match.group(0)
        inserts.append(embed(match.group(1), match.group(2).split()))
        return f"\ue000{len(inserts) - 1}\ue001"

    prepared = outside_code(source, lambda text: _OPENINGS.sub(_escaped, EMBED.sub(cut, text)))
    html = _parser(prepared).render(prepared)
    html = nh3.clean(
        _lower_headings(html),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener nofollow ugc",
    )
    contents = [
        (int(level), anchor, nh3.clean(title, tags=set()))
        for level, anchor, title in re.findall(r'<h([23]) id="([^"]+)">(.*?)</h\1>', html)
    ]
    html = re.sub("<p>(\ue000\\d+\ue001)</p>", r"\1", html)
    html = _HOLE.sub(lambda hole: inserts[int(hole.group(1))], html)
    return Rendered(
        html=mark_safe(html),  # noqa: S308  cleaned by nh3 above; the inserts come from our own templates
        contents=contents,
        minutes=_minutes(source),
    )


def _as_written(source: str) -> Rendered:
    html = format_html('<p class="quiet">{}</p>\n<pre class="as-written">{}</pre>', TOO_LONG, source)
    return Rendered(html, minutes=_minutes(source))


def _minutes(source: str) -> int:
    return max(1, round(len(source.split()) / WORDS_A_MINUTE))


# The parser looks for the end of each opening anew: a long run costs the square of its length, and means nothing.
_OPENINGS = re.compile(r"(?:!?\[\^?){32,}")


def _escaped(run: re.Match[str]) -> str:
    return run.group(0).replace("[", "\\[")


def outside_code(source: str, change: Callable[[str], str]) -> str:
    """Apply `change` to the source but leave fenced blocks and code spans as they are."""
    pieces = _CODE.split(source)
    return "".join(piece if index % 2 else change(piece) for index, piece in enumerate(pieces))


# Bounded, so that a line of openings without an end takes no time that grows with its square.
_LIST_MARK = re.compile(r"^([^\S\n]*+)(?:\d{1,9}[.)]\s|\[\^\d+\]:)", re.M)
_LINK_TARGET = re.compile(r"\]\([^)\n]{0,500}\)|<https?://[^>\n]{0,500}>|^\[[^\]\n]++\]:\s+\S+", re.M)
_FOOTNOTE = re.compile(r"\[\^[^\]\n]{1,200}\]")
_QUOTE = re.compile(r"^\s{0,3}>.*$", re.M)
_DIGIT = re.compile(r"\d")


def bare_numbers(source: str) -> list[str]:
    """The words with digits that would reach the page without a receipt: outside code, embeds, quotations and links."""
    found: list[str] = []

    def look(text: str) -> str:
        for pattern in (EMBED, _LINK_TARGET, _FOOTNOTE, _QUOTE, _LIST_MARK):
            text = pattern.sub(" ", text)
        found.extend(word for word in text.split() if _DIGIT.search(word))
        return text

    outside_code(source, look)
    return found


def plain(source: str) -> str:
    """The words of a Markdown text alone, for search, feeds and descriptions."""
    if len(source) > MAX_CHARACTERS:
        return " ".join(source.split())
    source = EMBED.sub(" ", source)
    html = _parser(source).render(source)
    return plain_html(html)


def plain_html(html: str) -> str:
    """The words of rendered HTML alone."""
    return unescape(" ".join(nh3.clean(html, tags=set()).split()))
