"""What an achievement stands on: {reference: hash} of its changes and their claims; a difference makes it stale."""

import hashlib
from collections.abc import Iterable, Mapping

from analysis.claims.models import Claim
from analysis.collection.browse import change_ref
from analysis.collection.models import Change


def standing(changes: Iterable[Change]) -> dict[str, str]:
    """Hash of every change and of every claim in it, by reference. One query more than reading the changes."""
    rows = list(changes)
    found = {change_ref(change): _of_change(change) for change in rows}
    claims = Claim.objects.filter(change__in=[change.pk for change in rows], is_current=True)
    for key, state, review, quote in claims.values_list("key", "state", "review", "quote"):
        found[f"claim:{key}"] = hashlib.sha256(f"{state}|{review}|{quote}".encode()).hexdigest()
    return found


def _of_change(change: Change) -> str:
    vanished = "vanished" if change.vanished_at else ""
    hidden = "hidden" if change.is_hidden else ""
    return hashlib.sha256(f"{change.content_sha256}|{vanished}|{hidden}".encode()).hexdigest()


def difference(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """In words, what changed; "" when nothing did."""
    lines = [f"{ref} is gone" for ref in sorted(before.keys() - now.keys())]
    lines += [f"{ref} is new" for ref in sorted(now.keys() - before.keys())]
    lines += [f"{ref} changed" for ref in sorted(before.keys() & now.keys()) if before[ref] != now[ref]]
    shown = lines[:20] + ([f"and {len(lines) - 20} more"] if len(lines) > 20 else [])
    return "; ".join(shown)
