"""The stylesheet: the files of static/css as one answer, named by its hash, so that a page waits for one request.

There is no build step: the files are joined, and freed of comments and indentation, when the first page asks.
"""

import hashlib
import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

PARTS = ("tokens", "base", "components", "pages")
YEAR = 365 * 24 * 3600


def _joined() -> str:
    folder = Path(settings.BASE_DIR) / "static" / "css"
    text = "\n".join((folder / f"{name}.css").read_text(encoding="utf-8") for name in PARTS)
    text += "\n@media print {\n" + (folder / "print.css").read_text(encoding="utf-8") + "\n}\n"
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return re.sub(r"\n\s*", "\n", text).strip()


@cache
def _kept() -> tuple[str, str]:
    text = _joined()
    return hashlib.sha256(text.encode()).hexdigest()[:12], text


def sheet() -> tuple[str, str]:
    """(hash, text) of the stylesheet; read anew for every page while developing."""
    if settings.DEBUG:
        _kept.cache_clear()
    return _kept()


def sheet_url() -> str:
    """The address of the stylesheet as it is now."""
    return reverse("portfolio:style", args=[sheet()[0]])


@require_safe
@cache_control(public=True, max_age=YEAR, immutable=True)
def style(request: HttpRequest, digest: str) -> HttpResponse:
    """The stylesheet of this hash; another hash than the present one is gone."""
    now, text = sheet()
    if digest != now:
        raise Http404("this stylesheet is no longer served; the page names the present one")
    return HttpResponse(text, content_type="text/css; charset=utf-8")
