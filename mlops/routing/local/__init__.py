"""Targets that are always there: they need no network, cost nothing and end every fallback chain."""
