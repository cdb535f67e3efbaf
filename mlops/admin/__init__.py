"""The admin of mlops, one module a subject."""

from mlops.admin import monitoring, registry, routing

__all__ = ["monitoring", "registry", "routing"]
