"""The owner's photo, as it was published."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from portfolio.models import Portrait
from portfolio.queries import shown_profile


@require_safe
@cache_control(public=True, max_age=365 * 24 * 3600, immutable=True)
def portrait(request: HttpRequest, sha256: str) -> HttpResponse:
    """JPEG, 320 by 320; 404 for any but the one of the published profile."""
    if sha256 != shown_profile().portrait_id:
        raise Http404("no such portrait")
    return HttpResponse(bytes(Portrait.objects.get(pk=sha256).jpeg), content_type="image/jpeg")
