"""Named refusals of this stage's services."""


class AssumptionRefused(ValueError):
    """An assumption cannot be entered as it stands; ``field`` is the field to correct, the message says how."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class HoursRefused(ValueError):
    """Logged hours cannot be read as they stand; the message names the line and what to correct."""
