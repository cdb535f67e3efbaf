"""Every recompute function and resolver of analysis, listed for the evidence room."""

from analysis.achievements import methods as achievement_methods
from analysis.claims import methods as claim_methods
from analysis.facts import methods as fact_methods
from analysis.facts import resolvers as fact_resolvers

__all__ = ["achievement_methods", "claim_methods", "fact_methods", "fact_resolvers"]
