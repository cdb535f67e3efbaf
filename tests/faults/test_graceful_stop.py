"""A deploy ends the old processes in an orderly way: no request is refused or cut, no job is lost or doubled."""

import signal
import socket
import threading
import time
from pathlib import Path

import httpx
import pytest

from jobs.models import Job, State
from jobs.services import enqueue
from tests.faults.web import served
from tests.faults.workers import Installation, until
from tests.jobapp.tasks import marks

pytestmark = pytest.mark.long


def ask_until(stop: threading.Event, port: int, answers: list[int | str]) -> None:
    while not stop.is_set():
        try:
            answer = httpx.get(f"http://127.0.0.1:{port}/healthz", headers={"Connection": "close"}, timeout=30)
            answers.append(answer.status_code)
        except httpx.HTTPError as error:
            answers.append(repr(error))


def test_a_restarted_web_server_refuses_no_request(place: Installation, tmp_path: Path) -> None:
    """SIGHUP, as `systemctl reload` sends it: new workers take over while visitors keep coming."""
    with served(place.environment, tmp_path) as web:
        assert web.process is not None
        stop, answers = threading.Event(), list[int | str]()
        visitors = [threading.Thread(target=ask_until, args=(stop, web.port, answers)) for _ in range(4)]
        for visitor in visitors:
            visitor.start()
        for _ in range(2):
            time.sleep(1)
            web.process.send_signal(signal.SIGHUP)
            seen = len(answers)
            until(lambda seen=seen: len(answers) > seen + 50)
        stop.set()
        for visitor in visitors:
            visitor.join()
    assert set(answers) == {200}


def test_a_request_under_way_is_answered_after_sigterm(place: Installation, tmp_path: Path) -> None:
    body = b"{}" + b" " * 200_000
    with served(place.environment, tmp_path) as web, socket.create_connection(("127.0.0.1", web.port)) as line:
        assert web.process is not None
        head = (
            "POST /webhooks/github HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"X-GitHub-Event: ping\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        line.sendall(head.encode() + body[:100_000])
        time.sleep(0.5)
        web.process.send_signal(signal.SIGTERM)
        time.sleep(1)
        line.sendall(body[100_000:])
        assert line.recv(100).startswith(b"HTTP/1.1 401"), "unsigned, and told so"
        assert web.process.wait(30) == 0


def test_a_job_under_way_at_sigterm_is_finished_or_given_back_at_once(place: Installation) -> None:
    short, long = (enqueue(kind="steps", args={"name": name, "count": n}) for name, n in (("short", 40), ("long", 900)))
    old = place.worker("--concurrency", "2", "--grace", "2")
    until(lambda: marks("short") and marks("long"))
    old.terminate()
    assert old.wait(30) == 0
    assert Job.objects.get(pk=short.pk).state == State.DONE
    given_back = Job.objects.get(pk=long.pk)
    assert given_back.state in (State.QUEUED, State.SENT) and given_back.lease_owner == ""
    place.worker("--concurrency", "1")
    until(lambda: Job.objects.get(pk=long.pk).state == State.DONE)
    assert marks("long") == 900 and Job.objects.get(pk=long.pk).attempts == 0
