"""`manage.py mlflow_ui`: MLflow's own pages over its copy of the registry, on loopback only."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from mlops.registry import mlflow_store


class Command(BaseCommand):
    help = "Serve MLflow's own pages on 127.0.0.1; they have no login, so reach them through an SSH tunnel."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=5000, help="port on 127.0.0.1 (default 5000)")

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        folder = mlflow_store.folder()
        folder.mkdir(parents=True, exist_ok=True)
        # The store's address may hold a password, so it goes by the environment and not by the list of processes.
        environment = {
            **os.environ,
            **mlflow_store.safe_environment(),
            "MLFLOW_BACKEND_STORE_URI": mlflow_store.uri(),
            "MLFLOW_ARTIFACTS_DESTINATION": (folder / "artifacts").as_uri(),
        }
        command = [
            sys.executable,
            "-m",
            "mlflow",
            "server",
            *["--host", "127.0.0.1", "--workers", "1", "--port"],
            str(port),
        ]
        # This process becomes the server and takes its signals; every word of the command is ours.
        os.execve(sys.executable, command, environment)  # noqa: S606
