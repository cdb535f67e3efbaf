"""`manage.py models` does what the desk does, and says what is wrong."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from analysis.change_types.classify import NETWORK_VERSION
from mlops import services
from tests.integration.platform import kit

pytestmark = pytest.mark.django_db


def run(*arguments: str, **options: str) -> str:
    out = StringIO()
    call_command("models", *arguments, stdout=out, **options)
    return out.getvalue()


def test_train_promote_list_roll_back() -> None:
    assert "passed" in run("train", kit.MODEL)
    run("promote", kit.MODEL, "1", reason="first")
    run("train", kit.MODEL)
    with pytest.raises(CommandError, match="Say why"):
        run("promote", kit.MODEL, "2")
    run("promote", kit.MODEL, "2", reason="second")
    assert "(version 2 of 2)" in run()
    assert "-> story 1" in run("rollback", kit.MODEL, reason="back")
    run("shadow", kit.MODEL, "2", reason="listen")
    run("stop", kit.MODEL, "shadow", reason="heard enough")
    with pytest.raises(CommandError, match="Nobody is the challenger"):
        run("stop", kit.MODEL, "challenger", reason="none")
    with pytest.raises(CommandError, match="has no version 9"):
        run("promote", kit.MODEL, "9", reason="none")


def test_what_ships_is_registered_once() -> None:
    first = services.start()
    assert first >= 2
    assert services.start() == 0
    assert f"change-type: {NETWORK_VERSION}" in run()
    assert "labelled rows" in run()
