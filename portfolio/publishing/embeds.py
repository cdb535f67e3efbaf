"""The short syntax by which a text shows evidence: [[figure REF NAME]], [[receipt ID]], [[change REF]] and the like.

A working copy may name a figure by its subject; when the text is published, each is pinned to the receipt that it
stands for at that moment, so that what visitors read never changes under them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from analysis import queries as analysis
from evidence import queries as evidence
from evidence import services as evidence_services
from evidence.figures import Figure, figure_of
from evidence.models import Receipt
from evidence.receipts import Derived
from portfolio.publishing import markdown
from portfolio.publishing.addresses import change_path

_DATE = re.compile(r"^\d{4}(-\d{2}(-\d{2})?)?$")
_RECEIPT = re.compile(r"^[0-9a-f]{64}$")


@dataclass(frozen=True)
class Embed:
    """One use of the syntax in a text."""

    name: str
    arguments: list[str]
    source: str


class EmbedError(ValueError):
    """An embed cannot be shown; the message is one line for the writer."""


def embeds_of(source: str) -> list[Embed]:
    """Every embed of a Markdown text, in order, code left out."""
    found: list[Embed] = []

    def look(text: str) -> str:
        found.extend(
            Embed(match.group(1), match.group(2).split(), match.group(0)) for match in markdown.EMBED.finditer(text)
        )
        return text

    markdown.outside_code(source, look)
    return found


def derived_figure(ref: str, name: str) -> Derived:
    """The receipt of a subject's figure as it can be computed now."""
    figure = analysis.figures_by_name(ref).get(name)
    if figure is None:
        raise EmbedError(f"{ref} has no figure called {name}")
    if not figure.known:
        raise EmbedError(f"{name} of {ref} is unknown: {figure.reason}")
    for derived in analysis.figures_of(ref):
        if derived.id == figure.receipt:
            return derived
    raise EmbedError(f"{name} of {ref} has no receipt")


def stored_receipt(receipt_id: str, known: Mapping[str, Receipt] | None = None) -> Derived:
    """A frozen receipt, by its whole id; from `known` where the caller has read many at once."""
    if known is not None:
        row = known.get(receipt_id)
    else:
        row = evidence.receipt(receipt_id) if _RECEIPT.match(receipt_id) else None
    if row is None:
        raise EmbedError(f"no stored receipt has the id {receipt_id[:16]}…")
    content = evidence.content(row)
    if content is None:
        raise EmbedError(f"the receipt {receipt_id[:16]}… was erased")
    return content


def _figure(arguments: list[str]) -> SafeString:
    if len(arguments) != 2:
        raise EmbedError("write [[figure SUBJECT NAME]]")
    return _set(figure_of(derived_figure(*arguments)))


def _receipt(arguments: list[str]) -> SafeString:
    if len(arguments) != 1:
        raise EmbedError("write [[receipt ID]]")
    return _set(figure_of(stored_receipt(arguments[0])))


def _set(figure: Figure) -> SafeString:
    return SafeString(render_to_string("_components/figure.html", {"item": figure}).strip())


def _change(arguments: list[str]) -> SafeString:
    if len(arguments) != 1:
        raise EmbedError("write [[change SUBJECT]]")
    change = analysis.change_by_ref(arguments[0])
    if change is None:
        raise EmbedError(f"no public change is called {arguments[0]}")
    path = change_path(change)
    return format_html('<a href="{}"><q cite="{}">{}</q></a>', path, path, change.title or change.key)


def _date(arguments: list[str]) -> SafeString:
    if len(arguments) != 1 or not _DATE.match(arguments[0]):
        raise EmbedError("write [[date 2026]], [[date 2026-05]] or [[date 2026-05-31]]")
    return format_html('<time datetime="{0}">{0}</time>', arguments[0])


KINDS: dict[str, Callable[[list[str]], SafeString]] = {
    "figure": _figure,
    "receipt": _receipt,
    "change": _change,
    "date": _date,
}


def render_embed(name: str, arguments: list[str]) -> SafeString:
    """The HTML of an embed; what cannot be shown says so in its place and shows no number."""
    try:
        return KINDS[name](arguments)
    except KeyError:
        return format_html('<span class="unknown">[unknown embed “{}”]</span>', name)
    except EmbedError as error:
        return format_html('<span class="unknown" title="{}">[evidence missing]</span>', str(error))


def problems(source: str) -> list[str]:
    """What keeps a text from being saved: broken embeds and numbers without a receipt, one line each."""
    found = []
    for embed in embeds_of(source):
        if embed.name not in KINDS:
            found.append(f"{embed.source}: there is no embed called “{embed.name}”; there are {', '.join(KINDS)}.")
            continue
        try:
            KINDS[embed.name](embed.arguments)
        except EmbedError as error:
            found.append(f"{embed.source}: {error}.")
    found.extend(
        f"“{word[:40]}” stands without a receipt. Use an embed such as [[figure SUBJECT NAME]], [[date 2026-05]] for a "
        "date, a quotation (>), or `code` for a name or version."
        for word in markdown.bare_numbers(source)[:10]
    )
    return found


def pin(source: str) -> tuple[str, list[Derived]]:
    """The text with each [[figure …]] replaced by its [[receipt …]], and the receipts to freeze."""
    receipts: list[Derived] = []

    def replace(match: re.Match[str]) -> str:
        if match.group(1) != "figure":
            return match.group(0)
        derived = derived_figure(*match.group(2).split())
        receipts.append(derived)
        return f"[[receipt {derived.id}]]"

    text = markdown.outside_code(source, lambda piece: markdown.EMBED.sub(replace, piece))
    return text, receipts


def freeze(receipts: Iterable[Derived]) -> None:
    """Store the receipts that a published text refers to."""
    evidence_services.freeze_many(receipts)


def render_inline(line: str) -> SafeString:
    """One line of text with its embeds, without a paragraph around it."""
    html = str(render(line).html).strip()
    if html.startswith("<p>") and html.endswith("</p>") and html.count("<p>") == 1:
        html = html[3:-4]
    return mark_safe(html)  # noqa: S308  cleaned by render; only its own paragraph is taken off


def render(source: str) -> markdown.Rendered:
    """A text with its embeds, ready for a page; all its stored receipts are read in one query."""
    ids = {embed.arguments[0] for embed in embeds_of(source) if embed.name == "receipt" and embed.arguments}
    known = evidence.receipts(ids) if ids else {}

    def embed(name: str, arguments: list[str]) -> SafeString:
        if name == "receipt" and len(arguments) == 1 and arguments[0] in known:
            try:
                return _set(figure_of(stored_receipt(arguments[0], known)))
            except EmbedError as error:
                return format_html('<span class="unknown" title="{}">[evidence missing]</span>', str(error))
        return render_embed(name, arguments)

    return markdown.render(source, embed=embed)
