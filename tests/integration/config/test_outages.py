"""A database that is away for a moment: reads wait, writes are told to come back, other errors stay errors."""

from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import path

ENDINGS: list[Exception] = []
CALLS: list[str] = []


def flaky(request: Any) -> HttpResponse:
    CALLS.append(request.method)
    if ENDINGS:
        raise ENDINGS.pop(0)
    return HttpResponse("here")


urlpatterns = [path("flaky/", flaky), path("api/v1/flaky/", flaky)]


@pytest.fixture
def visitor(settings: Any) -> Any:
    settings.ROOT_URLCONF = __name__
    settings.ATTEST_DATABASE_PATIENCE = 1.0
    settings.MIDDLEWARE = [
        "config.outages.RideOut",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
    ]
    ENDINGS.clear()
    CALLS.clear()
    return Client(raise_request_exception=False)


def test_a_read_is_answered_once_the_database_is_back(visitor: Client, transactional_db: None) -> None:
    ENDINGS.extend([OperationalError("terminating connection"), InterfaceError("connection already closed")])
    assert visitor.get("/flaky/").content == b"here"
    assert CALLS == ["GET"] * 3


def test_a_read_waits_no_longer_than_its_patience(visitor: Client, transactional_db: None) -> None:
    ENDINGS.extend(OperationalError("refused") for _ in range(50))
    response = visitor.get("/flaky/")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert 3 < len(CALLS) < 8 and b"database does not answer" in response.content


def test_a_write_is_never_repeated(visitor: Client, transactional_db: None) -> None:
    ENDINGS.append(OperationalError("refused"))
    response = visitor.post("/api/v1/flaky/")
    assert (response.status_code, response.json()["code"]) == (503, "database_away")
    assert CALLS == ["POST"]


@override_settings(DEBUG=False)
def test_other_errors_stay_what_they_are(visitor: Client, transactional_db: None) -> None:
    ENDINGS.append(ValueError("ours"))
    assert visitor.get("/flaky/").status_code == 500
    assert CALLS == ["GET"]
