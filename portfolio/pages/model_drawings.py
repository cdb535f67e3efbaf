"""Drawings of the pages of models: drift, calibration, and who played which part when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.text import capfirst

from mlops.queries import Series, Span
from portfolio.publishing import charts

ROLES = ("champion", "challenger", "shadow")
MOST_BINS = 12
MOST_VERSIONS = 12


def drift_over_time(series: Series) -> charts.Chart | None:
    """The measurements by their time, and the bound of the monitor's rule as a second line."""
    seen = [(one.window_end, float(one.value)) for one in series.points if one.value is not None]
    if len(seen) < 2:
        return None
    unit, seconds = _unit((seen[-1][0] - seen[0][0]).total_seconds())
    points = [((at - seen[0][0]).total_seconds() / seconds, value) for at, value in seen]
    bound = [(points[0][0], series.monitor.threshold), (points[-1][0], series.monitor.threshold)]
    side = "above" if series.monitor.comparison == ">" else "below"
    return charts.lines(
        capfirst(series.name.replace("_", " ")),
        f"Its newest measurements by {unit} since the first of them. An alert opens {side} the bound.",
        [("measured", points), ("bound", bound)], ("Time", "Value"), [], names=(unit, ""),
    )  # fmt: skip


def shares(series: Series) -> charts.Chart | None:
    """What a watched value was on the rows of the version's test, and what it is in the newest window."""
    measured = next((one for one in reversed(series.points) if one.detail.get("baseline")), None)
    if measured is None:
        return None
    detail = measured.detail
    rows = list(
        zip(map(str, detail["bins"]), map(float, detail["baseline"]), map(float, detail["window"]), strict=True)
    )
    items = sorted(rows, key=lambda row: -max(row[1:]))[:MOST_BINS] if len(rows) > MOST_BINS else rows
    return charts.pairs(
        capfirst(series.name.replace("_", " ")),
        "Shares of its values on the rows that the version was tested on, and in the newest window.",
        items, ("tested on", "newest window"), ("Value", "Tested on", "Newest window"),
        [(name, f"{before:.3f}", f"{after:.3f}") for name, before, after in rows],
    )  # fmt: skip


def calibration(bins: Sequence[Mapping[str, Any]]) -> charts.Chart | None:
    """What was said against what was seen."""
    points = [(float(row["probability"]), float(row["right"])) for row in bins if {"probability", "right"} <= set(row)]
    if not points:
        return None
    return charts.lines(
        "Calibration", "What was said against what was seen; on the dashed line a promise is kept.",
        [("this version", points)], ("Said", "Seen"), [(f"{x:.2f}", f"{y:.2f}") for x, y in points], ideal=True,
        names=("probability said", "share seen"),
    )  # fmt: skip


def by_group(groups: Sequence[tuple[str, float, int]]) -> charts.Chart | None:
    """How often it was right in each group of the test; one group alone says nothing more than the figures."""
    if len(groups) < 2:
        return None
    rows = [(name, f"{right:.3f}", str(count)) for name, right, count in groups]
    return charts.bars(
        "By group", "Share of its answers that were right in each group of the test, the group with most rows first.",
        [(name, right) for name, right, _count in groups[:MOST_BINS]], ("Group", "Right", "Rows"), rows,
        said=[f"{right:.2f} of {count}" for _name, right, count in groups[:MOST_BINS]],
    )  # fmt: skip


def parts(spans: Sequence[Span], now: datetime) -> charts.Chart | None:
    """Which version played which part when, newest version first."""
    if not spans:
        return None
    first = spans[0].start
    whole = max(1.0, (now - first).total_seconds())
    versions = {span.version.pk: span.version for span in spans}
    newest = sorted(versions.values(), key=lambda version: -version.number)[:MOST_VERSIONS]

    def share(at: datetime) -> float:
        return (at - first).total_seconds() / whole

    items = [
        (version.name, [(share(s.start), share(s.end), ROLES.index(s.role)) for s in spans if s.version == version])
        for version in newest
    ]
    form = "%-d %b %Y" if whole > 2 * 86_400 else "%-d %b, %H:%M"
    return charts.spans(
        "Who played which part", "From the first switch to now.", items,
        (first.strftime(form), "now"), ROLES, ("Version", "Part", "From", "To"),
        [(s.version.name, f"{s.role} {s.share:g}" if s.share else s.role, f"{s.start:%Y-%m-%d %H:%M:%S}",
          "now" if s.end >= now else f"{s.end:%Y-%m-%d %H:%M:%S}") for s in spans],
    )  # fmt: skip


def _unit(span: float) -> tuple[str, float]:
    """The unit in which so many seconds are a small number, and its own seconds."""
    fitting = (unit for unit in (("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0)) if span >= 2 * unit[1])
    return next(fitting, ("seconds", 1.0))
