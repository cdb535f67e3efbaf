"""The type of a change, by the network that labels the site's own changes."""

from collections.abc import Mapping
from typing import Any

from analysis import queries as analysis
from portfolio.demos.errors import DemoError

MAX_TITLE, MAX_PATHS = 500, 50


def sample() -> dict[str, Any]:
    """A change that could be two things."""
    return {
        "title": "Read the configuration once instead of on every request",
        "paths": "app/settings.py\napp/middleware.py\ntests/test_settings.py",
    }


def read(form: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Title and paths of the form, cut to a size that a change has."""
    title = str(form.get("title", "")).strip()[:MAX_TITLE]
    paths = [line.strip()[:300] for line in str(form.get("paths", "")).splitlines() if line.strip()]
    if not title and not paths:
        raise DemoError("Give a title or at least one path.")
    return title, paths[:MAX_PATHS]


def run(form: Mapping[str, Any]) -> dict[str, Any]:
    """The prediction with the shares of all types, largest first."""
    title, paths = read(form)
    answer = analysis.explain_type(title, paths)
    shares = sorted(answer.shares.items(), key=lambda item: -item[1])
    return {"answer": answer, "shares": [(name, round(share, 3)) for name, share in shares]}
