"""An edit of a published text that is not published yet: no page, list, feed or card of the site says it."""

import re

import pytest
from django.contrib.admin import AdminSite
from django.test import Client, RequestFactory

from evidence.models import AuditEntry
from portfolio import queries, services
from portfolio.admin import PostAdmin
from portfolio.models import Post, SearchEntry
from portfolio.models.documents import Document, Revision
from tests.factories.portfolio import CaseStudyFactory, OwnerFactory, PageFactory, PostFactory, ProfileFactory

pytestmark = pytest.mark.django_db
SECRET = "Embargoed"
ADDRESSES = (
    "/", "/work/", "/work/shown/", "/work/beside/", "/writing/", "/writing/shown/", "/writing/beside/",
    "/writing/atom.xml", "/writing/feed.json", "/writing/tags/craft/", "/writing/tags/craft/atom.xml",
    "/writing/tags/craft/feed.json", "/pages/shown/", "/sitemap.xml", f"/search/?q={SECRET}", "/search/?q=published",
    "/resume/", "/resume/resume.json",
)  # fmt: skip


def edit(document: Document) -> None:
    """Type into every text of the working copy, and into its tags."""
    for name in ("title", "summary", *document.TEXTS, *document.EXTRAS):
        setattr(document, name, [SECRET] if isinstance(getattr(document, name), list) else f"{SECRET} {name}")
    document.save()


def test_an_edit_that_is_not_published_is_on_no_page(client: Client) -> None:
    owner = OwnerFactory()
    services.publish_profile(profile=ProfileFactory(), actor=owner)
    shown = [
        CaseStudyFactory(slug="shown", title="A published study"),
        PostFactory(slug="shown", title="A published post", tags=["craft"], series="Craft"),
        PageFactory(slug="shown", title="A published page"),
    ]
    beside = [CaseStudyFactory(slug="beside"), PostFactory(slug="beside", tags=["craft"], series="Craft")]
    for document in (*shown, *beside):
        services.publish(document=document, actor=owner)
    for document in shown:
        edit(document)
    said = {}
    for address in ADDRESSES:
        answer = client.get(address)
        assert answer.status_code == 200, address
        said[address] = answer.content.decode()
    for address, body in said.items():
        assert SECRET not in body.replace(f'value="{SECRET}"', "").replace(f"q={SECRET}", ""), address
    assert "A published study" in said["/work/"]
    assert "A published post" in said["/writing/beside/"], "the related link names the post as it was published"
    card = re.search(r'property="og:image" content="[^"]*title=([^"&]+)', said["/work/shown/"])
    assert card and "published" in card[1]
    assert client.get(f"/writing/tags/{SECRET}/").status_code == 404


@pytest.mark.parametrize("way", ["one", "many"])
def test_a_text_that_is_deleted_leaves_the_site_and_its_search(client: Client, way: str) -> None:
    owner, post = OwnerFactory(), PostFactory(title="A published post")
    services.publish(document=post, actor=owner)
    assert SearchEntry.objects.filter(title="A published post").exists()
    admin = PostAdmin(Post, AdminSite())
    request = RequestFactory().post("/")
    request.user = owner
    if way == "one":
        admin.delete_model(request, post)
    else:
        admin.delete_queryset(request, Post.objects.all())
    assert not Post.objects.exists()
    assert not SearchEntry.objects.filter(title="A published post").exists()
    assert AuditEntry.objects.get(action="portfolio.withdraw").reason == "deleted"


def test_a_profile_published_by_an_earlier_release_is_still_shown(client: Client) -> None:
    """Its frozen record may name fields that later went."""
    services.publish_profile(profile=ProfileFactory(name="Ada Example"), actor=OwnerFactory())
    last = Revision.objects.get(kind="profile")
    last.pk, last._state.adding = None, True
    last.number, last.content = last.number + 1, {**last.content, "gone": ["x"]}
    last.save()
    queries.forget_profile()
    assert "Ada Example" in client.get("/").content.decode()
