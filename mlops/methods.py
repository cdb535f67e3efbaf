"""The model that mlops has itself: the router's. Found by name, like those of the other apps."""

from mlops.routing import gain

__all__ = ["gain"]
