"""The curation queue in the admin: one key a decision, the quote highlighted in its text."""

import json

import pytest
from django.urls import reverse

from analysis.models import Claim, ClaimReview
from tests.factories.claims import QUOTE, ClaimFactory

pytestmark = pytest.mark.django_db

QUEUE = "admin:analysis_claim_review"


def test_queue_shows_the_quote_in_its_text(admin_client) -> None:
    ClaimFactory()
    page = admin_client.get(reverse(QUEUE)).content.decode()
    assert f"<mark>{QUOTE}</mark>" in page
    for key in "ards123456789":
        assert f'data-key="{key}"' in page or key == "5", "the claim's own metric has no key"


def test_text_from_outside_is_escaped(admin_client) -> None:
    claim = ClaimFactory()
    type(claim.text).objects.filter(pk=claim.text_id).update(text=claim.text.text + "<script>alert(1)</script>")
    page = admin_client.get(reverse(QUEUE)).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize(
    ("answer", "review", "correction"),
    [
        ({"decision": "confirmed"}, "confirmed", {}),
        ({"decision": "rejected", "note": "not mine"}, "rejected", {}),
        ({"metric": "latency"}, "corrected", {"metric": "latency"}),
        ({"direction": "worse"}, "corrected", {"direction": "worse"}),
    ],
)
def test_one_button_decides(admin_client, admin_user, answer, review, correction) -> None:
    claim = ClaimFactory()
    response = admin_client.post(reverse(QUEUE), {"claim": claim.pk, **answer})
    assert response.url == reverse(QUEUE)
    claim.refresh_from_db()
    assert (claim.review, claim.correction) == (review, correction)
    assert ClaimReview.objects.get().decided_by == admin_user


def test_wrong_decision_changes_nothing(admin_client) -> None:
    claim = ClaimFactory()
    admin_client.post(reverse(QUEUE), {"claim": claim.pk, "decision": "great"})
    admin_client.post(reverse(QUEUE), {"claim": claim.pk, "metric": "synergy"})
    admin_client.post(reverse(QUEUE), {"claim": "99999", "decision": "confirmed"})
    assert Claim.objects.get().review == "none"


def test_skip_goes_on_to_the_next(admin_client) -> None:
    first, second = ClaimFactory(), ClaimFactory()
    page = admin_client.get(reverse(QUEUE)).context["row"]
    assert page == second
    assert admin_client.get(reverse(QUEUE), {"after": second.pk}).context["row"] == first


def test_visitor_and_stranger_are_kept_out(client, django_user_model) -> None:
    ClaimFactory()
    assert client.get(reverse(QUEUE)).status_code == 302
    client.force_login(django_user_model.objects.create_user("made-up-reader", is_staff=True))
    assert client.get(reverse(QUEUE)).status_code == 403


def test_decisions_are_exported_as_lines(admin_client) -> None:
    claim = ClaimFactory()
    admin_client.post(reverse(QUEUE), {"claim": claim.pk, "decision": "confirmed"})
    answer = admin_client.get(reverse("admin:analysis_claim_labels"))
    (row,) = [json.loads(line) for line in b"".join(answer.streaming_content).decode().splitlines()]
    assert row["label"] == "claim"
    assert row["text"][row["claims"][0]["start"] : row["claims"][0]["end"]] == QUOTE
