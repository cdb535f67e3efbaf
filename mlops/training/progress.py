"""How far each model is from being trained anew: the honest state that pages show."""

from __future__ import annotations

from dataclasses import dataclass

from mlops.training import spec as specs
from mlops.training.models import Readiness


@dataclass(frozen=True, slots=True)
class State:
    """Labelled rows that are there and that are needed, as of the last count."""

    model: str
    have: int | None
    need: int

    @property
    def words(self) -> str:
        """As a page says it."""
        if self.have is None:
            return f"not counted yet; {self.need} labelled rows are needed"
        return f"{self.have} of {self.need} labelled rows"


def readiness() -> list[State]:
    """Every known model with its last count."""
    counted = dict(Readiness.objects.values_list("model", "rows"))
    return [State(spec.model, counted.get(spec.model), spec.minimum_rows) for spec in specs.known()]


def count(model: str) -> int:
    """Count the labelled rows of a model and keep the number; workers only, it reads the whole dataset."""
    rows = sum(1 for _ in specs.get(model).dataset())
    Readiness.objects.update_or_create(model=model, defaults={"rows": rows})
    return rows
