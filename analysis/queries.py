"""Ask: read-only querysets and records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import QuerySet

from analysis.achievements.browse import evidence_changed, public_achievements, queue, queue_progress, with_changes
from analysis.achievements.figures import achievement_ref
from analysis.achievements.figures import figures_of as achievement_figures
from analysis.achievements.figures import receipts_of as achievement_receipts
from analysis.achievements.history import history as achievement_history
from analysis.achievements.models import Achievement, AchievementRevision
from analysis.achievements.visibility import public_receipts, public_refs
from analysis.change_types.figures import landed_by_period, type_figure, type_receipts
from analysis.change_types.models import TYPE_CHOICES as THEMES
from analysis.change_types.models import ChangeType
from analysis.claims.explain import Explanation
from analysis.claims.explain import explain as explain_claims
from analysis.claims.figures import claim_figure, claim_receipt, claim_receipts
from analysis.claims.models import Claim
from analysis.claims.queries import (
    ReadText,
    claim_beginning,
    claim_by_ref,
    claim_facets,
    claim_page,
    claim_phrases,
    claims_of,
    export_reviews,
    public_claims,
    read_texts,
)
from analysis.collection.browse import (
    ChangeFilters,
    ChangePage,
    change_by_key,
    change_by_ref,
    change_page,
    change_ref,
    changed_files,
    changes_by_ref,
    current_texts,
    latest_collection_id,
    public_changes,
    public_repositories,
    repository_summaries,
    running_collections,
    text_by_hash,
    told_by,
)
from analysis.collection.export import change_objects
from analysis.collection.facets import facet_counts
from analysis.collection.ledgers import latest_ledger, newest_ledgers
from analysis.collection.models import Change, Collection, Repository
from analysis.collection.part_models import ChangedFile, ChangeText
from analysis.collection.periods import Step, truncation
from analysis.estimates.basis import Basis, basis, basis_receipts, standing_on
from analysis.estimates.models import Assumption, Estimate, EstimateTotal
from analysis.estimates.moves import Moved, MovePage, moved
from analysis.estimates.moves import steps as method_steps
from analysis.estimates.queries import (
    LadderStep,
    estimate_counts,
    estimate_objects,
    estimate_receipts,
    kept_promises,
    ladder,
    reasons_against,
)
from analysis.estimates.totals import current_totals
from analysis.facts.figures import (
    change_figures,
    change_receipts,
    lines_by_period,
    list_figures,
    repository_figures,
    repository_receipts,
)
from analysis.facts.stage_times import WHOLE as WHOLE_STAGE
from analysis.facts.stage_times import stage_times
from analysis.reports.browse import public_reports, report_difference, report_document
from analysis.reports.files import FORMATS, report_file
from analysis.reports.files import Erased as ReportErased
from analysis.reports.models import Report, ReportDelivery, ReportSchedule
from analysis.reports.render import NotSet
from analysis.studies.figures import study_figures, study_receipts
from analysis.studies.files import study_differences, study_text
from evidence.figures import Figure
from evidence.receipts import Derived
from jobs.models import OPEN, Job

if TYPE_CHECKING:
    from analysis.change_types.network import TypePrediction
    from analysis.estimates.method_page import MethodTables
    from analysis.estimates.play import Played, SliderResult

__all__ = [
    "FORMATS",
    "THEMES",
    "WHOLE_STAGE",
    "Achievement",
    "AchievementRevision",
    "Assumption",
    "Basis",
    "Change",
    "ChangeFilters",
    "ChangePage",
    "ChangeText",
    "ChangeType",
    "ChangedFile",
    "Claim",
    "Collection",
    "Estimate",
    "EstimateTotal",
    "Explanation",
    "LadderStep",
    "MovePage",
    "Moved",
    "NotSet",
    "ReadText",
    "Report",
    "ReportDelivery",
    "ReportErased",
    "ReportSchedule",
    "Repository",
    "achievement_figures",
    "achievement_history",
    "achievement_receipts",
    "achievement_ref",
    "basis",
    "change_by_key",
    "change_by_ref",
    "change_figures",
    "change_objects",
    "change_page",
    "change_receipts",
    "change_ref",
    "changed_files",
    "changes_by_ref",
    "claim_beginning",
    "claim_by_ref",
    "claim_facets",
    "claim_figure",
    "claim_page",
    "claim_phrases",
    "claim_receipt",
    "claims_of",
    "count_changes",
    "current_texts",
    "current_totals",
    "estimate_counts",
    "estimate_objects",
    "estimate_receipts",
    "evidence_changed",
    "explain_claims",
    "export_reviews",
    "facet_counts",
    "figures_by_name",
    "figures_of",
    "kept_promises",
    "ladder",
    "landed_by_period",
    "latest_collection_id",
    "latest_ledger",
    "lines_by_period",
    "list_figures",
    "method_steps",
    "method_tables",
    "moved",
    "newest_ledgers",
    "open_jobs_of",
    "period_step",
    "play",
    "play_estimate",
    "public_achievements",
    "public_changes",
    "public_claims",
    "public_receipts",
    "public_refs",
    "public_reports",
    "public_repositories",
    "queue",
    "queue_progress",
    "read_texts",
    "reasons_against",
    "report_difference",
    "report_document",
    "report_file",
    "repositories",
    "repository_figures",
    "repository_summaries",
    "running_collections",
    "stage_times",
    "standing_on",
    "study_differences",
    "study_figures",
    "study_text",
    "text_by_hash",
    "told_by",
    "type_figure",
    "with_changes",
]


def open_jobs_of(repository: Repository) -> list[Job]:
    """Jobs that wait or run for a repository, oldest first."""
    return list(Job.objects.filter(resource=f"repository:{repository.pk}", state__in=OPEN).order_by("pk")[:20])


def count_changes(repository: Repository) -> int:
    """How many changes of a repository are stored and not hidden, on the site or not."""
    return Change.objects.filter(repository=repository, is_hidden=False, vanished_at=None).count()


def repositories() -> QuerySet[Repository]:
    """Every repository that was ever asked for, hidden ones too, by key."""
    return Repository.objects.order_by("key")


_STAGES = (change_receipts, claim_receipts, type_receipts, estimate_receipts)


def period_step() -> Step:
    """Whether public changes are counted by week or by month; one query."""
    return truncation(public_changes())


def figures_of(subject: str) -> Iterable[Derived]:
    """Every figure about a subject, derived again: how a receipt that is not stored is found.

    Subjects are `change:<repository>#<number>`, `change:<repository>@<sha>`, `repository:<key>`, `achievement:<as its
    first change>` (hidden ones have no figures), `method:<version>`, `study:<name>` and `play:<what was entered>`.
    """
    kind, _, identifier = subject.partition(":")
    if kind == "study":
        return study_receipts(subject)
    if kind == "play":
        return play_receipts(subject)
    if kind == "method":
        return method_receipts(subject)
    if kind == "assumption":
        return basis_receipts(subject)
    if kind == "change":
        change = change_by_ref(subject)
        return chain.from_iterable(stage(change) for stage in _STAGES) if change else ()
    if kind == "repository":
        repository = public_repositories().filter(key=identifier).first()
        return (found for _, found in repository_receipts(repository)) if repository else ()
    if kind == "achievement":
        achievement = with_changes(public_achievements().filter(key=f"change:{identifier}")).first()
        return (found for _, found in achievement_receipts(achievement)) if achievement else ()
    return ()


def figures_by_name(subject: str) -> dict[str, Figure]:
    """The figures of a public change, repository, achievement, study or method by their names, as texts embed them.

    A name is one word. The estimates of a change are called by their step, L2 to L4. `repository:this` is what this
    installation's own clone was collected as. Empty for anything else.
    """
    kind, _, identifier = subject.partition(":")
    if kind == "study":
        return study_figures(subject)
    if kind == "method":
        return _one_word(method_figures(subject))
    if kind == "change":
        change = change_by_ref(subject)
        if change is None:
            return {}
        steps = {step.level: step.figure for step in ladder(change) if step.figure and step.level in ("L2", "L3", "L4")}
        return {**change_figures(change), "type": type_figure(change), **steps}
    if kind == "repository":
        shown = public_repositories()
        this = shown.filter(url=str(settings.BASE_DIR))
        repository = (this if identifier == "this" else shown.filter(key=identifier)).first()
        return _one_word(repository_figures(repository)) if repository else {}
    if kind == "achievement":
        achievement = with_changes(public_achievements().filter(key=f"change:{identifier}")).first()
        return _one_word(achievement_figures(achievement)) if achievement else {}
    return {}


def _one_word(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    return {label.replace(" ", "_"): figure for label, figure in figures.items()}


def explain_type(title: str, files: Sequence[str]) -> TypePrediction:
    """The type of a change by the network that labels the changes here; numpy is loaded by the first call."""
    from analysis.change_types.classify import with_network

    return with_network([(title, files)])[0]


def compare_types(title: str, files: Sequence[str]) -> list[tuple[str, TypePrediction]]:
    """Each shipped version's answer for the same change, the older first."""
    from analysis.change_types.classify import NETWORK_VERSION, RULES_VERSION, with_network, with_rules

    change = [(title, files)]
    return [(RULES_VERSION, with_rules(change)[0]), (NETWORK_VERSION, with_network(change)[0])]


def play(fields: Mapping[str, str]) -> Played:
    """What entered assumptions come to: range, tornado, gate and break-even; nothing is stored."""
    from analysis.estimates.play import play as compute

    return compute(fields, datetime.now(tz=UTC).date())


def play_estimate(
    ranges: Mapping[str, tuple[float, float]], *, rate: float | None, rate_source: str, realised: bool
) -> SliderResult:
    """The demo's sliders: builds a day, seconds before and after, months, own share, and a rate in euro an hour."""
    from analysis.estimates.play import of_sliders

    return of_sliders(ranges, rate=rate, rate_source=rate_source, realised=realised, today=datetime.now(tz=UTC).date())


def play_receipts(subject: str) -> Iterable[Derived]:
    """The receipts of what was played, derived again from their subject."""
    from analysis.estimates.play import figures_of as derive_again

    return derive_again(subject)


def method_tables() -> MethodTables:
    """What the method page tells: measured tables with receipts, charts' numbers, mistakes with the tests' names."""
    from analysis.estimates.method_page import method_tables as tables

    return tables()


def method_figures(subject: str) -> dict[str, Figure]:
    """The method page's figures by their names."""
    from analysis.estimates.method_page import figures_by_name

    return figures_by_name(subject)


def method_receipts(subject: str) -> Iterable[Derived]:
    """The receipts of the method page's figures, derived again."""
    from analysis.estimates.method_page import receipts_of

    return receipts_of(subject)
