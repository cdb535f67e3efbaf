"""Doorways of this app's background work."""

from typing import Any

from django.utils import timezone

from jobs.handlers import handler
from portfolio import services
from portfolio.demos import health


@handler("demos", soft_limit=120, hard_limit=150)
def demos(ctx: Any, **_ignored: Any) -> dict[str, str]:
    """Check the health of every demo."""
    return health.check_all()


@handler("publish_due", soft_limit=120, hard_limit=150)
def publish_due(ctx: Any, **_ignored: Any) -> dict[str, Any]:
    """Publish what is scheduled up to now."""
    done, refused = services.publish_due(now=timezone.now())
    return {"published": done, "refused": refused}
