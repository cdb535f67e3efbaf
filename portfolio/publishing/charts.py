"""Charts as SVG: drawn on the server with classes only, so that both themes and a strict CSP hold.

Each chart carries a title, a description and its data as rows for a table; the table holds the figures with their
receipts, and the drawing repeats no value that the table lacks. Lettering is 13 px at the drawn size.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

WIDTH = 640.0


@dataclass(frozen=True)
class Chart:
    """A drawing with its words and its data: `rows` are cells in the order of `columns`; a cell is text or a figure."""

    title: str
    description: str
    svg: SafeString
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    legend: Sequence[tuple[str, str]] = field(default_factory=tuple)


def _svg(template: str, *values: object) -> SafeString:
    """A piece of SVG: lengths with one decimal, everything else escaped."""
    return format_html(template, *(f"{value:.1f}" if isinstance(value, float) else value for value in values))


def nice_ticks(top: float, count: int = 4) -> list[float]:
    """Round numbers from 0 to at least `top`, about `count` of them."""
    if top <= 0:
        return [0.0, 1.0]
    raw = top / count
    power = 10 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw)
    return [step * index for index in range(math.ceil(top / step) + 1)]


def _short(value: float) -> str:
    if abs(value) >= 1_000_000:
        return f"{value / 1_000_000:g}M"
    if abs(value) >= 10_000:
        return f"{value / 1_000:g}k"
    return f"{value:g}"


def _frame(inner: SafeString, height: float, title: str, description: str) -> SafeString:
    return _svg(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}. {}" preserveAspectRatio="xMinYMin meet">{}</svg>',
        int(WIDTH), int(height), title, description, inner,
    )  # fmt: skip


def _join(parts: Sequence[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def bars(title: str, description: str, items: Sequence[tuple[str, float]], columns: Sequence[str],
         rows: Sequence[Sequence[object]]) -> Chart:  # fmt: skip
    """Horizontal bars, one a row; the first is in the accent colour. `items` are (label, value)."""
    row, left = 26.0, 150.0
    top = max((value for _, value in items), default=0) or 1
    parts = [
        _svg(
            '<text x="{}" y="{}" text-anchor="end">{}</text>'
            '<rect class="{}" x="{}" y="{}" width="{}" height="14"/>',
            left - 10, index * row + 17, label[:22], "s1" if index == 0 else "s3",
            left, index * row + 6, max(1.0, (WIDTH - left - 8) * value / top),
        )
        for index, (label, value) in enumerate(items)
    ]  # fmt: skip
    return Chart(title, description, _frame(_join(parts), len(items) * row + 4, title, description), columns, rows)


def columns_by_time(title: str, description: str, periods: Sequence[str], series: Sequence[tuple[str, Sequence[float]]],
                    columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Chart:  # fmt: skip
    """Stacked columns over time; at most five series, the first in the accent colour. One value a period a series."""
    height, left, bottom = 240.0, 44.0, 26.0
    totals = [sum(values[index] for _, values in series) for index in range(len(periods))]
    ticks = nice_ticks(max(totals, default=0))
    plot, scale = WIDTH - left, (height - bottom - 12) / ticks[-1]
    step = plot / max(1, len(periods))
    parts: list[SafeString] = []
    for tick in ticks:
        y = height - bottom - tick * scale
        parts.append(
            _svg(
                '<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>'
                '<text data-count x="{}" y="{}" text-anchor="end">{}</text>',
                "grid" if tick else "axis", left, int(WIDTH), y, y, left - 8, y + 4, _short(tick),
            )
        )  # fmt: skip
    every = max(1, math.ceil(len(periods) / 8))
    for index, period in enumerate(periods):
        x, y = left + index * step, height - bottom
        for order, (_, values) in enumerate(series):
            tall = values[index] * scale
            y -= tall
            if tall > 0:
                parts.append(
                    _svg(
                        '<rect class="s{}" x="{}" y="{}" width="{}" height="{}"/>',
                        order + 1, x + step * 0.12, y, step * 0.76, tall,
                    )
                )  # fmt: skip
        if index % every == 0:
            parts.append(
                _svg(
                    '<text data-count x="{}" y="{}" text-anchor="middle">{}</text>',
                    x + step / 2, int(height - 6), period,
                )
            )  # fmt: skip
    legend = tuple((f"s{order + 1}", name) for order, (name, _) in enumerate(series))
    return Chart(
        title, description, _frame(_join(parts), height, title, description), columns, rows,
        legend if len(series) > 1 else (),
    )  # fmt: skip


def lines(title: str, description: str, series: Sequence[tuple[str, Sequence[tuple[float, float]]]],
          columns: Sequence[str], rows: Sequence[Sequence[object]], *, ideal: bool = False,
          names: tuple[str, str] = ("", "")) -> Chart:  # fmt: skip
    """Lines through (x, y) points. `ideal` draws the diagonal of a calibration plot over the unit square."""
    height, left, bottom, head = 310.0, 52.0, 40.0, 30.0
    points = [point for _, path in series for point in path]
    x_ticks = [0, 0.25, 0.5, 0.75, 1.0] if ideal else nice_ticks(max((x for x, _ in points), default=1))
    y_ticks = [0, 0.25, 0.5, 0.75, 1.0] if ideal else nice_ticks(max((y for _, y in points), default=1))

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            left + (WIDTH - left - 12) * x / x_ticks[-1],
            height - bottom - (height - bottom - head) * y / y_ticks[-1],
        )

    parts: list[SafeString] = []
    for tick in y_ticks:
        _, y = place(0, tick)
        parts.append(
            _svg(
                '<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>'
                '<text data-count x="{}" y="{}" text-anchor="end">{}</text>',
                "grid" if tick else "axis", left, int(WIDTH) - 12, y, y, left - 8, y + 4, _short(tick),
            )
        )  # fmt: skip
    parts.extend(
        _svg(
            '<text data-count x="{}" y="{}" text-anchor="middle">{}</text>',
            place(tick, 0)[0], int(height - bottom + 18), _short(tick),
        )
        for tick in x_ticks
    )  # fmt: skip
    if ideal:
        (x1, y1), (x2, y2) = place(0, 0), place(1, 1)
        parts.append(_svg('<path class="line ideal" d="M{} {}L{} {}"/>', x1, y1, x2, y2))
    for order, (_, path) in enumerate(series):
        placed = [place(x, y) for x, y in path]
        steps = "".join(f"{'L' if index else 'M'}{x:.1f} {y:.1f}" for index, (x, y) in enumerate(placed))
        parts.append(_svg('<path class="line s{}" d="{}"/>', order + 1, steps))
        if len(placed) <= 24:
            parts.extend(_svg('<circle class="s{}" cx="{}" cy="{}" r="3"/>', order + 1, x, y) for x, y in placed)
    parts.append(
        _svg(
            '<text x="{}" y="{}" text-anchor="end">{}</text><text x="0" y="10">{}</text>',
            int(WIDTH) - 12, int(height - 4), names[0], names[1],
        )
    )  # fmt: skip
    legend = tuple((f"s{order + 1}", name) for order, (name, _) in enumerate(series))
    return Chart(
        title, description, _frame(_join(parts), height, title, description), columns, rows,
        legend if len(series) > 1 else (),
    )  # fmt: skip


def ranges(title: str, description: str, items: Sequence[tuple[str, float, float, float]], columns: Sequence[str],
           rows: Sequence[Sequence[object]]) -> Chart:  # fmt: skip
    """Ranges on one scale: (label, P10, P50, P90) each a hairline with a stroke at the median."""
    row, left = 30.0, 150.0
    top = max((high for *_, high in items), default=1) or 1
    low = min(0.0, min((item[1] for item in items), default=0))
    scale = (WIDTH - left - 12) / ((top - low) or 1)
    parts = [
        _svg(
            '<text x="{}" y="{}" text-anchor="end">{}</text>'
            '<rect class="s4" x="{}" y="{}" width="{}" height="6"/>'
            '<rect class="s1" x="{}" y="{}" width="3" height="16"/>',
            left - 10, index * row + 19, label[:22],
            left + (p10 - low) * scale, index * row + 12, max(1.0, (p90 - p10) * scale),
            left + (p50 - low) * scale - 1.5, index * row + 7,
        )
        for index, (label, p10, p50, p90) in enumerate(items)
    ]  # fmt: skip
    return Chart(title, description, _frame(_join(parts), len(items) * row + 6, title, description), columns, rows)


def tornado(title: str, description: str, items: Sequence[tuple[str, float]], columns: Sequence[str],
            rows: Sequence[Sequence[object]]) -> Chart:  # fmt: skip
    """Rank correlations from -1 to 1 as bars from a middle line, longest first. `items` are (input, correlation)."""
    row, left = 26.0, 190.0
    middle = left + (WIDTH - left - 12) / 2
    half = (WIDTH - left - 12) / 2
    parts = [
        _svg(
            '<text x="{}" y="{}" text-anchor="end">{}</text>'
            '<rect class="s1" x="{}" y="{}" width="{}" height="14"/>',
            left - 10, index * row + 17, label[:28],
            middle if value >= 0 else middle + half * value, index * row + 6, max(1.0, half * abs(value)),
        )
        for index, (label, value) in enumerate(items)
    ]  # fmt: skip
    parts.append(_svg('<line class="axis" x1="{}" x2="{}" y1="0" y2="{}"/>', middle, middle, int(len(items) * row + 4)))
    return Chart(title, description, _frame(_join(parts), len(items) * row + 4, title, description), columns, rows)


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
    return _svg(
        '<svg class="spark" viewBox="0 0 100 22" width="100" height="22" aria-hidden="true">'
        '<path class="line" d="{}"/></svg>', path,
    )  # fmt: skip
