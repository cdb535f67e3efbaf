"""The admin of analysis: one module a stage, listed here."""

from analysis.admin import collection, facts

__all__ = ["collection", "facts"]
