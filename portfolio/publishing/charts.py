"""Charts as SVG: drawn on the server with classes only, so that both themes and a strict CSP hold.

Lengths across are percentages and lengths down are pixels: a drawing fills any width, and its lettering stays at the
size of the text beside it (13 px) on a telephone too. Names and ticks stand in the margin that the stylesheet leaves.
Each chart carries a title, a description and its data as rows for a table; the table holds the figures with their
receipts, and the drawing repeats no value that the table lacks.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from evidence.figures import Figure

ROW, LABEL = 28, 22
BRIEF, COUNT = 11, 6  # letters: of names that need a narrow margin only, and of what is said in little room
COLUMN_MOST, SLOTS = 0.76, 0.055  # of its slot, and of the whole width


@dataclass(frozen=True)
class Chart:
    """A drawing with its words and its data: `rows` are cells in the order of `columns`; a cell is text or a figure.

    `total` is the figure whose receipt holds the data of the whole drawing, where there is one.
    """

    title: str
    description: str
    svg: SafeString
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    legend: Sequence[tuple[str, str]] = field(default_factory=tuple)
    total: Figure | None = None
    total_words: str = "In all"


def _at(part: float) -> str:
    """A place across, as a share of the width."""
    return f"{100 * part:.2f}".rstrip("0").rstrip(".") + "%"


def nice_ticks(top: float, count: int = 4, bottom: float = 0.0) -> list[float]:
    """Round numbers from at most `bottom` to at least `top`, about `count` of them."""
    if top <= bottom:
        return [bottom, bottom + 1.0]
    raw = (top - bottom) / count
    power = 10 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw * 0.999)
    first, last = math.floor(bottom / step), math.ceil(top / step)
    return [round(step * index, 10) for index in range(first, last + 1)]


def _short(value: float) -> str:
    if abs(value) >= 1_000_000:
        return f"{value / 1_000_000:g}M"
    if abs(value) >= 10_000:
        return f"{value / 1_000:g}k"
    return f"{value:g}"


def _frame(inner: Sequence[SafeString], height: float, kind: str, words: tuple[str, str]) -> SafeString:
    return format_html(
        '<svg class="plot {}" width="100%" height="{}" role="img" aria-label="{}. {}">{}</svg>',
        kind, round(height), words[0], words[1].rstrip("."), format_html_join("", "{}", ((part,) for part in inner)),
    )  # fmt: skip


def _name(label: str, y: float) -> SafeString:
    """The name of a row, in the margin."""
    text = label if len(label) <= LABEL else f"{label[: LABEL - 1]}…"
    return format_html('<text x="-10" y="{}" text-anchor="end">{}</text>', round(y), text)


def _kind(labels: Iterable[str], said: Sequence[str] = ()) -> str:
    """The classes of a drawing with a name a row: how much room its names and its words need."""
    brief = " brief" if max(map(len, labels), default=0) <= BRIEF else ""
    words = (" wordy" if max(map(len, said)) > COUNT else " said") if said else ""
    return f"rows{brief}{words}"


def bars(title: str, description: str, items: Sequence[tuple[str, float]], columns: Sequence[str],
         rows: Sequence[Sequence[object]], *, said: Sequence[str] = ()) -> Chart:  # fmt: skip
    """Horizontal bars, one a row; the longest is in the accent colour. `items` are (label, value).

    `said` are the values as words at the end of each bar: the page's own counts, since these have no receipt.
    """
    top = max((value for _, value in items), default=0) or 1
    parts: list[SafeString] = []
    for index, (label, value) in enumerate(items):
        y, length = index * ROW, max(0.002, value / top)
        parts.append(_name(label, y + 18))
        parts.append(
            format_html(
                '<rect class="{}" x="0" y="{}" width="{}" height="14"/>',
                "s1" if value == top else "s3",
                y + 6,
                _at(length),
            )
        )
        if said:
            parts.append(
                format_html(
                    '<text class="value" data-count x="{}" dx="7" y="{}">{}</text>', _at(length), y + 18, said[index]
                )
            )
    kind = _kind((label for label, _ in items), said)
    return Chart(title, description, _frame(parts, len(items) * ROW, kind, (title, description)), columns, rows)


def _grid(ticks: Sequence[float], place: dict[float, float]) -> list[SafeString]:
    """Hairlines across with their values in the margin."""
    return [
        format_html(
            '<line class="{}" x1="0" x2="100%" y1="{y}" y2="{y}"/>'
            '<text data-count x="-8" y="{}" text-anchor="end">{}</text>',
            "grid" if index else "axis", round(place[tick] + 4), _short(tick), y=f"{place[tick]:.1f}",
        )
        for index, tick in enumerate(ticks)
    ]  # fmt: skip


def columns_by_time(title: str, description: str, periods: Sequence[str], series: Sequence[tuple[str, Sequence[float]]],
                    columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Chart:  # fmt: skip
    """Stacked columns over time; at most five series, the first in the accent colour. One value a period a series."""
    height, floor = 252.0, 222.0
    totals = [sum(values[index] for _, values in series) for index in range(len(periods))]
    ticks = nice_ticks(max(totals, default=0))
    scale, step = (floor - 12) / ticks[-1], 1 / max(1, len(periods))
    wide = min(step * COLUMN_MOST, SLOTS)
    parts = _grid(ticks, {tick: floor - tick * scale for tick in ticks})
    every = max(1, math.ceil(len(periods) / 8))
    for index, period in enumerate(periods):
        middle, y = (index + 0.5) * step, floor
        for order, (_, values) in enumerate(series):
            tall = values[index] * scale
            y -= tall
            if tall > 0:
                parts.append(
                    format_html(
                        '<rect class="stack s{}" x="{}" y="{}" width="{}" height="{}"/>',
                        order + 1, _at(middle - wide / 2), f"{y:.1f}", _at(wide), f"{tall:.1f}",
                    )
                )  # fmt: skip
        if index % every == 0:
            parts.append(
                format_html(
                    '<text data-count{} x="{}" y="{}" text-anchor="middle">{}</text>',
                    mark_safe(' class="seldom"') if index % (2 * every) else "", _at(middle), round(height - 8), period,
                )
            )  # fmt: skip
    return Chart(
        title, description, _frame(parts, height, "time", (title, description)), columns, rows, _legend(series)
    )


def _legend(series: Sequence[tuple[str, object]]) -> tuple[tuple[str, str], ...]:
    names = tuple((f"s{order + 1}", name) for order, (name, _) in enumerate(series))
    return names if len(series) > 1 else ()


def lines(title: str, description: str, series: Sequence[tuple[str, Sequence[tuple[float, float]]]],
          columns: Sequence[str], rows: Sequence[Sequence[object]], *, ideal: bool = False,
          names: tuple[str, str] = ("", "")) -> Chart:  # fmt: skip
    """Lines through (x, y) points. `ideal` draws the diagonal of a calibration plot over the unit square.

    What never comes near zero is drawn from a round number below its lowest point, and the axis says which.
    """
    height, floor, head = 318.0, 276.0, 26.0
    xs = [x for _, path in series for x, _ in path] or [1.0]
    ys = [y for _, path in series for _, y in path] or [1.0]
    unit = [0, 0.25, 0.5, 0.75, 1.0]
    x_ticks = unit if ideal else nice_ticks(max(xs))
    y_ticks = unit if ideal else nice_ticks(max(ys), bottom=min(ys) if min(ys) > max(ys) / 2 else 0.0)
    low, span = y_ticks[0], y_ticks[-1] - y_ticks[0]

    def place(x: float, y: float) -> tuple[str, str]:
        return _at(x / x_ticks[-1]), f"{floor - (floor - head) * (y - low) / span:.1f}"

    def stretch(css: str, start: tuple[float, float], end: tuple[float, float]) -> SafeString:
        return format_html('<line class="line {}" x1="{}" y1="{}" x2="{}" y2="{}"/>', css, *place(*start), *place(*end))

    parts = _grid(y_ticks, {tick: float(place(0, tick)[1]) for tick in y_ticks})
    parts.extend(
        format_html(
            '<text data-count x="{}" y="{}" text-anchor="middle">{}</text>',
            place(tick, low)[0], round(floor + 18), _short(tick),
        )
        for tick in x_ticks
    )  # fmt: skip
    if ideal:
        parts.append(stretch("ideal", (0, 0), (1, 1)))
    for order, (_, path) in enumerate(series):
        parts.extend(stretch(f"s{order + 1}", path[index], path[index + 1]) for index in range(len(path) - 1))
        if len(path) <= 24:
            parts.extend(
                format_html('<circle class="s{}" cx="{}" cy="{}" r="3"/>', order + 1, *place(x, y)) for x, y in path
            )
    parts.append(
        format_html(
            '<text x="100%" y="{}" text-anchor="end">{}</text><text x="0" y="12">{}</text>',
            round(height - 4), names[0], names[1],
        )
    )  # fmt: skip
    kind = "time square" if ideal else "time"
    return Chart(title, description, _frame(parts, height, kind, (title, description)), columns, rows, _legend(series))


def ranges(title: str, description: str, items: Sequence[tuple[str, float, float, float]], columns: Sequence[str],
           rows: Sequence[Sequence[object]], *, said: Sequence[str] = ()) -> Chart:  # fmt: skip
    """Ranges on one scale: (label, P10, P50, P90) each a hairline with a stroke at the median, `said` after its end."""
    top = max((high for *_, high in items), default=1) or 1
    low = min(0.0, min((item[1] for item in items), default=0))
    span = (top - low) or 1
    parts: list[SafeString] = []
    for index, (label, p10, p50, p90) in enumerate(items):
        y = index * ROW
        parts.append(_name(label, y + 18))
        parts.append(
            format_html(
                '<rect class="s4" x="{}" y="{}" width="{}" height="6"/><rect class="s1" x="{}" y="{}" width="3" '
                'height="16"/>', _at((p10 - low) / span), y + 11, _at(max(0.002, (p90 - p10) / span)),
                _at((p50 - low) / span), y + 6,
            )
        )  # fmt: skip
        if said:
            end = _at((p90 - low) / span)
            parts.append(
                format_html('<text class="value" data-count x="{}" dx="7" y="{}">{}</text>', end, y + 18, said[index])
            )
    kind = _kind((label for label, *_ in items), said)
    return Chart(title, description, _frame(parts, len(items) * ROW + 4, kind, (title, description)), columns, rows)


def pairs(title: str, description: str, items: Sequence[tuple[str, float, float]], names: tuple[str, str],
          columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Chart:  # fmt: skip
    """Two bars a row on one scale, such as shares then and now. `items` are (label, first, second)."""
    top = max((max(first, second) for _, first, second in items), default=0) or 1
    parts: list[SafeString] = []
    for index, (label, *values) in enumerate(items):
        y = index * ROW
        parts.append(_name(label, y + 18))
        parts.extend(
            format_html(
                '<rect class="s{}" x="0" y="{}" width="{}" height="8"/>',
                order, y + 6 + 9 * place, _at(max(0.002, 0.96 * value / top)),
            )
            for place, (order, value) in enumerate(zip((3, 1), values, strict=True))
        )  # fmt: skip
    legend = (("s3", names[0]), ("s1", names[1]))
    frame = _frame(parts, len(items) * ROW, _kind(label for label, *_ in items), (title, description))
    return Chart(title, description, frame, columns, rows, legend)


def spans(title: str, description: str, items: Sequence[tuple[str, Sequence[tuple[float, float, int]]]],
          ends: tuple[str, str], names: Sequence[str], columns: Sequence[str],
          rows: Sequence[Sequence[object]]) -> Chart:  # fmt: skip
    """Stretches of time, a row for each label: (label, [(from, to, series)]) from 0 to 1; `ends` say when."""
    parts: list[SafeString] = []
    tall = len(items) * ROW + 4
    for index, (label, stretches) in enumerate(items):
        y = index * ROW
        parts.append(_name(label, y + 18))
        parts.append(format_html('<line class="grid" x1="0" x2="100%" y1="{y}" y2="{y}"/>', y=y + 13))
        parts.extend(
            format_html(
                '<rect class="s{}" x="{}" y="{}" width="{}" height="{}"/>',
                order + 1, _at(min(start, 0.992)), y + 6 + 5 * (order > 0), _at(max(0.008, end - start)),
                14 - 9 * (order > 0),
            )
            for start, end, order in sorted(stretches, key=lambda one: one[2])
        )  # fmt: skip
    parts.append(
        format_html(
            '<line class="axis" x1="0" x2="100%" y1="{y}" y2="{y}"/><text data-count x="0" y="{}">{}</text>'
            '<text data-count x="100%" y="{}" text-anchor="end">{}</text>',
            tall + 18, ends[0], tall + 18, ends[1], y=tall,
        )
    )  # fmt: skip
    seen = sorted({order for _, stretches in items for *_, order in stretches})
    legend = tuple((f"s{order + 1}", names[order]) for order in seen)
    frame = _frame(parts, tall + 26, _kind(label for label, _ in items), (title, description))
    return Chart(title, description, frame, columns, rows, legend if len(legend) > 1 else ())


def tornado(title: str, description: str, items: Sequence[tuple[str, float]], columns: Sequence[str],
            rows: Sequence[Sequence[object]]) -> Chart:  # fmt: skip
    """Rank correlations from -1 to 1 as bars from a middle line, longest first. `items` are (input, correlation)."""
    parts: list[SafeString] = []
    for index, (label, value) in enumerate(items):
        y, left = index * ROW, 0.5 if value >= 0 else 0.5 + value / 2
        parts.append(_name(label, y + 18))
        parts.append(
            format_html(
                '<rect class="s1" x="{}" y="{}" width="{}" height="14"/>',
                _at(left), y + 6, _at(max(0.002, abs(value) / 2)),
            )
        )  # fmt: skip
    tall = len(items) * ROW + 4
    parts.append(format_html('<line class="axis" x1="50%" x2="50%" y1="0" y2="{}"/>', tall))
    kind = _kind(label for label, _ in items)
    return Chart(title, description, _frame(parts, tall, kind, (title, description)), columns, rows)


def sparkline(values: Sequence[float]) -> SafeString:
    """A word-sized line without axes, hidden from screen readers: the number beside it says what it shows."""
    if len(values) < 2:
        return mark_safe("")
    low, high = min(values), max(values)
    span = (high - low) or 1
    step = 96 / (len(values) - 1)
    path = "".join(
        f"{'L' if index else 'M'}{2 + index * step:.1f} {18 - 14 * (value - low) / span:.1f}"
        for index, value in enumerate(values)
    )
    return format_html(
        '<svg class="spark" viewBox="0 0 100 22" width="100" height="22" aria-hidden="true">'
        '<path class="line" d="{}"/></svg>', path,
    )  # fmt: skip
