"""The system under the platform's monitors: figures, first rules, alerts that open, lead to the runbook and resolve."""

import datetime as dt
import shutil
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from config import watch
from jobs.models import Job, Schedule
from mlops import services
from mlops.models import Alert, Monitor
from mlops.monitoring import alerting
from portfolio.models import ServingHour
from portfolio.publishing import manual
from tests.factories.collection import CollectionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def monitors() -> dict[str, Monitor]:
    """The rules that an installation has after its first start, by figure."""
    services.start()
    Schedule.objects.update(next_at=timezone.now() + dt.timedelta(minutes=5))
    found = Monitor.objects.filter(model__startswith="system:")
    return {monitor.model.partition(":")[2]: monitor for monitor in found}


def _open(monitor: Monitor) -> bool:
    alerting.check(monitor, now=timezone.now())
    return Alert.objects.filter(monitor=monitor, resolved_at__isnull=True).exists()


def test_every_figure_has_a_rule_and_a_place_in_the_runbook(monitors: dict[str, Monitor]) -> None:
    assert set(monitors) == set(watch.FIGURES)
    page = manual.page("runbooks/system")
    assert page is not None
    for monitor in monitors.values():
        assert f'id="s-{monitor.runbook.partition("#")[2]}"' in page.text.html, monitor.name
    services.start()
    assert Monitor.objects.filter(model__startswith="system:").count() == len(monitors)


def test_nothing_is_wrong_with_a_fresh_installation(monitors: dict[str, Monitor]) -> None:
    assert [name for name, monitor in monitors.items() if _open(monitor)] == []


def test_an_old_queue_opens_an_alert_that_leads_to_the_runbook_and_resolves(
    monitors: dict[str, Monitor], client: Client
) -> None:
    long_ago = timezone.now() - dt.timedelta(hours=1)
    job = Job.objects.create(kind="collect", due_at=long_ago, created_at=long_ago)
    assert _open(monitors["queue_seconds"])
    assert 'href="/docs/runbooks/system/#s-queue-age"' in client.get("/models/alerts/").content.decode()
    job.delete()
    Job.objects.all().delete()
    assert not _open(monitors["queue_seconds"])


def test_a_full_disk_and_one_that_cannot_be_read_are_alerts(
    monitors: dict[str, Monitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1))
    assert _open(monitors["free_bytes"])
    monkeypatch.undo()
    assert not _open(monitors["free_bytes"])

    def broken(path: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(shutil, "disk_usage", broken)
    assert _open(monitors["free_bytes"])


def test_failures_of_the_last_day_are_alerts(monitors: dict[str, Monitor]) -> None:
    now = timezone.now()
    CollectionFactory(state="failed", reason="The token is refused.", finished_at=now)
    Job.objects.create(kind="collect", state="failed", due_at=now, created_at=now, finished_at=now, error_code="x")
    assert _open(monitors["failed_collections"]) and _open(monitors["failed_jobs"])


def test_a_spent_budget_of_github_is_told_and_an_old_one_is_not(monitors: dict[str, Monitor]) -> None:
    assert watch.points_left() is None
    now = timezone.now()
    CollectionFactory(source="github", state="complete", finished_at=now, checkpoint={"left": 12})
    assert watch.points_left() == 12 and _open(monitors["points_left"])


def test_a_schedule_that_nobody_fires_is_an_alert_and_degrades_readyz(
    monitors: dict[str, Monitor], client: Client
) -> None:
    Schedule.objects.update(next_at=timezone.now() - dt.timedelta(hours=1))
    assert _open(monitors["late_seconds"])
    assert "late" in watch_note(client)
    Schedule.objects.all().delete()
    assert alerting.is_broken(monitors["late_seconds"], alerting.measure(monitors["late_seconds"], now=timezone.now()))


def watch_note(client: Client) -> str:
    """What /readyz says of the queue, examined anew."""
    from config import health

    health._last = (-health._REMEMBER_SECONDS, [])
    return str(client.get("/readyz").json()["checks"]["queue"]["note"])


def test_errors_of_the_site_are_a_share_of_its_requests(monitors: dict[str, Monitor]) -> None:
    assert watch.error_share() is None
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    ServingHour.objects.create(hour=hour, requests=50, errors=5)
    assert watch.error_share() == 0.1
    monitors["error_share"].for_seconds = 0
    assert _open(monitors["error_share"])
