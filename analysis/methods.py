"""Every recompute function and resolver of analysis, listed for the evidence room; and the models it hands to mlops."""

from analysis.achievements import methods as achievement_methods
from analysis.change_types import methods as change_type_methods
from analysis.change_types import spec as change_type_spec
from analysis.claims import methods as claim_methods
from analysis.estimates import method_page as estimate_tables
from analysis.estimates import resolvers as estimate_resolvers
from analysis.estimates import sensitivity as estimate_sensitivity
from analysis.estimates import spec as effort_spec
from analysis.estimates.methods import effort_1, value_1_0
from analysis.facts import methods as fact_methods
from analysis.facts import resolvers as fact_resolvers
from analysis.studies import methods as study_methods

__all__ = [
    "achievement_methods",
    "change_type_methods",
    "change_type_spec",
    "claim_methods",
    "effort_1",
    "effort_spec",
    "estimate_resolvers",
    "estimate_sensitivity",
    "estimate_tables",
    "fact_methods",
    "fact_resolvers",
    "study_methods",
    "value_1_0",
]
