"""Row 13: an old, genuine delivery is sent again. Answered 202, and nothing goes back to an older state."""

import pytest

from analysis import services
from analysis.models import Change, Repository, WebhookDelivery
from tests.integration.collection.test_webhooks import deliver, known, pull_payload, secret, work  # noqa: F401

pytestmark = pytest.mark.django_db
OLD = "11111111-0000-4000-8000-000000000001"
NEW = "11111111-0000-4000-8000-000000000002"


@pytest.mark.usefixtures("known")
def test_a_replay_is_a_duplicate_and_a_replay_under_a_new_id_changes_nothing() -> None:
    opened = pull_payload(title="First words")
    closed = pull_payload(
        "closed", title="Last words", state="closed", updated_at="2031-02-03T10:00:00Z",
        closed_at="2031-02-03T10:00:00Z", merged_at="2031-02-03T10:00:00Z", merge_commit_sha="c" * 40,
    )  # fmt: skip
    deliver(opened, X_GitHub_Delivery=OLD)
    work()
    deliver(closed, X_GitHub_Delivery=NEW)
    work()
    again = deliver(opened, X_GitHub_Delivery=OLD)
    assert (again.status_code, again.json()["state"]) == (202, "duplicate")
    # The delivery id is not signed, so an attacker can send the same signed body under another one.
    assert deliver(opened, X_GitHub_Delivery="22222222-0000-4000-8000-000000000003").status_code == 202
    work()
    change = Change.objects.get()
    assert (change.title, change.merged) == ("Last words", True)
    assert WebhookDelivery.objects.latest("pk").reason == "something newer of this pull is stored"


def test_handling_a_delivery_twice_has_one_effect(known: Repository) -> None:  # noqa: F811
    deliver(pull_payload(), X_GitHub_Delivery=OLD)
    work()
    before = list(Change.objects.values_list())
    assert services.handle_webhook(delivery_id=OLD) == "done"
    assert services.handle_webhook(delivery_id="never-heard-of") == "unknown"
    assert list(Change.objects.values_list()) == before
