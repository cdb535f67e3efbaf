"""`manage.py models` does what the desk does, and says what is wrong."""

import os
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from analysis.change_types.classify import NETWORK_VERSION
from jobs import runner
from jobs.models import Job
from mlops import services
from mlops.training import spec as specs
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


def test_at_the_first_start_each_model_says_how_many_rows_it_has() -> None:
    """Also one whose data set is not installed: a state, no failed job and no "not counted yet" for ever."""
    specs.register(kit.spec(dataset=lambda: iter(())))
    services.start()
    assert {job.args["model"] for job in Job.objects.filter(kind="readiness")} >= {"change-type", "effort-range"}
    while runner.run_next("default") is not None:
        pass
    assert not Job.objects.filter(kind="readiness").exclude(state="done").exists()
    said = run()
    assert "change-type: 0 of 200 labelled rows" in said
    assert "effort-range: 0 of 400 labelled rows; data set not installed: `manage.py datasets add sip PATH`" in said
    services.request_training(model="effort-range", actor=None)
    while runner.run_next("default") is not None:
        pass
    assert "not installed" in Job.objects.get(kind="train").result["reason"]


def test_mlflows_own_pages_are_started_on_loopback_over_the_same_store(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    started: list[tuple[str, list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda *what: started.append(what))
    call_command("mlflow_ui", "--port", "8471")
    settings.ATTEST_MLFLOW_STORE = "postgresql://mlflow:made-up-password@127.0.0.1/mlflow"
    call_command("mlflow_ui")
    (_, here, own), (_, there, other) = started
    assert here[here.index("--host") + 1] == "127.0.0.1" and here[here.index("--port") + 1] == "8471"
    assert own["MLFLOW_BACKEND_STORE_URI"] == f"sqlite:///{settings.VAR_DIR}/mlflow/mlflow.sqlite3"
    assert own["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] == own["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"
    assert other["MLFLOW_BACKEND_STORE_URI"] == settings.ATTEST_MLFLOW_STORE
    assert "made-up-password" not in " ".join(there), "a list of processes shows no password"
    procfile = (settings.BASE_DIR / "Procfile").read_text(encoding="utf-8")
    assert "mlflow: python manage.py mlflow_ui" in procfile
