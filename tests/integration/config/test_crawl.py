"""An unauthenticated crawl over every address of the resolver, with everything private planted, finds none of it."""

import contextlib
import itertools
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.http import Http404
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, get_resolver, resolve
from django.utils.html import escape

from analysis import queries
from analysis import services as analysis
from analysis.models import Repository
from evidence import audit
from evidence.models import AuditEntry
from evidence.services import freeze
from tests.factories.achievements import AchievementFactory
from tests.factories.collection import ChangeFactory, ChangeTextFactory, CollectionFactory, RepositoryFactory
from tests.factories.jobs import JobFactory
from tests.factories.portfolio import (
    CaseStudyFactory,
    ContactMessageFactory,
    OwnerFactory,
    PageFactory,
    PositionFactory,
    PostFactory,
    ProfileFactory,
)
from tests.factories.reports import ReportFactory
from tests.factories.routing import DecisionFactory

pytestmark = pytest.mark.django_db
CANARY = "zzcanaryzz"
HIDDEN = f"example.org/{CANARY}/{CANARY}"
_CONVERTER = re.compile(r"<(?:(\w+):)?(\w+)>")
_GROUP = re.compile(r"\(\?P<(\w+)>((?:[^()]|\([^()]*\))*)\)")


def walk(resolver: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """Every route of the resolver as Django names it, and as "admin/<path:object_id>/"."""
    for pattern in resolver.url_patterns:
        part = str(pattern.pattern)
        named = before + (part.removeprefix("^") if before else part)
        if isinstance(pattern, URLPattern):
            route = named.replace("\\Z", "").replace("\\.", ".").rstrip("$").lstrip("^")
            yield named, _GROUP.sub(lambda group: f"<str:{group[1]}>", route)
        else:
            yield from walk(pattern, named)


@pytest.fixture
def private() -> dict[str, list[Any]]:
    """Private rows of every kind, each with the canary; the values that addresses may be filled with."""
    owner = OwnerFactory(username=f"{CANARY}-owner", email=f"{CANARY}@example.org")
    kept = []
    receipts: list[str] = []
    for repository, away in (
        (RepositoryFactory(key=HIDDEN, name=f"{CANARY}/{CANARY}"), {"is_hidden": True}),
        (RepositoryFactory(key=HIDDEN + "2", name=f"{CANARY}/2"), {"is_private": True}),
    ):
        change = ChangeFactory(repository=repository, title=f"{CANARY} change", body=CANARY)
        ChangeTextFactory(change=change, kind="title", text=change.title)
        ChangeTextFactory(change=change, kind="body", text=f"{CANARY} answers in 80 ms instead of 420 ms.")
        analysis.compute_facts(repository_id=repository.pk)
        analysis.extract_claims(repository_id=repository.pk)
        analysis.predict_types(repository_id=repository.pk)
        # Its receipts were frozen while it could be seen.
        receipts += [freeze(one).id for one in queries.figures_of(f"change:{repository.key}#{change.number}")]
        Repository.objects.filter(pk=repository.pk).update(**away)
        repository.refresh_from_db()
        kept.append((repository, change))
    assert len(receipts) > 10
    shown = ChangeFactory(is_hidden=True, title=f"{CANARY} hidden change")
    ChangeFactory(title="all can see this")
    documents = [
        make(slug=CANARY, title=CANARY, **more)
        for make, more in ((PostFactory, {"tags": [CANARY]}), (CaseStudyFactory, {}), (PageFactory, {}))
    ]
    ProfileFactory(name=CANARY, statement=CANARY)
    PositionFactory(title=CANARY, organisation=CANARY, approved=False)
    message = ContactMessageFactory(name=CANARY, reply_to=f"{CANARY}@example.org", text=CANARY)
    job = JobFactory(kind="made-up", args={"source": CANARY}, progress_message=CANARY)
    achievement = AchievementFactory(title=CANARY)
    report = ReportFactory(document=f'{{"title": "{CANARY}"}}')
    decision = DecisionFactory()
    audit.record(actor=owner, action="tests.touch", label=CANARY)
    rows = [*(row for pair in kept for row in pair), shown, *documents, message, job, achievement, report]
    keys = sorted({str(row.pk) for row in rows} | {"1", "2", receipts[0], receipts[-1], decision.pk})
    numbers = sorted({str(change.number) for _, change in kept} | {str(shown.number)})
    names = [CANARY, "claims", "change_types"]
    return {
        "repository": [HIDDEN, HIDDEN + "2", shown.repository.key],
        "number": numbers, "sha": [kept[0][1].key if hasattr(kept[0][1], "key") else "0" * 40, "0" * 40],
        "receipt_id": ["0" * 64, *receipts],
        "achievement_id": [str(achievement.pk)], "sha256": ["0" * 64], "pk": keys, "object_id": keys,
        "report_id": [str(report.pk)], "id": keys,
        "form": ["md", "json", "pdf", "zip"], "kind": ["post", "casestudy", "case_study", "page"], "key": [CANARY, "x"],
        "app_label": ["auth", "portfolio"], "url": [CANARY], "rest": [CANARY], "tag": [CANARY],
        "content_type_id": ["1"], "user_id": [str(owner.pk)],
    } | dict.fromkeys(("slug", "name", "model"), names)  # fmt: skip


def addresses(values: dict[str, list[Any]]) -> Iterator[tuple[str, str]]:
    """Every route with every combination of values, as (route, address)."""
    for named, route in walk(get_resolver()):
        names = [name for _, name in _CONVERTER.findall(route)]
        for chosen in itertools.product(*(values.get(name, [CANARY]) for name in names)):
            filled = iter(chosen)
            yield named, "/" + _CONVERTER.sub(lambda _, filled=filled: str(next(filled)), route)


def text_of(response: HttpResponseBase) -> str:
    body = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]
    return body.decode("utf-8", "replace")


def told(response: HttpResponseBase, address: str) -> str:
    """Body and headers of an answer of any status, without the address that was asked for, which may be repeated."""
    whole = text_of(response) + "".join(f"\n{name}: {value}" for name, value in response.headers.items())
    for echo in (address, quote(address, safe=""), address.strip("/"), escape(address)):
        whole = whole.replace(echo, "")
    return whole


def test_no_address_of_the_resolver_shows_nobody_what_is_private(client: Client, private: dict[str, list[Any]]) -> None:
    reached: set[str] = set()
    leaks, errors, admitted = [], [], []
    for route, address in addresses(private):
        cache.clear()  # the limits of a caller without a key are not what is tested
        response = client.get(address)
        with contextlib.suppress(Http404):
            reached.add(resolve(address).route)
        if response.status_code >= 500 and address != "/readyz":
            errors.append((address, response.status_code))
        if CANARY in told(response, address):
            leaks.append(address)
        if route.startswith("admin/") and response.status_code == 200:
            admitted.append(address)
    assert leaks == []
    assert "all can see this" in text_of(client.get("/evidence/")), "the crawl would see what is there"
    assert errors == []
    assert set(admitted) <= {"/admin/login/", "/admin/jsi18n/"}
    assert sorted({named for named, _route in walk(get_resolver())} - reached) == [], (
        "each route was asked by an address of it"
    )
    assert len(reached) > 250


def test_a_private_repository_is_shown_once_its_owner_published_it_and_not_after(
    client: Client, private: dict[str, list[Any]]
) -> None:
    repository = Repository.objects.get(key=HIDDEN + "2")
    change = repository.changes.get()
    CollectionFactory(repository=repository, state="running", finished_at=None)
    pages = {
        "/evidence/": f"{CANARY} change", "/repositories/": f"{CANARY}/2",
        f"/evidence/{HIDDEN}2/pull/{change.number}/": f"{CANARY} answers", "/search/?q=zzcanaryzz": f"{CANARY} change",
        f"/api/v1/changes/{change.pk}/": f"{CANARY} change", f"/api/v1/repositories/{repository.pk}/": HIDDEN,
        "/api/v1/claims/": "420 ms",
    }  # fmt: skip

    def shown() -> list[str]:
        cache.clear()
        return [page for page, word in pages.items() if word in text_of(client.get(page))]

    assert shown() == [] and f"{CANARY}/2" not in text_of(client.get("/evidence/"))
    analysis.set_private_published(repository=repository, published=True, reason="made up", actor="system:test")
    assert shown() == list(pages)
    analysis.set_private_published(repository=repository, published=False, reason="made up", actor="system:test")
    assert shown() == []
    assert [row.action for row in AuditEntry.objects.filter(action__endswith="_private").order_by("pk")] == [
        "collection.publish_private", "collection.withdraw_private",
    ]  # fmt: skip


def test_search_feeds_and_lists_do_not_find_it_either(client: Client, private: dict[str, list[Any]]) -> None:
    for address, query in (
        ("/search/", "q"), ("/evidence/", "q"), ("/evidence/", "repository"), ("/api/v1/changes/", "repository"),
        ("/api/v1/claims/", "repository"), ("/receipts/", "of"),
    ):  # fmt: skip
        for value in (CANARY, HIDDEN):
            body = text_of(client.get(address, {query: value}))
            for echo in (f'value="{value}"', f"“{value}”", f"‘{value}’", f"'{value}'"):
                body = body.replace(echo, "")
            assert f"{CANARY} change" not in body and f"{CANARY} answers" not in body, address
