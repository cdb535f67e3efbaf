"""Row 39: a person is erased while a collection runs, and collected again afterwards. They are gone everywhere."""

import io
import threading
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from pytest_django import Settings

from analysis import services
from analysis.collection.github_run import collect_github
from analysis.models import Change, Contributor, Erasure, RawPayload, Repository
from tests.replica.collected import edit
from tests.replica.faults import Fault
from tests.replica.server import Replica

LOGIN = "mira-okafor"


def everything() -> str:
    """Every value of every table of the database as text, tables of no model too, compressed bodies opened, and every
    file of the installation: what a dump and a grep would see."""
    told = io.StringIO()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608  names of our own
            for row in cursor.fetchall():
                told.writelines(opened(v) if isinstance(v, bytes | memoryview) else f"{v}\n" for v in row)
    for file in Path(settings.VAR_DIR).rglob("*"):
        if file.is_file() and "sqlite3" not in file.name:  # the database itself was read above
            told.write(f"{file.name}\n{opened(file.read_bytes())}\n")
    return told.getvalue().lower()


def opened(value: bytes | memoryview) -> str:
    try:
        return zlib.decompress(bytes(value)).decode("utf-8", "replace")
    except zlib.error:
        return bytes(value).decode("utf-8", "replace")


def people_of(replica: Replica, number: int) -> dict[str, Any]:
    repo = next(iter(replica.world.repos.values()))
    return repo.pulls.get(number) or {}


def own_pull(replica: Replica) -> int:
    return next(n for n in range(2, 60) if people_of(replica, n)["author"]["login"] == LOGIN)


def shown(*numbers: int) -> str:
    """The pages of pulls, the lists and the search, as a visitor gets them, from the cache of pages where they are."""
    addresses = [f"/evidence/github.com/lighthouse/ledger/pull/{number}/" for number in numbers]
    addresses += ["/evidence/", f"/search/?q={LOGIN[:4]}", "/search/?q=xylophone", "/api/v1/changes/"]
    pages = [Client().get(address).content.decode() for address in addresses]
    return "".join(page.replace("xylophone", "", page.count("q=xylophone") + 2) for page in pages).lower()


def exported(folder: Path) -> str:
    """The files of an export of the changes and of a copy of the site."""
    told = io.StringIO()
    call_command("changes", "lighthouse/ledger", "--jsonl", stdout=told)
    call_command("export_site", str(folder / "copy"), stdout=io.StringIO(), stderr=io.StringIO())
    files = [file for file in (folder / "copy").rglob("*") if file.is_file()]
    assert len(files) > 20
    return told.getvalue().lower() + "".join(file.read_bytes().decode("utf-8", "replace") for file in files).lower()


def test_an_erased_person_is_gone_everywhere_and_stays_out(
    db: None, replica: Replica, github_repository: Repository, settings: Settings, tmp_path: Path
) -> None:
    settings.VAR_DIR, settings.ATTEST_PAGE_SECONDS = tmp_path / "var", 600
    mine, other = own_pull(replica), 1
    edit(replica, mine, body="Only Mira could write the words xylophone lighthouse.")
    edit(replica, other, body=f"Thanks to @{LOGIN} for the review.")
    collect_github(github_repository)
    facts = dict(Change.objects.values_list("number", "proposed_additions"))
    assert LOGIN in everything() and "xylophone" in everything() + shown(mine, other)
    call_command("erase", LOGIN, stdout=io.StringIO())
    for dump in (everything(), shown(mine, other), exported(tmp_path)):
        assert LOGIN not in dump
        assert "xylophone" not in dump
    assert Erasure.objects.exists()
    assert RawPayload.objects.get(change__number=mine).sha256
    # Collected again from nothing, and by a change of the very pull: they stay out, and the facts are the same.
    edit(replica, mine, title="Another title of hers", body="Again xylophone words.")
    collect_github(github_repository)
    Repository.objects.all().delete()
    Contributor.objects.all().delete()
    collect_github(repository_again())
    dump = everything()
    assert LOGIN not in dump
    assert "xylophone" not in dump
    assert dict(Change.objects.values_list("number", "proposed_additions")) == facts
    assert Change.objects.get(number=other).body == "Thanks to @[erased] for the review."


def repository_again() -> Repository:
    from analysis.collection.github_run import repository_on_github

    return repository_on_github("lighthouse/ledger")


@pytest.mark.django_db(transaction=True)
@pytest.mark.servers
def test_an_erasure_in_the_middle_of_a_collection_holds(replica: Replica, github_repository: Repository) -> None:
    own_pull(replica)
    threads: list[threading.Thread] = []

    def erase() -> None:
        try:
            services.erase_person(who=LOGIN, actor="system:test", reason="test")
        finally:
            connection.close()

    def begin() -> None:
        threads.append(threading.Thread(target=erase))
        threads[0].start()

    replica.script.add(Fault(when=lambda c: c.index == 2, before=begin))
    collect_github(github_repository, profile="core")
    threads[0].join(30)
    assert LOGIN not in everything()


@pytest.mark.django_db(transaction=True)
@pytest.mark.servers
def test_a_batch_that_is_being_stored_is_waited_for(
    replica: Replica, github_repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The erasure begins while a batch is written but not committed: it may not overtake it."""
    from analysis.collection import store as storing

    begun, threads = threading.Event(), list[threading.Thread]()

    def erase() -> None:
        try:
            begun.set()
            services.erase_person(who=LOGIN, actor="system:test", reason="test")
        finally:
            connection.close()

    original = storing.store_texts

    def during(*arguments: Any) -> int:
        if not threads:
            threads.append(threading.Thread(target=erase))
            threads[0].start()
            begun.wait(5)
        return original(*arguments)

    monkeypatch.setattr(storing, "store_texts", during)
    collect_github(github_repository, profile="core")
    threads[0].join(30)
    assert LOGIN not in everything()
    assert Change.objects.count() == 60
