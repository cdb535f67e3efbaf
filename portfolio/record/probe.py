"""Ask the site for its pages over the network, through name, proxy and TLS, as a visitor's browser does."""

from __future__ import annotations

import httpx
from django.conf import settings

from evidence import outside

PAGES = ("/healthz", "/")
TIMEOUT_SECONDS = 20.0  # of each page; what takes longer is down to whoever asked


def address() -> str:
    """Scheme and host that are asked; "" where nobody has said under which one the site is served."""
    return str(settings.ATTEST_PROBE).rstrip("/")


def answers(site: str) -> bool:
    """True when the site says that it is alive and gives its first page, whole and without a redirect.

    The address is the operator's own, so it may be an inner one.
    """
    asked = httpx.URL(site)
    port = asked.port or {"https": 443, "http": 80}.get(asked.scheme, 0)
    policy = outside.Policy(
        allowed=frozenset({(asked.host.lower(), port)}), max_bytes=5_000_000, total_seconds=TIMEOUT_SECONDS
    )
    try:
        with outside.client(policy, headers={"User-Agent": "attest status monitor"}) as client:
            return all(client.get(f"{site}{page}").status_code == httpx.codes.OK for page in PAGES)
    except httpx.HTTPError:
        return False
