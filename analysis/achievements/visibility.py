"""Which references a visitor may follow: a receipt is as public as what its figure is about."""

from collections.abc import Iterable

from analysis.collection.browse import public_changes, public_repositories
from evidence.models import Receipt
from evidence.queries import refs_of

# Kinds about no single change or repository: the site's models, its method, its drawings, a visitor's play, the system.
OPEN_KINDS = frozenset({"model", "method", "play", "chart", "status"})
TOTAL = "total:"


def _key_of(ref: str) -> tuple[str, str]:
    """(repository key, change key) of a change's or achievement's reference; the second is "" for a repository."""
    kind, _, tail = ref.partition(":")
    if kind in ("change", "achievement"):
        for mark, name in (("#", "pull"), ("@", "commit")):
            repository, found, rest = tail.rpartition(mark)
            if found:
                return repository, f"{name}:{rest}"
    if kind == "period":
        return tail.rsplit(":", 1)[0], ""
    return (tail, "") if kind == "repository" else ("", "")


def public_refs(refs: Iterable[str]) -> set[str]:
    """Those of ``refs`` that a visitor may see, in two queries. What is not known to be public is not public."""
    wanted = set(refs)
    found = {ref for ref in wanted if ref.partition(":")[0] in OPEN_KINDS or ref.startswith("period:all:")}
    keys = {ref: _key_of(ref) for ref in wanted - found}
    repositories = {repository for repository, _ in keys.values()}
    shown = set(public_repositories().filter(key__in=repositories).values_list("key", flat=True))
    names = {change for _, change in keys.values() if change}
    pairs = set(public_changes().filter(repository__key__in=shown, key__in=names).values_list("repository__key", "key"))
    for ref, (repository, change) in keys.items():
        if (repository, change) in pairs if change else repository in shown:
            found.add(ref)
    return found


def public_receipts(rows: Iterable[Receipt]) -> set[str]:
    """Ids of those receipts that a visitor may see; a total is as public as every one of its parts. Three queries."""
    given = list(rows)
    parts = refs_of(row.pk for row in given if row.subject.startswith(TOTAL))
    shown = public_refs({row.subject for row in given if row.pk not in parts}.union(*parts.values()))
    return {row.pk for row in given if parts.get(row.pk, {row.subject}) <= shown}
