"""Doorways of this app's background work."""

from datetime import datetime, timedelta
from typing import Any

import httpx
from django.utils import timezone

from jobs.handlers import handler
from jobs.retention import rule
from jobs.services import enqueue, ensure_schedule
from portfolio import services
from portfolio.access import services as access
from portfolio.demos import health
from portfolio.publishing import search


@handler("site_start", soft_limit=120, hard_limit=150)
def site_start(ctx: Any, **_ignored: Any) -> dict[str, str]:
    """Let this installation check its demos and publish what is scheduled, and make its documentation findable."""
    ensure_schedule(name="demos", kind="demos", every_seconds=300)
    ensure_schedule(name="publish_due", kind="publish_due", every_seconds=60)
    ensure_schedule(name="status_sample", kind="status_sample", every_seconds=60)
    ensure_schedule(name="status_record", kind="status_record", every_seconds=6 * 3600)
    search.index_manual()
    return health.check_all()


@handler("demos", soft_limit=120, hard_limit=150)
def demos(ctx: Any, **_ignored: Any) -> dict[str, str]:
    """Check the health of every demo."""
    return health.check_all()


@handler("publish_due", soft_limit=120, hard_limit=150)
def publish_due(ctx: Any, **_ignored: Any) -> dict[str, Any]:
    """Publish what is scheduled up to now."""
    done, refused = services.publish_due(now=timezone.now())
    return {"published": done, "refused": refused}


@handler("status_sample", soft_limit=50, hard_limit=55, max_attempts=1)
def status_sample(ctx: Any, **_ignored: Any) -> bool | None:
    """Probe the site once a minute; None where no address is known."""
    return services.sample_serving(timezone.now())


@handler("status_record", soft_limit=120, hard_limit=150)
def status_record(ctx: Any, **_ignored: Any) -> int:
    """Store the figures of the last ninety days."""
    stored = services.record_serving(timezone.now())
    return len(stored.receipts) if stored else 0


LOOKS = 3


@handler("mention", soft_limit=50, hard_limit=55, max_attempts=LOOKS, first_wait=60.0, retry_on=(httpx.HTTPError,))
def mention(ctx: Any, mention: int, **_ignored: Any) -> str:
    """Look whether a page links here as it says."""
    return services.look_at_mention(mention_id=mention, is_last=ctx.job.attempts + 1 >= LOOKS)


@handler("send_mentions", soft_limit=900, hard_limit=960)
def send_mentions(ctx: Any, kind: str, slug: str, **_ignored: Any) -> dict[str, str]:
    """Tell the pages that a text links to."""
    return services.send_mentions(kind=kind, slug=slug)


@rule("mentions-refused", days=90)
def prune_mentions(before: datetime) -> int:
    """Notices that came to nothing; a shown mention stays."""
    return services.forget_mentions(before)


@rule("status-samples", days=180)
def prune_status(before: datetime) -> int:
    """Hours and records of the status page; their receipts stay."""
    return services.forget_status(before)


@rule("idempotency-keys", days=1)
def prune_answers(before: datetime) -> int:
    """What repeated POSTs are answered with: a client that retries does so within a day."""
    return access.forget_answers(before=before)


# A first collection of a clone takes a minute or two; after ten, what is still missing will stay missing.
RELEASE_ROUNDS, RELEASE_PAUSE = 30, timedelta(seconds=20)


@handler("release_texts", soft_limit=120, hard_limit=150)
def release_texts(ctx: Any, round: int = 1, **_ignored: Any) -> dict[str, Any]:
    """Publish the release's own portfolio, and come back for the texts whose figures are not collected yet."""
    now = timezone.now()
    done, waiting = services.publish_release(now=now)
    if waiting and round < RELEASE_ROUNDS:
        enqueue(kind="release_texts", args={"round": round + 1}, not_before=now + RELEASE_PAUSE)
    return {"published": done, "waiting": waiting}
