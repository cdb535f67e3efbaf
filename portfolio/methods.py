"""Recompute functions of this app, listed for the evidence room."""

from portfolio.publishing import drawings, readings

__all__ = ["drawings", "readings"]
