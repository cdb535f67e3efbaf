"""Visitors who read pages and check what they were given, and a sender of signed deliveries."""

from __future__ import annotations

import json
import random
import re
import threading
import time
import uuid
from dataclasses import dataclass, field

import httpx

from benchmarks.soak.place import SECRET
from tests.replica.hooks import sign

PAGES = (
    "/", "/evidence/", "/repositories/", "/receipts/", "/work/", "/writing/", "/router/", "/reports/", "/status/",
    "/method/", "/demos/", "/docs/", "/privacy/", "/search/?q=shelf", "/api/v1/changes/", "/api/v1/repositories/",
)  # fmt: skip
# Pages of one change, one repository and one receipt, found by following the lists.
DETAILS = {"/evidence/": r'"(/evidence/[^"?]+/(?:pull|commit)/[^"/]+/)"', "/repositories/": r'"(/evidence/[^"]+/)"'}
THINK = (0.5, 2.5)
CUT = (httpx.RemoteProtocolError, httpx.ReadError)


Marks = dict[str, tuple[str, ...]]


def marks_of(answer: httpx.Response) -> tuple[str, ...]:
    """What tells this page from every other: title and headings, or a list's members; "cut" when its end is missing."""
    if "json" in answer.headers.get("Content-Type", ""):
        return (*sorted(answer.json()), f"{bool(answer.json()['results'])}")
    ends = "whole" if answer.text.rstrip().endswith("</html>") else "cut"
    return (*re.findall(r"<(?:title|h1)[^>]*>(.*?)</", answer.text, re.S), ends)


def right_pages(url: str) -> Marks:
    """Each address with the marks of its page, read while nothing is killed; the pages of details are looked up."""
    with httpx.Client(base_url=url, timeout=60) as client:
        found = {address: client.get(address).raise_for_status() for address in PAGES}
        for address, pattern in DETAILS.items():
            for detail in dict.fromkeys(re.findall(pattern, found[address].text)[:3]):
                found[detail] = client.get(detail).raise_for_status()
    marks = {address: marks_of(answer) for address, answer in found.items()}
    pages = [mark for mark in marks.values() if "whole" in mark]
    if len(set(pages)) < len(pages) or len(pages) < len(PAGES) - 2 or len(found) <= len(PAGES):
        raise SystemExit(f"the pages cannot be told from each other: {marks}")
    return marks


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that failed: when it was sent and when it ended (seconds of the monotonic clock), and how."""

    sent: float
    ended: float
    text: str
    cut: bool = False  # the connection was closed before the answer was whole


@dataclass
class Seen:
    """What came of the requests, shared by all visitors."""

    requests: int = 0
    latencies: list[float] = field(default_factory=list)
    errors: list[Failure] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, started: float, error: str = "", wrong: str = "", cut: bool = False) -> None:
        ended = time.monotonic()
        with self.lock:
            self.requests += 1
            self.latencies.append(ended - started)
            if error:
                self.errors.append(Failure(started, ended, error, cut))
            if wrong:
                self.wrong.append(wrong)


def visit(url: str, seen: Seen, stop: threading.Event, seed: int, pages: Marks) -> None:
    """One visitor: read a page, think, read the next."""
    dice = random.Random(seed)
    with httpx.Client(base_url=url, timeout=30) as client:
        while not stop.is_set():
            address, marks = dice.choice(list(pages.items()))
            started = time.monotonic()
            try:
                answer = client.get(address, headers={"Connection": "close"})
            except httpx.HTTPError as failed:
                seen.note(started, f"{address}: {type(failed).__name__}", cut=isinstance(failed, CUT))
                if isinstance(failed, CUT):
                    continue  # as a browser or a proxy does, the reader asks again at once
            else:
                error = f"{address}: {answer.status_code}" if answer.status_code != 200 else ""
                wrong = f"{address}: {marks_of(answer)}" if not error and marks_of(answer) != marks else ""
                seen.note(started, error, wrong)
            stop.wait(dice.uniform(*THINK))


def deliver(url: str, seen: Seen, stop: threading.Event) -> None:
    """A sender of webhooks: an unanswered or refused delivery is sent again under its id, as an operator would."""
    from tests.integration.collection.test_webhooks import pull_payload  # needs Django set up

    with httpx.Client(base_url=url, timeout=30) as client:
        while not stop.is_set():
            key, body = str(uuid.uuid4()), json.dumps(pull_payload()).encode()
            headers = {
                "Content-Type": "application/json", "X-GitHub-Event": "pull_request", "X-GitHub-Delivery": key,
                "X-Hub-Signature-256": sign(SECRET, body),
            }  # fmt: skip
            while not stop.is_set():
                started = time.monotonic()
                try:
                    code = client.post("/webhooks/github", content=body, headers=headers).status_code
                except httpx.HTTPError as error:
                    seen.note(started, f"delivery: {type(error).__name__}", cut=isinstance(error, CUT))
                else:
                    seen.note(started, "" if code == 202 else f"delivery: {code}")
                    if code == 202:
                        seen.accepted.append(key)
                        break
                stop.wait(1)
            stop.wait(0.5)
