"""`manage.py bundle`: write the signed evidence bundle and its verifier."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from analysis.reports import bundle
from evidence.files import write_whole


class Command(BaseCommand):
    help = "Write an evidence bundle of what is published, signed with the owner's Ed25519 key, and its verifier."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, nargs="?", help="where bundle.json and verify_bundle.py are written")
        parser.add_argument("--make-key", action="store_true", help="make the signing key, once")

    def handle(self, *args: Any, folder: Path | None, make_key: bool, **options: Any) -> None:
        path = Path(settings.ATTEST_SIGNING_KEY)
        try:
            if make_key:
                self.stdout.write(bundle.make_key(path))
                self.stderr.write(f"The key is at {path}; publish the public key above, and keep the file.")
            if folder:
                self.write(folder, bundle.sign(bundle.collect_payload(), bundle.read_key(path)))
            elif not make_key:
                raise CommandError("Name a folder to write to, or --make-key.")
        except FileExistsError as error:
            raise CommandError(f"There is a key at {path} already; it is not overwritten.") from error
        except (bundle.NoKey, OSError) as error:
            raise CommandError(str(error)) from error

    def write(self, folder: Path, content: bytes) -> None:
        write_whole(folder / bundle.VERIFIER.name, bundle.VERIFIER.read_bytes())
        write_whole(folder / "bundle.json", content)
        self.stderr.write(f"Check it with: python3 {folder / bundle.VERIFIER.name} {folder / 'bundle.json'}")
