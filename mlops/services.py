"""Do: keyword-only, atomic, takes the acting user, writes the audit row."""
