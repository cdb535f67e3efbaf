"""Which files of a tip are blamed."""

from typing import Any

from analysis.sources.git_blame import lines_by_commit

SHA = "a" * 40
TREE = b"\0".join(
    [
        b"100644 blob 1111 12\tsrc/core.py",
        b"100644 blob 2222     BAD\tsrc/lost.py",  # what git says of a blob that a partial mirror lacks
        b"120000 blob 3333 9\tlink",
        b"160000 commit 4444 -\tmodule",
        b"100644 blob 5555 9000000\tsrc/huge.py",
        b"",
    ]
)


class MadeUp:
    """Answers as git does."""

    def run(self, verb: str, *arguments: str, **how: Any) -> bytes:
        if verb == "ls-tree":
            return TREE
        assert verb == "blame" and arguments[-1] == "src/core.py", arguments
        return f"{SHA} 1 1 2\n".encode()


def test_a_file_that_the_mirror_lacks_does_not_end_the_others() -> None:
    found = list(lines_by_commit(MadeUp(), "HEAD"))  # type: ignore[arg-type]
    assert found == [(1, 1, {SHA: 2})]
