"""The portfolio that comes with Attest: published while the site has no owner, gone when one wants it gone."""

from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from portfolio import services
from portfolio.models import Post, Profile, Revision
from portfolio.publishing import content, embeds, shipped
from portfolio.publishing.documents import KINDS
from portfolio.tasks import release_texts
from tests.factories.collection import RepositoryFactory
from tests.factories.portfolio import OwnerFactory, PostFactory, ProfileFactory
from tests.integration.portfolio.conftest import Site, make_changes

pytestmark = pytest.mark.django_db
PROFILE = """---
name: Made-up Program
role: Shows itself
since: 2031
outcomes:
- 'It has [[figure repository:example.org/made-up/index changes]].'
---

A program.
"""


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A release with a profile, a post, and a study that needs figures of a repository."""
    monkeypatch.setattr(shipped, "folder", lambda: tmp_path)
    (tmp_path / "writing").mkdir()
    (tmp_path / "writing" / "plain.md").write_text("---\ntitle: Plain\n---\n\nWords only.\n")
    (tmp_path / "writing" / "counted.md").write_text(
        "---\ntitle: Counted\n---\n\nIt has [[figure repository:example.org/made-up/index changes]].\n"
    )
    (tmp_path / "profile.md").write_text(PROFILE)
    return tmp_path


def test_text_waits_for_its_figures_and_is_published_when_they_are_there(release: Path, client: Client) -> None:
    result = release_texts(None)
    assert result["published"] == ["post:plain"]
    assert len(result["waiting"]) == 2
    assert "example.org/made-up/index" in result["waiting"][0]
    make_changes(RepositoryFactory(key="example.org/made-up/index"), 2)
    assert release_texts(None, round=2)["waiting"] == []
    page = client.get("/").content.decode()
    assert "Made-up Program" in page
    assert "evidence missing" not in page


def test_publishing_the_release_twice_makes_no_new_revision(release: Path) -> None:
    (release / "profile.md").unlink()
    (release / "writing" / "counted.md").unlink()
    services.publish_release(now=timezone.now())
    services.publish_release(now=timezone.now())
    assert Revision.objects.count() == 1


def test_site_with_an_owner_is_left_alone(release: Path) -> None:
    services.publish_profile(profile=ProfileFactory(outcomes=""), actor=OwnerFactory())
    assert services.publish_release(now=timezone.now()) == ([], [])
    assert not Post.objects.exists()


def test_owner_who_only_began_a_profile_is_left_alone(release: Path) -> None:
    ProfileFactory(outcomes="")
    assert services.publish_release(now=timezone.now()) == ([], [])


def test_withdrawing_takes_the_release_off_and_leaves_what_the_owner_wrote(
    release: Path, site: Site, client: Client
) -> None:
    Profile.objects.all().delete()
    Revision.objects.filter(kind="profile").delete()
    Revision.objects.update(published_by=shipped.account().pk)  # so that the site passes for one without an owner
    services.publish_release(now=timezone.now())
    own = PostFactory(slug="own")
    services.publish(document=own, actor=site.owner)
    gone = services.withdraw_release(actor=site.owner)
    assert sorted(gone) == ["post:counted", "post:plain", "profile:1"]
    assert client.get("/writing/plain/").status_code == 404
    assert client.get("/writing/own/").status_code == 200
    assert "Made-up Program" not in client.get("/").content.decode()


def test_account_of_the_release_cannot_sign_in() -> None:
    account = shipped.account()
    assert not account.is_active
    assert not account.has_usable_password()


def test_profile_file_with_an_unknown_name_is_refused(release: Path) -> None:
    (release / "profile.md").write_text("---\nnick: x\n---\n")
    _, waiting = services.publish_release(now=timezone.now())
    assert any("unknown names: nick" in line for line in waiting)


def test_texts_in_content_hold_no_bare_number() -> None:
    """Only figures of this clone's own history may be missing here; every other embed and number must hold."""
    found = {}
    for kind, folder in content.FOLDERS.items():
        for path in sorted((shipped.folder() / folder).glob("*.md")):
            fields = content.parse(kind, path.read_text(encoding="utf-8"))
            texts = [str(fields[name]) for name in ("title", "summary", *KINDS[kind].TEXTS)]
            lines = [line for text in texts for line in embeds.problems(text) if "repository:this" not in line]
            if lines:
                found[path.name] = lines
    assert found == {}
