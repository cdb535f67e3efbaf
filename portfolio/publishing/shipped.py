"""The texts that come with a release of Attest: its own portfolio, shown until the site has an owner of its own.

They were reviewed where the code was reviewed. They are published in the name of an account that nobody can sign in
with, so that every revision says who stood for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser

from portfolio.models import Profile, Revision
from portfolio.models.documents import Document
from portfolio.publishing.content import FOLDERS, ContentError, front_matter
from portfolio.publishing.documents import KINDS

ACCOUNT = "attest-release"
_PROFILE = {"name", "role", "since", "place", "links", "outcomes"}


def folder() -> Path:
    """Where the release keeps its texts."""
    return Path(settings.BASE_DIR) / "content"


def account() -> AbstractBaseUser:
    """The account that stands for the release: inactive, without a password, without rights."""
    users = get_user_model()
    user, created = users._default_manager.get_or_create(
        username=ACCOUNT, defaults={"first_name": "The release", "is_active": False}
    )
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


def has_owner() -> bool:
    """Whether somebody else wrote a profile, or published anything: then this is their site."""
    mine = account().pk
    written = Profile.objects.exclude(published_by=mine).exists()
    return written or Revision.objects.exclude(published_by=mine).exists()


def documents() -> list[Document]:
    """The working copies of the release's texts that are in the database, posts first, then studies and pages."""
    found: list[Document] = []
    for kind in ("post", "case-study", "page"):
        slugs = [path.stem for path in (folder() / FOLDERS[kind]).glob("*.md")]
        found.extend(KINDS[kind]._default_manager.filter(slug__in=slugs).order_by("slug"))
    return found


def profile_fields(path: Path) -> dict[str, Any]:
    """The fields of a profile from its file; raises ContentError with one line."""
    front, body = front_matter(path.read_text(encoding="utf-8"))
    unknown = set(front) - _PROFILE
    if unknown:
        raise ContentError(f"its front matter has unknown names: {', '.join(sorted(map(str, unknown)))}")
    outcomes = front.pop("outcomes", [])
    if not isinstance(outcomes, list):
        raise ContentError("“outcomes” must be a list of lines")
    return {**front, "outcomes": "\n".join(map(str, outcomes)), "statement": body.strip()}


def profile_text(profile: Profile) -> str:
    """The working copy of the profile as a file's text."""
    front = {name: getattr(profile, name) for name in ("name", "role", "since", "place", "links")}
    front["outcomes"] = profile.outcomes.splitlines()
    head = yaml.safe_dump({key: value for key, value in front.items() if value}, allow_unicode=True, sort_keys=False)
    return f"---\n{head}---\n\n{profile.statement.strip()}\n"
