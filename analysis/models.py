"""The models of every stage, listed for Django. Each lives in its stage's room."""

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

__all__ = [
    "Change",
    "ChangeContributor",
    "ChangeLink",
    "ChangeText",
    "ChangedFile",
    "Collection",
    "Commit",
    "Contributor",
    "Provenance",
    "Repository",
]
