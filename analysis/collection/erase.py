"""Removing a person from everything that collection stored, so that a re-import leaves them out too.

What stays: the measured facts of changes (lines, times, kinds), and hashes of what is gone. What goes: the contributor,
every link to it, the texts that the person wrote, mentions of the login, and raw payloads that name it.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils import timezone

from analysis.collection.erasures import ERASED, email_key, keys_of, login_key
from analysis.collection.github_models import ContributorKey, Erasure, RawPayload, WebhookDelivery
from analysis.collection.github_store import unpack
from analysis.collection.models import Change, Contributor, Repository
from analysis.collection.part_models import ChangeText, Commit
from analysis.collection.repositories import mirrors
from analysis.sources.records import Person

_OWNING = ("author", "opener", "co_author")


@dataclass
class Erased:
    """What was removed: ids of rewritten texts and touched changes, for the stages that stand on them."""

    contributors: int = 0
    changes: list[int] = field(default_factory=list)
    texts: list[int] = field(default_factory=list)
    payloads: int = 0
    deliveries: int = 0
    mirrors: int = 0


def lock_repositories() -> None:
    """Wait for batches that are being stored; those that come later see the erasure."""
    list(Repository.objects.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


def erase(who: str, by: str) -> Erased:
    """Erase the person of a login or an address, inside the caller's transaction."""
    lock_repositories()
    key = email_key(who) if "@" in who else login_key(who)
    people = _cluster(key, who)
    ids = [person.pk for person in people]
    _block({key, *_keys(people)}, by)
    done = Erased(contributors=len(people))
    theirs = Change.objects.filter(Q(participations__contributor__in=ids) | Q(commit_rows__author__in=ids)).distinct()
    done.changes = list(theirs.values_list("pk", flat=True))
    done.texts = _own_texts(ids) + _mentions(who)
    done.payloads = _payloads(done.changes, who)
    done.deliveries = _deliveries(who)
    done.mirrors = _drop_mirrors(done.changes)
    Contributor.objects.filter(pk__in=ids).delete()
    return done


def _cluster(key: str, who: str) -> list[Contributor]:
    """Every contributor that is this person: by key, by login, and by the links between them."""
    named = ContributorKey.objects.filter(key=key).values_list("contributor_id", flat=True)
    found = set(
        Contributor.objects.filter(Q(identity=key) | Q(pk__in=named) | Q(login__iexact=who)).values_list(
            "pk", flat=True
        )
    )
    while True:
        linked = set(Contributor.objects.filter(Q(same_as__in=found)).values_list("pk", flat=True))
        linked |= set(
            Contributor.objects.filter(pk__in=found, same_as__isnull=False).values_list("same_as_id", flat=True)
        )
        if linked <= found:
            return list(Contributor.objects.filter(pk__in=found))
        found |= linked


def _keys(people: Iterable[Contributor]) -> set[str]:
    """The keyed hashes by which these contributors would be recognised again."""
    found = set(ContributorKey.objects.filter(contributor__in=[p.pk for p in people]).values_list("key", flat=True))
    for person in people:
        if person.github_id is not None:
            found |= keys_of(Person("", github_id=person.github_id))
        if not person.identity.startswith("github:"):
            found.add(person.identity)
    return found


def _block(keys: set[str], by: str) -> None:
    now = timezone.now()
    rows = [Erasure(identity=key, erased_at=now, erased_by=by) for key in sorted(keys)]
    Erasure.objects.bulk_create(rows, ignore_conflicts=True)


def _own_texts(ids: list[int]) -> list[int]:
    """Empty the words that the person wrote: descriptions of own pulls, messages of own commits."""
    own = Change.objects.filter(participations__contributor__in=ids, participations__role__in=_OWNING)
    opened = set(
        own.filter(participations__role="opener", participations__contributor__in=ids).values_list("pk", flat=True)
    )
    unopened = own.exclude(participations__role="opener").values_list("pk", flat=True)
    changes = opened | set(unopened)
    shas = set(Commit.objects.filter(author__in=ids).values_list("sha", flat=True))
    texts = ChangeText.objects.filter(
        Q(change__in=changes, kind__in=("title", "body")) | Q(kind="commit", ref__in=shas)
    )
    found = list(texts.values_list("pk", flat=True))
    digest = hashlib.sha256(ERASED.encode()).hexdigest()
    ChangeText.objects.filter(pk__in=found).update(text=ERASED, sha256=digest, redactions=1)
    Change.objects.filter(pk__in=changes).update(title=ERASED)
    Change.objects.filter(pk__in=changes, body__isnull=False).update(body=ERASED)
    return found


def _mentions(who: str) -> list[int]:
    """Replace the login wherever else a text names it."""
    word = re.compile(rf"(?<![A-Za-z0-9-]){re.escape(who)}(?![A-Za-z0-9-])", re.IGNORECASE)
    changed = []
    for text in ChangeText.objects.filter(text__icontains=who).iterator(chunk_size=200):
        new = word.sub(ERASED, text.text)
        if new != text.text:
            text.text, text.sha256 = new, hashlib.sha256(new.encode()).hexdigest()
            text.save(update_fields=["text", "sha256"])
            changed.append(text.pk)
    for change in Change.objects.filter(Q(title__icontains=who) | Q(body__icontains=who)).iterator(chunk_size=200):
        change.title = word.sub(ERASED, change.title)
        change.body = word.sub(ERASED, change.body) if change.body is not None else None
        change.save(update_fields=["title", "body"])
    return changed


def _payloads(changes: list[int], who: str) -> int:
    """Empty raw payloads that could name the person; their hashes stay."""
    emptied = 0
    needle = who.lower().encode()
    for payload in RawPayload.objects.filter(erased_at=None).iterator(chunk_size=100):
        if payload.change_id in changes or needle in unpack(payload.body).lower():
            payload.body, payload.erased_at = b"", timezone.now()
            payload.save(update_fields=["body", "erased_at"])
            emptied += 1
    return emptied


def _deliveries(who: str) -> int:
    emptied = 0
    needle = who.lower().encode()
    for row in WebhookDelivery.objects.exclude(body=b"").iterator(chunk_size=100):
        if needle in unpack(row.body).lower():
            WebhookDelivery.objects.filter(pk=row.pk).update(
                body=b"", state=WebhookDelivery.State.IGNORED, reason="a person in it was erased",
                handled_at=row.handled_at or timezone.now(),
            )  # fmt: skip
            emptied += 1
    return emptied


def _drop_mirrors(changes: list[int]) -> int:
    """Mirrors hold what git holds, which nobody can filter: they are dropped, and rebuilt by the next collection."""
    if not Repository.objects.filter(changes__in=changes).exists():
        return 0
    dropped = 0
    for mirror in mirrors().glob("*.git"):
        shutil.rmtree(mirror, ignore_errors=True)
        dropped += 1
    return dropped
