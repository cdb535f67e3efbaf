"""Row 38: artefact pickled, tampered with, truncated, missing; MLflow down. Hashes refuse, the last good one serves."""

import dataclasses
import io
import json
import pickle
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlops import queries, services
from mlops.models import ModelVersion, PredictionSample, RegistryHealth
from mlops.registry import artefacts, mlflow_store, versions
from mlops.registry.artefacts import ArtefactRefused, parse
from mlops.serving import live, recorder
from mlops.training import spec as specs
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


@pytest.fixture
def champions(db: None) -> tuple[ModelVersion, ModelVersion]:
    first = services.train_model(model=kit.MODEL, retraining=True)
    services.promote(version=first, reason="first", actor=None)
    specs.register(kit.spec(dataset=lambda: iter(kit.examples()), fit=kit.fitter(paths=True)))
    second = services.train_model(model=kit.MODEL, retraining=True)
    services.promote(version=second, reason="second", actor=None)
    return first, second


def ask() -> services.Served:
    services.forget_live()
    return services.predict(kit.MODEL, [ROW])[0]


@pytest.mark.parametrize("damage", ["swapped", "truncated", "pickled", "missing"])
def test_a_damaged_artefact_is_refused_and_the_version_before_serves(
    champions: tuple[ModelVersion, ModelVersion], damage: str
) -> None:
    first, second = champions
    path = artefacts.folder() / second.artefact_sha256
    whole = path.read_bytes()
    {
        "swapped": lambda: path.write_bytes(b'{"totals": {"docs": 1}, "counts": {}, "paths": false}'),
        "truncated": lambda: path.write_bytes(whole[: len(whole) // 2]),
        "pickled": lambda: path.write_bytes(pickle.dumps({"a": 1})),
        "missing": path.unlink,
    }[damage]()
    served = ask()
    assert (served.version, served.degraded) == (first.name, True)
    assert "cannot be loaded" in served.reason
    services.flush()
    assert PredictionSample.objects.filter(version=first, degraded=True).exists()


def test_when_no_artefact_is_left_the_rules_answer(champions: tuple[ModelVersion, ModelVersion]) -> None:
    for version in champions:
        (artefacts.folder() / version.artefact_sha256).unlink()
    served = ask()
    assert (served.version, served.degraded, served.answer["type"]) == ("rules", True, "fix")


def test_a_model_that_raises_is_answered_for(champions: tuple[ModelVersion, ModelVersion]) -> None:
    def raises(document: Any) -> Any:
        def predict(rows: Any) -> Any:
            raise ValueError("NaN in row 1")

        return predict

    specs.register(kit.spec(load=raises))
    served = ask()
    assert (served.version, served.degraded) == ("rules", True)
    assert "NaN in row 1" in served.reason


def test_a_spec_whose_features_changed_is_not_served_with_the_old_version(
    champions: tuple[ModelVersion, ModelVersion],
) -> None:
    specs.register(kit.spec(input_names=("files", "text", "author")))
    served = ask()
    assert served.version == "rules" and "train it again" in served.reason


@pytest.mark.parametrize("trouble", ["other inputs", "damaged"])
def test_a_champion_that_cannot_answer_does_not_stop_its_successor(
    champions: tuple[ModelVersion, ModelVersion], trouble: str
) -> None:
    """When the features changed or the artefact is gone, training again is the remedy: the rules are compared with."""
    changes: dict[str, Any] = {"dataset": lambda: iter(kit.examples())}
    if trouble == "other inputs":
        rows = [dataclasses.replace(row, inputs={**row.inputs, "author": "Mira Example"}) for row in kit.examples()]
        changes = {"dataset": lambda: iter(rows), "input_names": ("author", "files", "text")}
    else:
        (artefacts.folder() / champions[1].artefact_sha256).unlink()
    specs.register(kit.spec(**changes, fit=kit.fitter()))
    successor = services.train_model(model=kit.MODEL)
    assert successor.state == "approved", list(successor.gates.values_list("gate", "value", "passed"))
    assert successor.metrics["champion"]["version"] == f"rules, in place of {champions[1]}, which cannot answer"
    assert successor.parent == champions[1]
    services.promote(version=successor, reason="it can answer", actor=None)
    row = {**ROW, "author": "Mira Example"}
    services.forget_live()
    served = services.predict(kit.MODEL, [row])[0]
    assert (served.version, served.degraded) == (successor.name, False)


class _Evil:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return (Path.touch, (Path("/nonexistent/canary"),))  # type: ignore[return-value]


@pytest.mark.parametrize("format_", ["json", "skops", "pickle", ""])
def test_pickles_are_never_loaded(format_: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickle, "loads", lambda *_: pytest.fail("unpickled"))
    monkeypatch.setattr(pickle, "load", lambda *_: pytest.fail("unpickled"))
    with pytest.raises(ArtefactRefused):
        parse(pickle.dumps(_Evil()), format_, [])


def test_skops_loads_listed_types_only() -> None:
    from skops import io as skops_io

    payload = skops_io.dumps({"weights": [1.0, 2.0], "where": Path("/made/up")})
    with pytest.raises(ArtefactRefused, match="not on our list"):
        parse(payload, "skops", [])
    damaged = io.BytesIO()
    with zipfile.ZipFile(damaged, "w") as archive:
        archive.writestr("schema.json", json.dumps({"__class__": "system", "__module__": "os", "__loader__": "x"}))
    with pytest.raises(ArtefactRefused):
        parse(damaged.getvalue(), "skops", [])
    assert parse(skops_io.dumps({"weights": [1.0]}), "skops", []) == {"weights": [1.0]}


@pytest.mark.django_db
@pytest.mark.parametrize("trouble", [pytest.param("garbage", marks=pytest.mark.long), "its folder is a file"])
def test_mlflow_down_is_a_banner_and_nothing_else(
    champions: tuple[ModelVersion, ModelVersion], settings: Any, tmp_path: Path, trouble: str
) -> None:
    if trouble == "garbage":
        (tmp_path / "broken.sqlite3").write_bytes(b"this is no database at all" * 100)
        settings.ATTEST_MLFLOW_STORE = f"sqlite:///{tmp_path}/broken.sqlite3"
    else:
        (tmp_path / "file").write_text("not a folder")
        settings.ATTEST_MLFLOW_STORE = f"sqlite:///{tmp_path}/file/mlflow.sqlite3"
    with pytest.raises(mlflow_store.StoreUnavailable):
        versions.sync()
    assert not RegistryHealth.objects.get().is_up
    assert "MLflow does not answer" in queries.banner()
    assert ask().version == champions[1].name and not ask().degraded
