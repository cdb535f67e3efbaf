"""The status monitor's probe tells a site that answers from one that does not."""

from typing import Any

import pytest
from django.db import DatabaseError

from portfolio.pages import home
from portfolio.record import store

pytestmark = pytest.mark.django_db


def test_site_that_answers_is_up(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["portfolio.example"]
    assert store.probe() is True


def test_refusal_of_the_host_is_not_up(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ALLOWED_HOSTS = ["portfolio.example"]
    monkeypatch.setattr(store, "_host", lambda: "elsewhere.example")
    assert store.probe() is False


def test_page_that_fails_is_not_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: Any, **_named: Any) -> Any:
        raise DatabaseError("the disk is gone")

    monkeypatch.setattr(home.analysis, "change_page", broken)
    assert store.probe() is False
