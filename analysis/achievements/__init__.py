"""Changes, claims and estimates that belong together."""
