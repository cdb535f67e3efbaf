"""git and GitHub about the same repository: each is believed in what it knows, and the change says whom it believed."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pytest_django import Settings

from analysis import services
from analysis.collection.github_run import repository_on_github
from analysis.models import Change, Collection, Contributor, Repository
from analysis.services import Postponed
from jobs.models import Job
from tests.gitstory import BO, GITHUB, Story
from tests.replica.faults import Fault
from tests.replica.from_git import git_repo
from tests.replica.server import Replica
from tests.replica.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """Two pulls: one merged, one squashed; and a direct commit."""
    story = Story(tmp_path / "ledger.git")
    first = story.commit({"a.py": "x = 1\n"}, "Begin")
    work = story.commit({"a.py": "x = 1\ny = 2\n"}, "Add y", parents=[first], branch="work", author=BO)
    story.pull(1, work)
    merged = story.commit(
        {"a.py": "x = 1\ny = 2\n"}, "Merge pull request #1 from bo/work\n\nAdd y in git's words",
        parents=[first, work], committer=GITHUB,
    )  # fmt: skip
    more = story.commit({"b.py": "z = 3\n"}, "Add z", parents=[merged], branch="more", author=BO)
    story.pull(2, more)
    story.commit({"b.py": "z = 3\n"}, "Add z (#2)", parents=[merged], committer=GITHUB)
    story.finish()
    return story.path


@pytest.fixture
def both(story: Path, settings: Settings) -> Iterator[Replica]:
    world = World()
    repo = git_repo(world, story, "harbour/ledger")
    pull = repo.pulls.get(1)
    assert pull is not None
    pull |= {"title": "Add y in GitHub's words", "body": "Edited after the merge."}
    with Replica(world) as running:
        settings.GITHUB_TOKENS = ["replica-token"]
        settings.GITHUB_API_URL = running.url
        settings.ATTEST_OUTSIDE_ALLOW = [urlsplit(running.url).netloc]
        yield running


@pytest.fixture
def repository(both: Replica, story: Path) -> Repository:
    row = repository_on_github("harbour/ledger")
    row.url = str(story)
    row.save()
    return row


def test_each_source_is_believed_in_what_it_knows(both: Replica, repository: Repository) -> None:
    ledgers = services.collect(source=repository.key)
    assert [(ledger.source, ledger.state) for ledger in ledgers] == [("git", "complete"), ("github", "complete")]
    change = Change.objects.get(number=1)
    assert change.title == "Add y in GitHub's words"
    assert (change.kind, change.landed_additions, change.merged) == ("merge", 1, True)
    assert change.said_by["title"] == change.said_by["opened_at"] == "github"
    assert change.said_by["kind"] == change.said_by["landed_additions"] == "git"
    assert Change.objects.get(number=2).kind == "squash"
    assert {p.source for p in change.provenances.all()} == {"git", "github"}
    assert Collection.objects.count() == 2
    # In the other order the same is stored, and a second run writes nothing.
    assert [ledger.written for ledger in services.collect(source=repository.key)] == [0, 0]


def test_an_address_and_an_account_of_the_same_commits_are_one_person(both: Replica, repository: Repository) -> None:
    services.collect(source=repository.key, profile="full")
    account = Contributor.objects.get(github_id=both.world.users["bo-sample"]["databaseId"])
    assert [row.identity.split(":")[0] for row in account.aliases.all()] == ["email"]


def test_a_limit_puts_the_job_off_and_keeps_what_git_gave(both: Replica, repository: Repository) -> None:
    both.script.add(Fault("retry_after", lambda c: c.operation == "PullsCore", status=403, seconds=90))
    with pytest.raises(Postponed) as caught:
        services.run_collection(repository_id=repository.pk)
    assert caught.value.until is not None
    assert Change.objects.filter(number__isnull=False).count() == 2
    assert Job.objects.filter(kind="facts").exists()
