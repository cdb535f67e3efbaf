"""Loads the inputs that receipts of facts do not embed: the files of a large change."""

from __future__ import annotations

from typing import Any

from analysis.collection.models import Change
from analysis.facts.material import files_of
from evidence.services import resolver


@resolver("files")
def files(identifier: str) -> list[list[Any]]:
    """The files of the change `<repository>#<number>` or `<repository>@<sha>`; raises LookupError when it is gone."""
    change = find_change(identifier)
    if change is None:
        raise LookupError(f"the change {identifier} is not here any more")
    return files_of(change)


def find_change(identifier: str) -> Change | None:
    """A change by the text after `change:` in its reference; also one that is hidden."""
    for mark, kind in (("#", "pull"), ("@", "commit")):
        repository, found, tail = identifier.rpartition(mark)
        if found and tail:
            return (
                Change.objects.filter(repository__key=repository, key=f"{kind}:{tail}")
                .select_related("repository")
                .first()
            )
    return None
