"""What a candidate must reach: declared bounds, and the comparison with the champion on the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlops.training.spec import Gate, TrainingSpec

MAX_MEGABYTES = 20.0
MAX_MILLISECONDS = 20.0


def standing(spec: TrainingSpec, *, retraining: bool) -> tuple[Gate, ...]:
    """The spec's own gates and those of every model. A retraining may equal the champion but not fall behind."""
    behind = Gate("not worse than the champion" if retraining else "better than the champion", "against_champion.low",
                  ">=", -0.03 if retraining else 0.0)  # fmt: skip
    return (
        *spec.gates,
        behind,
        Gate("beats the naive baselines", "against_baselines", ">=", 0.0),
        Gate("quick enough", "milliseconds_per_row", "<=", MAX_MILLISECONDS),
        Gate("small enough", "megabytes", "<=", MAX_MEGABYTES),
        Gate("no input missing", "inputs_missing", "<=", 0.0),
        Gate("no simulated rows", "simulated", "<=", 0.0),
    )


def judge(gates: tuple[Gate, ...], figures: Mapping[str, float | None]) -> list[dict[str, Any]]:
    """One result a gate, ready to be kept; a figure that nobody has does not pass.

    Without a champion there is nothing to be compared with, so the caller leaves that figure out with None and the gate
    "…the champion" is not judged.
    """
    results = []
    for gate in gates:
        if gate.figure.startswith("against_champion") and gate.figure in figures and figures[gate.figure] is None:
            continue
        value = figures.get(gate.figure)
        results.append(
            {
                "gate": gate.name,
                "figure": gate.figure,
                "value": value,
                "comparison": gate.comparison,
                "bound": gate.bound,
                "passed": gate.holds(value),
                "detail": "" if value is not None else f"there is no figure {gate.figure}",
            }
        )
    return results
