"""Outside data sets: brought in only when they are the registered files, and said to be missing when they are not."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from mlops import queries, services
from mlops.datasets import external

FILES = {"one.csv": "a,b\n1,2\n", "two.csv": "c\n3\n"}


@pytest.fixture
def registered(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A made-up data set of two files, registered as "toy"."""
    settings.VAR_DIR = tmp_path / "var"
    source = tmp_path / "source"
    source.mkdir()
    for name, content in FILES.items():
        (source / name).write_text(content)
    hashes = {name: external._sha256(source / name) for name in FILES}
    known = external.External("toy", "Made-up", "https://example.org/toy", "free to use", hashes)
    monkeypatch.setitem(external.KNOWN, "toy", known)
    return source


def test_an_added_data_set_is_installed(registered: Path) -> None:
    assert not queries.dataset_installed("toy")
    out = StringIO()
    call_command("datasets", "add", "toy", str(registered), stdout=out)
    assert queries.dataset_installed("toy")
    assert (queries.dataset_folder("toy") / "one.csv").read_text() == FILES["one.csv"]
    call_command("datasets", "list", stdout=out)
    assert "toy (installed)" in out.getvalue() and "sip (not installed)" in out.getvalue()


def test_another_file_under_the_name_is_refused(registered: Path) -> None:
    (registered / "two.csv").write_text("something else")
    with pytest.raises(CommandError, match="as registered"):
        call_command("datasets", "add", "toy", str(registered))
    assert not queries.dataset_installed("toy")


def test_what_is_missing_is_said(registered: Path, tmp_path: Path) -> None:
    with pytest.raises(services.DataSetProblem, match="datasets add toy"):
        queries.dataset_folder("toy")
    with pytest.raises(services.DataSetProblem, match=r"holds no one\.csv"):
        services.add_dataset(name="toy", source=tmp_path)
    with pytest.raises(services.DataSetProblem, match="known are"):
        services.add_dataset(name="nothing", source=tmp_path)
    with pytest.raises(CommandError, match="needs a name"):
        call_command("datasets", "add")


def test_a_changed_file_is_no_longer_the_data_set(registered: Path) -> None:
    place = services.add_dataset(name="toy", source=registered)
    (place / "one.csv").write_text("changed")
    with pytest.raises(services.DataSetProblem, match="not the registered file"):
        queries.dataset_folder("toy")
