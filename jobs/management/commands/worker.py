"""Run background jobs until SIGINT or SIGTERM, or until none is left."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from jobs import handlers
from jobs.supervisor import Options, Supervisor


class Command(BaseCommand):
    """``manage.py worker``: Celery with the settings' broker, and the reaper's loop beside it."""

    help = "Run background jobs. Ends on Ctrl-C or SIGTERM; what runs then is given back and run again later."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=2, help="processes that run jobs (default: 2)")
        parser.add_argument("--queues", default="", help="comma-separated queues (default: all)")
        parser.add_argument("--grace", type=float, default=3.0, help="seconds that running jobs get at the end")
        parser.add_argument(
            "--tick", type=float, default=1.0, help="seconds between the reaper's passes; 0: beat does it"
        )
        parser.add_argument("--loglevel", default="WARNING")
        parser.add_argument(
            "--until-idle", action="store_true",
            help="end once no job runs or could start now; what waits for a later time stays",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        queues = tuple(options["queues"].split(",")) if options["queues"] else tuple(handlers.queues())
        connections.close_all()
        supervisor = Supervisor(
            Options(
                options["concurrency"], queues, options["grace"], options["tick"], options["loglevel"],
                options["until_idle"],
            )
        )  # fmt: skip
        raise SystemExit(supervisor.run())
