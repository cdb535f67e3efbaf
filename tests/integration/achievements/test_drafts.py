"""Drafts by rule, on stored changes."""

import pytest

from analysis.achievements import drafts
from analysis.achievements.evidence import standing
from analysis.claims.services import extract_repository
from analysis.models import Achievement, Change, Repository
from evidence.models import AuditEntry
from tests.factories.collection import (
    ChangeContributorFactory,
    ChangedFileFactory,
    ChangeFactory,
    ChangeTextFactory,
    ContributorFactory,
    RepositoryFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def repository() -> Repository:
    return RepositoryFactory()


def pair(repository: Repository, issue: str = "ABC-7") -> tuple[Change, Change]:
    """Two changes that name one issue; the second has more lines of its own."""
    first = ChangeFactory(repository=repository, title=f"{issue}: lay the shelf", body="")
    second = ChangeFactory(repository=repository, title=f"{issue}: sort the shelf", body="")
    ChangedFileFactory(change=first, additions=5, deletions=0)
    ChangedFileFactory(change=second, additions=50, deletions=1)
    ChangedFileFactory(change=second, path="vendor/big.js", category="vendored", additions=9000, deletions=0)
    return first, second


def test_a_group_becomes_a_draft_with_reasons_and_what_is_missing(repository: Repository) -> None:
    first, second = pair(repository)
    ChangeFactory(repository=repository, title="unrelated")
    counts = drafts.build(repository)
    draft = Achievement.objects.get()
    assert (counts.groups, counts.created) == (1, 1)
    assert set(draft.changes.values_list("pk", flat=True)) == {first.pk, second.pk}
    assert draft.state == "draft"
    assert draft.title == second.title
    assert draft.reasons == [{"rule": "issue", "reason": f"#{first.number} and #{second.number} both name ABC-7"}]
    assert "whose work it is" in [item["what"] for item in draft.missing]
    assert draft.landed_source_lines == 56  # generated and vendored lines are no work


def test_a_second_run_writes_nothing(repository: Repository, django_assert_num_queries: object) -> None:
    pair(repository)
    drafts.build(repository)
    before = list(Achievement.objects.values())
    counts = drafts.build(repository)
    assert (counts.created, counts.updated, counts.stale) == (0, 0, 0)
    assert list(Achievement.objects.values()) == before


def test_an_untouched_draft_follows_the_evidence(repository: Repository) -> None:
    pair(repository)
    drafts.build(repository)
    third = ChangeFactory(repository=repository, title="ABC-7: label the shelf")
    assert drafts.build(repository).updated == 1
    assert Achievement.objects.get().changes.filter(pk=third.pk).exists()


def test_a_touched_one_is_marked_and_the_newcomer_named(repository: Repository) -> None:
    pair(repository)
    drafts.build(repository)
    Achievement.objects.update(touched=True, title="My own words")
    third = ChangeFactory(repository=repository, title="ABC-7: label the shelf")
    assert drafts.build(repository).stale == 1
    achievement = Achievement.objects.get()
    assert achievement.title == "My own words"
    assert f"#{third.number} seems to belong here" in achievement.stale_reason
    assert achievement.changes.count() == 2


@pytest.mark.parametrize("fields", [{"merged": False, "kind": "unlanded_or_unknown", "certainty": "unknown"},
                                    {"is_credited": False}, {"is_hidden": True}])  # fmt: skip
def test_what_did_not_land_or_is_counted_elsewhere_achieves_nothing(repository: Repository, fields: dict) -> None:  # type: ignore[type-arg]
    first, _ = pair(repository)
    Change.objects.filter(pk=first.pk).update(**fields)
    assert drafts.build(repository).groups == 0


def test_the_owners_part_is_named(repository: Repository) -> None:
    first, second = pair(repository)
    owner = ContributorFactory(is_owner=True)
    assistant = ContributorFactory(kind="ai")
    for change in (first, second):
        ChangeContributorFactory(change=change, contributor=owner, commits=2)
        ChangeContributorFactory(change=change, contributor=assistant, role="co_author")
    drafts.build(repository)
    draft = Achievement.objects.get()
    assert (draft.part, draft.part_reason) == ("solo", "The owner is the only person among the authors.")


def test_queries_do_not_grow_with_the_amount(repository: Repository, django_assert_max_num_queries: object) -> None:
    for number in range(12):
        pair(repository, f"ABC-{number + 10}")
    with django_assert_max_num_queries(5 + 2 + 12 * 3):  # type: ignore[operator]  # reading, the transaction, writing each
        drafts.build(repository)
    with django_assert_max_num_queries(7):  # type: ignore[operator]
        drafts.build(repository)


def test_a_single_change_with_a_quoted_outcome_is_a_draft_and_its_claim_is_evidence(repository: Repository) -> None:
    change = ChangeFactory(repository=repository)
    ChangeTextFactory(change=change, text="Sorting the shelf takes 2 s instead of 30 s.")
    extract_repository(repository_id=repository.pk)
    drafts.build(repository)
    draft = Achievement.objects.get()
    assert "an outcome" not in [item["what"] for item in draft.missing]
    assert [ref for ref in standing([change]) if ref.startswith("claim:")]


def test_rules_leave_no_audit_rows(repository: Repository) -> None:
    pair(repository)
    drafts.build(repository)
    assert not AuditEntry.objects.exists()
