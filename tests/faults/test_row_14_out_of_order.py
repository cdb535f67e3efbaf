"""Row 14: deliveries arrive out of order (closed before opened). The final state is right in every order."""

import json
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import services
from analysis.models import Change, Repository, WebhookDelivery
from analysis.sources.webhooks import read
from tests.integration.collection.test_webhooks import known, pull_payload, secret  # noqa: F401

pytestmark = pytest.mark.django_db
DAY = "2031-02-{:02}T10:00:00Z"
CLOSED = {"state": "closed", "closed_at": DAY.format(5), "merged_at": DAY.format(5), "merge_commit_sha": "c" * 40}
STORY: list[dict[str, Any]] = [
    pull_payload("opened", title="One"),
    pull_payload("edited", title="Two", updated_at=DAY.format(2)),
    pull_payload("labeled", title="Two", updated_at=DAY.format(3), labels=[{"name": "late"}]),
    pull_payload("synchronize", title="Two", updated_at=DAY.format(5), commits=3),
    pull_payload("closed", title="Two", updated_at=DAY.format(5), commits=3, **CLOSED),
]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(len(STORY))), again=st.lists(st.integers(0, len(STORY) - 1), max_size=3))
def test_any_order_ends_in_the_same_state(known: Repository, order: list[int], again: list[int]) -> None:  # noqa: F811
    Change.objects.all().delete()
    for index in [*order, *again]:
        raw = json.dumps(STORY[index]).encode()
        kind = "application/json"
        event = read(raw, event="pull_request", delivery_id=str(uuid.uuid4()), content_type=kind)
        row, _ = services.receive_webhook(event=event, raw=raw)
        services.handle_webhook(delivery_id=row.delivery_id)
    change = Change.objects.get()
    assert (change.title, change.merged, change.commit_count) == ("Two", True, 3)
    assert change.pull_detail.state == "merged"
    assert not WebhookDelivery.objects.filter(state="stored").exists()
