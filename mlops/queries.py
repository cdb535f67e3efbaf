"""Ask: read-only querysets and records."""

from mlops.routing.models import Decision, Policy, Target
from mlops.routing.showcase import (
    by_policy,
    by_target,
    decision,
    explained,
    live_targets,
    newest_decisions,
    policies,
    router_showcase,
    spending,
)

__all__ = [
    "Decision",
    "Policy",
    "Target",
    "by_policy",
    "by_target",
    "decision",
    "explained",
    "live_targets",
    "newest_decisions",
    "policies",
    "router_showcase",
    "spending",
]
