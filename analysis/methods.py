"""Every recompute function and resolver of analysis, listed for the evidence room; and the models it hands to mlops."""

from analysis.achievements import methods as achievement_methods
from analysis.change_types import methods as change_type_methods
from analysis.change_types import spec as change_type_spec
from analysis.claims import methods as claim_methods
from analysis.facts import methods as fact_methods
from analysis.facts import resolvers as fact_resolvers

__all__ = [
    "achievement_methods",
    "change_type_methods",
    "change_type_spec",
    "claim_methods",
    "fact_methods",
    "fact_resolvers",
]
