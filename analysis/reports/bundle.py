"""The evidence bundle: published achievements with figures, receipts, quotations and texts, signed by the owner."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from analysis.achievements.browse import public_achievements, with_changes
from analysis.achievements.figures import achievement_ref, receipts_of
from analysis.claims.models import Claim
from analysis.collection.browse import change_ref
from evidence.canonical import canonical_bytes, canonical_text, sha256_bytes, sha256_of

FORMAT = 2
VERIFIER = Path(__file__).with_name("verify_bundle.py")


class NoKey(LookupError):
    """There is no signing key yet; the message says how to make one."""


def make_key(path: Path) -> str:
    """Make the owner's Ed25519 key at ``path``, readable by its owner only; returns the public key in hexadecimal."""
    key = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = key.private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(raw)
    return public_key(key)


def read_key(path: Path) -> Ed25519PrivateKey:
    if not path.exists():
        raise NoKey(f"There is no signing key at {path}. Make one with: manage.py bundle --make-key")
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def public_key(key: Ed25519PrivateKey) -> str:
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return raw.hex()


def collect_payload() -> dict[str, Any]:
    """Everything published, as plain values. Hidden and rejected things are not in it."""
    figures: list[dict[str, Any]] = []
    receipts: dict[str, str] = {}
    changes: dict[int, str] = {}
    for achievement in with_changes(public_achievements()).order_by("key"):
        changes |= {change.pk: change_ref(change) for change in achievement.changes.all()}
        for label, receipt in receipts_of(achievement):
            receipts[receipt.id] = receipt.text
            figures.append({"subject": achievement_ref(achievement), "label": label, "receipt": receipt.id})
    claims, texts = _quotations(changes)
    # Receipts and texts are named by their hashes; these name the rest, so that an alteration is found where it is.
    parts = {"figures": [sha256_of(row) for row in figures], "claims": [sha256_of(row) for row in claims]}
    return {
        "format": FORMAT, "figures": figures, "receipts": receipts, "claims": claims, "texts": texts, "parts": parts,
    }  # fmt: skip


def _quotations(changes: dict[int, str]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    rows: Iterable[Claim] = (
        Claim.objects.filter(change__in=changes).exclude(review=Claim.Review.REJECTED)
        .select_related("text").order_by("key")
    )  # fmt: skip
    claims, texts = [], {}
    for claim in rows:
        digest = sha256_bytes(claim.text.text.encode())
        texts[digest] = claim.text.text
        claims.append(
            {"key": claim.key, "change": changes[claim.change_id], "text": digest, "start": claim.start,
             "end": claim.end, "quote": claim.quote, "state": claim.state, "review": claim.review}
        )  # fmt: skip
    return claims, texts


def sign(payload: dict[str, Any], key: Ed25519PrivateKey) -> bytes:
    """The bundle's bytes: canonical JSON of payload text, public key and signature."""
    text = canonical_text(payload)
    envelope = {"payload": text, "public_key": public_key(key), "signature": key.sign(text.encode()).hex()}
    return canonical_bytes(envelope)
