"""The admin of analysis: one module a stage, listed here."""

from analysis.admin import change_types, collection, facts

__all__ = ["change_types", "collection", "facts"]
