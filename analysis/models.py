"""The models of every stage, listed for Django. Each lives in its stage's room."""

from analysis.collection.models import (
    Change,
    ChangeContributor,
    ChangedFile,
    ChangeText,
    Collection,
    Contributor,
    Repository,
)

__all__ = [
    "Change",
    "ChangeContributor",
    "ChangeText",
    "ChangedFile",
    "Collection",
    "Contributor",
    "Repository",
]
