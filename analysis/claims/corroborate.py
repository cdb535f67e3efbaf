"""Claims whose numbers stand in a benchmark record that the same change touched, looked up in the mirror."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from analysis.claims.models import Claim, ClaimSupport
from analysis.claims.support import diff_lines, is_record, supporting
from analysis.collection.models import Change, Repository
from analysis.collection.part_models import ChangedFile
from analysis.collection.repositories import git_source, located_again
from analysis.sources.git_process import Git
from analysis.sources.records import SourceError

MAX_PATHS = 40
MAX_PATCH = 2_000_000  # bytes of one change's records
SECONDS = 20.0


def corroborate_repository(repository_id: int, guard: Callable[[], None] | None = None) -> int:
    """Look for records that support the stated from-to claims of a repository; returns the claims supported anew.

    Without a mirror nothing is supported, and nothing is said to be false.
    """
    claims = Claim.objects.filter(
        change__repository_id=repository_id, is_current=True, state=Claim.State.STATED, kind="from_to",
        from_value__isnull=False, to_value__isnull=False, change__landed_files__isnull=False,
    ).exclude(change__merge_commit="")  # fmt: skip
    by_change: dict[int, list[Claim]] = {}
    for claim in claims.order_by("change_id", "pk"):
        by_change.setdefault(claim.change_id, []).append(claim)
    records = _records(list(by_change))
    if not records:
        return 0
    git = git_source(located_again(Repository.objects.get(pk=repository_id))).git
    found = 0
    for change in Change.objects.filter(pk__in=records).order_by("pk"):
        lines = list(diff_lines(_patch(git, change.merge_commit, records[change.pk])))
        with transaction.atomic():
            if guard:
                guard()
            found += sum(_support(claim, change, lines) for claim in by_change[change.pk])
    return found


def _records(change_ids: list[int]) -> dict[int, list[str]]:
    """The benchmark records that each change touched."""
    found: dict[int, list[str]] = {}
    rows = ChangedFile.objects.filter(change_id__in=change_ids, is_binary=False).order_by("change_id", "path")
    for change_id, path in rows.values_list("change_id", "path").iterator():
        if is_record(path) and len(found.setdefault(change_id, [])) < MAX_PATHS:
            found[change_id].append(path)
    return {change_id: paths for change_id, paths in found.items() if paths}


def _patch(git: Git, commit: str, paths: list[str]) -> str:
    """What the change did to its records; empty where the mirror cannot say."""
    arguments = ("show", "--format=", "--first-parent", "-m", "-U0", "--no-color", "--no-ext-diff", "--no-textconv")
    try:
        out = git.run(*arguments, commit, "--", *(f":(literal){path}" for path in paths), seconds=SECONDS)
    except SourceError:
        return ""
    return out[:MAX_PATCH].decode("utf-8", "replace")


def _support(claim: Claim, change: Change, lines: list[tuple[str, str, str]]) -> bool:
    """Store what supports a claim and say so in its state."""
    if claim.from_value is None or claim.to_value is None:
        return False
    record = supporting((claim.from_value, claim.to_value), (claim.unit, claim.to_unit), lines)
    if record is None:
        return False
    says = f"- {record.removed[:300]}\n+ {record.added[:300]}"
    ClaimSupport.objects.update_or_create(
        claim=claim, kind=ClaimSupport.Kind.BENCHMARK, ref=f"{change.merge_commit}:{record.path}"[:400],
        defaults={"says": says},
    )  # fmt: skip
    claim.state = Claim.State.CORROBORATED
    claim.state_reason = f"{record.path} changed in the same way"
    claim.save(update_fields=["state", "state_reason"])
    return True
