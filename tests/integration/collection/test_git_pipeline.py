"""A git repository into the database through the pipeline: rows, ledger, resuming, people, secrets."""

from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum
from pytest_django import DjangoAssertNumQueries, Settings

from analysis.collection import pipeline
from analysis.collection.runs import collect_git, find_repository
from analysis.models import (
    Change,
    ChangeContributor,
    ChangedFile,
    ChangeLink,
    ChangeText,
    Collection,
    Commit,
    Contributor,
    Provenance,
    Repository,
)
from analysis.sources.records import ChangeRecord, Checkpoint, Item, SourceDescription, SourceError, Unreadable
from evidence.models import AuditEntry
from evidence.tablehash import table_hash
from tests.gitstory import Story, every_style, git, numbered

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(tmp_path: Path, settings: Settings) -> Story:
    settings.VAR_DIR = tmp_path / "var"
    return every_style(tmp_path / "shelf")


def collect(story: Story) -> Collection:
    repository, located = find_repository(str(story.path), allow_local=True)
    return collect_git(repository, located)


def test_a_collection_is_complete_with_its_ledger(story: Story) -> None:
    ledger = collect(story)
    assert (ledger.state, ledger.reason, ledger.incomplete) == ("complete", "", [])
    assert ledger.held == {"pulls": 9, "direct": 4, "changes": 13}
    assert ledger.stored == ledger.held
    repository = ledger.repository
    repository.refresh_from_db()
    assert (repository.key, repository.default_branch) == ("shelf", "main")
    assert repository.tip_sha == git(story.path, "rev-parse", "main")


def test_rows_hold_what_the_records_said(story: Story) -> None:
    collect(story)
    squash = Change.objects.get(number=2)
    assert (squash.kind, squash.title, squash.landed_additions, squash.commit_count) == (
        "squash",
        "Add the second part",
        6,
        2,
    )
    assert squash.sorted_at == squash.merged_at == squash.landed_at
    assert (squash.language, squash.size_class) == ("Python", "XS")
    assert squash.said_by["title"] == "git"
    assert squash.commit_rows.count() == 2
    assert [file.path for file in squash.files.all()] == ["two.py"]
    unlanded = Change.objects.get(number=6)
    assert (unlanded.landed_at, unlanded.landed_additions, unlanded.proposed_additions) == (None, None, 9)
    assert unlanded.proposed_lines == {"source": [9, 0, 1]}
    assert [file.path for file in unlanded.files.all()] == ["six.py"]


def test_second_run_writes_nothing(story: Story) -> None:
    collect(story)
    before = table_hash()
    ledger = collect(story)
    assert ledger.written == 0
    assert table_hash() == before


def test_only_what_is_new_is_written(story: Story) -> None:
    collect(story)
    known = dict(Provenance.objects.values_list("change__key", "pk"))
    story.commit({"late.py": "x\n"}, "Come late")
    story.finish()
    ledger = collect(story)
    assert ledger.stored["changes"] == 14
    assert ledger.written < 10
    assert known.items() <= dict(Provenance.objects.values_list("change__key", "pk")).items()


def test_people_are_pseudonyms_and_no_address_is_stored(story: Story) -> None:
    collect(story)
    people = Contributor.objects.filter(kind="human")
    assert people.exists()
    for name, identity in people.values_list("display_name", "identity"):
        assert name.startswith("contributor-") and "example" not in identity
    stored = " ".join(ChangeText.objects.values_list("text", flat=True))
    assert "@example.org" not in stored and "Bo Sample" not in stored
    assert "Co-authored-by: [redacted:person]" in stored
    roles = set(ChangeContributor.objects.filter(change__number=2).values_list("role", flat=True))
    assert roles == {"author"}  # a co-author who wrote a commit of it is an author


def test_assistants_keep_their_names_and_their_label(tmp_path: Path, settings: Settings) -> None:
    settings.VAR_DIR = tmp_path / "var"
    story = Story(tmp_path / "repo-with-help")
    story.commit({"a": "1"}, "Begin\n\nCo-Authored-By: Claude <noreply@anthropic.com>")
    story.commit({"a": "2"}, "Raise", author=("renovate[bot]", "29139614+renovate[bot]@users.noreply.github.com"))
    story.finish()
    collect(story)
    labels = set(Contributor.objects.exclude(kind="human").values_list("display_name", "kind"))
    assert labels == {("Claude", "ai"), ("renovate[bot]", "bot")}
    assert not Contributor.objects.exclude(kind="human").filter(kind_reason="").exists()


def test_secrets_are_gone_before_anything_is_stored(tmp_path: Path, settings: Settings) -> None:
    settings.VAR_DIR = tmp_path / "var"
    secret = "ghp_" + "aB3dE5" * 6
    story = Story(tmp_path / "leaky")
    story.commit({"a": "1"}, f"Use {secret} to log in\n\nAsk carol@example.org for token={secret}")
    story.finish()
    collect(story)
    change = Change.objects.get()
    texts = " ".join([change.title, change.body or "", *ChangeText.objects.values_list("text", flat=True)])
    assert secret not in texts and "carol@" not in texts
    assert "[redacted:" in change.title
    assert ChangeText.objects.aggregate(Sum("redactions"))["redactions__sum"] >= 2


def test_vanished_changes_are_marked_and_come_back(story: Story) -> None:
    collect(story)
    head = git(story.path, "rev-parse", "refs/pull/6/head")
    git(story.path, "update-ref", "-d", "refs/pull/6/head")
    ledger = collect(story)
    assert ledger.state == "complete"
    change = Change.objects.get(number=6)
    assert change.vanished_at is not None and "not in the repository any more" in change.vanished_reason
    assert AuditEntry.objects.get(action="collection.vanished").changes == {"changes": [None, 1]}
    assert collect(story).written == 0
    git(story.path, "update-ref", "refs/pull/6/head", head)
    collect(story)
    change.refresh_from_db()
    assert change.vanished_at is None


def test_edited_texts_become_versions(story: Story) -> None:
    collect(story)
    old = ChangeText.objects.get(change__number=6, kind="title")
    again = story.commit({"six.py": numbered(3)}, "Try six another way", branch="six", parents=[1])
    story.pull(6, again)
    story.finish()
    collect(story)
    versions = ChangeText.objects.filter(change__number=6, kind="title").order_by("version")
    assert [(row.text, row.version, row.is_current) for row in versions] == [
        ("Try six", 1, False),
        ("Try six another way", 2, True),
    ]
    assert versions[0].pk == old.pk
    assert not ChangeText.objects.filter(change__number=6, kind="commit", text="Try six", is_current=True).exists()


def test_lines_count_once(story: Story) -> None:
    collect(story)
    assert not Change.objects.get(number=4).is_credited
    assert Change.objects.get(number=5).is_credited
    assert ChangeLink.objects.filter(change__number=5, kind="contains", key="pull:4").exists()


def test_same_diff_landed_twice_counts_once(tmp_path: Path, settings: Settings) -> None:
    settings.VAR_DIR = tmp_path / "var"
    story = Story(tmp_path / "twice")
    root = story.commit({"a": "1\n"}, "Begin")
    story.commit({"b": "1\n"}, "Add b")
    story.commit({"b": None}, "Take b away")
    last = story.commit({"b": "1\n"}, "Add b once more")
    story.finish()
    collect(story)
    second = Change.objects.get(merge_commit=story.sha(last))
    assert second.same_as is not None and second.same_as.title == "Add b"
    assert not second.is_credited
    git(story.path, "update-ref", "refs/heads/main", story.sha(root))
    collect(story)
    second.refresh_from_db()
    assert second.same_as is None


@pytest.mark.parametrize("stop", [1, 3, 5])
def test_stopped_run_goes_on_where_it_was(
    story: Story, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    """Each batch is stored with its checkpoint, or not at all; the next run ends in the state of a faultless one."""
    monkeypatch.setattr(pipeline, "BATCH_CHANGES", 3)
    repository, located = find_repository(str(story.path), allow_local=True)
    calls = 0

    def guard() -> None:
        nonlocal calls
        calls += 1
        if calls == stop:
            raise RuntimeError("the worker is gone")

    with pytest.raises(RuntimeError):
        collect_git(repository, located, None, guard)
    assert Change.objects.count() == Provenance.objects.count() == 3 * (stop - 1)
    failed = Collection.objects.get()
    assert (failed.state, "the worker is gone" in failed.reason) == ("failed", True)
    collect(story)
    interrupted = table_hash()
    Repository.objects.all().delete()
    Contributor.objects.all().delete()
    collect(story)
    assert table_hash() == interrupted


def test_run_that_was_killed_is_closed_by_the_next(story: Story) -> None:
    repository, _ = find_repository(str(story.path), allow_local=True)
    left = Collection.objects.create(repository=repository, source="git")
    collect(story)
    left.refresh_from_db()
    assert (left.state, left.finished_at is not None) == ("failed", True)


def test_busy_repository_is_refused(story: Story) -> None:
    from analysis.collection.runs import _alone

    repository, located = find_repository(str(story.path), allow_local=True)
    with _alone(repository), pytest.raises(SourceError, match="being collected already") as caught:
        collect_git(repository, located)
    assert caught.value.retry


class Scripted:
    """A source that yields what it is told."""

    name = "git"
    version = "scripted/1"

    def __init__(self, items: list[Item], held: int | None = None, limits: tuple[str, ...] = ()) -> None:
        self.items, self.held, self.limits = items, held, limits

    def open(self) -> None:
        """Nothing to reach."""

    def close(self) -> None:
        """Nothing to release."""

    def cursor(self) -> str:
        return "end"

    def describe(self) -> SourceDescription:
        held = {"changes": self.held if self.held is not None else len(self.items)}
        return SourceDescription("git", "nowhere", "main", "0" * 40, held, self.limits)

    def iter_changes(self, since: Checkpoint) -> Any:
        yield from self.items


def record(number: int = 1, **changes: Any) -> ChangeRecord:
    values: dict[str, Any] = {
        "source": "git",
        "source_version": "scripted/1",
        "fingerprint": f"f{number}",
        "number": number,
        "kind": "unlanded_or_unknown",
        "merged": None,
        "certainty": "unknown",
        "certainty_reason": "a script says so",
        "title": f"Change {number}",
        "title_source": "script",
    }
    return ChangeRecord(**{**values, **changes})


@pytest.fixture
def repository() -> Repository:
    return Repository.objects.create(key="scripted", name="scripted")


def test_short_is_partial_with_its_reason(repository: Repository) -> None:
    ledger = pipeline.collect(repository, Scripted([record()], held=3))
    assert (ledger.state, ledger.reason) == ("partial", "2 of 3 changes are not stored")


def test_unreadable_and_invalid_records_go_to_the_ledger(repository: Repository) -> None:
    items: list[Item] = [record(), Unreadable("pull:2", "a commit is missing"), record(3, certainty="sure")]
    ledger = pipeline.collect(repository, Scripted(items))
    assert ledger.state == "partial"
    assert {entry["item"] for entry in ledger.incomplete} == {"pull:2", "pull:3"}
    assert "2 changes could not be read" in ledger.reason


def test_incomplete_parts_keep_later_ledgers_partial(repository: Repository) -> None:
    pipeline.collect(repository, Scripted([record(incomplete=("landed diff: cut",))]))
    ledger = pipeline.collect(repository, Scripted([], held=1))
    assert ledger.incomplete == [{"item": "pull:1", "reason": "landed diff: cut"}]
    assert ledger.reason == "1 changes lack a part"


def test_failing_source_keeps_what_it_gave(repository: Repository) -> None:
    class Failing(Scripted):
        def iter_changes(self, since: Checkpoint) -> Any:
            yield from self.items
            raise SourceError("the source is away", code="away", retry=True)

    with pytest.raises(SourceError, match="away"):
        pipeline.collect(repository, Failing([record(1), record(2)]))
    assert Change.objects.count() == 2
    ledger = Collection.objects.get()
    assert (ledger.state, ledger.reason, ledger.checkpoint) == ("failed", "the source is away", {"cursor": "end"})


@pytest.mark.parametrize("size", [5, 50])
def test_queries_do_not_grow_with_the_batch(
    repository: Repository, django_assert_max_num_queries: DjangoAssertNumQueries, size: int
) -> None:
    source = Scripted([record(number) for number in range(1, size + 1)])
    with django_assert_max_num_queries(60):
        pipeline.collect(repository, source)
    assert Change.objects.count() == size
    assert ChangedFile.objects.count() == Commit.objects.count() == 0
