"""Speed and memory of collecting a git mirror, as ratios within one run.

    .venv/bin/python -m benchmarks.collect_git [MIRROR] [--without-growth] [--without-pydriller]

Without a mirror, repositories of squash pulls (5,000; 1,000 for PyDriller) are written for it. Three questions:

1. What does a collection (all of it: mirror, graph, diffs, commits, redaction, database) cost against the very git
   commands that it must run, run one after the other with their output thrown away? Goal: at most 2.0.
2. How much faster is it than PyDriller reading lines only? PyDriller gets an environment of its own. Goal: at least 10.
   Asked twice: over the same history (every commit that a ref leads to, pulls included, as we read it) and, in its
   favour, over the default branch alone while ours still reads and stores all of it.
3. Do time and memory grow as they should for 1x, 4x and 16x of history? Goal: linear, below 400 MB.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.measures import exponent, measure
from benchmarks.peers import interpreter

ROOT = Path(__file__).resolve().parents[1]
SUBJECT = "collecting git"

_COLLECT = """
import json, resource, sys, time
import django
django.setup()
from analysis.collection.runs import collect_git, find_repository
began = time.monotonic()
repository, located = find_repository(sys.argv[1], allow_local=True)
ledger = collect_git(repository, located)
usage = resource.getrusage(resource.RUSAGE_SELF)
children = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({
    "seconds": time.monotonic() - began, "cpu": usage.ru_utime + usage.ru_stime,
    "git_cpu": children.ru_utime + children.ru_stime, "megabytes": usage.ru_maxrss / 1024, "state": ledger.state,
    "changes": ledger.stored["changes"],
}))
"""

_PYDRILLER = """
import json, sys, time
from pydriller import Repository
began, commits, lines = time.monotonic(), 0, 0
chosen = {"only_in_branch": sys.argv[2]} if sys.argv[2] else {"include_refs": True}
for commit in Repository(sys.argv[1], **chosen).traverse_commits():
    commits += 1
    lines += commit.lines
print(json.dumps({"seconds": time.monotonic() - began, "commits": commits, "lines": lines}))
"""


def write_story(path: Path, pulls: int) -> Path:
    """A repository of squash pulls with two commits each, made of one long fast-import."""
    path.mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(path)], check=True)
    out = bytearray()
    mark, tip, now = 0, 0, 1_600_000_000

    def commit(ref: str, parent: int, files: list[tuple[str, str]], message: str) -> int:
        nonlocal mark, now
        mark, now = mark + 1, now + 600
        text = message.encode()
        out.extend(f"commit {ref}\nmark :{mark}\n".encode())
        for word in ("author", "committer"):
            out.extend(f"{word} Person {mark % 17} <person{mark % 17}@example.org> {now} +0000\n".encode())
        out.extend(b"data %d\n%s\n" % (len(text), text))
        if parent:
            out.extend(f"from :{parent}\n".encode())
        for name, content in files:
            data = content.encode()
            out.extend(b"M 100644 inline %s\ndata %d\n%s\n" % (name.encode(), len(data), data))
        return mark

    def body(number: int) -> str:
        return "".join(f"value_{line} = {(number * 7 + line) % 997}\n" for line in range(40 + number % 60))

    for number in range(1, pulls + 1):
        files = [
            (f"src/part{number % 97}/module{number % 11}.py", body(number)),
            (f"tests/test_{number % 53}.py", body(number + 1)),
        ]
        first = commit(f"refs/pull/{number}/head", tip, files[:1], f"Begin step {number}")
        commit(f"refs/pull/{number}/head", first, files[1:], f"Finish step {number}")
        tip = commit(
            "refs/heads/main",
            tip,
            files,
            f"Take step {number} (#{number})\n\n* Begin step {number}\n\n* Finish step {number}",
        )
    subprocess.run(["git", "-C", str(path), "fast-import", "--quiet"], input=bytes(out), check=True)
    return path


def collect(path: Path) -> dict[str, Any]:
    """One collection into a fresh SQLite database, in a process of its own."""
    with tempfile.TemporaryDirectory() as var:
        environment = {
            **{name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")},
            "ATTEST_VAR": var,
            "DJANGO_SETTINGS_MODULE": "config.settings.embedded",
            "PYTHONPATH": str(ROOT),
        }
        migrate = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"]
        subprocess.run(migrate, check=True, env=environment)
        run = subprocess.run(
            [sys.executable, "-c", _COLLECT, str(path)], check=True, env=environment, stdout=subprocess.PIPE, cwd=ROOT
        )
        result: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
        return result


def git_alone(path: Path) -> dict[str, float]:
    """Seconds of each git command that a collection must run, on its own, output thrown away."""
    from analysis.sources.git import GitSource
    from analysis.sources.git_diffs import FLAGS
    from analysis.sources.records import Checkpoint

    with tempfile.TemporaryDirectory() as folder:
        source = GitSource(str(path), Path(folder) / "mirrors")
        source.open()
        graph, git = source.graph, source.git
        todo = source.select(Checkpoint())
        pairs, commits = bytearray(), bytearray()
        for one in todo:
            for base, head in one.distinct(graph).values():
                pairs += (
                    f"{graph.sha(head)} {graph.sha(base)}\n".encode()
                    if base is not None
                    else f"{graph.sha(head)}\n".encode()
                )
            for commit in one.commits:
                commits += f"{graph.sha(commit)}\n".encode()
        refs = "\n".join(sorted({graph.sha(one.landing.head) for one in todo if one.landing.head is not None}))
        fields = "--format=%H %T %P%x00%ct %at%x00%an%x00%ae%x00%s%x00"
        commands = {
            "clone": (["clone", "--quiet", "--mirror", "--template=", "--", str(path), f"{folder}/again"], b""),
            "log": (["log", "--stdin", fields], refs.encode()),
            "diff-tree": (
                ["diff-tree", "--stdin", "--root", "--always", "-z", "--raw", "--numstat", "--no-abbrev", *FLAGS],
                bytes(pairs),
            ),
            "cat-file": (["cat-file", "--batch"], bytes(commits)),
        }
        spent = {}
        for name, (arguments, data) in commands.items():
            began = time.monotonic()
            subprocess.run(git.command(*arguments), input=data, stdout=subprocess.DEVNULL, check=True)
            spent[name] = time.monotonic() - began
        source.close()
        return spent


def pydriller(path: Path, branch: str) -> dict[str, Any]:
    """PyDriller over one branch, or with "" over every ref, lines only, in an environment of its own."""
    command = [str(interpreter("pydriller")), "-c", _PYDRILLER, str(path), branch]
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    result: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return result


def branch_of(path: Path) -> str:
    """The default branch by name."""
    told = subprocess.run(
        ["git", "-C", str(path), "symbolic-ref", "--short", "HEAD"], check=True, stdout=subprocess.PIPE
    )
    return told.stdout.decode().strip()


def beside_git(path: Path, rounds: int) -> dict[str, Any]:
    """Collections and the bare commands in turn, so that both meet the same load; returns the last collection."""
    ratios, whole = [], {}
    for _ in range(rounds):
        whole, alone = collect(path), git_alone(path)
        git_seconds = sum(alone.values())
        ratios.append(whole["seconds"] / git_seconds)
        print(f"{whole['changes']:,} changes, {whole['state']}: {whole['seconds']:.1f} s, {whole['megabytes']:.0f} MB; "
              f"processor {whole['cpu']:.1f} s beside git's {whole['git_cpu']:.1f} s; git commands alone: "
              f"{git_seconds:.1f} s " + str({name: round(s, 1) for name, s in alone.items()}), flush=True)  # fmt: skip
    measure(SUBJECT, "collection against its bare git commands", ratios, "x", goal=2.0)
    measure(SUBJECT, "changes a second", whole["changes"] / whole["seconds"], "", lower_is_better=False)
    print(f"ratio {statistics.median(ratios):.2f} (goal: at most 2.0)", flush=True)
    return whole


def beside_pydriller(path: Path, folder: Path) -> None:
    """The same history read by PyDriller (lines only) and collected by us (all of it)."""
    interpreter("pydriller")  # made before anything is timed
    clone = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", "--mirror", str(path), str(clone)], check=True)
    ours = collect(path)
    for name, branch, goal in (("all refs", "", 10.0), ("default branch alone", branch_of(clone), None)):
        other = pydriller(clone, branch)
        times = other["seconds"] / ours["seconds"]
        measure(SUBJECT, f"PyDriller, {name}, takes as long as ours", times, "x", goal=goal, lower_is_better=False)
        print(f"PyDriller, lines only, {name}: {other['seconds']:.1f} s for {other['commits']:,} commits, "
              f"{times:.1f} times as long as our {ours['seconds']:.1f} s (goal: at least 10)", flush=True)  # fmt: skip


def growth(folder: Path) -> float:
    """1x, 4x and 16x of history: prints seconds and megabytes, returns the highest peak."""
    sizes, found = [500 * factor for factor in (1, 4, 16)], []
    for size in sizes:
        one = collect(write_story(folder / f"story-{size}", size))
        found.append(one)
        print(f"{size:>6,} pulls {one['changes']:>6,} changes {one['seconds']:7.2f} s {one['megabytes']:5.0f} MB",
              flush=True)  # fmt: skip
        measure(SUBJECT, f"{size:,} pulls", one["seconds"], "s")
    power = exponent(sizes, [one["seconds"] for one in found])
    measure(SUBJECT, "growth with the history, exponent", power, "", goal=1.1)
    print(f"exponent {power:.2f} (1 is linear)")
    return max(float(one["megabytes"]) for one in found)


def main(arguments: list[str]) -> None:
    """Run all of it and print it."""
    named = [argument for argument in arguments if not argument.startswith("--")]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = Path(named[0]) if named else write_story(folder / "story", 5000)
        peak = float(beside_git(path, rounds=1 if named else 3)["megabytes"])
        if "--without-growth" not in arguments:
            peak = max(peak, growth(folder))
        measure(SUBJECT, "peak memory", peak, "MB", goal=400)
        if "--without-pydriller" not in arguments:
            beside_pydriller(path if named else write_story(folder / "shorter", 1000), folder)


if __name__ == "__main__":
    main(sys.argv[1:])
