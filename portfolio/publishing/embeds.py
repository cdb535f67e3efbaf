"""The short syntax by which a text shows evidence.

    [[figure SUBJECT NAME]]   a figure of a change, repository or achievement
    [[claim KEY]]             a claim in its exact words (a dozen digits of its key are enough)
    [[chart NAME]]            a chart of the work: landed, tests, languages, sizes, landing
    [[change SUBJECT]]        a link to a change by its title
    [[receipt ID]]            a stored figure       [[date 2031-02]]   a date

A working copy may name evidence as it stands now; when the text is published, each figure, claim and chart is pinned to
the receipt that it stands for at that moment ([[receipt ID]], [[quote ID]], [[drawing ID]]), so that what visitors read
never changes under them.
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
from evidence.figures import figure_of
from evidence.models import Receipt
from evidence.receipts import Derived
from portfolio.publishing import drawings, markdown, readings
from portfolio.publishing.addresses import change_path

_DATE = re.compile(r"^\d{4}(-\d{2}(-\d{2})?)?$")
_RECEIPT = re.compile(r"^[0-9a-f]{64}$")
_KEY = re.compile(r"^[0-9a-f]{12,64}$")


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
    if ref.startswith(readings.SUBJECT):
        return _reading(ref, name)
    figure = analysis.figures_by_name(ref).get(name)
    if figure is None:
        raise EmbedError(f"{ref} has no figure called {name}")
    if not figure.known:
        raise EmbedError(f"{name} of {ref} is unknown: {figure.reason}")
    for derived in analysis.figures_of(figure.subject):
        if derived.id == figure.receipt:
            return derived
    raise EmbedError(f"{name} of {ref} has no receipt")


def _reading(ref: str, name: str) -> Derived:
    """A figure of a model version's card, by `name`, or `set/name` where the card tells sets apart."""
    for group, told, derived in readings.readings_of(ref):
        if name in (told, f"{group}/{told}"):
            return derived
    raise EmbedError(f"{ref} has no figure called {name}")


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


def claimed(key: str) -> Derived:
    """The receipt of a public claim by its key, a dozen digits at least."""
    digits = key.removeprefix("claim:")
    claim = analysis.claim_beginning(digits) if _KEY.match(digits) else None
    if claim is None:
        raise EmbedError(f"no public claim has the key {key[:20]}; its change's page shows it to you")
    return analysis.claim_receipt(claim)


def drawn(name: str) -> Derived:
    """The receipt of a chart of the work as it stands now."""
    if name not in drawings.DRAWINGS:
        raise EmbedError(f"there is no chart called {name}; there are {', '.join(drawings.DRAWINGS)}")
    receipt = drawings.derived(name)
    if receipt is None:
        raise EmbedError(f"there is nothing to draw for the chart {name} yet")
    return receipt


def _set(receipt: Derived) -> SafeString:
    return SafeString(render_to_string("_components/figure.html", {"item": figure_of(receipt)}).strip())


def _quote(receipt: Derived) -> SafeString:
    said = receipt.document["inputs"][0].get("value")
    if not isinstance(said, dict) or "quote" not in said:
        raise EmbedError(f"the receipt {receipt.id[:16]}… quotes nothing")
    context = {"item": figure_of(receipt), "quote": said["quote"]}
    return SafeString(render_to_string("_components/quote.html", context).strip())


def _chart(receipt: Derived) -> SafeString:
    try:
        chart = drawings.draw(receipt)
    except KeyError:
        raise EmbedError(f"the receipt {receipt.id[:16]}… is of no chart") from None
    return SafeString(render_to_string("_components/chart.html", {"chart": chart}).strip())


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


Setter = Callable[[Derived], SafeString]
# How many words an embed takes, where its receipt comes from now, under which name it is pinned, how it is set.
LIVE: dict[str, tuple[int, str, Callable[..., Derived], str]] = {
    "figure": (2, "[[figure SUBJECT NAME]]", derived_figure, "receipt"),
    "claim": (1, "[[claim KEY]]", claimed, "quote"),
    "chart": (1, "[[chart NAME]]", drawn, "drawing"),
}
PINNED: dict[str, Setter] = {"receipt": _set, "quote": _quote, "drawing": _chart}
PLAIN: dict[str, Callable[[list[str]], SafeString]] = {"change": _change, "date": _date}
KINDS = (*LIVE, *PINNED, *PLAIN)


def receipt_for(name: str, arguments: list[str]) -> Derived:
    """The receipt that a figure, claim or chart stands for now; raises EmbedError."""
    many, form, source, _pinned = LIVE[name]
    if len(arguments) != many:
        raise EmbedError(f"write {form}")
    return source(*arguments)


def set_embed(name: str, arguments: list[str], known: Mapping[str, Receipt] | None = None) -> SafeString:
    """The HTML of an embed; raises EmbedError for what cannot be shown. `known` are receipts read already."""
    if name in LIVE:
        return PINNED[LIVE[name][3]](receipt_for(name, arguments))
    if name in PINNED:
        if len(arguments) != 1:
            raise EmbedError(f"write [[{name} ID]]")
        return PINNED[name](stored_receipt(arguments[0], known))
    if name in PLAIN:
        return PLAIN[name](arguments)
    raise EmbedError(f"there is no embed called “{name}”; there are {', '.join(KINDS)}")


def problems(source: str) -> list[str]:
    """What keeps a text from being saved: its length, broken embeds, numbers without a receipt; one line each."""
    if len(source) > markdown.MAX_CHARACTERS:  # it would be shown as it was written, its embeds among it
        most = f"{markdown.MAX_CHARACTERS:,}"
        return [f"The text has {len(source):,} characters, and at most {most} are set: split it in two."]
    found = []
    for embed in embeds_of(source):
        try:
            set_embed(embed.name, embed.arguments)
        except EmbedError as error:
            found.append(f"{embed.source}: {error}.")
    found.extend(
        f"“{word[:40]}” stands without a receipt. Use an embed such as [[figure SUBJECT NAME]], [[date 2026-05]] for a "
        "date, a quotation (>), or `code` for a name or version."
        for word in markdown.bare_numbers(source)[:10]
    )
    return found


def pin(source: str) -> tuple[str, list[Derived]]:
    """The text with each live embed replaced by its receipt's, and the receipts to freeze."""
    receipts: list[Derived] = []

    def replace(match: re.Match[str]) -> str:
        if match.group(1) not in LIVE:
            return match.group(0)
        receipts.append(receipt_for(match.group(1), match.group(2).split()))
        return f"[[{LIVE[match.group(1)][3]} {receipts[-1].id}]]"

    text = markdown.outside_code(source, lambda piece: markdown.EMBED.sub(replace, piece))
    return text, receipts


def freeze(receipts: Iterable[Derived]) -> None:
    """Store the receipts that a published text refers to."""
    evidence_services.freeze_many(receipts)


def stored_receipts(source: str, known: Mapping[str, Receipt] | None = None) -> dict[str, Receipt]:
    """The stored receipts that a text's embeds name, by id, in the text's order; one query, or none with `known`."""
    embeds = [embed for embed in embeds_of(source) if embed.name in PINNED and len(embed.arguments) == 1]
    ids = dict.fromkeys(embed.arguments[0] for embed in embeds)
    rows = (evidence.receipts(ids) if ids else {}) if known is None else known
    return {id_: rows[id_] for id_ in ids if id_ in rows}


def subjects_of(*sources: str) -> set[str]:
    """What the figures, quotations and links of these texts are about, as references; one query at most."""
    text = "\n\n".join(sources)
    linked = {embed.arguments[0] for embed in embeds_of(text) if embed.name == "change" and embed.arguments}
    return linked | {row.subject for row in stored_receipts(text).values()}


def render_inline(line: str, known: Mapping[str, Receipt] | None = None) -> SafeString:
    """One line of text with its embeds, without a paragraph around it."""
    html = str(render(line, known).html).strip()
    if html.startswith("<p>") and html.endswith("</p>") and html.count("<p>") == 1:
        html = html[3:-4]
    return mark_safe(html)  # noqa: S308  cleaned by render; only its own paragraph is taken off


def render(source: str, known: Mapping[str, Receipt] | None = None) -> markdown.Rendered:
    """A text with its embeds, ready for a page; all its stored receipts are read in one query, unless `known` has them.

    What cannot be shown says so in its place and shows no number.
    """
    rows = stored_receipts(source) if known is None else known

    def embed(name: str, arguments: list[str]) -> SafeString:
        try:
            return set_embed(name, arguments, rows)
        except EmbedError as error:
            return format_html('<span class="unknown" title="{}">[evidence missing]</span>', str(error))

    return markdown.render(source, embed=embed)
