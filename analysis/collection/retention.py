"""How long deliveries of webhooks are kept. GitHub sends one again for three days; the rest is for a question later."""

from __future__ import annotations

import datetime as dt

from analysis.collection.github_models import WebhookDelivery
from jobs.retention import rule


@rule("webhook-deliveries", days=90)
def prune_deliveries(before: dt.datetime) -> int:
    """Deliveries that came to an end; one that no job has finished stays, whatever its age."""
    handled = WebhookDelivery.objects.exclude(state=WebhookDelivery.State.STORED)
    return handled.filter(received_at__lt=before).delete()[0]
