"""collect, changes and facts at the command line: standard output, standard error, exit codes."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from analysis import queries, services
from analysis.models import Change, ChangeFacts, Collection, LineSurvival, Repository
from evidence.services import verify
from jobs.models import Job
from tests.gitstory import Story, every_style, git, numbered

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(tmp_path: Path, settings: Settings) -> Story:
    settings.VAR_DIR = tmp_path / "var"
    return every_style(tmp_path / "shelf")


def run(*arguments: str) -> tuple[str, str, int]:
    out, err, code = StringIO(), StringIO(), 0
    try:
        call_command(*arguments, stdout=out, stderr=err)
    except CommandError as error:
        err.write(str(error))
        code = error.returncode
    except SystemExit as error:
        code = int(error.code or 0)
    return out.getvalue(), err.getvalue(), code


def test_collect_tells_the_ledger_and_its_progress_apart(story: Story) -> None:
    out, err, code = run("collect", str(story.path))
    assert code == 0
    assert "13 of 13 changes" in out and "mirroring" in err and "mirroring" not in out


def test_collect_as_json(story: Story) -> None:
    out, _, code = run("collect", str(story.path), "--json")
    [ledger] = json.loads(out) if isinstance(json.loads(out), list) else [json.loads(out)]
    assert (code, ledger["state"], ledger["stored"]["changes"]) == (0, "complete", 13)


def test_partial_collection_exits_with_3(story: Story, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth", "2", f"file://{story.path}", "shallow")
    out, _, code = run("collect", str(tmp_path / "shallow"))
    assert code == 3 and "shallow" in out


@pytest.mark.parametrize("source", ["/nowhere/at/all", "ext::sh -c true", "--upload-pack=true", "file:///etc"])
def test_wrong_use_exits_with_2_and_one_line(settings: Settings, tmp_path: Path, source: str) -> None:
    settings.VAR_DIR = tmp_path / "var"
    for command in ("collect", "changes"):
        _, err, code = run(command, "--", source) if source.startswith("-") else run(command, source)
        assert code == 2
        assert "\n" not in err.strip()


def test_empty_repository_exits_with_1_and_the_failure_is_kept(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path / "var"
    Story(tmp_path / "nothing")
    _, err, code = run("collect", str(tmp_path / "nothing"))
    assert code == 1 and "empty repository" in err
    assert Collection.objects.get().state == "failed"


def test_background_leaves_a_job(story: Story) -> None:
    out, _, code = run("collect", str(story.path), "--background", "--json")
    job = Job.objects.get(pk=json.loads(out)["job"])
    assert (code, job.kind) == (0, "collect")
    assert run("collect", str(story.path), "--background")[0].startswith("job ")
    assert Job.objects.filter(kind="collect").count() == 1


def test_changes_are_json_lines_with_offsets(story: Story) -> None:
    out, _, code = run("changes", str(story.path), "--jsonl")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and len(rows) == 13
    one = next(row for row in rows if row["number"] == 1)
    wanted = {
        "kind", "merged", "certainty", "merge_commit", "base_sha", "head_sha", "title", "title_source", "body",
        "merged_at", "commits", "authors", "additions", "deletions", "changed_files", "proposed", "first_commit_time",
        "last_commit_time",
    }  # fmt: skip
    assert wanted <= set(one)
    assert one["merged_at"].endswith("+00:00")
    assert one["proposed"] == {"additions": 5, "deletions": 0, "changed_files": 1}
    times = [row["merged_at"] for row in rows if row["merged_at"]]
    assert times == sorted(times)


def test_changes_page_by_page_are_the_same(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run("changes", str(story.path))[0]
    monkeypatch.setattr("analysis.collection.export._PAGE", 2)
    assert run("changes", "shelf")[0] == whole


def test_facts_are_computed_once(story: Story) -> None:
    run("collect", str(story.path))
    out, _, code = run("facts", str(story.path), "--json")
    told = json.loads(out)
    assert (code, told["rows_written"], told["changes"]) == (0, 13, 10)
    assert json.loads(run("facts", "--json")[0])["rows_written"] == 0


def test_facts_of_what_was_never_collected_are_wrong_use(story: Story) -> None:
    _, err, code = run("facts", str(story.path))
    assert code == 2 and "manage.py collect" in err


def test_facts_unknown_is_never_zero(story: Story) -> None:
    run("collect", str(story.path))
    run("facts")
    open_pull = ChangeFacts.objects.get(change__number=6)
    assert "hours_to_merge" not in open_pull.values and "landed_additions" not in open_pull.values
    assert open_pull.unknown["hours_to_merge"] == "no merge time is known"
    assert open_pull.values["proposed_additions"] == 9
    seven = ChangeFacts.objects.get(change__number=7).values
    assert (seven["source_added"], seven["test_added"], seven["size_class"]) == (4, 3, "XS")
    assert seven["tests_per_source"] == 0.75


def test_every_receipt_of_every_change_verifies(story: Story) -> None:
    run("collect", str(story.path))
    run("facts", "--survival")
    count = 0
    for change in Change.objects.select_related("repository"):
        subject = queries.change_ref(change)
        figures = queries.change_figures(change)
        derived = {found.id: found for found in queries.figures_of(subject)}
        for figure in figures.values():
            assert (figure.receipt in derived) if figure.known else figure.reason
        for found in derived.values():
            assert verify(found).ok, found.text
            count += 1
    assert count > 150


def test_survival_is_counted_at_the_stated_tip(story: Story) -> None:
    run("collect", str(story.path))
    assert "rows written" in run("facts", "--survival")[0]
    tip = git(story.path, "rev-parse", "main")
    row = LineSurvival.objects.get(change__number=2)
    assert (row.alive, row.added, row.tip_sha) == (6, 6, tip)
    story.commit({"two.py": numbered(3)}, "Cut two in half")
    story.finish()
    run("collect", str(story.path))
    run("facts", "--survival")
    row.refresh_from_db()
    assert (row.alive, row.tip_sha != tip) == (3, True)
    assert services.compute_survival(repository_id=Repository.objects.get().pk) == 0


def test_reverts_and_fixes_are_found_by_word_and_by_overlap(tmp_path: Path, settings: Settings) -> None:
    settings.VAR_DIR = tmp_path / "var"
    story = Story(tmp_path / "mended")
    bad = story.commit({"engine.py": numbered(30)}, "Add the engine (#1)")
    slow = story.commit({"gear.py": numbered(12)}, "Add the gear")
    story.commit({"gear.py": numbered(13)}, "Fix the gear's teeth")
    story.finish()
    story.commit({"engine.py": None}, f'Revert "Add the engine (#1)"\n\nThis reverts commit {story.sha(bad)}.')
    story.commit({"brake.py": numbered(3)}, "Fix a regression introduced by #1")
    story.finish()
    run("collect", str(story.path))
    run("facts")
    engine = ChangeFacts.objects.get(change__number=1)
    assert (engine.values["reverted_later"], engine.values["fixed_later"]) == (1, 1)
    gear = ChangeFacts.objects.get(change__key=f"commit:{story.sha(slow)}")
    assert gear.later["fixed"][0][1].startswith("it touches most of the same source files")


def test_lists_need_no_query_for_their_figures(story: Story, django_assert_num_queries: Any) -> None:
    run("collect", str(story.path))
    rows = list(Change.objects.select_related("repository"))
    with django_assert_num_queries(0):
        figures = queries.list_figures(rows)
    assert all(found["landed_additions"].receipt for found in figures.values())
    with django_assert_num_queries(5 if rows[0].number is None else 6):
        queries.change_figures(rows[0])


def test_receipt_of_many_files_keeps_their_hash_and_loads_them_again(tmp_path: Path, settings: Settings) -> None:
    settings.VAR_DIR = tmp_path / "var"
    story = Story(tmp_path / "wide")
    story.commit({f"part{number}.py": numbered(2) for number in range(80)}, "Import the parts")
    story.finish()
    run("collect", str(story.path))
    change = Change.objects.select_related("repository").get()
    receipts = {found.id: found for found in queries.figures_of(queries.change_ref(change))}
    added = receipts[queries.change_figures(change)["source_added"].receipt]
    assert added.result["value"] == 160 and "value" not in added.document["inputs"][0]
    assert verify(added).verdict == "same"
    change.files.filter(path="part7.py").update(additions=3)
    assert verify(added).verdict == "differs"
    change.delete()
    assert verify(added).verdict == "input_missing"
