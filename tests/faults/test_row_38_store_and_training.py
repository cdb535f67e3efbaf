"""Row 38, beyond artefacts: MLflow's store locked, gone, silent or half migrated; a training killed at any point;
strange rows. The registry never holds half a version, and what is served stays what it was."""

import datetime as dt
import importlib
import math
import multiprocessing
import os
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from mlops import queries, services
from mlops.models import Alias, Deployment, GateResult, ModelVersion, RegistryHealth
from mlops.monitoring import alerting
from mlops.registry import artefacts, mlflow_store, versions
from mlops.serving import live, recorder
from mlops.training import spec as specs
from mlops.training.run import train
from tests.factories.mlops import MonitorFactory
from tests.integration.platform import kit

ROW = {"text": "Fix the parser", "files": ["src/core.py"]}


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


class Killed(BaseException):
    """Ends a training where it stands; nothing in it may catch this."""


@pytest.mark.django_db
@pytest.mark.parametrize("step", range(5))
def test_a_training_that_is_stopped_registers_nothing(step: int) -> None:
    seen: list[str] = []

    def stop(done: int, total: int, message: str) -> None:
        seen.append(message)
        if len(seen) > step:
            raise Killed

    with pytest.raises(Killed):
        train(specs.get(kit.MODEL), progress=stop)
    assert (ModelVersion.objects.count(), GateResult.objects.count()) == (0, 0)
    version = train(specs.get(kit.MODEL))
    assert (version.number, version.gates.exists()) == (1, True), "the next training is not disturbed"


@pytest.mark.django_db
def test_a_version_without_its_gates_is_never_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(GateResult.objects, "bulk_create", lambda rows: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            train(specs.get(kit.MODEL))
    assert ModelVersion.objects.count() == 0
    left = {path.name for path in artefacts.folder().iterdir()}
    version = train(specs.get(kit.MODEL))
    assert left == {version.artefact_sha256}, "the orphaned artefact is the same bytes, found again by their hash"


def _killed_at(step: int) -> None:
    """The body of a child: train, and die of SIGKILL at a step."""
    connections.close_all()
    steps: list[int] = []

    def kill(done: int, total: int, message: str) -> None:
        steps.append(done)
        if len(steps) > step:
            os.kill(os.getpid(), signal.SIGKILL)

    train(specs.get(kit.MODEL), progress=kill)


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_a_killed_process_leaves_no_half_version() -> None:
    fork = multiprocessing.get_context("fork")
    for step in (1, 4):
        connections.close_all()
        child = fork.Process(target=_killed_at, args=(step,))
        child.start()
        child.join(60)
        assert child.exitcode == -signal.SIGKILL
    assert (ModelVersion.objects.count(), GateResult.objects.count()) == (0, 0)
    assert train(specs.get(kit.MODEL)).number == 1


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", [True, False])
def test_of_two_who_promote_at_once_one_wins(first: bool) -> None:
    """Also when there is no champion yet, and so no row that could be locked."""
    one, two, start = (train(specs.get(kit.MODEL), seed=seed) for seed in (1, 2, 3))
    ModelVersion.objects.update(state="approved")
    for version in (one, two, start):
        version.refresh_from_db()
    if not first:
        services.promote(version=start, reason="start", actor=None)
    serial = 0 if first else 1
    barrier, ended = threading.Barrier(2), list[str]()

    def person(version: ModelVersion) -> None:
        try:
            barrier.wait(10)
            services.promote(version=version, reason="mine", actor=None, serial=serial)
            ended.append("won")
        except services.SwitchedMeanwhile:
            ended.append("told")
        finally:
            connection.close()

    people = [threading.Thread(target=person, args=(version,)) for version in (one, two)]
    for each in people:
        each.start()
    for each in people:
        each.join()
    assert sorted(ended) == ["told", "won"]
    assert Deployment.objects.count() == (1 if first else 2)
    assert Alias.objects.get(role="champion").version in (one, two)


def _locked(folder: Path) -> tuple[str, Callable[[], None]]:
    holder = sqlite3.connect(folder / "locked.sqlite3", isolation_level=None)
    holder.execute("CREATE TABLE held (id INTEGER)")
    holder.execute("BEGIN EXCLUSIVE")
    return f"sqlite:///{folder}/locked.sqlite3", holder.close


def _gone(folder: Path) -> tuple[str, Callable[[], None]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return f"http://127.0.0.1:{port}", lambda: None


def _silent(folder: Path) -> tuple[str, Callable[[], None]]:
    """A server that accepts and never says a word."""
    server = socket.create_server(("127.0.0.1", 0))
    return f"http://127.0.0.1:{server.getsockname()[1]}", server.close


def _half_migrated(folder: Path) -> tuple[str, Callable[[], None]]:
    """Some of the tables, and the mark of a revision that nobody knows."""
    store = sqlite3.connect(folder / "half.sqlite3")
    store.executescript(
        "CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name TEXT);"
        "CREATE TABLE alembic_version (version_num VARCHAR(32));"
        "INSERT INTO alembic_version VALUES ('0000made0up0');"
    )
    store.close()
    return f"sqlite:///{folder}/half.sqlite3", lambda: None


@pytest.mark.django_db
@pytest.mark.filterwarnings("ignore")  # MLflow's own libraries warn of their futures
@pytest.mark.parametrize(
    "trouble",
    [
        _locked,
        _gone,
        pytest.param(_silent, marks=pytest.mark.long),  # these two import MLflow, which takes seconds
        pytest.param(_half_migrated, marks=pytest.mark.long),
    ],
)
def test_a_store_in_trouble_is_a_banner_within_seconds(
    trouble: Callable[[Path], tuple[str, Callable[[], None]]], settings: Any, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "2")
    version = services.train_model(model=kit.MODEL, retraining=True)
    services.promote(version=version, reason="first", actor=None)
    if trouble in (_silent, _half_migrated):
        importlib.import_module("mlflow")  # not what is timed here
    settings.ATTEST_MLFLOW_STORE, end = trouble(tmp_path)
    began = time.monotonic()
    try:
        with pytest.raises(mlflow_store.StoreUnavailable):
            versions.sync()
    finally:
        end()
    assert time.monotonic() - began < 60
    assert not RegistryHealth.objects.get().is_up and "MLflow does not answer" in queries.banner()
    served = services.predict(kit.MODEL, [ROW])[0]
    assert (served.version, served.degraded) == (version.name, False)


@pytest.mark.django_db
def test_strange_rows_get_an_answer_or_one_clear_error() -> None:
    version = services.train_model(model=kit.MODEL, retraining=True)
    services.promote(version=version, reason="first", actor=None)
    assert services.predict(kit.MODEL, []) == []
    strange = [
        {"text": "", "files": []},
        {"text": math.nan, "files": []},
        {"text": "\x00 \ud800 never seen before", "files": ["no/such/folder.xyz"]},
        {"text": "Fix " * 50_000, "files": ["a"] * 5_000},
    ]
    answers = services.predict(kit.MODEL, strange)
    assert [one.version for one in answers] == [version.name] * 4
    assert all(0 <= one.answer["probability"] <= 1 for one in answers)
    missing = services.predict(kit.MODEL, [{"title": "the wrong name"}])[0]
    assert missing.degraded and "KeyError" in missing.reason, "the rules answer for a row that the model cannot read"
    with pytest.raises(ValueError, match="2 keys for 1 rows"):
        services.predict(kit.MODEL, [ROW], keys=["a", "b"])


class _Foreign:
    """A value that no JSON knows, as numpy's are."""

    def item(self) -> float:
        return 0.5


@pytest.mark.django_db
def test_what_no_database_takes_is_recorded_as_text_and_keeps_nothing_else_back() -> None:
    """NaN, NUL, half a surrogate pair, foreign types: PostgreSQL refuses each of them inside JSON."""
    odd = {"type": "a\x00b \ud800", "probability": math.nan, "share": _Foreign(), "many": (math.inf, {1: object})}
    specs.register(
        kit.spec(
            dataset=lambda: iter(kit.examples()),
            load=lambda document: lambda rows: [odd for _ in rows],
            watch=lambda inputs, answer: {"type": str(answer["type"]), "probability": answer["probability"]},
        )
    )
    version = services.train_model(model=kit.MODEL, retraining=True)
    assert version.state == "refused" and "calibration_error" not in version.metrics["test"]
    ModelVersion.objects.update(state="approved")
    version.refresh_from_db()
    services.promote(version=version, reason="first", actor=None)
    assert services.predict(kit.MODEL, [ROW], keys=["change:\x00\udfff"])[0].answer is odd
    services.flush()
    sample = version.samples.get()
    assert sample.answer["probability"] == "nan" and sample.answer["share"] == 0.5
    assert sample.answer["many"][0] == "inf" and set(sample.answer["many"][1]) == {"1"}
    assert "\x00" not in sample.key + sample.answer["type"] and sample.watched["type"] == sample.answer["type"]
    services.label(kit.MODEL, key=sample.key, label="fix", is_right=lambda answer: False)
    for statistic in ("calibration", "accuracy", "psi", "ks", "unseen"):
        monitor = MonitorFactory.create(
            model=kit.MODEL, statistic=statistic, feature="probability", minimum_rows=1, threshold=9.0
        )
        alerting.check(monitor, now=timezone.now() + dt.timedelta(seconds=1))
        assert monitor.measurements.count() == 1


@pytest.mark.django_db
def test_a_candidate_whose_figure_is_no_number_is_refused_by_each_gate_on_it() -> None:
    services.promote(version=services.train_model(model=kit.MODEL), reason="first", actor=None)
    nothing = dict.fromkeys(("accuracy", "macro_f1"), math.nan)
    specs.register(kit.spec(dataset=lambda: iter(kit.examples()), evaluate=lambda labels, answers: nothing))
    version = services.train_model(model=kit.MODEL)
    refused = dict(version.gates.filter(passed=False).values_list("gate", "value"))
    assert refused == dict.fromkeys(("right often enough", "beats the naive baselines"))
    assert version.state == "refused" and version.metrics["test"] == {}


@pytest.mark.long
@pytest.mark.django_db
def test_a_million_rows_in_one_batch() -> None:
    specs.register(
        kit.spec(
            dataset=lambda: iter(kit.examples()),
            load=lambda document: lambda rows: [{"type": "fix", "probability": 1.0} for _ in rows],
        )
    )
    version = services.train_model(model=kit.MODEL, retraining=True)
    ModelVersion.objects.update(state="approved")
    version.refresh_from_db()
    services.promote(version=version, reason="first", actor=None)
    answers = services.predict(kit.MODEL, [ROW] * 1_000_000)
    assert len(answers) == 1_000_000 and not answers[-1].degraded
    services.flush()
    assert version.samples.count() <= recorder.SAMPLES_A_CALL
