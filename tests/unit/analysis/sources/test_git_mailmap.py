"""What a mailmap says of people, and what it does not."""

import pytest

from analysis.sources.git_mailmap import LINES_LIMIT, parse_mailmap


def pairs(text: str) -> list[tuple[str, str]]:
    return [(alias.committed.email, alias.means.email) for alias in parse_mailmap(text)]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("<ada@example.org> <ada@old.example>", [("ada@old.example", "ada@example.org")]),
        ("Ada Example <ada@example.org> <ada@old.example>", [("ada@old.example", "ada@example.org")]),
        ("Ada <ada@example.org> ada-pc <ada@pc>  # her first machine", [("ada@pc", "ada@example.org")]),
        ("Ada Example <ada@example.org>", []),
        ("Ada <ada@example.org> <ADA@example.org>", []),
        ("# Ada <ada@example.org> <ada@old.example>", []),
        ("<> <ada@old.example>", []),
        ("<ada@example.org> <", []),
        ("", []),
    ],
)
def test_a_line_links_two_addresses_or_nobody(line: str, found: list[tuple[str, str]]) -> None:
    assert pairs(line) == found


def test_an_address_that_several_people_used_links_nobody() -> None:
    shared = "Ada <ada@example.org> ada <root@localhost>\nBo <bo@example.org> bo <root@localhost>\n"
    assert pairs(shared + "Bo <bo@example.org> <bo@old.example>\n") == [("bo@old.example", "bo@example.org")]


def test_an_endless_file_is_read_to_a_limit() -> None:
    text = "".join(f"<a{n}@example.org> <b{n}@example.org>\n" for n in range(LINES_LIMIT + 5))
    assert len(pairs(text)) == LINES_LIMIT
