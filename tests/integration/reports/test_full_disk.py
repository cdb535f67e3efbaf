"""A disk that is full while something is handed over: one message, nothing half, and what stood there stays."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from analysis.models import Report
from evidence.files import write_whole
from tests.factories.collection import ChangeFactory
from tests.faults.disks import small_disk

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("command", "file"),
    [
        (("report", "year", "2031-01-01", "--output"), "year.md"),
        (("bundle",), "verify_bundle.py"),
        (("achievements", "export"), "achievements.csv"),
    ],
)
def test_a_full_disk_ends_the_command_and_leaves_nothing_half(
    tmp_path: Path, settings: pytest.FixtureRequest, command: tuple[str, ...], file: str
) -> None:
    settings.ATTEST_SIGNING_KEY = str(tmp_path / "key")  # type: ignore[attr-defined]
    call_command("bundle", make_key=True)
    ChangeFactory()
    with small_disk(tmp_path / "disk", "16k") as disk:
        place = disk.path / "out" / file
        write_whole(place, b"the earlier one")
        with pytest.raises(OSError, match="No space"), (disk.path / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(b"x" * 1024)
        with pytest.raises(CommandError, match="No space left"):
            call_command(*command, str(place if command[0] == "report" else place.parent))
        assert place.read_bytes() == b"the earlier one"
        assert not list(place.parent.rglob("*.part"))
    assert Report.objects.count() == (command[0] == "report")


def test_a_folder_that_is_not_there_is_made_and_a_file_in_its_place_is_told(tmp_path: Path) -> None:
    call_command("report", "year", "2031-01-01", "--output", str(tmp_path / "new" / "year.md"))
    assert (tmp_path / "new" / "year.md").read_text().startswith("# ")
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("report", "year", "2031-01-01", "--output", str(tmp_path / "file" / "year.md"))
