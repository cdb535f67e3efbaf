"""HTTP doorways of analysis."""
