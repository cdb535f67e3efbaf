"""Artefacts by content hash: kept in a local cache, loaded safely or not at all.

What may be loaded is decided by our own rows: the SHA-256 of the bytes and the list of trusted types. A store can hand
over anything; bytes with another hash, a pickle, or a skops file with an unlisted type are refused.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from django.conf import settings

from evidence.files import write_once
from mlops.registry.models import ModelVersion

MAX_BYTES = 200_000_000


class ArtefactRefused(Exception):
    """The bytes are missing, are not the registered ones, or may not be loaded. The message says which."""


def folder() -> Path:
    """The local cache: it also serves while MLflow is down."""
    return Path(settings.VAR_DIR) / "mlops" / "artefacts"


def keep(payload: bytes) -> str:
    """Put bytes into the cache, whole or not at all; return their SHA-256."""
    digest = hashlib.sha256(payload).hexdigest()
    write_once(folder() / digest, payload)
    return digest


def read(version: ModelVersion) -> bytes:
    """The bytes of a version: from the cache, else from MLflow; the hash is checked every time."""
    path = folder() / version.artefact_sha256
    try:
        payload = path.read_bytes()
    except OSError:
        payload = b""
    if hashlib.sha256(payload).hexdigest() == version.artefact_sha256:
        return payload
    path.unlink(missing_ok=True)
    payload = _download(version)
    if hashlib.sha256(payload).hexdigest() != version.artefact_sha256:
        raise ArtefactRefused(
            f"{version}: the artefact has another hash than the registered {version.artefact_sha256[:12]}. "
            "It was swapped or truncated; retrain or roll back."
        )
    keep(payload)
    return payload


def load(version: ModelVersion) -> Any:
    """What the bytes of a version hold: a JSON document, or the object of a skops file."""
    payload = read(version)
    if len(payload) > MAX_BYTES:
        raise ArtefactRefused(f"{version}: {len(payload)} bytes are more than the {MAX_BYTES} that may be loaded.")
    return parse(payload, version.artefact_format, version.trusted_types, str(version))


def parse(payload: bytes, format_: str, trusted: list[str], name: str = "artefact") -> Any:
    """Load JSON or skops bytes; anything else, a pickle above all, raises ArtefactRefused."""
    if format_ == "json":
        try:
            return json.loads(payload)
        except (ValueError, RecursionError) as error:
            raise ArtefactRefused(f"{name}: not JSON ({error}). Only JSON and skops artefacts are loaded.") from error
    if format_ == "skops" and payload[:4] == b"PK\x03\x04":
        from skops import io as skops_io

        try:
            unlisted = sorted(set(skops_io.get_untrusted_types(data=payload)) - set(trusted))
            if unlisted:
                raise ArtefactRefused(f"{name}: holds types that are not on our list: {', '.join(unlisted)}.")
            return skops_io.loads(payload, trusted=list(trusted))
        except ArtefactRefused:
            raise
        except Exception as error:
            raise ArtefactRefused(f"{name}: not a readable skops file ({type(error).__name__}: {error}).") from error
    raise ArtefactRefused(f"{name}: neither JSON nor skops. Pickles are never loaded.")


def _download(version: ModelVersion) -> bytes:
    if not version.mlflow_version:
        raise ArtefactRefused(f"{version}: its artefact is not in the local cache and was never stored in MLflow.")
    from mlops.registry import mlflow_store

    try:
        return mlflow_store.download(version.model, version.mlflow_version)
    except mlflow_store.StoreUnavailable as error:
        raise ArtefactRefused(f"{version}: not in the local cache, and MLflow does not answer ({error}).") from error
