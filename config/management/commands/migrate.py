"""Django's migrate, one at a time: two hosts that release at once must not both make the same table."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

_LOCK = 0x4174_7465_7374  # any number of our own; the lock ends with its connection, so a killed run leaves none


class Command(migrate.Command):
    """The same options and output; on PostgreSQL a second run waits for the first and then finds nothing to do."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            super().handle(*args, **options)
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            super().handle(*args, **options)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
