"""The models of every stage, listed for Django. Each lives in its stage's room."""

from analysis.achievements.models import Achievement, AchievementChange, AchievementRevision
from analysis.change_types.models import ChangeType, TypeReview
from analysis.claims.models import Claim, ClaimReading, ClaimReview, ClaimSupport
from analysis.collection.github_models import (
    ContributorKey,
    Erasure,
    GitHubRepository,
    Label,
    PullDetail,
    PullEvent,
    RawPayload,
    Review,
    WebhookDelivery,
    WebhookRefusal,
)
from analysis.collection.models import Change, Collection, Contributor, Repository
from analysis.collection.part_models import ChangeContributor, ChangedFile, ChangeLink, ChangeText, Commit, Provenance
from analysis.estimates.models import (
    Assumption,
    Estimate,
    EstimateInput,
    EstimateTotal,
    LoggedHours,
    MeasuredEffect,
    OwnEffortModel,
)
from analysis.facts.models import ChangeFacts, LineSurvival
from analysis.reports.models import Report, ReportDelivery, ReportSchedule

__all__ = [
    "Achievement",
    "AchievementChange",
    "AchievementRevision",
    "Assumption",
    "Change",
    "ChangeContributor",
    "ChangeFacts",
    "ChangeLink",
    "ChangeText",
    "ChangeType",
    "ChangedFile",
    "Claim",
    "ClaimReading",
    "ClaimReview",
    "ClaimSupport",
    "Collection",
    "Commit",
    "Contributor",
    "ContributorKey",
    "Erasure",
    "Estimate",
    "EstimateInput",
    "EstimateTotal",
    "GitHubRepository",
    "Label",
    "LineSurvival",
    "LoggedHours",
    "MeasuredEffect",
    "OwnEffortModel",
    "Provenance",
    "PullDetail",
    "PullEvent",
    "RawPayload",
    "Report",
    "ReportDelivery",
    "ReportSchedule",
    "Repository",
    "Review",
    "TypeReview",
    "WebhookDelivery",
    "WebhookRefusal",
]
