"""Dated compilations."""
