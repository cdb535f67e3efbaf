"""Row 17: 26 MB, deeply nested JSON, a wrong charset. 413 or 400, and memory stays flat."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.faults.web import SECRET, Web, served
from tests.faults.workers import Installation
from tests.integration.collection.test_webhooks import deliver, secret  # noqa: F401
from tests.replica.hooks import sign

MEGABYTE = 1024 * 1024


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000 + b"]" * 200_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b'{"title": "\xff\xfe"}',
        '{"action": "opened"}'.encode("utf-16"), b"null", b"[1]", b'{"a": NaN', b"\0" * 100,
    ],
)  # fmt: skip
def test_what_is_no_json_object_in_utf_8_is_400(body: bytes) -> None:
    assert deliver(body).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        {"action": 5, "repository": "x", "pull_request": []},
        {"action": "opened\0", "repository": {"id": "1; DROP", "full_name": {"a": 1}}, "issue": 3},
        {"repository": {"id": 10**30, "full_name": "a" * 5000}, "pull_request": {"number": -1}},
    ],
)
def test_odd_but_genuine_json_is_taken_without_harm(body: dict[str, object]) -> None:
    assert deliver(body).status_code == 202


def test_a_search_is_told_its_length_as_far_as_a_request_line_goes(place: Installation, tmp_path: Path) -> None:
    """Up to 8,190 bytes of request line the site answers; beyond, the web server refuses, and goes on serving."""
    with served(place.environment, tmp_path) as web:
        answers = [
            httpx.get(f"http://127.0.0.1:{web.port}/search/", params={"q": "x" * size}) for size in (8_000, 10_000, 200)
        ]
    assert [answer.status_code for answer in answers] == [200, 400, 200]
    assert "A search takes" in answers[0].text
    assert "A search takes" not in answers[2].text


def pieces(size: int) -> Iterator[bytes]:
    for _ in range(size // MEGABYTE):
        yield b"x" * MEGABYTE


def test_26_megabytes_are_413_and_memory_stays_flat(place: Installation, tmp_path: Path) -> None:
    with served(place.environment, tmp_path) as web:
        warm_up(web)
        before = web.peak_memory()
        for _ in range(4):
            assert refused(web, b"x" * (26 * MEGABYTE)) == 413
        assert web.peak_memory() - before < 8 * MEGABYTE
        # Without a length nothing is read, so that nothing can be signed.
        assert refused(web, pieces(60 * MEGABYTE)) == 401
        assert web.peak_memory() - before < 8 * MEGABYTE


def refused(web: Web, content: bytes | Iterator[bytes]) -> int:
    """The status; a server that closes before it has read everything is asked what it said."""
    try:
        return httpx.post(
            web.url, content=content, headers={"Content-Type": "application/json"}, timeout=60
        ).status_code
    except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):  # it answered and closed before all was sent
        return 413 if isinstance(content, bytes) else 401


def warm_up(web: Web) -> None:
    body = json.dumps({"zen": "x" * 1000}).encode()
    for _ in range(20):
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "ping",
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-Hub-Signature-256": sign(SECRET, body),
        }
        assert httpx.post(web.url, content=body, headers=headers, timeout=30).status_code == 202
