"""How often a visitor may use what costs something. Only a keyed hash of the address is kept, for an hour."""

import hashlib
import hmac

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


def over_limit(request: HttpRequest, bucket: str, per_hour: int) -> bool:
    """Count this sender's use of a bucket; True once the hour's share is used up."""
    address = request.META.get("REMOTE_ADDR", "")
    digest = hmac.new(settings.SECRET_KEY.encode(), f"{bucket}:{address}".encode(), hashlib.sha256).hexdigest()
    key = f"limit:{digest[:32]}"
    cache.add(key, 0, timeout=3600)
    try:
        return cache.incr(key) > per_hour
    except ValueError:  # the entry ran out between the two calls
        return False
