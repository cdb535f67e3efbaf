"""The ladder of a change as a page shows it: the whole change, each outcome, the refusals together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from analysis import queries as analysis


@dataclass(frozen=True)
class Outcome:
    """One quoted outcome with its steps from L2 to L4; steps that lack the same stand as one."""

    quote: str
    steps: list[analysis.LadderStep]


@dataclass(frozen=True)
class Refused:
    """Outcomes that got no range at any step for the same reasons; `quotes` are their words, each with how often."""

    reasons: list[dict[str, str]]
    quotes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Ladder:
    """A change's steps, sorted for reading; nothing is left out."""

    whole: list[analysis.LadderStep]
    outcomes: list[Outcome]
    refused: list[Refused]


def sorted_ladder(steps: Iterable[analysis.LadderStep]) -> Ladder:
    """Steps of no outcome as they come; outcomes with a figure, or refused in several ways; the rest by reason."""
    whole: list[analysis.LadderStep] = []
    found: dict[str, list[analysis.LadderStep]] = {}
    for step in steps:
        (found.setdefault(step.outcome, []) if step.outcome else whole).append(step)
    outcomes: list[Outcome] = []
    refused: dict[tuple[tuple[str, ...], ...], Refused] = {}
    for rows in found.values():
        quote = next((row.quote for row in rows if row.quote), "")
        rungs = _merged(rows)
        reasons = list(rungs[0].refusals)
        if len(rungs) > 1 or not quote or not reasons:
            outcomes.append(Outcome(quote, rungs))
            continue
        key = tuple((item["code"], item["fix"], item["missing"]) for item in reasons)
        quotes = refused.setdefault(key, Refused(reasons)).quotes
        quotes[quote] = quotes.get(quote, 0) + 1
    return Ladder(_merged(whole), outcomes, list(refused.values()))


def _merged(rows: list[analysis.LadderStep]) -> list[analysis.LadderStep]:
    """The steps, neighbours that lack the very same made one."""
    out: list[analysis.LadderStep] = []
    for row in rows:
        last = out[-1] if out else None
        if last is not None and row.refusals and _lacks(last) == _lacks(row):
            title = f"{last.title}, {row.title[:1].lower()}{row.title[1:]}"
            out[-1] = replace(last, level=f"{last.level.partition('–')[0]}–{row.level}", title=title)
        else:
            out.append(row)
    return out


def _lacks(step: analysis.LadderStep) -> list[tuple[str, str]]:
    return [(item["code"], item["missing"]) for item in step.refusals]
