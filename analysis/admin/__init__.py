"""The admin of analysis: one module a stage, listed here."""

from analysis.admin import achievements, change_types, claims, collection, estimates, facts, github, reports

__all__ = ["achievements", "change_types", "claims", "collection", "estimates", "facts", "github", "reports"]
