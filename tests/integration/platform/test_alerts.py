"""Alerts: after how long they open, once told, told again, silenced, silent data, and where notifications go."""

import datetime as dt
import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from mlops import services
from mlops.models import Alert, Delivery, Monitor
from mlops.monitoring import alerting
from tests.factories.mlops import (
    AlertFactory,
    AliasFactory,
    ChannelFactory,
    DeliveryFactory,
    MeasurementFactory,
    ModelVersionFactory,
    MonitorFactory,
    ServingCountFactory,
    SilenceFactory,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)


@pytest.fixture
def failing() -> Monitor:
    """A champion that fails in half of its calls, and a rule against it."""
    version = ModelVersionFactory.create()
    AliasFactory.create(version=version, since=NOW - dt.timedelta(days=1))
    for minutes in range(0, 120, 10):
        ServingCountFactory.create(
            version=version, minute=NOW - dt.timedelta(minutes=minutes), calls=10, rows=10, errors=5
        )
    return MonitorFactory.create(window_seconds=7200)


def check(monitor: Monitor, minutes: int = 0) -> None:
    alerting.check(monitor, now=NOW + dt.timedelta(minutes=minutes))


def test_told_once_then_again_after_the_pause(failing: Monitor) -> None:
    ChannelFactory.create()
    failing.renotify_seconds = 600
    failing.save()
    for minutes in (0, 5, 9):
        check(failing, minutes)
    assert Delivery.objects.count() == 1
    check(failing, 11)
    assert Delivery.objects.count() == 2
    assert Delivery.objects.order_by("-id")[0].text.startswith("Still open")


def test_a_rule_that_must_hold_for_long_waits(failing: Monitor) -> None:
    failing.for_seconds = 600
    failing.save()
    check(failing)
    check(failing, 5)
    assert not Alert.objects.exists()
    check(failing, 10)
    check(failing, 11)
    assert Alert.objects.count() == 1


def test_silenced_alerts_open_and_resolve_without_a_word(failing: Monitor) -> None:
    ChannelFactory.create()
    SilenceFactory.create(monitor=failing, starts_at=NOW, ends_at=NOW + dt.timedelta(hours=1))
    check(failing)
    assert Alert.objects.count() == 1 and not Delivery.objects.exists()
    check(failing, 61)
    assert Delivery.objects.count() == 1, "told when the silence ends"


def test_no_data_is_an_alert_only_where_that_is_the_rule() -> None:
    quiet = MonitorFactory.create(statistic="accuracy", comparison="<", threshold=0.5)
    check(quiet)
    assert not Alert.objects.exists()
    dead_man = MonitorFactory.create(statistic="accuracy", comparison="<", threshold=0.5, dead_man=True)
    check(dead_man)
    assert "no data" in Alert.objects.get().message
    volume = MonitorFactory.create(statistic="volume", comparison="<", threshold=1.0)
    check(volume)
    assert Alert.objects.count() == 2, "zero rows an hour is a value"


def test_an_unknown_statistic_is_said_and_opens_nothing() -> None:
    monitor = MonitorFactory.create(statistic="astrology")
    check(monitor)
    assert monitor.measurements.get().reason == "no statistic is called astrology"


@pytest.fixture
def webhook(settings: Any) -> Iterator[list[Any]]:
    """A loopback server that fails once, then takes what is sent."""
    received: list[Any] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            received.append(body)
            self.send_response(500 if len(received) == 1 else 200)
            self.send_header("Content-Length", "0")
            self.send_header("Connection", "close")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.ATTEST_OUTSIDE_ALLOW = [f"127.0.0.1:{server.server_port}"]
    ChannelFactory.create(kind="webhook", target=f"http://127.0.0.1:{server.server_port}/hook")
    yield received
    server.shutdown()
    server.server_close()


def test_webhook_is_tried_again_and_mail_arrives(failing: Monitor, webhook: list[Any]) -> None:
    ChannelFactory.create(kind="email", target="owner@example.org")
    check(failing)
    assert services.deliver_notifications() == (1, 1)
    assert services.deliver_notifications() == (1, 0)
    assert [body["text"][:9] for body in webhook] == ["[warning]"] * 2
    assert mail.outbox[0].to == ["owner@example.org"]
    assert dict(Delivery.objects.values_list("channel__kind", "attempts")) == {"webhook": 2, "email": 1}


def test_an_inner_address_is_refused_for_good() -> None:
    DeliveryFactory.create(channel=ChannelFactory.create(kind="webhook", target="https://169.254.169.254/hook"))
    assert services.deliver_notifications() == (0, 0)
    assert Delivery.objects.get().state == "failed"


def test_constraints_hold() -> None:
    alert = AlertFactory.create()
    for make in (
        lambda: AlertFactory.create(monitor=alert.monitor),
        lambda: MeasurementFactory.create(value=None, reason=""),
        lambda: SilenceFactory.create(reason=""),
        lambda: ChannelFactory.create(kind="email", target=""),
        lambda: MonitorFactory.create(comparison="="),
        lambda: AliasFactory.create(share=0.5),
        lambda: DeliveryFactory.create(state="delivered"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            make()
