"""`manage.py apikey`: make, list, rotate and revoke keys of the API."""

import datetime as dt
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portfolio.access import services
from portfolio.access.models import ApiKey, Scope


class Command(BaseCommand):
    help = "Make, list, rotate or revoke a key of the REST API. A new key is printed once, on stdout."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        make = acts.add_parser("create", help="make a key and print it")
        make.add_argument("name", help="what uses the key")
        make.add_argument("--user", required=True, help="whose key it is; private reads and writes need staff")
        make.add_argument("--scope", action="append", default=[], choices=Scope.values, help="repeat for several")
        make.add_argument("--days", type=int, default=services.LIFETIME.days, help="days until it expires")
        acts.add_parser("list", help="list keys without their secrets")
        for act in ("rotate", "revoke"):
            acts.add_parser(act, help=f"{act} a key").add_argument("prefix")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        acts: dict[str, Callable[..., None]] = {
            "create": self.create,
            "list": self.show_all,
            "rotate": self.rotate,
            "revoke": self.revoke,
        }
        try:
            acts[act](**options)
        except services.KeyRefused as refused:
            raise CommandError(str(refused)) from refused

    def create(self, *, name: str, user: str, scope: list[str], days: int, **_ignored: Any) -> None:
        users = get_user_model()
        owner = users.objects.filter(**{users.USERNAME_FIELD: user}).first()
        if owner is None:
            raise CommandError(f"There is no user '{user}'. Make one with: manage.py createsuperuser")
        now = timezone.now()
        expires = now + dt.timedelta(days=days)
        _, text = services.create_key(actor=owner, name=name, scopes=scope, now=now, expires_at=expires)
        self.stdout.write(text)
        self.stderr.write("Keep it now: only its hash is stored.")

    def show_all(self, **_ignored: Any) -> None:
        for key in ApiKey.objects.order_by("pk"):
            state = "revoked" if key.revoked_at else "expired" if key.expires_at <= timezone.now() else "valid"
            self.stdout.write(
                f"{key.prefix}  {state:8} until {key.expires_at:%Y-%m-%d}  {key.name}  {' '.join(key.scopes)}"
            )

    def _key(self, prefix: str) -> ApiKey:
        key = ApiKey.objects.select_related("owner").filter(prefix=prefix).first()
        if key is None:
            raise CommandError(f"There is no key with the prefix '{prefix}'. See: manage.py apikey list")
        return key

    def rotate(self, *, prefix: str, **_ignored: Any) -> None:
        key = self._key(prefix)
        _, text = services.rotate_key(actor=key.owner, key=key, now=timezone.now())
        self.stdout.write(text)
        self.stderr.write("The old key works for one more day.")

    def revoke(self, *, prefix: str, **_ignored: Any) -> None:
        key = self._key(prefix)
        services.revoke_key(actor=key.owner, key=key, now=timezone.now(), reason="manage.py apikey revoke")
        self.stderr.write("Revoked.")
