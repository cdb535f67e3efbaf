"""What every claim to truth stands on: receipts, audit log, redaction and the one door to the outside."""
