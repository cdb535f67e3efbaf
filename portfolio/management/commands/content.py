"""`content import|export|release|withdraw`: texts as Markdown files, and the texts that come with Attest."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portfolio import services


class Command(BaseCommand):
    """Move the working copies of the texts between the database and a folder."""

    help = (
        "Import or export case studies, posts and pages as Markdown with front matter; show the portfolio that comes "
        "with Attest (release), or take it off the site (withdraw)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Direction and folder."""
        parser.add_argument("direction", choices=["import", "export", "release", "withdraw"])
        parser.add_argument("folder", nargs="?", default=str(Path(settings.BASE_DIR) / "content"))

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a file; exit 3 when a file was refused."""
        if options["direction"] in ("release", "withdraw"):
            self._release(withdraw=options["direction"] == "withdraw")
            return
        root = Path(options["folder"])
        if options["direction"] == "import" and not root.is_dir():
            raise CommandError(f"{root} is no folder.", returncode=2)
        run = services.import_content if options["direction"] == "import" else services.export_content
        refused = 0
        for outcome in run(folder=root, actor="system:content"):
            refused += outcome.state == "refused"
            reason = f": {outcome.reason}" if outcome.reason else ""
            self.stdout.write(f"{outcome.state}  {outcome.path.relative_to(root)}{reason}")
        if refused:
            raise CommandError(f"{refused} files were refused; the others are in.", returncode=3)

    def _release(self, *, withdraw: bool) -> None:
        if withdraw:
            for name in services.withdraw_release(actor="system:content"):
                self.stdout.write(f"withdrawn  {name}")
            return
        done, waiting = services.publish_release(now=timezone.now())
        for name in done:
            self.stdout.write(f"published  {name}")
        for line in waiting:
            self.stdout.write(f"waits  {line}")
        if not done and not waiting:
            self.stdout.write("Nothing was published: this site has an owner.")
        if waiting:
            raise CommandError(f"{len(waiting)} texts wait for their figures; collect this clone first.", returncode=3)
