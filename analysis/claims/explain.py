"""A text with its claims and refusals, cut into pieces for a page: what the live demo and a change's page show."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter

from analysis.claims.extractor import extract
from analysis.claims.grounding import Claim
from analysis.claims.records import Extraction, Reason, Refusal

MAX_TEXT = 20_000  # code points that the live demo reads

REASONS: dict[Reason, str] = {
    Reason.VERSION: "A version number is not an outcome.",
    Reason.ISSUE_NUMBER: "This is the number of an issue or a pull request.",
    Reason.DATE_OR_TIME: "This is a date or a time of day.",
    Reason.HTTP_CODE: "This is an HTTP status code.",
    Reason.PORT: "This is a port or a line number.",
    Reason.IDENTIFIER: "This number is part of a name.",
    Reason.CODE: "This stands in code, not in a statement.",
    Reason.LOG: "This stands in the output of a program.",
    Reason.FIXTURE: "This describes test data, not the change.",
    Reason.QUOTATION: "This is quoted from somebody else.",
    Reason.TEMPLATE: "This belongs to a template or a trailer.",
    Reason.TOOL: "A tool wrote this, not the engineer.",
    Reason.COUNT: "A count of things is not an outcome.",
    Reason.THRESHOLD: "This is a threshold or a condition, not a result.",
    Reason.CONFIGURATION: "A setting was turned; that is not an outcome.",
    Reason.OLD_STATE: "This is how it was before.",
    Reason.LEVEL: "This is a level, not a change: nothing says by how much it moved.",
    Reason.SHARE: "This is a share of something, not a change.",
    Reason.NEGATED: "The sentence says that this did not happen.",
    Reason.NO_CHANGE: "The sentence says that nothing changed.",
    Reason.INCONCLUSIVE: "The sentence itself calls this noise or uncertain.",
    Reason.HYPOTHETICAL: "This was tried, noticed or imagined, not delivered.",
    Reason.COMPARISON: "This compares with an alternative or a target, not with how it was before.",
    Reason.TARGET: "This is a target.",
    Reason.OTHER_CHANGE: "This is the result of another change.",
    Reason.OTHER_PEOPLE: "These are other people's numbers.",
    Reason.SPEND: "This is money spent or named, not money saved.",
    Reason.DAMAGED: "A part of this number is missing; it is not guessed.",
    Reason.NO_OUTCOME: "Nothing here says what was measured.",
    Reason.UNGROUNDED: "The quote or one of its numbers does not stand in the text.",
    Reason.TOO_LONG: "This stretch is too long to be a sentence.",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text: plain, the words of a claim, or the words of a refusal."""

    text: str
    kind: str = "plain"  # plain, claim, refusal
    number: int = 0  # which claim or refusal of the explanation, from 0
    state: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A text in pieces that together are exactly the text, its claims, and its refusals with reasons for people."""

    pieces: tuple[Piece, ...]
    claims: tuple[Claim, ...]
    refusals: tuple[Refusal, ...]
    is_cut: bool = False


def explain(text: str) -> Explanation:
    """Extract the claims of ``text`` (at most MAX_TEXT code points of it) and cut it into pieces to show."""
    shown = text[:MAX_TEXT]
    found: Extraction = extract(shown)
    spans = [(claim.start, claim.end, "claim", i, claim.state.value, "") for i, claim in enumerate(found.claims)]
    spans += [(item.start, item.end, "refusal", i, "", REASONS[item.reason]) for i, item in enumerate(found.refusals)]
    return Explanation(tuple(cut(shown, spans)), found.claims, found.refusals, len(text) > MAX_TEXT)


def cut(text: str, spans: Iterable[tuple[int, int, str, int, str, str]]) -> list[Piece]:
    """The text in pieces; of spans that overlap, the claim or the earlier and longer one is shown."""
    pieces: list[Piece] = []
    position = 0
    taken: list[tuple[int, int, str, int, str, str]] = []  # in order, none overlapping
    for span in sorted(spans, key=lambda span: (span[2] != "claim", span[0], -span[1])):
        place = bisect(taken, span[0], key=itemgetter(0))
        free_before = place == 0 or taken[place - 1][1] <= span[0]
        free_after = place == len(taken) or span[1] <= taken[place][0]
        if span[1] > span[0] and free_before and free_after:
            taken.insert(place, span)
    for start, end, kind, number, state, reason in taken:
        if position < start:
            pieces.append(Piece(text[position:start]))
        pieces.append(Piece(text[start:end], kind, number, state, reason))
        position = end
    if position < len(text):
        pieces.append(Piece(text[position:]))
    return pieces
