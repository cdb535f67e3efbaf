"""Candidates, quantities, grounding."""
