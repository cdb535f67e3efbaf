"""Targets, policy, breaker, budget, bandit, decisions."""
