"""What every claim to truth stands on: receipts, the audit log, redaction and the door for outgoing requests."""
