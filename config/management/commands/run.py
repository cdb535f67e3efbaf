"""`manage.py run`: what `make run` calls once the environment stands."""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from analysis import services
from config import launcher
from config.progress import Watch
from jobs.services import enqueue


class Command(BaseCommand):
    help = "Serve the site on this machine and collect a repository in the background, with progress."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1 (default 8000)")
        parser.add_argument("--source", default="", help="path, https URL or owner/name (default: this clone)")

    def handle(self, *args: Any, port: int, source: str, **options: Any) -> None:
        self.watch = Watch()
        launcher.stop_on_signals()
        try:
            launcher.require_free_port(port)
            self.migrate()
            self.first_user()
            job = services.request_collection(source=source or str(settings.BASE_DIR))
            enqueue(kind="models_start", key="models_start")
            enqueue(kind="site_start", key="site_start")
            if not source:
                enqueue(kind="release_texts", key="release_texts")
            self.stderr.write(f"Collecting {source or 'this clone'} (job {job.pk}) …")
            os.environ.setdefault("ATTEST_PROBE", f"http://127.0.0.1:{port}")  # for the worker
            code = launcher.serve(port, Path(settings.BASE_DIR), lambda: self.served(port), self.tick)
        except (launcher.CannotStart, services.SourceError) as error:
            raise CommandError(str(error)) from error
        except launcher.Stopped:
            code = 0
        self.stderr.write("Stopped.")
        sys.exit(code)

    def migrate(self) -> None:
        """Bring the database up to date; a second start finds nothing to do and spends no time."""
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stderr.write("Preparing the database …")
            call_command("migrate", verbosity=0, interactive=False)

    def first_user(self) -> None:
        """The owner's account on the first start: by environment, at the terminal, or a line that says how."""
        users = get_user_model().objects
        if users.filter(is_superuser=True).exists():
            return
        if os.environ.get("DJANGO_SUPERUSER_PASSWORD"):
            call_command("createsuperuser", interactive=False)
        elif sys.stdin.isatty():
            self.stderr.write("First start: make the owner's account (Ctrl-C skips it).")
            try:
                call_command("createsuperuser", email="")  # nothing here is sent to the owner
            except (KeyboardInterrupt, launcher.Stopped, SystemExit):
                self.stderr.write("\nSkipped; later: .venv/bin/python manage.py createsuperuser")
        else:
            self.stderr.write("No owner's account yet: .venv/bin/python manage.py createsuperuser")

    def served(self, port: int) -> None:
        self.stderr.write(self.style.SUCCESS(f"Attest is served on http://127.0.0.1:{port}  (Ctrl-C ends it)"))

    def tick(self) -> None:
        for text in self.watch.news():
            self.stderr.write(text)
