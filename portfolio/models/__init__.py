"""Models of the public site, listed for Django."""

from portfolio.access.models import ApiKey, IdempotencyRecord, RecoveryCode, RecoveryDevice, StartedJob
from portfolio.models.contact import ContactMessage
from portfolio.models.counting import PageCount
from portfolio.models.demo import Demo
from portfolio.models.documents import CaseStudy, FormerAddress, Page, Post, Revision
from portfolio.models.drafts import TextDraft
from portfolio.models.mentions import Mention
from portfolio.models.profile import Portrait, Position, Profile, Skill, SkillEvidence
from portfolio.models.search import SearchEntry
from portfolio.models.status import Incident, ServingHour, StatusRecord

__all__ = [
    "ApiKey",
    "CaseStudy",
    "ContactMessage",
    "Demo",
    "FormerAddress",
    "IdempotencyRecord",
    "Incident",
    "Mention",
    "Page",
    "PageCount",
    "Portrait",
    "Position",
    "Post",
    "Profile",
    "RecoveryCode",
    "RecoveryDevice",
    "Revision",
    "SearchEntry",
    "ServingHour",
    "Skill",
    "SkillEvidence",
    "StartedJob",
    "StatusRecord",
    "TextDraft",
]
