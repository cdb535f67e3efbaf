"""Effort: hours as a range, learned from tasks whose hours are known. A cost, shown apart, never part of value."""
