"""An estimate with its assumptions on sliders; the simulation, the tornado and the gate are the real ones."""

from collections.abc import Mapping
from typing import Any

from analysis import queries as analysis
from portfolio.demos.errors import DemoError
from portfolio.publishing import charts

# Name, label, least, most, step, and where the sliders stand at first (low and high of a 90% range).
FIELDS: tuple[tuple[str, str, float, float, float, float, float], ...] = (
    ("volume", "builds a day", 1, 400, 1, 40, 120),
    ("before", "seconds before", 1, 900, 1, 240, 300),
    ("after", "seconds after", 1, 900, 1, 60, 120),
    ("persistence", "months it lasts", 1, 36, 1, 6, 18),
    ("attribution", "share that is mine", 0.01, 1, 0.01, 0.5, 0.9),
)
RATE_MOST = 400


def sample() -> dict[str, Any]:
    """The sliders as they stand at first; no rate, so no money."""
    values: dict[str, Any] = {}
    for name, _label, _least, _most, _step, low, high in FIELDS:
        values[f"{name}_low"], values[f"{name}_high"] = low, high
    return {**values, "rate": "", "rate_source": "", "realised": "", "fields": rows(values)}


def rows(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The sliders for the form, with where they stand."""
    return [
        {"name": name, "label": label, "least": least, "most": most, "step": step,
         "low": values[f"{name}_low"], "high": values[f"{name}_high"]}
        for name, label, least, most, step, _low, _high in FIELDS
    ]  # fmt: skip


def read(form: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """The ranges of the form, each within its slider and the right way round."""
    ranges = {}
    for name, label, least, most, _step, low, high in FIELDS:
        try:
            ends = [float(form.get(f"{name}_low", low)), float(form.get(f"{name}_high", high))]
        except (TypeError, ValueError) as error:
            raise DemoError(f"“{label}” needs two numbers.") from error
        if not all(least <= end <= most for end in ends):
            raise DemoError(f"“{label}” is outside its slider.")
        ranges[name] = (min(ends), max(ends))
    return ranges


def run(form: Mapping[str, Any]) -> dict[str, Any]:
    """Range, tornado and gate from the ranges of the form."""
    ranges = read(form)
    rate_text, source = str(form.get("rate", "")).strip(), str(form.get("rate_source", "")).strip()[:300]
    try:
        rate = float(rate_text) if rate_text else None
    except ValueError as error:
        raise DemoError("The rate is no number.") from error
    if rate is not None and not 0 < rate <= RATE_MOST:
        raise DemoError("The rate is outside what the demo takes.")
    try:
        played = analysis.play_estimate(ranges, rate=rate, rate_source=source, realised=form.get("realised") == "on")
    except ValueError as error:
        raise DemoError(str(error)) from error
    chart = charts.tornado(
        "What the range hangs on",
        "Rank correlation of each assumption with the result; the longest bar is what to measure next.",
        [(bar.role, bar.correlation) for bar in played.bars],
        ("Assumption", "Correlation"),
        [],
    )
    return {"played": played, "tornado": chart}
