"""Every code block of the API guide that a reader pastes runs as it stands, against a real server."""

import os
import re
import shlex
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.factories.collection import ChangeFactory
from tests.integration.rest.test_writes import frozen

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "api.md").read_text()
COMMANDS = re.findall(r"^(?:\S+=\S+ )?\.venv/bin/python manage\.py (.+)$", GUIDE, re.M)
BLOCKS = re.findall(r"^```(bash|python)\n(.*?)^```", GUIDE, re.M | re.S)


@pytest.mark.django_db(transaction=True)
def test_blocks_run_as_pasted(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "choose-a-long-one")
    printed = StringIO()
    for command in COMMANDS:
        name, *arguments = shlex.split(command)
        call_command(name, *arguments, stdout=printed, stderr=StringIO())
    key = printed.getvalue().split()[-1]
    changes = ChangeFactory.create_batch(3)
    frozen(f"change:{changes[0].repository.key}#{changes[0].number}")
    environment = {**os.environ, "ATTEST_URL": live_server.url, "ATTEST_KEY": key}
    assert (len(COMMANDS), len(BLOCKS)) == (2, 6)
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
