"""The admin of collected data: start, watch, hide, correct; bounded queries."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from analysis.models import Change, Contributor, Repository
from evidence.models import AuditEntry
from jobs.models import Job
from tests.factories.collection import ChangeFactory, CollectionFactory, ContributorFactory, RepositoryFactory
from tests.gitstory import every_style

pytestmark = pytest.mark.django_db
MODELS = (
    "repository", "collection", "change", "contributor", "changetext", "changedfile", "commit", "changelink",
    "changefacts", "linesurvival",
)  # fmt: skip


@pytest.fixture
def owner(client: Client, django_user_model: type[User]) -> Client:
    client.force_login(django_user_model.objects.create_superuser("owner", password="made-up"))
    return client


@pytest.mark.parametrize("model", MODELS)
def test_lists_open_and_search_in_few_queries(
    owner: Client, model: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(12):
        ChangeFactory()
    with django_assert_max_num_queries(12):
        answer = owner.get(reverse(f"admin:analysis_{model}_changelist"), {"q": "7"})
    assert answer.status_code == 200


def test_asking_for_a_source_queues_its_collection(owner: Client, tmp_path: Path, settings: Settings) -> None:
    settings.ATTEST_OUTSIDE_ALLOW = ["127.0.0.1:9"]
    page = owner.get(reverse("admin:analysis_repository_add"))
    assert b'name="source"' in page.content
    answer = owner.post(reverse("admin:analysis_repository_add"), {"source": "http://127.0.0.1:9/shelf/ledger.git"})
    repository = Repository.objects.get()
    assert answer["Location"] == reverse("admin:analysis_repository_change", args=[repository.pk])
    assert Job.objects.get().args == {"repository_id": repository.pk}
    assert AuditEntry.objects.filter(action="collection.request", actor="owner").exists()


@pytest.mark.parametrize("source", ["{path}", "file://{path}", "ext::sh -c true", "--upload-pack=true", "-x", ""])
def test_form_refuses_what_is_no_web_address(owner: Client, tmp_path: Path, settings: Settings, source: str) -> None:
    settings.VAR_DIR = tmp_path / "var"
    story = every_style(tmp_path / "shelf")
    answer = owner.post(reverse("admin:analysis_repository_add"), {"source": source.format(path=story.path)})
    assert answer.status_code == 200 and b"errorlist" in answer.content
    assert not Repository.objects.exists() and not Job.objects.exists()


def test_progress_asks_again_only_while_a_job_is_open(owner: Client) -> None:
    ledger = CollectionFactory()
    url = reverse("admin:analysis_repository_progress", args=[ledger.repository.pk])
    quiet = owner.get(url).content.decode()
    assert "hx-get" not in quiet and "Nothing is at work" in quiet and "stored 1 of 1" in quiet
    Job.objects.create(
        kind="collect", resource=f"repository:{ledger.repository.pk}", progress_done=3, progress_total=9,
        due_at="2031-01-01T00:00Z", created_at="2031-01-01T00:00Z",
    )  # fmt: skip
    live = owner.get(url).content.decode()
    assert f'hx-get="{url}"' in live and "3/9" in live
    page = owner.get(reverse("admin:analysis_repository_change", args=[ledger.repository.pk])).content.decode()
    assert "collection-progress" in page


def test_progress_is_for_staff(client: Client) -> None:
    repository = RepositoryFactory()
    assert client.get(reverse("admin:analysis_repository_progress", args=[repository.pk])).status_code == 302


def test_repositories_and_changes_are_hidden_and_shown_with_audit(owner: Client) -> None:
    change = ChangeFactory()
    for model, row in (("repository", change.repository), ("change", change)):
        for action, hidden in (("hide_selected", True), ("show_selected", False)):
            owner.post(reverse(f"admin:analysis_{model}_changelist"), {"action": action, "_selected_action": [row.pk]})
            row.refresh_from_db()
            assert row.is_hidden is hidden
    assert AuditEntry.objects.filter(action__startswith="collection.hide").count() == 4


def test_collecting_again_from_the_list_queues_a_job(owner: Client) -> None:
    repository = RepositoryFactory()
    owner.post(
        reverse("admin:analysis_repository_changelist"),
        {"action": "collect_selected", "_selected_action": [repository.pk]},
    )
    assert Job.objects.filter(kind="collect", key=f"collect:{repository.pk}").exists()


@pytest.mark.parametrize("kind", ["human", "bot", "ai"])
def test_a_label_is_corrected_and_stays(owner: Client, kind: str) -> None:
    contributor = ContributorFactory()
    owner.post(
        reverse("admin:analysis_contributor_changelist"),
        {"action": f"label_{kind}", "_selected_action": [contributor.pk]},
    )
    found = Contributor.objects.get()
    assert (found.kind, found.label_overridden) == (kind, True)


def test_change_page_says_who_and_what_without_letting_anything_be_edited(owner: Client) -> None:
    change = ChangeFactory()
    url = reverse("admin:analysis_change_change", args=[change.pk])
    assert change.title in owner.get(url).content.decode()
    owner.post(url, {"title": "Something else"})
    assert Change.objects.get().title == change.title
    assert owner.get(reverse("admin:analysis_change_delete", args=[change.pk])).status_code == 403
