"""How far each model is from being trained anew: the honest state that pages show."""

from __future__ import annotations

from dataclasses import dataclass

from mlops.datasets.external import DataSetProblem
from mlops.training import spec as specs
from mlops.training.models import Readiness


@dataclass(frozen=True, slots=True)
class State:
    """Labelled rows that are there and that are needed, as of the last count."""

    model: str
    have: int | None
    need: int
    problem: str = ""

    @property
    def words(self) -> str:
        """As a page says it."""
        if self.have is None:
            return f"not counted yet; {self.need} labelled rows are needed"
        because = f"; {self.problem}" if self.problem else ""
        return f"{self.have} of {self.need} labelled rows{because}"


def readiness() -> list[State]:
    """Every known model with its last count."""
    counted = {row.model: row for row in Readiness.objects.all()}
    return [_state(spec.model, spec.minimum_rows, counted.get(spec.model)) for spec in specs.known()]


def _state(model: str, need: int, row: Readiness | None) -> State:
    return State(model, row.rows, need, row.problem) if row else State(model, None, need)


def count(model: str) -> int:
    """Count the labelled rows of a model and keep the number; workers only, it reads the whole dataset.

    A data set that is not installed has no rows, and the reason is kept beside the number.
    """
    problem = ""
    try:
        rows = sum(1 for _ in specs.get(model).dataset())
    except DataSetProblem as error:
        rows, problem = 0, str(error)[:300]
    Readiness.objects.update_or_create(model=model, defaults={"rows": rows, "problem": problem})
    return rows
