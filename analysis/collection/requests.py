"""Work on one repository, asked for in the background: one open job of a kind, and one at a time of all kinds."""

from __future__ import annotations

from typing import Any

from jobs.models import Job
from jobs.services import enqueue


def request_work(kind: str, repository_id: int, **more: Any) -> Job:
    """Ask for a job of this kind, or return the one that waits already; ``more`` goes to jobs.services.enqueue."""
    return enqueue(
        kind=kind,
        args={"repository_id": repository_id},
        key=f"{kind}:{repository_id}",
        resource=f"repository:{repository_id}",
        **more,
    )
