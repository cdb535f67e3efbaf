"""What a text about one achievement may be made from: texts, quoted outcomes, totals and ranges with their receipts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis import queries as analysis
from analysis.queries import Achievement, Change
from evidence.canonical import sha256_of
from evidence.receipts import Derived, Kind
from portfolio.publishing.writing.style import praise_in

LONGEST_TEXT, DOCUMENTS = 6000, 16


@dataclass(frozen=True, slots=True)
class Source:
    """A text from outside that a sentence may stand on."""

    name: str
    ref: str
    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A quoted outcome with the words around it: once, however many changes state it."""

    text: str
    ref: str
    claim: str
    receipt: Derived


@dataclass(frozen=True, slots=True)
class Material:
    """All that a draft may say. ``receipts`` are by id; ``titles`` by the change's reference."""

    subject: str
    title: str
    title_ref: str
    sources: Sequence[Source]
    quotes: Sequence[Quote]
    totals: Sequence[tuple[str, Derived]]
    ranges: Sequence[Derived]
    titles: Mapping[str, str]
    part: str
    missing: Sequence[str]
    private: bool

    @property
    def receipts(self) -> dict[str, Derived]:
        found = [quote.receipt for quote in self.quotes]
        found += [receipt for _label, receipt in self.totals]
        return {receipt.id: receipt for receipt in (*found, *self.ranges)}

    @property
    def sha256(self) -> str:
        """Equal material gives equal drafts, whoever asks."""
        return sha256_of(
            {
                "title": self.title, "part": self.part, "missing": list(self.missing),
                "sources": [[source.ref, source.text] for source in self.sources], "receipts": sorted(self.receipts),
            }
        )  # fmt: skip


def gather(achievement: Achievement) -> Material:
    """Read an achievement's evidence; queries grow with its changes, of which there are two dozen at most."""
    changes = list(analysis.with_changes(Achievement.objects.filter(pk=achievement.pk)).get().changes.all())
    refs = {change.pk: analysis.change_ref(change) for change in changes}
    title_ref = achievement.title_source if achievement.title_source.startswith("change:") else ""
    return Material(
        subject=analysis.achievement_ref(achievement),
        title=achievement.title,
        title_ref=title_ref or (next(iter(refs.values())) if refs else ""),
        sources=_sources(changes, title_ref),
        quotes=_quotes(changes, refs),
        totals=analysis.achievement_receipts(achievement) if changes else [],
        ranges=[found for change in changes for found in analysis.estimate_receipts(change) if _is_yearly(found)],
        titles={refs[change.pk]: change.title for change in changes},
        part=achievement.part,
        missing=[item["what"] for item in achievement.missing],
        private=any(change.repository.is_private for change in changes),
    )


def _is_yearly(receipt: Derived) -> bool:
    return receipt.kind == Kind.ESTIMATED and "p50" in receipt.result


def _sources(changes: Sequence[Change], title_ref: str) -> list[Source]:
    """The titles and descriptions, the title's own change first; commit messages where there is no description."""
    found: list[Source] = []
    ordered = sorted(changes, key=lambda change: (analysis.change_ref(change) != title_ref, change.sorted_at))
    for change in ordered[:DOCUMENTS]:
        texts = analysis.current_texts(change)
        wanted = [text for text in texts if text.kind == "body"] or [text for text in texts if text.kind == "commit"]
        for text in [text for text in texts if text.kind == "title"] + wanted[:4]:
            found.append(Source(f"source {len(found) + 1}", analysis.change_ref(change), text.text[:LONGEST_TEXT]))
    return found


def _quotes(changes: Sequence[Change], refs: Mapping[int, str]) -> list[Quote]:
    """Corroborated ones first, then those that say from what to what, then the longer ones."""
    by_change = analysis.claims_of(changes)
    phrases = analysis.claim_phrases(claim for claims in by_change.values() for claim in claims)
    seen: set[str] = set()
    found: list[tuple[tuple[bool, bool, int], Quote]] = []
    for change in changes:
        for claim in by_change.get(change.pk, []):
            outcome = claim.outcome_key or claim.key
            if claim.state in ("stated", "corroborated") and outcome not in seen:
                seen.add(outcome)
                receipt = analysis.claim_receipt(claim)
                rank = (claim.state != "corroborated", claim.kind != "from_to", -len(claim.quote))
                words = claim.quote if praise_in(phrases[claim.pk]) else phrases[claim.pk]
                found.append((rank, Quote(words, refs[change.pk], f"claim:{claim.key}", receipt)))
    return [quote for _rank, quote in sorted(found, key=lambda item: item[0])]
