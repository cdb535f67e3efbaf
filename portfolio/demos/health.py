"""Checks each demo by running it on its own sample, through the same code that visitors run."""

from __future__ import annotations

import time

from django.utils import timezone

from portfolio.demos.catalogue import CATALOGUE
from portfolio.demos.errors import DemoError
from portfolio.models import Demo


def check_all() -> dict[str, str]:
    """Run every demo once and keep what came of it; the health by slug."""
    return {slug: check(slug) for slug in CATALOGUE}


def check(slug: str) -> str:
    """Run one demo on its sample and keep its health, reason and milliseconds."""
    spec, started = CATALOGUE[slug], time.monotonic()
    health, reason = Demo.Health.OK, ""
    try:
        sample = spec.sample()
        spec.run({name: value for name, value in sample.items() if isinstance(value, str | int | float)})
    except DemoError as error:
        health, reason = Demo.Health.UNAVAILABLE, str(error)
    except Exception as error:  # noqa: BLE001  any failure is what this check is there to find and show
        health, reason = Demo.Health.FAILED, f"{type(error).__name__}: {error}"
    Demo.objects.update_or_create(
        slug=slug,
        defaults={
            "health": health,
            "reason": reason[:300],
            "milliseconds": int((time.monotonic() - started) * 1000),
            "checked_at": timezone.now(),
        },
    )
    return str(health)
