"""The charts of the collected work. Each is the drawing of one receipt: its rows are the receipt's input, its total the
receipt's figure, so that a chart can be computed again, and a chart in a published text never changes.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from django.core.cache import cache

from analysis import queries as analysis
from evidence.figures import figure_of
from evidence.receipts import Derived, Input, Kind, derive
from evidence.recompute import recompute
from portfolio.publishing import charts
from portfolio.publishing.figures import duration

METHOD, STAGES, VERSION, SUBJECT = "site.counted", "site.stages", "1", "chart:"
SERIES, KEEP_SECONDS = 4, 300
SIZES = ("XS", "S", "M", "L", "XL")
Rows = list[list[Any]]


@recompute(METHOD, VERSION, words="The sum of the last column of the counted rows", symbols="Σ n")
def counted(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None, /) -> dict[str, Any]:
    """The sum over `rows`, each a list whose last cell is a count; `unit` says of what."""
    return {"value": sum(row[-1] for row in inputs["rows"]), "unit": parameters["unit"]}


@recompute(STAGES, VERSION, words="The median over the rows of the whole, from first commit to merge", symbols="x̃")
def stages(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None, /) -> dict[str, Any]:
    """The median seconds of `parameters["stage"]` over `rows`, each [stage, reference of the pull, seconds]."""
    whole = [seconds for stage, _pull, seconds in inputs["rows"] if stage == parameters["stage"]]
    return {"value": statistics.median(whole), "unit": parameters["unit"]}


@dataclass(frozen=True)
class Drawing:
    """One chart of the work: its words, what it counts, where its rows come from, and how they are drawn.

    `parameters` go to the method beside the unit; `total` says what the receipt's figure is.
    """

    title: str
    description: str
    unit: str
    head: str
    rows: Callable[[int], Rows]  # takes the newest collection's id, under which counts are kept
    draw: Callable[[Drawing, Rows], charts.Chart]
    method: str = METHOD
    parameters: Mapping[str, str] = field(default_factory=dict)
    total: str = "In all"


def _facet(name: str) -> Callable[[int], Rows]:
    def rows(stamp: int) -> Rows:
        counts = cache.get_or_set(f"facets:{stamp}", analysis.facet_counts, timeout=KEEP_SECONDS)
        return [[label, many] for _value, label, many in (counts or {}).get(name, [])]

    return rows


def _step(stamp: int) -> Any:
    return cache.get_or_set(f"period-step:{stamp}", analysis.period_step, timeout=KEEP_SECONDS)


def _bars(drawing: Drawing, rows: Rows) -> charts.Chart:
    items = [(str(label), float(many)) for label, many in rows]
    said = [f"{many:,}" for _label, many in rows]
    table = [(label, text) for (label, _many), text in zip(items, said, strict=True)]
    columns = (drawing.head, drawing.unit.capitalize() + "s")
    return charts.bars(drawing.title, drawing.description, items, columns, table, said=said)


def _stacked(drawing: Drawing, rows: Rows) -> charts.Chart:
    totals: dict[str, int] = {}
    for _period, name, many in rows:
        totals[name] = totals.get(name, 0) + many
    named = sorted(totals, key=lambda name: (-totals[name], name))[:SERIES]
    cells = {(period, name): many for period, name, many in rows}
    periods = all_periods([period for period, _name, _many in rows])
    series = [(name, [float(cells.get((period, name), 0)) for period in periods]) for name in named]
    rest = [float(sum(many for at, name, many in rows if at == period and name not in named)) for period in periods]
    if any(rest):
        series.append(("other", rest))
    table = [(period, *(f"{int(values[index]):,}" for _name, values in series)) for index, period in enumerate(periods)]
    week = bool(periods) and len(periods[0]) == len("2031-02-03")
    columns = ("Week of" if week else "Month", *(name for name, _values in series))
    return charts.columns_by_time(
        drawing.title, drawing.description, [short(period) for period in periods], series, columns, table
    )


def _ranged(drawing: Drawing, rows: Rows) -> charts.Chart:
    """Eight pulls of ten lie on the line of a stage, the median at its stroke."""
    times: dict[str, list[float]] = {}
    for stage, _pull, seconds in rows:
        times.setdefault(stage, []).append(float(seconds))
    spans = {stage: spread(found) for stage, found in times.items()}
    items = [(stage, *span) for stage, span in spans.items()]
    table = [
        (stage, f"{len(times[stage]):,}", *(duration(seconds) for seconds in span)) for stage, span in spans.items()
    ]
    columns = (drawing.head, "Pulls", "A tenth take at most", "Half take at most", "A tenth take longer than")
    said = [row[3] for row in table]
    return charts.ranges(drawing.title, drawing.description, items, columns, table, said=said)


def spread(values: Sequence[float]) -> tuple[float, float, float]:
    """P10, P50 and P90 by linear interpolation between the ordered values; all three alike for one value."""
    if len(values) == 1:
        return (values[0],) * 3
    cuts = statistics.quantiles(values, n=10, method="inclusive")
    return cuts[0], statistics.median(values), cuts[8]


def all_periods(found: Sequence[str]) -> list[str]:
    """Every week or month from the first to the last, those without a change too: the axis of time has no holes."""
    if not found:
        return []
    first, last = min(found), max(found)
    if len(first) == len("2031-02-03"):
        day, end = date.fromisoformat(first), date.fromisoformat(last)
        return [str(day + timedelta(weeks=index)) for index in range((end - day).days // 7 + 1)]
    (year, month), out = map(int, first.split("-")), []
    while (label := f"{year:04}-{month:02}") <= last:
        out.append(label)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return out


def short(period: str) -> str:
    """A period as an axis prints it: "3 Feb" for a week, "Feb 2031" for a month."""
    if len(period) == len("2031-02-03"):
        return f"{date.fromisoformat(period):%-d %b}"
    return f"{date.fromisoformat(f'{period}-01'):%b %Y}"


DRAWINGS: dict[str, Drawing] = {
    "landed": Drawing(
        "Landed work over time", "Changes by the type that the classifier predicts, those in which it abstains apart.",
        "change", "Period", lambda stamp: [list(row) for row in analysis.landed_by_period(_step(stamp))], _stacked,
    ),
    "tests": Drawing(
        "Code and tests over time", "Lines added, by the kind of file they stand in.", "line", "Period",
        lambda stamp: [list(row) for row in analysis.lines_by_period(_step(stamp))], _stacked,
    ),
    "languages": Drawing("Languages", "Changes by the language most of their lines are in.", "change", "Language",
                         _facet("language"), _bars),
    "sizes": Drawing("Sizes", "Changes by the lines that people wrote in them, the smallest first.", "change", "Size",
                     lambda stamp: sorted(_facet("size")(stamp), key=lambda row: SIZES.index(row[0])), _bars),
    "landing": Drawing("How they landed", "Changes by the way in which they reached the default branch.", "change",
                       "Way", _facet("kind"), _bars),
    "cycle": Drawing(
        "From first commit to merge",
        "Eight of ten pull requests lie on the line of a stage, half are quicker than its stroke. A stage is drawn "
        "where both of its events are known; only the hosting service tells of the stages between.",
        "second", "Stage", lambda stamp: analysis.stage_times(), _ranged, STAGES, {"stage": analysis.WHOLE_STAGE},
        "Half take at most",
    ),
}  # fmt: skip


def derived(name: str, stamp: int | None = None) -> Derived | None:
    """The receipt of a chart as it stands now, kept for some minutes; None where nothing is to be drawn.

    `stamp` is the newest collection's id, where the caller has asked for it already.
    """
    stamp = analysis.latest_collection_id() if stamp is None else stamp
    key = f"drawing:{name}:{stamp}"
    text = cache.get(key)
    if text is None:
        drawing = DRAWINGS[name]
        rows = drawing.rows(stamp)
        if not rows:
            return None
        text = derive(
            kind=Kind.MEASURED, subject=f"{SUBJECT}{name}", method=drawing.method, version=VERSION,
            inputs=[Input("rows", f"{SUBJECT}{name}", rows)], parameters={"unit": drawing.unit, **drawing.parameters},
        ).text  # fmt: skip
        cache.set(key, text, KEEP_SECONDS)
    return Derived.from_text(text)


def draw(receipt: Derived) -> charts.Chart:
    """The chart of a receipt, drawn from what the receipt holds; raises KeyError for any other receipt."""
    drawing = DRAWINGS[receipt.subject.removeprefix(SUBJECT)]
    chart = drawing.draw(drawing, receipt.document["inputs"][0]["value"])
    return replace(chart, total=figure_of(receipt, "total"), total_words=drawing.total)


def all_drawn(names: Iterable[str] = DRAWINGS) -> Iterator[tuple[str, charts.Chart]]:
    """(name, chart) of each for which there is something to draw."""
    stamp = analysis.latest_collection_id()
    for name in names:
        receipt = derived(name, stamp)
        if receipt is not None:
            yield name, draw(receipt)


def receipts_of(subject: str) -> list[Derived]:
    """The receipt of chart:<name>, derived again."""
    name = subject.removeprefix(SUBJECT)
    found = derived(name) if subject.startswith(SUBJECT) and name in DRAWINGS else None
    return [found] if found else []
