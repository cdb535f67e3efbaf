"""`manage.py export_site DIR`: a static copy of the published site."""

import errno
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError

from portfolio import services
from portfolio.management.ticker import Bar


class Command(BaseCommand):
    """Write the copy; an earlier copy in the same folder is replaced once the new one is whole."""

    help = "Write a static copy of the published site: it opens from any file server, under any path, or from a disk."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="a new folder, or one that holds an earlier copy")
        parser.add_argument("--origin", default="", help="address where the copy will stand, for feeds and sitemap")

    def handle(self, *args: Any, folder: Path, origin: str, **options: Any) -> None:
        parts = urlsplit(origin)
        if origin and (parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment):
            raise CommandError(f"--origin {origin}: write it as https://host or https://host/path.", returncode=2)
        try:
            done = services.export_site(
                folder=folder, origin=origin, actor="command:export_site", progress=Bar(self.stderr)
            )
        except services.FolderRefused as error:
            raise CommandError(str(error), returncode=2) from error
        except services.ExportFailed as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            advice = " Free some space and run it again." if error.errno == errno.ENOSPC else ""
            raise CommandError(f"{error}. Nothing was written.{advice}") from error
        self.stdout.write(
            f"{done.pages:,} pages and {done.files - done.pages:,} files, {done.size / 1e6:.1f} MB, in {folder}"
        )
        self.stderr.write(f"Open it with: python3 -m http.server --directory {folder}")
