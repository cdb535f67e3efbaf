"""What the owner decides about collected rows: what is shown, what somebody is, who is the same person.

Each takes the acting user and writes the audit row in the same transaction.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from analysis.collection.models import Change, Contributor, Repository
from evidence import audit


@transaction.atomic
def set_repository_hidden(*, repository: Repository, hidden: bool, actor: Any) -> None:
    """Take a repository off the public site, or put it back."""
    _hide(repository, hidden, actor, "collection.hide_repository")


@transaction.atomic
def set_private_published(*, repository: Repository, published: bool, reason: str, actor: Any) -> None:
    """Put a private repository on the public site, or take it off again. Raises ValueError for a public one.

    GitHub keeps calling it private, and so do we: it is the owner's word, with its reason, that shows it.
    """
    row = Repository.objects.select_for_update().get(pk=repository.pk)
    if not row.is_private:
        raise ValueError(f"{row.name} is not private: hide or show it instead")
    if (row.published_at is not None) == published:
        return
    before, row.published_at = row.published_at, timezone.now() if published else None
    audit.record(
        actor=actor, action="collection.publish_private" if published else "collection.withdraw_private", target=row,
        before={"published_at": before and before.isoformat()},
        after={"published_at": row.published_at and row.published_at.isoformat()}, reason=reason,
    )  # fmt: skip
    row.save(update_fields=["published_at"])


@transaction.atomic
def see_private(*, repository: Repository, private: bool, actor: Any) -> None:
    """Note that GitHub calls a repository private, or public now; the entry ends every remembered answer that shows it.

    Whatever the owner said before is asked about anew: what was public is not published as a private one by itself.
    """
    row = Repository.objects.select_for_update().get(pk=repository.pk)
    audit.record(
        actor=actor, action="collection.seen_private" if private else "collection.seen_public", target=row,
        before={"is_private": row.is_private}, after={"is_private": private},
    )  # fmt: skip
    repository.is_private, repository.published_at = private, None
    repository.save(update_fields=["is_private", "published_at"])


@transaction.atomic
def set_change_hidden(*, change: Change, hidden: bool, actor: Any) -> None:
    """Take a change off the public site, or put it back."""
    _hide(change, hidden, actor, "collection.hide_change")


@transaction.atomic
def set_contributor_kind(*, contributor: Contributor, kind: str, actor: Any) -> None:
    """Say what somebody is (human, bot, ai); what a person said is not overwritten by a rule again."""
    before = {"kind": contributor.kind, "label_overridden": contributor.label_overridden}
    contributor.kind, contributor.label_overridden = Contributor.Kind(kind).value, True
    audit.record(
        actor=actor,
        action="collection.label",
        target=contributor,
        before=before,
        after={"kind": contributor.kind, "label_overridden": True},
    )
    contributor.save(update_fields=["kind", "label_overridden"])


def _hide(row: Repository | Change, hidden: bool, actor: Any, action: str) -> None:
    if row.is_hidden == hidden:
        return
    audit.record(
        actor=actor, action=action, target=row, before={"is_hidden": row.is_hidden}, after={"is_hidden": hidden}
    )
    row.is_hidden = hidden
    row.save(update_fields=["is_hidden"])


@transaction.atomic
def link_contributors(*, contributors: list[Contributor], actor: Any) -> Contributor | None:
    """Say that these are one person; returns the main one (the oldest with an account, else the oldest)."""
    if len(contributors) < 2:
        return None
    main = min(contributors, key=lambda row: (row.github_id is None, row.pk))
    _point(main, None, actor)
    for row in contributors:
        if row.pk != main.pk:
            _point(row, main, actor)
    return main


@transaction.atomic
def unlink_contributors(*, contributors: list[Contributor], actor: Any) -> None:
    """Undo the links of these to another person."""
    for row in contributors:
        _point(row, None, actor)


def _point(row: Contributor, main: Contributor | None, actor: Any) -> None:
    """Set what a contributor is another name of, and note it; later collections leave it at that."""
    target = main.pk if main else None
    if row.same_as_id == target:
        return
    before, row.same_as, row.link_decided = row.same_as_id, main, True
    audit.record(
        actor=actor, action="collection.link_person", target=row, before={"same_as": before}, after={"same_as": target}
    )
    row.save(update_fields=["same_as", "link_decided"])
