"""`manage.py release`: what has to happen once before the processes of a release serve. Safe to run again."""

import os
import signal
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from jobs.services import enqueue

# Jobs that register what ships with the code and make the schedules; each is asked for once however often this runs.
FIRST_JOBS = ("models_start", "site_start")


class Command(BaseCommand):
    help = "Migrate, collect the static files, and ask for the first jobs. The Procfile's release step."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=options["verbosity"])
        call_command("collectstatic", interactive=False, verbosity=0)
        for kind in FIRST_JOBS:
            enqueue(kind=kind, key=kind)
        self.stdout.write("Ready to serve.")
        if os.environ.get("HONCHO_PROCESS_NAME"):
            # honcho ends all processes when one ends; a Procfile host waits for the release step instead.
            signal.pause()
