"""Models of this app, listed for Django."""

from mlops.routing.models import BreakerState, Budget, Decision, Hold, Outcome, Policy, Spend, Target

__all__ = ["BreakerState", "Budget", "Decision", "Hold", "Outcome", "Policy", "Spend", "Target"]
