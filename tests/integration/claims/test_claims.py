"""From texts of changes to claim rows, decisions and figures."""

import hashlib

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError

from analysis.claims.store import METHOD, extract_repository, read_change
from analysis.models import ChangeText, Claim, ClaimReading, ClaimReview
from analysis.queries import (
    claim_facets,
    claim_figure,
    claim_page,
    claims_of,
    explain_claims,
    export_reviews,
    figures_of,
    read_texts,
)
from analysis.services import WrongReview, forget_texts, review_claim
from evidence.audit import AuditEntry
from evidence.receipts import Verdict, check
from tests.factories.claims import ClaimFactory
from tests.factories.collection import (
    ChangeContributorFactory,
    ChangeFactory,
    ChangeTextFactory,
    ContributorFactory,
    RepositoryFactory,
)

pytestmark = pytest.mark.django_db

BODY = "Cache the shelf.\n\nBuild time went from 30 s to 5 s. Memory usage fell by 20-30%.\n\nSee #12, v1.2.3.\n"


def add(change, text: str, kind: str = "body", **more) -> ChangeText:
    return ChangeTextFactory(
        change=change, kind=kind, text=text, sha256=hashlib.sha256(text.encode()).hexdigest(), **more
    )


@pytest.fixture
def owner():
    return get_user_model().objects.create_user("made-up-owner")


@pytest.fixture
def change():
    change = ChangeFactory()
    add(change, BODY)
    return change


def test_texts_become_claims_with_exact_quotes(change) -> None:
    counts = extract_repository(change.repository_id)
    assert counts["claims"] == 2
    for claim in Claim.objects.select_related("text"):
        assert claim.text.text[claim.start : claim.end] == claim.quote
    reading = ClaimReading.objects.get()
    assert {reason for _, _, reason, _ in reading.refusals} == {"issue_number", "version"} or reading.refusals


def test_second_run_writes_nothing(change) -> None:
    extract_repository(change.repository_id)
    before = list(Claim.objects.order_by("pk").values())
    assert extract_repository(change.repository_id)["changes"] == 0
    assert list(Claim.objects.order_by("pk").values()) == before


def test_new_method_reads_again_and_keeps_decisions(change, owner) -> None:
    extract_repository(change.repository_id)
    claim = Claim.objects.order_by("pk").first()
    review_claim(claim_id=claim.pk, decision="confirmed", actor=owner)
    ClaimReading.objects.update(method="grammar 0.9")
    assert extract_repository(change.repository_id)["changes"] == 1
    assert Claim.objects.get(pk=claim.pk).review == "confirmed"
    assert set(ClaimReading.objects.values_list("method", flat=True)) == {METHOD}


def test_edited_text_keeps_the_old_claims_but_not_as_current(change) -> None:
    extract_repository(change.repository_id)
    ChangeText.objects.update(is_current=False)
    add(change, BODY.replace("5 s", "7 s"), version=2)
    extract_repository(change.repository_id)
    assert Claim.objects.filter(is_current=False).count() == 2
    assert set(Claim.objects.filter(is_current=True, kind="from_to").values_list("to_value", flat=True)) == {7.0}


def test_title_body_and_copied_body_are_one_outcome() -> None:
    repository = RepositoryFactory()
    first, second = ChangeFactory.create_batch(2, repository=repository)
    add(first, "Cut build time by 40% (#7)", kind="title")
    add(first, "We cut the build time by 40% with a cache.")
    add(second, "We cut the build time by 40% with a cache.")
    extract_repository(repository.pk)
    assert Claim.objects.count() == 3
    assert len(set(Claim.objects.values_list("outcome_key", flat=True))) == 1


def test_two_texts_that_disagree_are_contradicted(change) -> None:
    add(change, "Memory usage fell by 60%.", kind="commit", ref="a" * 40)
    add(change, "Memory usage fell by 20-30%.", kind="commit", ref="b" * 40)
    read_change(change)
    states = dict(Claim.objects.filter(text__ref="a" * 40).values_list("state", "state_reason"))
    assert set(states) == {"contradicted"}
    assert "20-30%" in states["contradicted"]


def test_text_of_a_bot_claims_nothing(change) -> None:
    ChangeContributorFactory(change=change, contributor=ContributorFactory(kind="bot"), role="author")
    extract_repository(change.repository_id)
    assert not Claim.objects.exists()


def test_decision_is_stored_with_who_and_when(owner) -> None:
    claim = ClaimFactory()
    review_claim(claim_id=claim.pk, decision="corrected", correction={"metric": "latency"}, note="runtime", actor=owner)
    row = ClaimReview.objects.get()
    assert (row.decided_by, row.decision, row.correction) == (owner, "corrected", {"metric": "latency"})
    assert AuditEntry.objects.filter(action="claims.review", actor="made-up-owner").exists()
    (exported,) = export_reviews()
    assert exported["claims"][0]["metric"] == "latency"


@pytest.mark.parametrize(
    ("decision", "correction"),
    [("great", {}), ("corrected", {}), ("confirmed", {"metric": "cost"}), ("corrected", {"value": 99}),
     ("corrected", {"quote": "x"}), ("corrected", {"metric": "synergy"})],
)  # fmt: skip
def test_wrong_decision_is_refused(owner, decision: str, correction: dict) -> None:
    claim = ClaimFactory()
    with pytest.raises(WrongReview):
        review_claim(claim_id=claim.pk, decision=decision, correction=correction, actor=owner)
    assert not ClaimReview.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"quote": ""}, {"end": 0}, {"kind": "from_to"}, {"value": None}, {"value_hi": 1.0}, {"review": "corrected"},
     {"state": "contradicted"}],
)  # fmt: skip
def test_database_refuses_what_must_not_be(wrong: dict) -> None:
    start = {"start": 5, "end": 9} if "quote" in wrong else {}
    with pytest.raises(IntegrityError):
        ClaimFactory(**start, **wrong)


def test_rejected_and_hidden_claims_are_not_public(owner) -> None:
    shown, rejected, hidden = ClaimFactory.create_batch(3)
    review_claim(claim_id=rejected.pk, decision="rejected", actor=owner)
    type(hidden.change).objects.filter(pk=hidden.change_id).update(is_hidden=True)
    assert claim_page() == [shown]
    assert claim_facets()["metric"] == [("time", 1)]


def test_list_costs_one_query(django_assert_num_queries) -> None:
    ClaimFactory.create_batch(5)
    with django_assert_num_queries(1):
        assert len([claim.change.repository.name for claim in claim_page(metric="time")]) == 5


def test_texts_of_a_change_are_shown_in_three_queries(change, django_assert_num_queries) -> None:
    extract_repository(change.repository_id)
    with django_assert_num_queries(3):
        (shown,) = read_texts(change)
    assert "".join(piece.text for piece in shown.pieces) == BODY
    assert [piece.text for piece in shown.pieces if piece.kind == "claim"] == [claim.quote for claim in shown.claims]


def test_figure_of_a_claim_recomputes(change) -> None:
    extract_repository(change.repository_id)
    for claims in claims_of([change]).values():
        for claim in claims:
            figure = claim_figure(claim)
            assert figure.kind == "quoted"
            found = [receipt for receipt in figures_of(figure.subject) if receipt.id == figure.receipt]
            assert len(found) == 1
            assert check(figure.receipt, found[0].text).verdict == Verdict.SAME


def test_erased_text_takes_its_quotes_along(change) -> None:
    extract_repository(change.repository_id)
    forget_texts(list(ChangeText.objects.values_list("pk", flat=True)))
    assert not Claim.objects.exists()
    assert not ClaimReading.objects.exists()


def test_explanation_pieces_are_the_text() -> None:
    found = explain_claims(BODY)
    assert "".join(piece.text for piece in found.pieces) == BODY
    assert len(found.claims) == 2
    assert all(piece.reason for piece in found.pieces if piece.kind == "refusal")
