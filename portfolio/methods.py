"""Recompute functions of this app, listed for the evidence room."""

from portfolio.publishing import drawings, readings
from portfolio.record import methods as status

__all__ = ["drawings", "readings", "status"]
