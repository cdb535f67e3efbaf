"""The Open Graph image of a page. The title is signed, so that nobody can have the site draw words of their own."""

import hashlib
import hmac

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from portfolio.publishing.cards import card_png
from portfolio.queries import shown_profile

KEEP_SECONDS = 7 * 24 * 3600


def card_key(title: str) -> str:
    """The signature of a title."""
    return hmac.new(settings.SECRET_KEY.encode(), f"card:{title}".encode(), hashlib.sha256).hexdigest()[:20]


@require_safe
@cache_control(public=True, max_age=KEEP_SECONDS)
def card(request: HttpRequest, key: str) -> HttpResponse:
    """PNG, 1200 by 630, kept for a week."""
    title = request.GET.get("title", "")[:200]
    if not constant_time_compare(card_key(title), key):
        raise Http404("no such card")
    name = shown_profile().name or "Attest"
    slot = f"card:{hashlib.sha256(f'{title}|{name}'.encode()).hexdigest()}"
    content = cache.get(slot)
    if content is None:
        content = card_png(title, name)
        cache.set(slot, content, KEEP_SECONDS)
    return HttpResponse(content, content_type="image/png")
