"""Case studies and posts: visitors get the published revision, whatever the owner types into the working copy."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from portfolio import services
from tests.factories.portfolio import CaseStudyFactory, OwnerFactory, PostFactory

pytestmark = pytest.mark.django_db
KINDS = [("case-studies", CaseStudyFactory, "context"), ("posts", PostFactory, "body")]
SECRET = "Embargoed"


def edited(factory: Any, text: str) -> Any:
    """A published text whose working copy says something that was not published."""
    document = factory(title="What was published", summary="A sentence for everyone.")
    services.publish(document=document, actor=OwnerFactory())
    document.title, document.summary = f"{SECRET} title", f"{SECRET} summary"
    setattr(document, text, f"{SECRET} text.")
    document.save()
    return document


@pytest.mark.parametrize(("kind", "factory", "text"), KINDS)
@pytest.mark.parametrize("who", ["anyone", "reader"])
def test_an_edit_that_is_not_published_is_not_shown(
    kind: str, factory: Any, text: str, who: str, request: pytest.FixtureRequest
) -> None:
    client: APIClient = request.getfixturevalue(who)
    document = edited(factory, text)
    url = f"/api/v1/{kind}/"
    for address in (
        url,
        f"{url}{document.pk}/",
        f"{url}?fields=title,summary,live",
        f"{url}{document.pk}/?fields=title",
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "What was published" in answer.content.decode()
        assert SECRET not in answer.content.decode()
    lines = b"".join(client.get(f"{url}export/")).decode().splitlines()  # type: ignore[call-overload]
    assert json.loads(lines[0])["title"] == "What was published"
    assert SECRET not in "".join(lines)


@pytest.mark.parametrize(("kind", "factory", "text"), KINDS)
def test_search_finds_what_was_published_and_nothing_else(
    kind: str, factory: Any, text: str, anyone: APIClient
) -> None:
    document = edited(factory, text)
    other = factory(title="A _share_ of it", summary="")
    services.publish(document=other, actor=OwnerFactory())

    def found(words: str) -> list[int]:
        return [row["id"] for row in anyone.get(f"/api/v1/{kind}/", {"search": words}).json()["results"]]

    assert found(SECRET) == []
    assert found("was PUBLISHED") == [document.pk]
    assert found("for everyone") == [document.pk]
    assert found("%") == []
    assert found("_share_") == [other.pk]
    assert found('"') == []


@pytest.mark.parametrize(("kind", "factory", "text"), KINDS)
def test_what_was_withdrawn_is_gone(kind: str, factory: Any, text: str, anyone: APIClient) -> None:
    document = edited(factory, text)
    services.withdraw(document=document, actor=OwnerFactory())
    assert anyone.get(f"/api/v1/{kind}/{document.pk}/").status_code == 404
    assert anyone.get(f"/api/v1/{kind}/").json()["results"] == []
