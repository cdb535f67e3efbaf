"""Every code block of the API guide that a reader pastes runs as it stands, against a real server."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from portfolio.access import services
from portfolio.access.models import Scope
from tests.factories.collection import ChangeFactory
from tests.integration.rest.test_writes import frozen

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "api.md").read_text()
BLOCKS = re.findall(r"^```(bash|python)\n(.*?)^```", GUIDE, re.M | re.S)


@pytest.mark.django_db(transaction=True)
def test_blocks_run_as_pasted(live_server: Any) -> None:
    user = User.objects.create_user("owner", is_staff=True)
    _, key = services.create_key(actor=user, name="guide", scopes=list(Scope.values), now=timezone.now())
    changes = ChangeFactory.create_batch(3)
    frozen(f"change:{changes[0].repository.key}#{changes[0].number}")
    environment = {**os.environ, "ATTEST_URL": live_server.url, "ATTEST_KEY": key}
    assert len(BLOCKS) == 6
    said = []
    for language, code in BLOCKS:
        command = ["bash", "-euo", "pipefail", "-c", code] if language == "bash" else [sys.executable, "-c", code]
        result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert result.returncode == 0, result.stderr
        said.append(result.stdout)
    assert "304" in said[0]
    assert said[1] == "3 changes\n"
    assert said[2] == "3 records, complete\n"
    assert said[3].startswith("verified")
    assert '"code":"invalid"' in said[4]
    assert '"is_current":false' in said[5]
