"""The one way into the database: source -> redact -> validate -> bulk upsert -> ledger.

1. open the source, note what it holds; 2. tell it what is stored (fingerprints), so that it yields only what is new;
3. store batches, each in one transaction together with its checkpoint; 4. mark what is gone; 5. link double landings;
6. close the ledger: complete only when everything that the source holds is stored whole, else partial with reasons.

Killed at any moment, the next run goes on behind the last batch: what is stored is known by its fingerprint.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from analysis.collection.contributors import ContributorBook
from analysis.collection.linking import link
from analysis.collection.models import Change, Collection, Repository
from analysis.collection.part_models import Provenance
from analysis.collection.people import link_aliases
from analysis.collection.store import store
from analysis.collection.validate import problem
from analysis.sources.records import (
    ChangeRecord,
    Checkpoint,
    Gone,
    Item,
    Source,
    SourceDescription,
    SourceError,
    Unreadable,
)
from evidence import audit

BATCH_CHANGES = 500
BATCH_FILES = 5000
LISTED = 200

Progress = Callable[[int, int | None, str], None]


@dataclass
class Batch:
    """Records waiting for their transaction."""

    records: list[ChangeRecord] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    files: int = 0

    @property
    def is_full(self) -> bool:
        """Whether it is time to commit."""
        return len(self.records) + len(self.gone) >= BATCH_CHANGES or self.files >= BATCH_FILES

    def add(self, item: Item) -> None:
        """Take an item in; a record that cannot be stored goes to the ledger instead."""
        if isinstance(item, Gone):
            self.gone.append(item)
        elif isinstance(item, Unreadable):
            self.unreadable.append(item)
        elif reason := problem(item):
            self.unreadable.append(Unreadable(item.key, reason))
        else:
            self.records.append(item)
            self.files += sum(len(diff.files or ()) for diff in (item.landed, item.proposed) if diff)


Guard = Callable[[], None]


def collect(
    repository: Repository, source: Source, progress: Progress | None = None, guard: Guard | None = None
) -> Collection:
    """Run one collection to its end and return its ledger. Raises SourceError after noting the failure.

    `guard` is called inside every transaction; what it raises undoes it (a worker that lost its lease writes nothing).
    """
    told = progress or (lambda done, total, what: None)
    run = _begin(repository, source.name)
    commit = _Committer(repository, run, source, guard or (lambda: None))
    try:
        with closing(source), _fewer_garbage_collections():
            source.open()
            description = source.describe()
            run.held = dict(description.held)
            run.save(update_fields=["held"])
            unreadable = _read(repository, source, commit, description, told)
            told(run.written, None, "linking")
            run.written += link(repository) + link_aliases(description.aliases, ContributorBook())
            _describe(repository, source.describe())
            return _end(repository, run, source.describe(), unreadable)
    except SourceError as error:
        _fail(run, str(error))
        raise
    except Exception as error:
        _fail(run, f"{type(error).__name__}: {str(error)[:300] or 'no message'}")
        raise


@contextmanager
def _fewer_garbage_collections() -> Iterator[None]:
    """Millions of short-lived rows and hardly a cycle: looking for cycles as often as usual costs a tenth of a run."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _begin(repository: Repository, source: str) -> Collection:
    """A new ledger; runs that a kill left open are closed, what they stored stays."""
    Collection.objects.filter(repository=repository, source=source, state=Collection.State.RUNNING).update(
        state=Collection.State.FAILED, finished_at=timezone.now(), reason="stopped before its end; a later run went on"
    )
    return Collection.objects.create(repository=repository, source=source)


def _read(
    repository: Repository, source: Source, commit: _Committer, description: SourceDescription, told: Progress
) -> list[Unreadable]:
    known = dict(
        Provenance.objects.filter(change__repository=repository, source=source.name).values_list(
            "change__key", "fingerprint"
        )
    )
    total = description.held.get("changes")
    batch = Batch()
    unreadable: list[Unreadable] = []
    done = 0
    since = Checkpoint(known=known, cursor=_cursor(repository, source.name))
    try:
        for done, item in enumerate(source.iter_changes(since), start=1):
            batch.add(item)
            if batch.is_full:
                commit(batch)
                unreadable += batch.unreadable
                batch = Batch()
                told(done, total, "storing changes")
    except SourceError:
        # What it gave before it failed is whole, and need not be asked again.
        commit(batch)
        raise
    commit(batch)
    told(done, total, "storing changes")
    return unreadable + batch.unreadable


def _cursor(repository: Repository, source: str) -> str:
    """The newest checkpoint of this source that was stored."""
    rows = Collection.objects.filter(repository=repository, source=source).exclude(checkpoint={}).order_by("-pk")
    last = rows.values_list("checkpoint", flat=True).first()
    return str(last.get("cursor", "")) if last else ""


class _Committer:
    """Stores a batch together with its checkpoint, in one transaction."""

    def __init__(self, repository: Repository, run: Collection, source: Source, guard: Guard) -> None:
        self._repository, self._run, self._source, self._guard = repository, run, source, guard
        self._book = ContributorBook()

    def __call__(self, batch: Batch) -> None:
        """Store it; nothing of it stays when anything fails."""
        run = self._run
        try:
            with transaction.atomic():
                self._guard()
                written = store(self._repository, batch.records, self._book) if batch.records else 0
                if batch.gone:
                    written += _vanish(self._repository, run.source, batch.gone)
                run.checkpoint = {"cursor": self._source.cursor()}
                run.written += written
                run.save(update_fields=["written", "checkpoint"])
        except BaseException:
            self._book = ContributorBook()  # people made in the undone transaction are not there
            raise


def _vanish(repository: Repository, source: str, gone: list[Gone]) -> int:
    """Mark changes that the source holds no more; those that another source still holds stay as they are."""
    keys = [item.key for item in gone]
    Provenance.objects.filter(change__repository=repository, change__key__in=keys, source=source).delete()
    many = Change.objects.filter(
        repository=repository, key__in=keys, vanished_at__isnull=True, provenances__isnull=True
    ).update(vanished_at=timezone.now(), vanished_reason=gone[0].reason[:200])
    if many:  # the entry also ends every remembered answer that shows them
        audit.record(
            actor="system:collection", action="collection.vanished", target=repository, after={"changes": many}
        )
    return many


def _describe(repository: Repository, description: SourceDescription) -> None:
    new = {
        "default_branch": description.default_branch[:255],
        "tip_sha": description.tip,
        "licence": (description.licence or repository.licence)[:64],
    }
    if any(getattr(repository, name) != value for name, value in new.items() if value):
        for name, value in new.items():
            setattr(repository, name, value or getattr(repository, name))
        repository.save(update_fields=list(new))


def _end(
    repository: Repository, run: Collection, description: SourceDescription, unreadable: list[Unreadable]
) -> Collection:
    """Close the ledger."""
    spoken = Provenance.objects.filter(change__repository=repository, source=run.source, change__vanished_at=None)
    pulls = spoken.filter(change__number__isnull=False).count()
    stored = {"pulls": pulls, "direct": spoken.count() - pulls, "changes": spoken.count()}
    short = [
        f"{held - stored[name]:,} of {held:,} {name} are not stored"
        for name, held in description.held.items()
        if held is not None and name in stored and held > stored[name]
    ]
    broken = spoken.exclude(incomplete=[]).order_by("change__key")
    parts = [
        {"item": key, "reason": str(reason)}
        for key, reasons in broken.values_list("change__key", "incomplete")[:LISTED]
        for reason in reasons
    ]
    run.held, run.stored = dict(description.held), stored
    run.incomplete = [{"item": item.key, "reason": item.reason} for item in unreadable[:LISTED]] + parts
    reasons = [*description.limits[:20], *short]
    if unreadable:
        reasons.append(f"{len(unreadable):,} changes could not be read")
    if count := broken.count():
        reasons.append(f"{count:,} changes lack a part")
    run.reason = "; ".join(reasons)
    run.state = Collection.State.PARTIAL if reasons else Collection.State.COMPLETE
    run.finished_at = timezone.now()
    run.save()
    return run


def _fail(run: Collection, reason: str) -> None:
    run.state, run.reason, run.finished_at = Collection.State.FAILED, reason, timezone.now()
    run.save(update_fields=["state", "reason", "finished_at"])
