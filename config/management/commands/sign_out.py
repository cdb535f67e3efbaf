"""`manage.py sign_out`: end the sessions of one account, or of all, at once."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from config.access import sessions
from evidence import audit


class Command(BaseCommand):
    help = "End the sessions of an account (or of all) at once; whoever holds a stolen cookie is out."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login", nargs="?", default="", help="whose sessions end")
        parser.add_argument("--all", action="store_true", help="everybody's")

    @transaction.atomic
    def handle(self, *args: Any, login: str, **options: Any) -> None:
        if bool(login) == options["all"]:
            raise CommandError("Say whose sessions end: a login, or --all.")
        user = get_user_model().objects.filter(username=login).first() if login else None
        if login and user is None:
            raise CommandError(f"There is no account {login}.")
        ended = sessions.end(user)
        audit.record(actor="system:sign_out", action="access.sessions_ended", label=login or "all")
        self.stdout.write(f"{ended} sessions ended.")
