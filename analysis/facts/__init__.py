"""Measured quantities."""
