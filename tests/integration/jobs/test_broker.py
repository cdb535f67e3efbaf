"""The filesystem broker: messages appear whole, are taken once, and may vanish without harm."""

import contextlib
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from kombu import Connection
from kombu.exceptions import ChannelError
from kombu.exceptions import OperationalError as BrokerUnavailable

from jobs import broker, sending
from tests.factories.jobs import JobFactory


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    broker.install()
    return tmp_path


def connect(folder: Path) -> Connection:
    return Connection("filesystem://localhost", transport_options=broker.options(folder))


def test_message_is_taken_once_by_one_of_two_readers(folder: Path):
    with connect(folder) as first, connect(folder) as second:
        queue = first.SimpleQueue("work")
        for number in range(3):
            queue.put({"n": number})
        assert queue.qsize() == 3
        got = []
        for reader in (queue, second.SimpleQueue("work"), queue):
            message = reader.get(timeout=2)
            message.ack()
            got.append(message.payload["n"])
        assert got == [0, 1, 2] and queue.qsize() == 0
        queue.put({"n": 4})
        assert queue.clear() == 1


def test_half_written_and_vanished_messages_are_passed_over(folder: Path):
    with connect(folder) as connection:
        channel: Any = connection.default_channel
        messages = folder / "messages"
        (messages / "0_x.work.msg.part").write_text("{")
        (messages / "1_x.work.msg").symlink_to(messages / "gone")
        from queue import Empty

        with contextlib.suppress(Empty):
            channel._get("work")
        assert not list(messages.glob("*.work.msg"))


def test_unwritable_folder_is_a_broker_error(folder: Path):
    with connect(folder) as connection:
        channel: Any = connection.default_channel
        (folder / "messages").rmdir()
        with pytest.raises(ChannelError, match="cannot write"):
            channel._put("work", {"n": 1})


@pytest.mark.django_db
def test_sending_goes_through_the_broker_and_pauses_when_it_fails(folder: Path, monkeypatch: pytest.MonkeyPatch):
    app = Celery("tests", broker="filesystem://localhost", set_as_current=False)
    app.conf.broker_transport_options = broker.options(folder)
    monkeypatch.setattr(sending, "celery_app", lambda: app)
    monkeypatch.setattr(sending, "_paused_until", 0.0)
    assert sending.send(JobFactory())
    assert len(list((folder / "messages").glob("*.default.msg"))) == 1

    class Broken:
        def send_task(self, *arguments: Any, **options: Any) -> None:
            raise BrokerUnavailable("down")

        producer_or_acquire = send_task

    monkeypatch.setattr(sending, "celery_app", Broken)
    assert not sending.send(JobFactory())
    monkeypatch.setattr(sending, "celery_app", lambda: app)
    assert not sending.send(JobFactory()), "it waits a moment before it tries the broker again"
    app.close()


@pytest.mark.django_db
def test_a_burst_of_jobs_sends_no_more_hints_than_wake_everybody(folder: Path, monkeypatch: pytest.MonkeyPatch):
    app = Celery("tests", broker="filesystem://localhost", set_as_current=False)
    app.conf.broker_transport_options = broker.options(folder)
    monkeypatch.setattr(sending, "celery_app", lambda: app)
    monkeypatch.setattr(sending, "_paused_until", 0.0)
    monkeypatch.setattr(sending, "_BURST", 60.0)
    monkeypatch.setattr(sending, "ENOUGH_UNREAD", 3)
    monkeypatch.setattr(sending, "_hinted_at", {})
    messages = folder / "messages"
    jobs = [JobFactory() for _ in range(6)]
    assert all(sending.hint(job) for job in jobs)
    assert len(list(messages.glob("*.default.msg"))) == 3
    next(messages.glob("*.default.msg")).unlink()
    assert sending.hint(jobs[0]) and len(list(messages.glob("*.default.msg"))) == 3, "one was read, so one more is sent"
    monkeypatch.setattr(sending, "_BURST", 0.0)
    assert sending.hint(jobs[0]) and len(list(messages.glob("*.default.msg"))) == 4, "a job by itself is hinted at"
    app.close()
