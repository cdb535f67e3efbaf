"""The review queue: least certain first, one decision a request, labels out again."""

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from analysis.models import TypeReview
from mlops import services as mlops
from tests.factories.change_types import ChangeTypeFactory

pytestmark = pytest.mark.django_db
QUEUE = "admin:analysis_changetype_review"


@pytest.fixture
def owner(client: Client) -> Client:
    mlops.forget_live()
    client.force_login(User.objects.create_superuser("owner"))
    return client


def test_the_queue_is_worked_through(owner: Client) -> None:
    sure = ChangeTypeFactory.create(probability=0.9)
    unsure = ChangeTypeFactory.create(probability=0.3, type="docs", change__title="Say <b>more</b>")
    page = owner.get(reverse(QUEUE)).content.decode()
    assert "2 changes wait" in page and "Say &lt;b&gt;more" in page and 'data-key="a"' in page
    skipped = owner.get(reverse(QUEUE), {"after": unsure.pk}).content.decode()
    assert f'name="prediction" value="{sure.pk}"' in skipped
    owner.post(reverse(QUEUE), {"prediction": unsure.pk, "type": "test", "note": "it is one"})
    owner.post(reverse(QUEUE), {"prediction": sure.pk, "type": "fix"})
    assert dict(TypeReview.objects.values_list("decision", "type")) == {"corrected": "test", "accepted": "fix"}
    assert "Nothing is left" in owner.get(reverse(QUEUE)).content.decode()
    lines = b"".join(owner.get(reverse("admin:analysis_changetype_labels")).streaming_content).decode().splitlines()
    assert sorted(json.loads(line)["label"] for line in lines) == ["fix", "test"]


def test_what_does_not_fit_is_refused(owner: Client) -> None:
    row = ChangeTypeFactory.create()
    owner.post(reverse(QUEUE), {"prediction": row.pk, "type": "magic"})
    owner.post(reverse(QUEUE), {"prediction": "999999", "type": "fix"})
    owner.post(reverse(QUEUE), {"prediction": "x", "type": "fix"})
    assert not TypeReview.objects.exists()
    assert owner.get(reverse("admin:analysis_changetype_changelist")).status_code == 200


def test_only_those_who_may(client: Client) -> None:
    client.force_login(User.objects.create(username="reader", is_staff=True))
    assert client.get(reverse(QUEUE)).status_code == 403
    assert client.get(reverse("admin:analysis_changetype_labels")).status_code == 403
