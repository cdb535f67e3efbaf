"""Keyed identities: link what belongs to one person without keeping who it is (no Django here).

The key is a secret of the installation (``evidence.operator.identity_key``). Without it neither an identity nor a
pseudonym can be computed from an e-mail address or a login, so that a dump alone cannot be searched for a person.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

_CONSONANTS = "bdfghjklmnprstvz"
_VOWELS = "aeio"


def identity(kind: str, value: str, *, key: bytes) -> str:
    """Return the keyed HMAC-SHA-256 of a value (an e-mail address, a login) as 64 hexadecimal digits.

    Values are compared without case and surrounding space; ``kind`` keeps an e-mail and a login apart.
    """
    if not key:
        raise ValueError("the identity key is empty")
    plain = unicodedata.normalize("NFKC", value).strip().casefold()
    return hmac.new(key, f"{kind}\x00{plain}".encode(), hashlib.sha256).hexdigest()


def pseudonym(kind: str, value: str, *, key: bytes) -> str:
    """Return a stable, pronounceable name for a third party, such as ``contributor-bodu-fiza-3f9c``.

    40 bits of the identity: enough to tell the people of a repository apart, useless without the key.
    """
    digest = bytes.fromhex(identity(kind, value, key=key))
    syllables = "".join(_CONSONANTS[byte >> 4] + _VOWELS[byte & 3] for byte in digest[:4])
    return f"{kind}-{syllables[:4]}-{syllables[4:]}-{digest[4:6].hex()}"
