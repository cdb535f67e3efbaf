"""`manage.py achievements`: list, decide, say who the owner is, and export; what the desk does, for scripts."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from django.utils import timezone

from analysis import queries, services
from analysis.models import Achievement, Contributor
from analysis.reports import exports

State = Achievement.State
WAYS = {
    "approve": (State.IN_REVIEW, State.APPROVED),
    "publish": (State.IN_REVIEW, State.APPROVED, State.PUBLISHED),
    "retire": (State.RETIRED,),
}


class Command(BaseCommand):
    """Each decision is a person's: --as names the account that is written down for it."""

    help = "List achievements, approve, publish or retire them as a person, mark the owner, export what is published."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        listing = acts.add_parser("list", help="number, state, lines, changes and title, largest first")
        listing.add_argument("--state", choices=State.values, default="")
        for act in WAYS:
            way = acts.add_parser(act, help=f"{act} achievements by number or key")
            way.add_argument("names", nargs="+")
            way.add_argument("--as", dest="user", required=True, help="account of the person who decides")
        owner = acts.add_parser("owner", help="say that contributors are the owner; without names, list people")
        owner.add_argument("names", nargs="*", help="display names, as the list and the site show them")
        export = acts.add_parser("export", help="write CSV, NDJSON and Markdown of what is published")
        export.add_argument("folder", type=Path)

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        acts: dict[str, Callable[..., None]] = {"list": self.show, "owner": self.owner, "export": self.export}
        acts.get(act, self.decide)(act=act, **options)

    def show(self, *, state: str, **_options: Any) -> None:
        rows = Achievement.objects.annotate(many=Count("memberships")).order_by("-landed_source_lines", "pk")
        for row in rows.filter(state=state) if state else rows:
            self.stdout.write(f"{row.pk}\t{row.state}\t{row.landed_source_lines}\t{row.many}\t{row.title}")

    def decide(self, *, act: str, names: list[str], user: str, **_options: Any) -> None:
        actor = User.objects.filter(username=user, is_active=True).first()
        if actor is None or not actor.has_perm("analysis.change_achievement"):
            raise CommandError(f"'{user}' is no account that may decide. Make one with: manage.py createsuperuser")
        for name in names:
            row = Achievement.objects.filter(**({"pk": name} if name.isdigit() else {"key": name})).first()
            if row is None:
                raise CommandError(f"There is no achievement '{name}'. See: manage.py achievements list")
            try:
                self._through(row, WAYS[act], actor)
            except (services.Conflict, services.NotAllowed) as refused:
                raise CommandError(f"{row.title}: {refused}") from refused
            self.stdout.write(f"{row.pk}\t{WAYS[act][-1]}\t{row.title}")

    def _through(self, row: Achievement, states: tuple[State, ...], actor: User) -> None:
        """Go through the states that are still ahead."""
        current, version = State(row.state), row.version
        ahead = states[states.index(current) + 1 :] if current in states else states
        for state in ahead:
            version = services.move_achievement(
                achievement_id=row.pk, version=version, state=state, actor=actor, now=timezone.now()
            ).version

    def owner(self, *, names: list[str], **_options: Any) -> None:
        people = Contributor.objects.filter(kind=Contributor.Kind.HUMAN).annotate(many=Count("participations"))
        if not names:
            for row in people.order_by("-many", "pk")[:50]:
                self.stdout.write(f"{row.display_name}\t{row.many}\t{'owner' if row.is_owner else ''}".rstrip())
            return
        chosen = list(people.filter(display_name__in=names))
        if len(chosen) < len(set(names)):
            raise CommandError("Not everybody of that name was found. See: manage.py achievements owner")
        services.set_owner(contributors=chosen, owner=True, actor="command:achievements")
        for repository in queries.repositories():
            services.draft_achievements(repository_id=repository.pk)
        self.stdout.write(f"{len(chosen)} marked; the drafts follow.")

    def export(self, *, folder: Path, **_options: Any) -> None:
        try:
            done = exports.write_all(folder)
        except OSError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(", ".join(f"{many} {what}" for what, many in done.items()) + f" in {folder}")
