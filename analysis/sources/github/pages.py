"""How many pulls to ask for at once: as many as GitHub answers within its ten seconds."""

from dataclasses import dataclass

START = 49
"""49 pulls with three nested lists cost one point: (1 + 3 * 49) / 100, rounded."""
STEADY = 3


@dataclass
class PageSize:
    """Halved at each time-out, raised by a quarter after three pages in a row that went well."""

    size: int = START
    largest: int = START
    good: int = 0

    def __post_init__(self) -> None:
        self.size = max(1, min(self.size, self.largest))

    def shrink(self) -> bool:
        """Halve; False when a single pull is already too much."""
        self.good = 0
        if self.size == 1:
            return False
        self.size //= 2
        return True

    def went_well(self) -> None:
        """Count a whole page and grow slowly."""
        self.good += 1
        if self.good >= STEADY and self.size < self.largest:
            self.good = 0
            self.size = min(self.largest, self.size + max(1, self.size // 4))
