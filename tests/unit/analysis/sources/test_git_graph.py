"""The graph's answers are git's own, on random histories."""

import random
import subprocess
from pathlib import Path

import pytest

from analysis.sources.git_graph import load
from analysis.sources.git_process import Git
from tests.gitstory import Story, git


def random_story(path: Path, seed: int) -> Story:
    """Sixty commits on five branches with merges both ways."""
    dice = random.Random(seed)
    story = Story(path)
    tips = {"main": story.commit({"f0": "0"}, "root")}
    for number in range(1, 60):
        branch = dice.choice(["main", "a", "b", "c", "d"])
        start = tips.get(branch, dice.choice(list(tips.values())))
        parents = [start]
        if dice.random() < 0.3:
            other = dice.choice(list(tips.values()))
            parents += [other] if other != start else []
        tips[branch] = story.commit({f"f{number}": str(number)}, f"c{number}", parents=parents, branch=branch)
    story.finish()
    return story


@pytest.mark.parametrize("seed", range(4))
def test_ranges_and_merge_bases_are_those_of_git(tmp_path: Path, seed: int) -> None:
    story = random_story(tmp_path / "repo", seed)
    refs = git(story.path, "for-each-ref", "--format=%(objectname)").split()
    graph = load(Git(home=tmp_path, git_dir=story.path), refs)
    tip = graph.find(git(story.path, "rev-parse", "main"))
    assert tip is not None
    graph.settle(tip)
    assert len(graph.chain) == int(git(story.path, "rev-list", "--count", "--first-parent", "main"))
    dice = random.Random(seed)
    for _ in range(15):
        head, base = dice.randrange(len(graph.shas)), dice.randrange(len(graph.shas))
        own, merge_base = graph.since(head, base)
        names = (graph.sha(base), graph.sha(head))
        assert {graph.sha(one) for one in own} == set(git(story.path, "rev-list", f"{names[0]}..{names[1]}").split())
        bases = git(story.path, "merge-base", "--all", *names).split()
        assert (graph.sha(merge_base) if merge_base is not None else None) in bases
        exit_code = subprocess.run(["git", "-C", str(story.path), "merge-base", "--is-ancestor", *names]).returncode
        assert graph.is_ancestor(base, head) == (exit_code == 0)


def test_graph_lists_each_commit_once_and_finds_it(tmp_path: Path) -> None:
    story = random_story(tmp_path / "repo", 9)
    graph = load(
        Git(home=tmp_path, git_dir=story.path), git(story.path, "for-each-ref", "--format=%(objectname)").split()
    )
    assert len(graph.shas) == len(set(graph.shas)) == 60
    assert graph.find("0" * 40) is None and graph.find(None) is None
