"""One row a change, of what was derived from it: how it landed, lines, claims by state, refusals, levels reached.

No text, title, path or name of a person is in it: a study of somebody's public repository may be published with it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from django.db.models import Sum

from analysis.claims.models import Claim, ClaimReading
from analysis.collection.models import Change, Repository
from analysis.collection.part_models import ChangedFile, ChangeText
from analysis.estimates.methods import value_1_0
from analysis.estimates.models import Estimate
from analysis.facts.models import ChangeFacts

FORMAT = 1
LEVELS = ("L2", "L3", "L4")
_MONEY = re.compile(r"[$€£]\s?\d")


def study_of(repository: Repository) -> dict[str, Any]:
    """The whole study: where it comes from, the versions that derived it, and its rows in the order of landing."""
    changes = repository.changes.filter(vanished_at__isnull=True).order_by("sorted_at", "pk")
    material = _Material(repository)
    return {
        "format": FORMAT,
        "repository": repository.web_url or repository.name,
        "tip": repository.tip_sha,
        "methods": {"claims": _readers(repository), "value": value_1_0.VERSION},
        "changes": [material.row(change) for change in changes.iterator(chunk_size=500)],
    }


def _readers(repository: Repository) -> list[str]:
    """The extractors that read the texts, with their versions."""
    rows = ClaimReading.objects.filter(text__change__repository=repository, text__is_current=True)
    return sorted(rows.order_by().values_list("method", flat=True).distinct())


class _Material:
    """What the later stages say of each change, read in one query a stage."""

    def __init__(self, repository: Repository) -> None:
        self.lines = _lines(repository)
        self.claims = _claims(repository)
        self.refused = _refused(repository)
        self.amounts = _amounts(repository)
        self.levels = _levels(repository)
        facts = ChangeFacts.objects.filter(change__repository=repository).values_list("change_id", "values")
        self.later = {pk: (values.get("reverted_later"), values.get("fixed_later")) for pk, values in facts}

    def row(self, change: Change) -> dict[str, Any]:
        """The row of one change; None stands for unknown, never for nothing."""
        reverted, fixed = self.later.get(change.pk, (None, None))
        return {
            "ref": f"#{change.number}" if change.number else f"@{change.key.removeprefix('commit:')}",
            "kind": change.kind,
            "merged": change.merged,
            "merge_commit": change.merge_commit,
            "head_sha": change.head_sha,
            "credited": change.is_credited,
            "proposed": change.proposed_additions,
            "landed": change.landed_additions,
            "lines": dict(sorted(self.lines[change.pk].items())),
            "claims": sorted(self.claims[change.pk]),
            "refused": dict(sorted(self.refused[change.pk].items())),
            "amounts": self.amounts[change.pk],
            "levels": self.levels[change.pk],
            "reverted_later": reverted,
            "fixed_later": fixed,
        }


def _lines(repository: Repository) -> Mapping[int, dict[str, int]]:
    """Landed added lines of each change by kind of file."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = ChangedFile.objects.filter(change__repository=repository, additions__gt=0).order_by()
    for pk, category, added in rows.values_list("change_id", "category").annotate(added=Sum("additions")):
        found[pk][category] = added
    return found


def _claims(repository: Repository) -> Mapping[int, list[list[str]]]:
    """[outcome, state, metric] of each current claim; an outcome stated in several changes has one key."""
    found: dict[int, list[list[str]]] = defaultdict(list)
    rows = Claim.objects.filter(change__repository=repository, is_current=True)
    for pk, outcome, state, metric in rows.values_list("change_id", "outcome_key", "state", "metric").order_by("pk"):
        found[pk].append([outcome[:16], state, metric])
    return found


def _refused(repository: Repository) -> Mapping[int, Counter[str]]:
    """How many quantities of each change are no claims, by reason."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    rows = ClaimReading.objects.filter(text__change__repository=repository, text__is_current=True).order_by("pk")
    for pk, refusals in rows.values_list("text__change_id", "refusals").iterator(chunk_size=500):
        found[pk].update(reason for _start, _end, reason, _detail in refusals)
    return found


def _amounts(repository: Repository) -> Counter[int]:
    """How many amounts of money stand in the texts of each change."""
    found: Counter[int] = Counter()
    rows = ChangeText.objects.filter(change__repository=repository, is_current=True).order_by("pk")
    for pk, text in rows.values_list("change_id", "text").iterator(chunk_size=500):
        found[pk] += len(_MONEY.findall(text))
    return found


def _levels(repository: Repository) -> Mapping[int, dict[str, int]]:
    """How many outcomes of each change reached each level of the value method."""
    found: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(LEVELS, 0))
    rows = Estimate.objects.filter(change__repository=repository, status="ok", level__in=LEVELS).order_by("pk")
    for pk, level in rows.values_list("change_id", "level"):
        found[pk][level] += 1
    return found
