"""Source -> redact -> validate -> upsert -> ledger."""
