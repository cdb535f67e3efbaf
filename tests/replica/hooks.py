"""Webhooks as GitHub sends them: signed, logged, never sent again unless somebody asks."""

import hashlib
import hmac
import json
import uuid
from dataclasses import dataclass
from typing import Any

import httpx

from tests.replica.world import Clock

ANSWER_WITHIN_SECONDS = 10


@dataclass
class Delivery:
    """One attempt to deliver an event. A redelivery has a new `id` and the same `guid`."""

    id: int
    guid: str
    event: str
    action: str | None
    body: bytes
    delivered_at: float
    status_code: int
    redelivery: bool = False


def sign(secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature-256: HMAC-SHA256 over the raw body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Hooks:
    """The one hook of the replica's repositories and its deliveries."""

    HOOK_ID = 4711

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.target: tuple[str, str] | None = None
        self.deliveries: list[Delivery] = []

    def configure(self, url: str, secret: str) -> None:
        """Where events go and how they are signed."""
        self.target = (url, secret)

    def send(self, event: str, payload: dict[str, Any], guid: str | None = None) -> Delivery:
        """Deliver an event once."""
        body = json.dumps(payload).encode()
        return self._attempt(
            event,
            payload.get("action"),
            body,
            guid or str(uuid.uuid4()),
            redelivery=False,
        )

    def redeliver(self, delivery: Delivery) -> Delivery:
        """Deliver the same body again under the same delivery id."""
        return self._attempt(
            delivery.event,
            delivery.action,
            delivery.body,
            delivery.guid,
            redelivery=True,
        )

    def _attempt(
        self,
        event: str,
        action: str | None,
        body: bytes,
        guid: str,
        *,
        redelivery: bool,
    ) -> Delivery:
        if self.target is None:
            raise RuntimeError("configure() the hook first")
        url, secret = self.target
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/replica",
            "X-GitHub-Hook-ID": str(self.HOOK_ID),
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": guid,
            "X-Hub-Signature-256": sign(secret, body),
        }
        try:
            status = httpx.post(url, content=body, headers=headers, timeout=ANSWER_WITHIN_SECONDS).status_code
        except httpx.HTTPError:
            status = 0
        made = Delivery(
            len(self.deliveries) + 1,
            guid,
            event,
            action,
            body,
            self.clock.now(),
            status,
            redelivery,
        )
        self.deliveries.append(made)
        return made
