"""The router's model is a version of the registry like any other: shipped, trained, gated, promoted, rolled back."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from evidence.models import AuditEntry
from mlops import services
from mlops.registry import artefacts
from mlops.registry.models import ModelVersion
from mlops.routing import gain
from mlops.routing.learned import live_gain
from mlops.routing.predictor import LearnedPredictor
from mlops.routing.records import Document, PolicySpec, TargetSpec, Task, TaskInput
from mlops.routing.runtime import router
from mlops.training import shipping
from tests.factories.routing import TargetFactory

pytestmark = pytest.mark.django_db
HARD, EASY = "Derive red old new blue", "Name red old new blue"
TARGETS = [TargetSpec(key, "openai", prior_quality=prior) for key, prior in (("cheap", 0.5), ("dear", 0.9))]


@pytest.fixture(autouse=True)
def anew(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.VAR_DIR = tmp_path
    services.forget_live()
    yield
    services.forget_live()


def table(path: Path, odds_hard: float, odds_easy: float) -> Path:
    """400 prompts that the dearer model alone gets right, so often where they are hard and so often where easy."""
    rng = random.Random(11)
    with path.open("w", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["prompt", "weak_correct", "strong_correct"])
        for _ in range(400):
            hard = rng.random() < 0.5
            words = " ".join(rng.choice(["red", "blue", "old", "new"]) for _ in range(8))
            right = rng.random() < (odds_hard if hard else odds_easy)
            writer.writerow([f"{'Derive' if hard else 'Name'} {words}", 0, int(right)])
    return path


def qualities(text: str) -> tuple[dict[str, float], str]:
    found = LearnedPredictor(live_gain).quality(Task("t", ""), TaskInput((Document("d", text),)), TARGETS)
    return dict(found.values), found.by


def test_the_shipped_version_is_champion_at_the_first_start() -> None:
    assert qualities(HARD) == ({"cheap": 0.5, "dear": 0.9}, "priors"), "before that the priors stand"
    services.forget_live()
    shipping.register_shipped()
    version = ModelVersion.objects.get(model=gain.MODEL, origin="shipped")
    assert version.card["held_out"]["test"] > 1000 and version.lineage["seed"] == 1
    assert version.artefact_bytes < 10_000_000
    found, by = qualities("A train leaves at 3 pm and travels 40 miles an hour. How far is it after 5 hours?")
    assert by == "gain_1" and 0.5 <= found["dear"] <= 1.0 and found["dear"] != 0.9 and found["cheap"] == 0.5
    services.roll_back(model=gain.MODEL, reason="try", actor="t")
    services.forget_live()
    assert qualities(HARD)[1] == "priors", "what was before it are the operator's priors"


def test_the_shipped_version_passes_the_gates_that_a_trained_one_has_to() -> None:
    figures = gain.shipped_card()["metrics"]["gain_1"]
    assert figures["apgr"]["interval"][0] >= 0.5 and figures["calibration_error"]["value"] <= 0.1
    assert figures["apgr"]["value"] > gain.shipped_card()["metrics"]["baselines"]["prompt length"]["apgr"]["value"]


def test_a_decision_says_which_version_predicted_and_replays_without_it() -> None:
    shipping.register_shipped()
    targets = [TargetFactory(key="cheap", prior_quality=0.5), TargetFactory(key="dear", prior_quality=0.9)]
    given, task = TaskInput((Document("d", "How many days has May?"),)), Task("t", "")
    draft, choice = router().decide(task, given, PolicySpec(), router().targets(), seed=3)
    assert draft.state["quality_by"] == "gain_1" and len(targets) == 2
    shown = {candidate.target: candidate.quality for candidate in draft.candidates}
    assert shown["dear"] != pytest.approx(0.9)
    from mlops.routing.policy import replay

    assert replay(draft) == choice


def test_noise_is_refused_and_stays_refused_in_the_registry(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="better than chance"):
        call_command("router_learn", table(tmp_path / "noise.csv", 0.4, 0.4))
    version = ModelVersion.objects.get(model=gain.MODEL)
    assert version.state == "refused" and not version.aliases.exists()
    assert not gain.table_path().exists(), "what was refused is no data set of later trainings"
    with pytest.raises(CommandError, match="1 of 200"):
        short = tmp_path / "short.csv"
        short.write_text("prompt,weak_correct,strong_correct\nName red,0,1\n")
        call_command("router_learn", short)
    with pytest.raises(CommandError, match="weak_correct"):
        wrong = tmp_path / "wrong.csv"
        wrong.write_text("prompt,weak\nName red,0\n")
        call_command("router_learn", wrong)


def test_what_was_learned_is_champion_and_a_damaged_artefact_is_not_used(tmp_path: Path) -> None:
    call_command("router_learn", table(tmp_path / "good.csv", 0.8, 0.05))
    version = ModelVersion.objects.get(model=gain.MODEL)
    assert version.dataset is not None and version.dataset.rows == 400
    assert AuditEntry.objects.filter(action="routing.learn").exists()
    assert qualities(HARD)[1] == version.name
    assert qualities(HARD)[0]["dear"] > qualities(EASY)[0]["dear"] + 0.3
    assert sum(1 for _ in gain.dataset()) == 400, "a later training reads the same table"
    path = artefacts.folder() / version.artefact_sha256
    path.write_bytes(path.read_bytes().replace(b"0.", b"1.", 1))
    services.forget_live()
    assert qualities(HARD) == ({"cheap": 0.5, "dear": 0.9}, "priors")


def test_a_canary_predicts_for_its_share(tmp_path: Path) -> None:
    shipping.register_shipped()
    call_command("router_learn", table(tmp_path / "good.csv", 0.8, 0.05))
    trained = ModelVersion.objects.get(model=gain.MODEL, origin="trained")
    services.roll_back(model=gain.MODEL, reason="try", actor="t")
    services.canary(version=trained, share=0.5, reason="try", actor="t")
    services.forget_live()
    heard = {qualities(f"Name the day number {number}")[1] for number in range(40)}
    assert heard == {"gain_1", trained.name}
