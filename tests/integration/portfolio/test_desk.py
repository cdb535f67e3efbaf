"""The admin as the owner meets it: its name and order, and the links of the profile as lines."""

from typing import Any

import pytest
from django.test import Client

from portfolio.models import Profile

pytestmark = pytest.mark.django_db


def test_the_owners_own_texts_come_first(admin_client: Client) -> None:
    answer = admin_client.get("/admin/")
    assert [app["app_label"] for app in answer.context["app_list"]][:3] == ["portfolio", "analysis", "mlops"]
    page = answer.content.decode()
    assert '<a href="/admin/">Attest</a>' in page and "css/admin." in page and "Django administration" not in page


def _filled(**more: Any) -> dict[str, Any]:
    return {"name": "Ada Example", "role": "Engineer", "since": "2019", **more}


def test_links_are_lines_of_a_name_and_an_address(admin_client: Client) -> None:
    lines = "Code https://code.example/ada\n\n Talks and slides   https://talks.example "
    assert admin_client.post("/admin/portfolio/profile/add/", _filled(links=lines)).status_code == 302
    person = Profile.objects.get()
    assert person.links == [
        {"label": "Code", "url": "https://code.example/ada"},
        {"label": "Talks and slides", "url": "https://talks.example"},
    ]
    page = admin_client.get(f"/admin/portfolio/profile/{person.pk}/change/").content.decode()
    assert "Code https://code.example/ada\nTalks and slides https://talks.example" in page


@pytest.mark.parametrize("line", ["Code", "https://code.example", "Code javascript:alert(1)", "Code //code.example"])
def test_a_line_that_is_no_link_is_named_and_nothing_is_lost(line: str, admin_client: Client) -> None:
    page = admin_client.post("/admin/portfolio/profile/add/", _filled(links=line)).content.decode()
    assert f"“{line}” is no link" in page and "Ada Example" in page and line in page
    assert not Profile.objects.exists()
