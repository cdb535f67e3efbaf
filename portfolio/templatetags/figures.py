"""The only way by which a number gets onto a page: {% figure %} sets a figure and links it to its receipt."""

from functools import cache
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import get_script_prefix, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from evidence.figures import Figure
from evidence.receipts import Kind
from portfolio.publishing.figures import exact, shown

register = template.Library()

# The mark beside a figure: what kind of evidence it is. The word is in the title and for screen readers.
MARKS = {"measured": "m", "quoted": "q", "predicted": "p", "estimated": "e", "declared": "d"}


@cache
def _receipt_address(_prefix: str) -> tuple[str, str]:
    """What stands before and after the id in the address of a receipt: lists set a hundred of them."""
    blank = "0" * 64
    before, _, after = reverse("portfolio:receipt", args=[blank]).partition(blank)
    return before, after


def receipt_url(figure: Figure) -> str:
    """The page of the receipt behind a figure; the subject helps to derive it again where it is not stored."""
    url = figure.receipt.join(_receipt_address(get_script_prefix()))
    return f"{url}?{urlencode({'of': figure.subject})}" if figure.subject else url


@register.simple_tag
def figure(item: Figure | None, unit: bool = True) -> SafeString | str:
    """Set a figure: its number as a link that opens its receipt, or "unknown" with the reason.

    `unit=False` leaves the unit's word out where a table's head says it.
    """
    if item is None or not item.known:
        reason = item.reason if item is not None else "not computed yet"
        return format_html('<span class="unknown" title="{}">unknown</span>', reason)
    text = shown(item)
    inside = format_html("{}", text.number)
    if text.low:
        inside = format_html('{} <span class="range">({} to {})</span>', inside, text.low, text.high)
    if unit and text.unit:
        joint = "" if text.unit == "%" else "\u00a0"
        inside = format_html('{}{}<span class="unit">{}</span>', inside, joint, text.unit)
    return _link(item, inside)


def _link(item: Figure, inside: SafeString) -> SafeString:
    kind = str(item.kind)
    return format_html(
        '<a class="figure" href="{}" data-mark="{}" data-kind="{}" title="{}: receipt"><span class="n">{}</span></a>',
        receipt_url(item), MARKS.get(kind, "?"), kind, kind.capitalize(), inside,
    )  # fmt: skip


@register.simple_tag
def quoted(item: Figure, quote: str, phrase: str = "") -> SafeString:
    """The exact words of a claim as its figure: the link opens the receipt, which holds the words and their place.

    With the phrase that they stand in, its other words are set around the link.
    """
    before, found, after = phrase.partition(quote)
    if not found:
        return _link(item, format_html("“<q>{}</q>”", quote))
    return format_html("“<q>{}</q>{}<q>{}</q>”", before, _link(item, format_html("<q>{}</q>", quote)), after)


@register.filter
def mark(kind: object) -> str:
    """The mark of a kind of figure."""
    return MARKS.get(str(kind), "?")


@register.simple_tag
def slip_amount(item: Figure) -> str:
    """The amount of a receipt as its total line prints it."""
    return exact(item)


@register.simple_tag
def cell_of(item: object) -> SafeString | str:
    """A cell of a chart's table: a figure with its receipt, or a name."""
    return figure(item) if isinstance(item, Figure) else format_html('<code class="plain">{}</code>', item)


@register.simple_tag
def report_figure(total: dict[str, Any]) -> SafeString | str:
    """A figure of a report's document, with its label."""
    return format_html("<span>{} {}</span>", total["label"], report_amount(total))


@register.simple_tag
def report_amount(total: dict[str, Any]) -> SafeString | str:
    """A figure of a report's document alone, where its label is set as a quotation: it may hold an owner's word."""
    return figure(Figure(total["value"], total["unit"], Kind(total["kind"]), total["receipt"], "", total["label"]))
