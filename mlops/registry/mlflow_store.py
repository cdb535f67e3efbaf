"""The only module that imports mlflow, and only inside its functions: a registry of its own beside our rows.

MLflow keeps a copy of every version with its artefact, metrics and aliases, for those who know its tools. Our rows
decide; this copy can be rebuilt from them. Its store is an SQLite file under var/ or a database of its own
(ATTEST_MLFLOW_STORE), never Django's.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

EXPERIMENT = "attest"
TAG = "attest.version"
PATIENCE = 3.0  # seconds that a store may take to answer at all


class StoreUnavailable(Exception):
    """MLflow's store is gone, locked or broken; the message is its own, shortened."""


def folder() -> Path:
    """Where MLflow's file store and artefacts lie by default."""
    return Path(settings.VAR_DIR) / "mlflow"


def uri() -> str:
    """The store as MLflow names it: the configured one, else an SQLite file."""
    return str(getattr(settings, "ATTEST_MLFLOW_STORE", "")) or f"sqlite:///{folder() / 'mlflow.sqlite3'}"


def safe_environment() -> dict[str, str]:
    """What MLflow must be told wherever it runs: no pickles, no jobs of its own, no reports to its makers."""
    return {
        "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }


def push(
    model: str, number: int, payload: bytes, filename: str, *, metrics: Mapping[str, float], tags: Mapping[str, str]
) -> tuple[str, str]:
    """Store one version; return (run id, MLflow's version). Repeating it finds what is already there."""
    with _client() as client:
        _model(client, model)
        found = _by_tag(client, model, number)
        if found is not None:
            return str(found.run_id), str(found.version)
        run = client.create_run(_experiment(client), run_name=f"{model}-{number}", tags=dict(tags))
        for name, value in metrics.items():
            client.log_metric(run.info.run_id, name, value)
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / filename
            path.write_bytes(payload)
            client.log_artifact(run.info.run_id, str(path))
        client.set_terminated(run.info.run_id)
        version = client.create_model_version(
            model,
            source=f"{run.info.artifact_uri}/{filename}",
            run_id=run.info.run_id,
            tags={**tags, TAG: str(number)},
        )
        return str(run.info.run_id), str(version.version)


def download(model: str, version: str) -> bytes:
    """The artefact's bytes as MLflow has them; who calls checks the hash."""
    with _client() as client, tempfile.TemporaryDirectory() as scratch:
        found = client.get_model_version(model, version)
        files = client.list_artifacts(found.run_id)
        return Path(client.download_artifacts(found.run_id, files[0].path, scratch)).read_bytes()


def set_aliases(model: str, aliases: Mapping[str, str]) -> None:
    """Make MLflow's aliases of a model exactly these (role to MLflow's version)."""
    with _client() as client:
        registered = client.get_registered_model(model)
        for role in registered.aliases:
            if role not in aliases:
                client.delete_registered_model_alias(model, role)
        for role, version in aliases.items():
            client.set_registered_model_alias(model, role, version)


def aliases(model: str) -> dict[str, str]:
    """Role to version, asked one by one: a search returns them empty."""
    with _client() as client:
        return {
            role: str(client.get_model_version_by_alias(model, role).version)
            for role in client.get_registered_model(model).aliases
        }


def ping() -> None:
    """Raise StoreUnavailable unless the store answers."""
    with _client() as client:
        client.search_registered_models(max_results=1)


@contextlib.contextmanager
def _client() -> Iterator[Any]:
    """A client of the configured store; every error of mlflow or its database becomes StoreUnavailable."""
    os.environ.update(safe_environment())
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    try:
        folder().mkdir(parents=True, exist_ok=True)
        store = uri()
        _probe(store)
        from mlflow import MlflowClient

        yield MlflowClient(tracking_uri=store, registry_uri=store)
    except Exception as error:
        raise StoreUnavailable(f"{type(error).__name__}: {str(error)[:300]}") from error


def _probe(store: str) -> None:
    """Fail within seconds where mlflow would try again for minutes: a store that is locked, broken or not reachable."""
    parts = urlsplit(store)
    if parts.scheme == "sqlite":
        with contextlib.closing(sqlite3.connect(store.removeprefix("sqlite:///"), timeout=PATIENCE)) as database:
            database.execute("BEGIN IMMEDIATE")
            database.execute("ROLLBACK")
    elif parts.hostname:
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 5432)
        socket.create_connection((parts.hostname, port), timeout=PATIENCE).close()


def _experiment(client: Any) -> str:
    found = client.get_experiment_by_name(EXPERIMENT)
    if found is not None:
        return str(found.experiment_id)
    return str(client.create_experiment(EXPERIMENT, artifact_location=(folder() / "artifacts").as_uri()))


def _model(client: Any, model: str) -> None:
    if not client.search_registered_models(filter_string=f"name = '{model}'"):
        client.create_registered_model(model)


def _by_tag(client: Any, model: str, number: int) -> Any:
    for found in client.search_model_versions(f"name = '{model}'"):
        if found.tags.get(TAG) == str(number):
            return found
    return None
