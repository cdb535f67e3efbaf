"""The documentation is whole: every page is listed, every link leads somewhere, every command is one that exists."""

import argparse
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class
from django.test import Client

from config import reference
from portfolio.publishing import manual, search

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "content" / "README.md"])
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
CALL = re.compile(r"(?:python |^|`|\$ )(?:-m )?manage\.py ([a-z_]+)([^`\n#|>]*)", re.M)
TARGET = re.compile(r"`make ([a-z-]+)|^make ([a-z-]+)", re.M)


def anchor(heading: str) -> str:
    """The anchor of a heading, as GitHub and the site make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def whole_help(parser: argparse.ArgumentParser) -> str:
    """The help of a command and of its parts."""
    parts = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return parser.format_help() + "".join(whole_help(part) for action in parts for part in action.choices.values())


def test_generated_pages_say_what_the_code_says() -> None:
    stale = [str(path) for path, text in reference.pages().items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run `make reference`"


def test_index_lists_every_page() -> None:
    listed = {(DOCS / target).resolve() for target in LINK.findall((DOCS / "README.md").read_text())}
    unlisted = [
        path.relative_to(DOCS).as_posix()
        for path in DOCS.rglob("*.md")
        if path.resolve() not in listed and path.name != "README.md" and path.parent.name != "benchmarks"
    ]
    assert unlisted == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    broken = []
    for target in LINK.findall(text):
        if target.startswith(("http://", "https://", "/", "mailto:")):
            continue
        file, _, fragment = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        if not found.exists():
            broken.append(target)
        elif fragment and found.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), re.M)
            if fragment not in map(anchor, headings):
                broken.append(target)
    assert broken == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_commands_exist_and_take_what_is_written(path: Path) -> None:
    known, wrong = get_commands(), []
    for name, rest in CALL.findall(path.read_text(encoding="utf-8")):
        if name not in known:
            wrong.append(name)
            continue
        words = [word for word in rest.split() if word.startswith("--")]
        text = whole_help(load_command_class(str(known[name]), name).create_parser("manage.py", name))
        wrong += [f"{name} {word}" for word in words if word.split("=")[0].strip("[].,)") not in text]
    assert wrong == []


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = {
        name for path in PAGES for pair in TARGET.findall(path.read_text(encoding="utf-8")) for name in pair if name
    }
    assert named <= targets


@pytest.mark.django_db
def test_every_page_is_served_and_its_links_work(client: Client) -> None:
    response = client.get("/docs/")
    assert response.status_code == 200
    for name in manual.names():
        page = client.get(f"/docs/{name}/")
        assert page.status_code == 200, name
        for target in re.findall(r'href="(/docs/[^"#]*)', page.content.decode()):
            assert client.get(target).status_code == 200, f"{name} -> {target}"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["absent", "../README", "README", "adr/../api", "adr/0001-relational-truth.md"])
def test_page_that_is_not_there_is_not_found(client: Client, name: str) -> None:
    assert client.get(f"/docs/{name}/").status_code == 404


@pytest.mark.django_db
def test_documentation_is_found_by_the_search(client: Client, django_assert_num_queries: Any) -> None:
    assert search.index_manual() == len(manual.names())
    page = client.get("/search/?q=currency+gate").content.decode()
    assert "/docs/value-method/" in page
    with django_assert_num_queries(2):
        assert search.index_manual() == len(manual.names()), "what is unchanged is not written again"
