"""The whole life of a model on the changes of a git history: train, gate, shadow, canary, drift, roll back.

Every input is a change that was collected from the history, labelled by what its author wrote; the drift is that only
changes of one type arrive. The history is one that the test writes with git. ATTEST_STORY_SOURCE names another, such
as a real repository with at least 200 labelled changes: the same story has to hold there.
"""

import datetime as dt
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from analysis import services as analysis
from mlops import queries, services
from mlops.models import Alert, Deployment, GateResult, ModelVersion, Monitor, PredictionSample
from mlops.monitoring import alerting
from mlops.training import spec as specs
from mlops.training.spec import Example
from tests.factories.mlops import ChannelFactory
from tests.integration.platform import kit

pytestmark = pytest.mark.django_db


def ask(rows: Sequence[Example], count: int = 0) -> list[services.Served]:
    """One call with these changes, over and over until there are `count`; keys are stable and tell them apart."""
    asked = [(f"{row.id} {turn}", row) for turn in range(1 + count // len(rows)) for row in rows][: count or len(rows)]
    return services.predict(kit.MODEL, [row.inputs for _, row in asked], keys=[key for key, _ in asked])


def one_by_one(rows: Sequence[Example]) -> None:
    """A call for each change, as they arrive in life, and their records written."""
    for row in rows:
        services.predict(kit.MODEL, [row.inputs], keys=[row.id])
    services.flush()


def in_time(rows: Iterable[Example]) -> list[Example]:
    return sorted(rows, key=lambda row: (row.at, row.id))


def test_from_training_to_rollback(tmp_path: Path) -> None:
    owner = User.objects.create(username="owner")
    analysis.collect(source=os.environ.get("ATTEST_STORY_SOURCE") or str(kit.history(tmp_path / "made-up")))
    rows = in_time(kit.rows_of())
    assert len(rows) >= 200, "too few labelled changes for this story"
    ChannelFactory.create()

    # Train the first version; it passes its gates and becomes champion.
    specs.register(kit.spec())
    first = services.train_model(model=kit.MODEL, retraining=False, asked_for="owner")
    assert first.state == "approved"
    services.promote(version=first, reason="the first that is trained", actor=owner)
    assert {one.version for one in ask(rows[:3])} == {first.name}

    # A worse one is refused; the refusal names gate, figure and bound, and is kept.
    specs.register(kit.spec(fit=kit.fitter(shuffle=True)))
    worse = services.train_model(model=kit.MODEL, retraining=False)
    assert worse.state == "refused"
    refusal = GateResult.objects.get(version=worse, gate="better than the champion")
    assert not refusal.passed and refusal.value is not None and refusal.value < refusal.bound
    with pytest.raises(services.DeploymentRefused, match=r"gate .* has .*, its bound is") as told:
        services.promote(version=worse, reason="try", actor=owner)
    failed = worse.gates.filter(passed=False).values_list("gate", flat=True)
    assert len(failed) > 1 and all(f"gate “{name}” has" in str(told.value) for name in failed)

    # A better one goes through shadow and canary to champion.
    specs.register(kit.spec(fit=kit.fitter(paths=True)))
    better = services.train_model(model=kit.MODEL, retraining=False)
    assert better.state == "approved", list(better.gates.values_list("gate", "value", "passed"))
    services.shadow(version=better, reason="listen first", actor=owner)
    assert {one.version for one in ask(rows[:10])} == {first.name}
    services.flush()
    assert PredictionSample.objects.filter(version=better, part="shadow").count() == 10

    services.canary(version=better, share=0.2, reason="a fifth", actor=owner)
    served = ask(rows, 500)
    share = sum(one.version == better.name for one in served) / 500
    assert 0.14 < share < 0.26
    assert [one.version for one in ask(rows, 500)] == [one.version for one in served], "the same keys go the same way"

    services.promote(version=better, reason="right more often", actor=owner)
    assert {one.version for one in ask(rows[:5])} == {better.name}
    assert queries.serial_of(kit.MODEL, "challenger") == 0, "its other parts ended with the promotion"

    newest = rows[-len(rows) // 4 :]
    docs = [row for row in rows if row.label == "docs"][-60:]
    # Drifted input opens one alert and rolls back by itself; usual input resolves it.
    Monitor.objects.create(
        name="drift", model=kit.MODEL, statistic="psi", feature="type", comparison=">", threshold=0.5,
        window_seconds=3600, minimum_rows=20, response=Monitor.Response.ROLL_BACK,
    )  # fmt: skip
    one_by_one(newest)
    assert alerting.check_all(now=timezone.now()) == 0
    PredictionSample.objects.all().delete()
    one_by_one(docs)
    assert alerting.check_all(now=timezone.now()) == 1
    alert = Alert.objects.get()
    assert any("rolled back to" in line["what"] for line in alert.story)
    assert {one.version for one in ask(rows[:5])} == {first.name}
    back = Deployment.objects.order_by("-id")[0]
    assert (back.action, back.automatic, back.before, back.after) == ("roll_back", True, better, first)
    assert queries.why_live(kit.MODEL, timezone.now()) == back
    assert alerting.check_all(now=timezone.now()) == 1
    assert Alert.objects.count() == 1, "it is notified once"
    assert alert.deliveries.count() == 1
    assert services.deliver_notifications() == (1, 0)

    PredictionSample.objects.all().delete()
    one_by_one(newest)
    assert alerting.check_all(now=timezone.now() + dt.timedelta(seconds=1)) == 0
    alert.refresh_from_db()
    assert alert.resolved_at is not None and "resolved" in alert.story[-1]["what"]
    assert alert.deliveries.count() == 2

    # Every figure of the card is a stored row.
    card = queries.version_card(kit.MODEL, better.number)
    assert card is not None and card.gates and card.figures and card.version.dataset is not None
    assert ModelVersion.objects.get(pk=better.pk).lineage["dataset"] == card.version.dataset.sha256
