"""Each test begins without anything live, and leaves no spec behind."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlops import services
from mlops.serving import live, recorder
from mlops.training import spec as specs
from tests.integration.platform import kit


@pytest.fixture(autouse=True)
def platform(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.VAR_DIR = tmp_path / "var"
    monkeypatch.setattr(live, "REFRESH_SECONDS", 0.0)
    monkeypatch.setattr(recorder, "FLUSH_SECONDS", 0.0)
    services.forget_live()
    specs.register(kit.spec(dataset=lambda: iter(kit.examples())))
    yield
    services.forget_live()
    specs._specs.pop(kit.MODEL, None)
