"""What the operator has decided in the settings, as plain values for the parts that know no Django."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings

from evidence.addresses import Policy, parse_allowed


def identity_key() -> bytes:
    """Return the key of pseudonyms and identities.

    ATTEST_IDENTITY_KEY, else derived from SECRET_KEY. An installation that rotates SECRET_KEY sets the former, for
    otherwise pseudonyms change and erased people are no longer recognised.
    """
    own = getattr(settings, "ATTEST_IDENTITY_KEY", "")
    if own:
        return str(own).encode()
    return hashlib.sha256(b"attest identity\x00" + settings.SECRET_KEY.encode()).digest()


def outside_policy(**changes: Any) -> Policy:
    """Return the Policy of outgoing requests with the operator's allow-list; ``changes`` are its other fields."""
    return Policy(allowed=parse_allowed(getattr(settings, "ATTEST_OUTSIDE_ALLOW", ())), **changes)
