"""Small git repositories written by tests: made-up personas, fixed times, any odd object that git can hold.

story = Story(tmp_path / "repo")
first = story.commit({"app.py": "x = 1\n"}, "Begin")
work = story.commit({"app.py": "x = 2\n"}, "Change x", parents=[first], branch="work")
story.pull(1, work)
story.finish()
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

ADA = ("Ada Example", "ada@example.org")
BO = ("Bo Sample", "bo@example.org")
GITHUB = ("GitHub", "noreply@github.com")
START = 1_700_000_000
HOUR = 3600

Who = tuple[str, str]


def git(folder: Path, *arguments: str, data: bytes | None = None) -> str:
    """Run git as a developer would, without anybody's settings."""
    environment = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "LC_ALL": "C.UTF-8"}
    result = subprocess.run(["git", "-C", str(folder), *arguments], input=data, capture_output=True, env=environment)
    assert result.returncode == 0, result.stderr.decode("utf-8", "replace")
    return result.stdout.decode("utf-8", "replace").strip()


class Story:
    """A bare repository that grows commit by commit; each commit is an hour after the one before."""

    def __init__(self, path: Path, default: str = "main") -> None:
        self.path = path
        path.mkdir(parents=True)
        git(path, "init", "--quiet", "--bare", f"--initial-branch={default}")
        self.default = default
        self._stream: list[bytes] = []
        self._marks = 0
        self._shas: dict[int, str] = {}
        self.time = START

    def commit(
        self,
        files: dict[str, str | bytes | None],
        message: str | bytes,
        *,
        parents: Sequence[int] | None = None,
        branch: str | None = None,
        author: Who = ADA,
        committer: Who | None = None,
        authored: int | None = None,
        committed: int | None = None,
        zone: str = "+0200",
    ) -> int:
        """Add a commit and return its mark. Files map paths to contents; None deletes. Parents default to the tip."""
        self.time += HOUR
        self._marks += 1
        branch = branch or self.default
        when = committed if committed is not None else self.time
        lines = [f"commit refs/heads/{branch}\n".encode(), f"mark :{self._marks}\n".encode()]
        lines.append(_person(b"author", author, authored if authored is not None else when, zone))
        lines.append(_person(b"committer", committer or author, when, zone))
        lines.append(_data(message))
        tips = getattr(self, "_tips", {})
        first = list(parents) if parents is not None else [tips[branch]] if branch in tips else []
        if first:
            lines.append(f"from :{first[0]}\n".encode())
            lines += [f"merge :{mark}\n".encode() for mark in first[1:]]
        for path, content in files.items():
            quoted = _quoted(path)
            if content is None:
                lines.append(b"D " + quoted + b"\n")
            else:
                lines.append(b"M 100644 inline " + quoted + b"\n" + _data(content))
        self._stream += [*lines, b"\n"]
        self._tips = {**tips, branch: self._marks}
        return self._marks

    def merge(self, first: int, second: int, message: str, files: dict[str, str | bytes | None], **how: object) -> int:
        """A merge commit on the default branch; `files` are what it changes against its first parent."""
        return self.commit(files, message, parents=[first, second], **how)  # type: ignore[arg-type]

    def pull(self, number: int, mark: int) -> None:
        """The head of a pull request, as GitHub keeps it."""
        self._stream.append(f"reset refs/pull/{number}/head\nfrom :{mark}\n\n".encode())

    def ref(self, name: str, mark: int) -> None:
        """Any ref."""
        self._stream.append(f"reset {name}\nfrom :{mark}\n\n".encode())

    def finish(self) -> Story:
        """Write what was told so far; may be called again after more of it."""
        marks = self.path / "marks"
        known = [f"--import-marks={marks}"] if marks.exists() else []
        data = b"".join(self._stream)
        git(
            self.path,
            "fast-import",
            "--quiet",
            "--force",
            "--date-format=raw-permissive",
            *known,
            f"--export-marks={marks}",
            data=data,
        )
        self._stream = []
        rows = (line.split() for line in marks.read_text().splitlines())
        self._shas = {int(mark[1:]): sha for mark, sha in rows}
        return self

    def sha(self, mark: int) -> str:
        """The SHA of a commit, after `finish`."""
        return self._shas[mark]


def _person(word: bytes, who: Who, seconds: int, zone: str) -> bytes:
    return b"%s %s <%s> %d %s\n" % (word, who[0].encode(), who[1].encode(), seconds, zone.encode())


def _data(content: str | bytes) -> bytes:
    raw = content.encode() if isinstance(content, str) else content
    return b"data %d\n%s\n" % (len(raw), raw)


def _quoted(path: str) -> bytes:
    raw = path.encode("utf-8", "surrogateescape")
    return b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'


def numbered(count: int, start: int = 0) -> str:
    """A text of numbered lines."""
    return "".join(f"line {number}\n" for number in range(start, start + count))


def every_style(path: Path) -> Story:
    """A repository with one pull of each way to land, and what is easily taken for one.

    1 merge; 2 squash; 3 rebase; 4 ancestor (inside pull 5); 5 merge around it; 6 unlanded; 7 squash under another
    subject; 8 only mentioned by a commit; 9 squash whose suffix comes twice (backport); two direct commits.
    """
    story = Story(path)
    root = story.commit({"app.py": numbered(20), "README.md": "Attest example\n"}, "Begin")
    one = story.commit({"one.py": numbered(5)}, "Add one", parents=[root], branch="one", author=BO)
    tip = story.merge(
        root, one, "Merge pull request #1 from bo/one\n\nAdd the first part\n\nIt was missing.", {"one.py": numbered(5)}
    )
    two_a = story.commit({"two.py": numbered(3)}, "Add two", parents=[tip], branch="two")
    two_b = story.commit({"two.py": numbered(6)}, "Extend two", parents=[two_a], branch="two", author=BO)
    tip = story.commit(
        {"two.py": numbered(6)},
        "Add the second part (#2)\n\n* Add two\n\n* Extend two\n\nCo-authored-by: Bo Sample <bo@example.org>",
        parents=[tip],
        committer=GITHUB,
    )
    three_time = story.time
    three_a = story.commit(
        {"three.py": numbered(2)}, "Start three", parents=[root], branch="three", authored=three_time
    )
    three_b = story.commit(
        {"three.py": numbered(4)}, "Finish three", parents=[three_a], branch="three", authored=three_time + 9
    )
    tip = story.commit({"three.py": numbered(2)}, "Start three", parents=[tip], authored=three_time, committer=GITHUB)
    tip = story.commit(
        {"three.py": numbered(4)}, "Finish three", parents=[tip], authored=three_time + 9, committer=GITHUB
    )
    four = story.commit({"four.py": numbered(7)}, "Add four", parents=[tip], branch="four")
    five = story.commit({"five.py": numbered(8)}, "Add five", parents=[four], branch="five")
    tip = story.merge(
        tip,
        five,
        "Merge pull request #5 from ada/five\n\nAdd four and five",
        {"four.py": numbered(7), "five.py": numbered(8)},
    )
    six = story.commit({"six.py": numbered(9)}, "Try six", parents=[root], branch="six", author=BO)
    seven = story.commit(
        {"seven.py": numbered(4), "tests/test_seven.py": numbered(3)},
        "Seven in the making",
        parents=[tip],
        branch="seven",
    )
    tip = story.commit(
        {"seven.py": numbered(4), "tests/test_seven.py": numbered(3)}, "Ship number seven", parents=[tip]
    )
    eight = story.commit({"eight.py": numbered(4)}, "Eight alone", parents=[tip], branch="eight", author=BO)
    tip = story.commit({"other.py": numbered(2)}, "Answer what was asked (#8)", parents=[tip])
    nine = story.commit({"nine.py": numbered(4)}, "Add nine to the family", parents=[tip], branch="nine")
    tip = story.commit({"nine.py": numbered(4)}, "Add nine (#9)", parents=[tip])
    tip = story.commit({"nine_again.py": numbered(4)}, "Add nine again (#9)", parents=[tip])
    story.commit({"app.py": numbered(21)}, "Mend the last line", parents=[tip])
    for number, head in {1: one, 2: two_b, 3: three_b, 4: four, 5: five, 6: six, 7: seven, 8: eight, 9: nine}.items():
        story.pull(number, head)
    story.marks = {"root": root, "one": one, "eight": eight}  # type: ignore[attr-defined]
    return story.finish()
