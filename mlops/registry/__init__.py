"""Versions, aliases, lineage and safe loading."""
