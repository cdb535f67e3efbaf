"""The admin of mlops, one module a subject."""

from mlops.admin import routing

__all__ = ["routing"]
