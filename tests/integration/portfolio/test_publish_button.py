"""The second button of a form of the desk: save, then publish, or be told why not."""

import pytest
from django.test import Client

from portfolio.models import CaseStudy, Profile
from tests.factories.portfolio import CaseStudyFactory, OwnerFactory, ProfileFactory

pytestmark = pytest.mark.django_db
TEXTS = ("context", "constraint", "options", "decision", "evidence", "result", "what_failed", "my_part", "not_proven")


@pytest.fixture
def owner(client: Client) -> Client:
    client.force_login(OwnerFactory())
    return client


def posted(study: CaseStudy, **changed: str) -> dict[str, str]:
    fields = {name: getattr(study, name) for name in ("title", "slug", "summary", *TEXTS)}
    return {**fields, "position": "0", "_publish": "1", **changed}


def test_a_study_is_saved_and_published(owner: Client) -> None:
    study = CaseStudyFactory.create()
    url = f"/admin/portfolio/casestudy/{study.pk}/change/"
    answer = owner.post(url, posted(study, context="Imports were very slow."), follow=True)
    assert answer.redirect_chain == [(url, 302)]
    assert "is saved and public." in answer.content.decode()
    study.refresh_from_db()
    assert study.live is not None
    assert study.live.content["context"] == study.context == "Imports were very slow."


def test_what_lacks_something_is_saved_and_says_what(owner: Client) -> None:
    study = CaseStudyFactory.create()
    url = f"/admin/portfolio/casestudy/{study.pk}/change/"
    answer = owner.post(url, posted(study, not_proven="", context="Changed."), follow=True)
    assert "Saved, and not public yet: “What is not proven” is empty." in answer.content.decode()
    study.refresh_from_db()
    assert (study.live, study.context) == (None, "Changed.")


def test_saving_alone_publishes_nothing(owner: Client) -> None:
    profile = ProfileFactory.create()
    fields = {"name": "Ada Example", "role": "Engineer", "statement": "", "outcomes": "", "links": ""}
    url = f"/admin/portfolio/profile/{profile.pk}/change/"
    owner.post(url, {**fields, "_save": "1"})
    assert Profile.objects.get().published_at is None
    owner.post(url, {**fields, "_publish": "1"})
    assert Profile.objects.get().published_at is not None
