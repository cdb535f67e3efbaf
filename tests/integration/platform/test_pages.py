"""What a visitor sees of the platform: who answered when and why, what is watched with which bound, what a version is
made of."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mlops import queries, services
from mlops.models import Deployment, ModelVersion
from mlops.monitoring import alerting
from mlops.training import shipping
from mlops.training import spec as specs
from portfolio.pages.models import moment_of
from tests.factories.mlops import MonitorFactory
from tests.integration.platform import kit

pytestmark = pytest.mark.django_db


@pytest.fixture
def read(client: Client) -> Callable[[str], str]:
    def text(address: str) -> str:
        found = client.get(address)
        assert found.status_code == 200, address
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found.content.decode())).replace("&#x27;", "'")

    return text


@pytest.fixture
def two() -> tuple[ModelVersion, ModelVersion]:
    first = services.train_model(model=kit.MODEL, asked_for="mira")
    services.promote(version=first, reason="the first of all", actor=None)
    specs.register(kit.spec(dataset=lambda: iter(kit.examples()), fit=kit.fitter(paths=True)))
    second = services.train_model(model=kit.MODEL)
    services.canary(version=second, share=0.2, reason="a fifth", actor=None)
    services.promote(version=second, reason="the paths help", actor=None)
    return first, second


def move(row: Deployment, **ago: int) -> None:
    Deployment.objects.filter(pk=row.pk).update(at=timezone.now() - dt.timedelta(**ago))


def test_the_history_says_who_answered_at_a_moment_and_why(
    read: Callable[[str], str], two: tuple[ModelVersion, ModelVersion]
) -> None:
    first, second = two
    rows = Deployment.objects.order_by("id")
    for row, days in zip(rows, (9, 5, 3, 3), strict=True):
        move(row, days=days)
    when = timezone.now() - dt.timedelta(days=4)
    answer = read(f"/models/history/?at={when:%Y-%m-%d %H:%M}").split("Switches")[0]
    assert f"{first.name} was the champion" in answer and "the first of all" in answer
    assert second.name not in answer
    now = read(f"/models/history/?at={timezone.now():%Y-%m-%dT%H:%M:%S}&model={kit.MODEL}").split("Switches")[0]
    assert f"{second.name} was the champion" in now and "the paths help" in now
    assert "no version was registered then" in read("/models/history/?at=2001-01-01 00:00")
    for odd in ("yesterday", "2031-13-45 00:00", "\x00", "9" * 39):
        assert "This is no moment" in read(f"/models/history/?at={odd}")
    assert moment_of("2031-02-03 04:05+02:00") == dt.datetime(2031, 2, 3, 2, 5, tzinfo=dt.UTC)


def test_the_history_is_paged_and_reads_as_sentences(
    read: Callable[[str], str], two: tuple[ModelVersion, ModelVersion]
) -> None:
    first, second = two
    page = read("/models/history/")
    assert f"{second.name} became the champion in place of {first.name}" in page
    assert f"{second.name} answers a share of 0.2 as challenger" in page
    assert f"{second.name} is no longer the challenger" in page
    for number in range(queries.PAGE // 2):
        services.roll_back(model=kit.MODEL, reason=f"back {number}", actor=None)
        services.promote(version=second, reason=f"out {number}", actor=None)
    newest = read("/models/history/")
    assert "Older switches" in newest and "the first of all" not in newest and "back 24" in newest
    last = Deployment.objects.order_by("-id")[queries.PAGE - 1].pk
    older = read(f"/models/history/?before={last}")
    assert "the first of all" in older and "Older switches" not in older and "back 0" not in older


def test_the_parts_that_versions_played_are_drawn_without_a_gap(
    client: Client, two: tuple[ModelVersion, ModelVersion]
) -> None:
    first, second = two
    now = timezone.now()
    spans = queries.parts_played(kit.MODEL, now)
    told = [(span.version, span.role) for span in spans]
    assert told == [(first, "champion"), (second, "challenger"), (second, "champion")]
    champions = [span for span in spans if span.role == "champion"]
    assert champions[0].end == champions[1].start and champions[1].end == now
    page = client.get(f"/models/{kit.MODEL}/").content.decode()
    drawn = re.search(r'<svg class="plot rows[^>]*aria-label="Who played which part.*?</svg>', page, re.S)
    assert drawn is not None and drawn[0].count("<rect") == 3


def test_each_monitor_says_its_bound_its_window_and_what_it_saw(
    read: Callable[[str], str], client: Client, two: tuple[ModelVersion, ModelVersion]
) -> None:
    common: dict[str, Any] = {"model": kit.MODEL, "statistic": "psi", "feature": "words", "minimum_rows": 20}
    drift = MonitorFactory.create(name=f"{kit.MODEL}: drift of words", threshold=0.25, window_seconds=3600, **common)
    MonitorFactory.create(name="accuracy", model=kit.MODEL, statistic="accuracy", comparison="<", threshold=0.5)
    MonitorFactory.create(name="never", model=kit.MODEL, statistic="volume", comparison="<", threshold=0.0)
    for number in range(30):
        services.predict(kit.MODEL, [{"text": "Fix " + "very " * 40 + f"long {number}", "files": []}])
    services.flush()
    for monitor in (drift, *kit_monitors("accuracy")):
        alerting.check(monitor, now=timezone.now() + dt.timedelta(seconds=1))
    page = read(f"/models/{kit.MODEL}/").split("Monitors")[1]
    assert re.search(r"Drift of words : alert open newest [\d.]+ on 30 rows, against 75 it was tested on", page)
    assert "alert above 0.25 over 1 h" in page
    assert "Accuracy : no labels arrived for predictions of the window" in page
    assert "Never : not measured yet" in page
    html = client.get(f"/models/{kit.MODEL}/").content.decode()
    assert 'aria-label="Drift of words' in html and "tested on" in html


def kit_monitors(name: str) -> list[Any]:
    return list(queries.Monitor.objects.filter(name=name))


def test_a_card_says_everything_that_is_needed_to_make_the_version_again(
    read: Callable[[str], str], two: tuple[ModelVersion, ModelVersion]
) -> None:
    first, _second = two
    page = read(f"/models/{kit.MODEL}/{first.number}/")
    assert first.dataset is not None
    for words in (
        f"{first.dataset.rows} rows, {first.dataset.sha256[:16]}", "the newest rows are the test",
        "asked for by mira", f"artefact {first.artefact_sha256[:16]}", "inputs files, text", "version of the spec 1",
        "seed 1", f"lock file {first.lineage['lock_sha256'][:12]}", "numpy ",
    ):  # fmt: skip
        assert words in page, words
    assert "Groups" in page and "By group" in page, "rows of several groups are judged by group"


def test_every_shipped_card_draws_its_calibration_or_says_why_it_cannot(read: Callable[[str], str]) -> None:
    shipping.register_shipped()
    drawn = {}
    for row in ModelVersion.objects.exclude(model=kit.MODEL):
        page = read(f"/models/{row.model}/{row.number}/")
        drawn[row.name] = "on the dashed line a promise is kept" in page
        assert row.card["calibration_note"] in page
        assert drawn[row.name] == bool(row.card.get("calibration"))
    assert drawn == {"rules-1": True, "network-3": True, "effort_1": True, "priors": False, "gain_1": False}
