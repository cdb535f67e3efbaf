"""What every page carries itself: its style, the script that sets a chosen theme, the one that unfolds receipts.

They stand in the page, so that what one sees first waits for one answer only; the policy names each by its hash and
still allows no other inline code. There is no build step: the files of static/ are joined, and freed of comments and
indentation, when the first page asks.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

PARTS = ("tokens", "base", "components", "pages")


def _read(name: str) -> str:
    return (Path(settings.BASE_DIR) / "static" / name).read_text(encoding="utf-8")


def _joined() -> str:
    text = "\n".join(_read(f"css/{name}.css") for name in PARTS)
    text += "\n@media print {\n" + _read("css/print.css") + "\n}\n"
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return re.sub(r"\n\s*", "\n", text).strip()


def _source(text: str) -> str:
    """A text as a source of the policy; refuses one that would end its element early."""
    if "</" in text:
        raise ValueError("a style or script that stands in a page may not hold </")
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _script(name: str) -> str:
    text = re.sub(r"^\s*//.*\n", "", _read(f"js/{name}.js"), flags=re.M)  # comments first: they end with their line
    return re.sub(r"\n\s*", "\n", text).strip()


@dataclass(frozen=True)
class Inline:
    """The texts that stand in a page: `theme` in its head, `script` at its end; `allowed` is what the policy names."""

    style: str
    theme: str
    script: str
    allowed: dict[str, list[str]]


@cache
def _kept() -> Inline:
    style, theme, script = _joined(), _script("theme"), _script("site")
    allowed = {"style-src": [_source(style)], "script-src": [_source(theme), _source(script)]}
    return Inline(style, theme, script, allowed)


def inline() -> Inline:
    """The texts of a page and their hashes; read anew for every page while developing."""
    if settings.DEBUG:
        _kept.cache_clear()
    return _kept()


class AllowInline:
    """Middleware under the one of the policy: pages may use these texts and no other inline code."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Name the hashes to the policy of an HTML answer."""
        response = self.get_response(request)
        if response.get("Content-Type", "").startswith("text/html"):
            response._csp_update = inline().allowed  # type: ignore[attr-defined]  # how django-csp is told
        return response
