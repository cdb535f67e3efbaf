"""One sentence of a draft, and the rules that it must hold; what breaks one is left out with its reason."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from evidence.figures import figure_of
from portfolio.publishing import figures, markdown
from portfolio.publishing.writing.material import Material
from portfolio.publishing.writing.style import praise_in

_EMBED = re.compile(r"\[\[(receipt|change) (\S+)\]\]")
# A word that begins with a letter or "#" and holds a digit is a name (OAuth2, #12, v1.2); one that begins with a digit,
# a sign or a currency is a figure.
_NAME = re.compile(r"(?<![\w`./-])(?:[A-Za-z_#/.][\w#./-]*\d[\w#./()-]*|[A-Za-z]\w*_\w+|\w+\([^()\s]*\))(?<![.,;:)])")
PREFIX = re.compile(r"^\s*(?:[a-z]{2,12}(?:\([\w ./-]{1,40}\))?!?:)\s+", re.I)  # of a conventional commit
_MARKUP = re.compile(r"([\\*_{}\[\]<>#|~&])")


@dataclass(frozen=True, slots=True)
class Sentence:
    """``text`` is Markdown with embeds (for ``how`` quoted: the bare quotation).

    ``how`` is quoted, extracted (word for word from a source), reworded (a model's words about a source), composed (by
    rule from fields) or missing (it says what is not known). ``sources`` are references, ``receipts`` ids.
    """

    section: str
    text: str
    how: str
    sources: tuple[str, ...]
    receipts: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "sources": list(self.sources), "receipts": list(self.receipts)}


def from_source(text: str) -> str:
    """A sentence from outside as Markdown: nothing of it is markup, names with digits stand as code."""
    flat = " ".join(text.split())
    flat = flat[:1].upper() + flat[1:] + ("" if flat.endswith((".", "!", "?", "…")) else ".")

    def outside(piece: str) -> str:
        cut = _NAME.split(piece)
        names = [*_NAME.findall(piece), ""]
        return "".join(
            _MARKUP.sub(r"\\\1", words) + (f"`{name}`" if name else "") for words, name in zip(cut, names, strict=True)
        )

    return markdown.outside_code(flat, outside)


def wrong_with(sentence: Sentence, material: Material) -> str:
    """Why a sentence may not stand; "" when it may."""
    if not sentence.sources and sentence.how != "missing":
        return "it names no source"
    unknown = [name for name in sentence.receipts if name not in material.receipts]
    if unknown:
        return f"the receipt {unknown[0][:12]} is none of this achievement's"
    named = {match[2] for match in _EMBED.finditer(sentence.text) if match[1] == "receipt"}
    if named - set(sentence.receipts):
        return "it shows a figure whose receipt it does not name"
    if sentence.how == "quoted":
        held = {quote.text for quote in material.quotes if quote.receipt.id in sentence.receipts}
        return "" if sentence.text in held else "it is no quotation that has a receipt"
    bare = markdown.bare_numbers(sentence.text)
    if bare:
        return f"the figure “{bare[0][:40]}” is in no receipt"
    loud = praise_in(sentence.text)
    return f"the style forbids “{loud[0]}”" if loud else ""


def as_markdown(sentence: Sentence) -> str:
    """As a text of the site: a quotation stands as one, with its change and its receipt under it."""
    if sentence.how != "quoted":
        return sentence.text
    quoted = _MARKUP.sub(r"\\\1", " ".join(sentence.text.split()))
    shown = " ".join(f"[[receipt {name}]]" for name in sentence.receipts)
    return f"> {quoted}\n\nStated in [[change {sentence.sources[0]}]]: {shown}."


def as_plain(sentence: Sentence, material: Material) -> str:
    """To copy elsewhere: figures are written out and name their receipts."""
    if sentence.how == "quoted":
        return f"“{' '.join(sentence.text.split())}” (receipt {sentence.receipts[0][:12]})"

    def written(match: re.Match[str]) -> str:
        if match[1] == "change":
            return f"“{PREFIX.sub('', material.titles.get(match[2], match[2]))}”"
        shown = figures.shown(figure_of(material.receipts[match[2]]))
        number = f"{shown.number} ({shown.low} to {shown.high})" if shown.low else shown.number
        return f"{number} {shown.unit}".strip() + f" (receipt {match[2][:12]})"

    text = _EMBED.sub(written, sentence.text)
    return re.sub(r"\\([\\*_{}\[\]<>#|~&])", r"\1", text).replace("`", "")
