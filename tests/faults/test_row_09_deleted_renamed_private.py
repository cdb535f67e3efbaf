"""Row 9: a pull is deleted, a repository renamed, made private or deleted. Tombstones with reasons; no row is lost."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from analysis import services
from analysis.collection.github_run import collect_github, repository_on_github
from analysis.models import Achievement, Change, GitHubRepository, Repository
from analysis.sources.github.errors import RepositoryNotFound
from jobs.models import Job
from tests.factories.achievements import AchievementChangeFactory, AchievementFactory
from tests.integration.achievements.test_decisions import publish
from tests.replica.collected import edit, pulls
from tests.replica.server import Replica

pytestmark = pytest.mark.django_db


def test_a_deleted_pull_leaves_a_tombstone_with_its_reason(replica: Replica, github_repository: Repository) -> None:
    collect_github(github_repository)
    pulls(replica).delete(30)
    ledger = collect_github(github_repository)
    gone = Change.objects.get(number=30)
    assert gone.vanished_at is not None
    assert "deleted" in gone.vanished_reason
    assert ledger.state == "complete"


def test_a_renamed_repository_keeps_its_rows(replica: Replica, github_repository: Repository) -> None:
    collect_github(github_repository)
    replica.world.rename("lighthouse/ledger", "harbour", "books")
    edit(replica, 3, title="After the move")
    collect_github(github_repository)
    assert Repository.objects.count() == 1
    assert Repository.objects.get().name == "harbour/books"
    assert Change.objects.get(number=3).title == "After the move"
    assert repository_on_github("harbour/books") == github_repository


def test_a_private_repository_is_a_tombstone_or_off_the_site(replica: Replica, github_repository: Repository) -> None:
    collect_github(github_repository, profile="core")
    repo = next(iter(replica.world.repos.values()))
    repo.private = True
    with pytest.raises(RepositoryNotFound):
        collect_github(github_repository, profile="core")
    assert "made private" in GitHubRepository.objects.get().gone_reason
    assert Change.objects.count() == 60
    replica.world.tokens["replica-token"].repos = {"lighthouse/ledger"}
    collect_github(github_repository, profile="core")
    github_repository.refresh_from_db()
    assert github_repository.is_private
    assert GitHubRepository.objects.get().gone_at is None


def test_what_was_published_of_a_deleted_pull_is_flagged_and_off_the_site(
    replica: Replica, github_repository: Repository, client: Client
) -> None:
    services.collect(source="lighthouse/ledger")
    made = AchievementFactory(title="Sort the made-up shelf")
    for number in (30, 31):
        AchievementChangeFactory(achievement=made, change=Change.objects.get(number=number))
    publish(made, User.objects.create_user("curator"))
    assert made.title in client.get("/work/").content.decode()
    pulls(replica).delete(30)
    services.collect(source="lighthouse/ledger")
    services.draft_achievements(**Job.objects.filter(kind="drafts").latest("pk").args)
    achievement = Achievement.objects.get(pk=made.pk)
    assert achievement.state == "published" and "#30" in achievement.stale_reason
    assert made.title not in client.get("/work/").content.decode()
    assert not client.get("/api/v1/achievements/").json()["results"]
