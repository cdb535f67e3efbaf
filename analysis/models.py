"""The models of every stage, listed for Django. Each lives in its stage's room."""

from analysis.achievements.models import Achievement, AchievementChange, AchievementRevision
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
from analysis.collection.models import (
    Change,
    ChangeContributor,
    ChangedFile,
    ChangeLink,
    ChangeText,
    Collection,
    Commit,
    Contributor,
    Provenance,
    Repository,
)
from analysis.facts.models import ChangeFacts, LineSurvival

__all__ = [
    "Achievement",
    "AchievementChange",
    "AchievementRevision",
    "Change",
    "ChangeContributor",
    "ChangeFacts",
    "ChangeLink",
    "ChangeText",
    "ChangedFile",
    "Collection",
    "Commit",
    "Contributor",
    "ContributorKey",
    "Erasure",
    "GitHubRepository",
    "Label",
    "LineSurvival",
    "Provenance",
    "PullDetail",
    "PullEvent",
    "RawPayload",
    "Repository",
    "Review",
    "WebhookDelivery",
    "WebhookRefusal",
]
