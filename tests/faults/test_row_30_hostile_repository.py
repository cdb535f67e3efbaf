"""Row 30: a hostile repository runs nothing and writes nothing outside its mirror; damage is reported."""

from pathlib import Path

import pytest
from pytest_django import Settings

from analysis.collection.runs import collect_git, find_repository
from analysis.models import Change, ChangedFile
from tests.gitstory import Story, git

pytestmark = pytest.mark.django_db


@pytest.fixture
def zoo(tmp_path: Path, settings: Settings) -> Story:
    """Hooks, config with commands, submodules to local files, LFS pointers, symlinks, names that clash or climb."""
    settings.VAR_DIR = tmp_path / "var"
    story = Story(tmp_path / "zoo")
    canary = tmp_path / "canary"
    story.commit({"plain.py": "x = 1\n"}, "Begin")
    story.commit(
        {
            ".gitmodules": f'[submodule "a"]\n\tpath = a\n\turl = file://{tmp_path}/zoo\n'
            f'[submodule "-x"]\n\turl = ext::touch {canary}\n',
            ".gitattributes": "* filter=lfs diff=evil merge=evil\n*.py diff=evil\n",
            "big.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9999999999\n",
            "Readme": "one\n",
            "README": "two\n",
            "readme": "three\n",
            "con": "x\n",
            "--output=canary": "x\n",
            "a b/;touch canary;.py": "x\n",
        },
        "Bring the zoo",
    )
    story.finish()
    for hook in (
        "post-checkout",
        "pre-receive",
        "update",
        "post-update",
        "reference-transaction",
        "fsmonitor-watchman",
    ):
        file = story.path / "hooks" / hook
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\ntouch {canary}\n")
        file.chmod(0o755)
    config = story.path / "config"
    config.write_text(
        config.read_text()
        + f"[core]\n\tfsmonitor = touch {canary}\n\tsshCommand = touch {canary}\n\thooksPath = {story.path}/hooks\n"
        + f'[diff "evil"]\n\ttextconv = touch {canary};cat\n\tcommand = touch {canary}\n'
        + f'[filter "lfs"]\n\tsmudge = touch {canary}\n\tprocess = touch {canary}\n'
        + f"[uploadpack]\n\tpackObjectsHook = touch {canary};\n[alias]\n\tlog = !touch {canary}\n"
        + f'[credential]\n\thelper = "!touch {canary}"\n[url "ext::touch {canary} "]\n\tinsteadOf = /\n'
    )
    return story


def collect(story: Story) -> object:
    repository, located = find_repository(str(story.path), allow_local=True)
    return collect_git(repository, located)


def test_row_30_nothing_of_a_hostile_repository_is_run(zoo: Story, tmp_path: Path) -> None:
    for _ in range(2):  # clone, then fetch
        collect(zoo)
    assert not list(tmp_path.rglob("canary"))
    assert Change.objects.count() == 2
    names = set(ChangedFile.objects.values_list("path", flat=True))
    assert {"Readme", "README", "readme", "--output=canary", "a b/;touch canary;.py"} <= names


def test_row_30_mirror_has_no_work_tree_no_hooks_and_a_clean_config(zoo: Story, tmp_path: Path) -> None:
    collect(zoo)
    [mirror] = (tmp_path / "var" / "mirrors").glob("*.git")
    assert not list(mirror.glob("hooks/*")) and not (mirror / ".gitmodules").exists()
    assert git(mirror, "config", "--get", "core.bare") == "true"
    assert "evil" not in (mirror / "config").read_text() and "insteadOf" not in (mirror / "config").read_text()


def test_row_30_symlinks_and_submodules_are_only_named(tmp_path: Path, settings: Settings) -> None:
    settings.VAR_DIR = tmp_path / "var"
    story = Story(tmp_path / "links")
    first = story.commit({"a": "1\n"}, "Begin")
    story.finish()
    tree = "120000 blob {link}\tetc\n160000 commit {sub}\tsub\n"
    link = git(story.path, "hash-object", "-w", "--stdin", data=b"/etc/passwd")
    made = git(story.path, "mktree", "--missing", data=tree.format(link=link, sub=story.sha(first)).encode())
    commit = git(
        story.path, "-c", "user.name=Ada Example", "-c", "user.email=ada@example.org", "commit-tree", made,
        "-p", story.sha(first), "-m", "Link away",
    )  # fmt: skip
    git(story.path, "update-ref", "refs/heads/main", commit)
    collect(story)
    files = dict(ChangedFile.objects.filter(change__title="Link away").values_list("path", "additions"))
    assert files == {"a": 0, "etc": 1, "sub": 1}


def test_row_30_damaged_objects_make_the_ledger_partial(tmp_path: Path, settings: Settings) -> None:
    settings.VAR_DIR = tmp_path / "var"
    story = Story(tmp_path / "damaged")
    story.commit({"a.py": "1\n"}, "Begin")
    story.commit({"b.py": "2\n"}, "Go on")
    story.finish()
    for pack in (story.path / "objects" / "pack").glob("*.pack"):
        data = pack.read_bytes()
        for other in (story.path / "objects" / "pack").iterdir():
            other.unlink()
        git(story.path, "unpack-objects", "-q", data=data)
    blob = git(story.path, "rev-parse", "main:b.py")
    file = story.path / "objects" / blob[:2] / blob[2:]
    file.chmod(0o644)
    file.write_bytes(b"no object")
    ledger = collect(story)
    assert ledger.state == "partial" and "lack a part" in ledger.reason  # type: ignore[attr-defined]
    assert Change.objects.get(title="Begin").landed_additions == 1
    assert Change.objects.get(title="Go on").landed_additions is None
