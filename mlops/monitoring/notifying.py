"""Carry notifications out: log, e-mail, webhook (Slack's format). Attempts are kept, a failing channel is retried."""

from __future__ import annotations

import logging

import httpx
from django.core.mail import send_mail
from django.utils import timezone

from evidence import outside
from evidence.operator import outside_policy
from mlops.monitoring.models import Channel, Delivery

logger = logging.getLogger("attest.alerts")
MOST_ATTEMPTS = 6


def deliver_waiting() -> tuple[int, int]:
    """Try every waiting delivery once; returns how many arrived and how many still wait."""
    arrived = waiting = 0
    for delivery in (
        Delivery.objects.filter(state=Delivery.State.WAITING).select_related("channel").order_by("id")[:200]
    ):
        delivery.attempts += 1
        try:
            _carry_out(delivery.channel, delivery.text)
        except (OSError, httpx.HTTPError, ValueError) as error:
            delivery.problem = f"{type(error).__name__}: {error}"[:500]
            if delivery.attempts >= MOST_ATTEMPTS or isinstance(error, outside.Refused):
                delivery.state = Delivery.State.FAILED
            else:
                waiting += 1
        else:
            delivery.state, delivery.delivered_at, delivery.problem = Delivery.State.DELIVERED, timezone.now(), ""
            arrived += 1
        delivery.save()
    return arrived, waiting


def _carry_out(channel: Channel, text: str) -> None:
    if channel.kind == Channel.Kind.LOG:
        logger.warning("%s", text)
    elif channel.kind == Channel.Kind.EMAIL:
        send_mail(f"Attest: {text[:80]}", text, None, [channel.target], fail_silently=False)
    else:
        with outside.client(outside_policy()) as client:
            client.post(channel.target, json={"text": text}).raise_for_status()
