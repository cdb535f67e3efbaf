"""POST /webmention/: where other sites say that they link here."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from portfolio import queries, services
from portfolio.publishing.limits import over_limit

PER_HOUR = 30


@csrf_exempt  # other servers call it, which have no session that could be abused
@require_POST
def webmention(request: HttpRequest) -> HttpResponse:
    """202 for a notice that will be looked at; 4xx and 503 with one line that says why not."""
    if not queries.takes_mentions():
        raise Http404("this site takes no notices")
    if over_limit(request, "webmention", PER_HOUR):
        return _say("Too many notices from your address within an hour. Please send it again later.", 429, wait=True)
    try:
        services.receive_mention(
            source=request.POST.get("source", ""), target=request.POST.get("target", ""), now=timezone.now()
        )
    except services.NoticeRefused as refused:
        return _say(str(refused), refused.status, wait=refused.status == 503)
    return _say("Thank you. The page will be looked at; what links here is shown when the owner agrees.", 202)


def _say(line: str, status: int, *, wait: bool = False) -> HttpResponse:
    answer = HttpResponse(f"{line}\n", status=status, content_type="text/plain; charset=utf-8")
    if wait:
        answer["Retry-After"] = "3600"
    return answer
