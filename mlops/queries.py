"""Ask: read-only querysets and records."""
