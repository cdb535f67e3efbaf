"""Immutable snapshots: content hash, schema, origin."""
