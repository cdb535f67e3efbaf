"""The queries: one .graphql file each, put together with the fragments that they use."""

import re
from functools import cache
from pathlib import Path

from analysis.sources.github.cost import points

FOLDER = Path(__file__).parent / "queries"
PROFILES = ("core", "full")
EXPECTED_SIZE = 49


@cache
def document(name: str) -> str:
    """The text that is sent: the file's query and the fragments that it reaches, no others."""
    text = (FOLDER / f"{name}.graphql").read_text(encoding="utf-8")
    known = _fragments()
    wanted: list[str] = []
    queue = _spreads(text)
    while queue:
        one = queue.pop(0)
        if one not in wanted:
            wanted.append(one)
            queue += _spreads(known[one])
    return "\n".join([text, *(known[n] for n in wanted)])


def names() -> list[str]:
    """Every query file."""
    return sorted(p.stem for p in FOLDER.glob("*.graphql") if p.stem != "fragments")


def price_of_run(profile: str, pulls: int) -> tuple[int, int]:
    """(points, requests) that a first collection of so many pulls costs when no page must be halved."""
    pages = max(1, -(-pulls // EXPECTED_SIZE))
    page = points(document(f"pulls_{profile}"), {"first": EXPECTED_SIZE})
    return pages * page + 2, pages + 2


def _spreads(text: str) -> list[str]:
    return re.findall(r"\.\.\.(\w+)", text)


@cache
def _fragments() -> dict[str, str]:
    text = (FOLDER / "fragments.graphql").read_text(encoding="utf-8")
    pieces = re.split(r"(?m)^(?=fragment )", text)
    return {p.split()[1]: p.strip() for p in pieces if p.startswith("fragment ")}
