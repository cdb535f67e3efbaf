"""Recompute functions of this app, listed for the evidence room."""

from portfolio.publishing import readings

__all__ = ["readings"]
