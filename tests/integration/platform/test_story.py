"""The whole life of a model on changes of a generated repository: train, gate, shadow, canary, drift, roll back."""

import datetime as dt
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from analysis import services as analysis
from mlops import queries, services
from mlops.models import Alert, Deployment, GateResult, ModelVersion, Monitor, PredictionSample
from mlops.monitoring import alerting
from mlops.training import spec as specs
from tests.factories.mlops import ChannelFactory
from tests.integration.platform import kit

pytestmark = pytest.mark.django_db


def ask(count: int, text: str = "Fix the parser", *, start: int = 0) -> list[services.Served]:
    rows = [{"text": f"{text} {number}", "files": ["src/core.py"]} for number in range(start, start + count)]
    return services.predict(kit.MODEL, rows, keys=[f"change:{number}" for number in range(start, start + count)])


def usual(count: int = 60) -> None:
    """Predictions on rows such as those that the model was tested on, one call each."""
    for example in list(kit.rows_of())[-count:]:
        services.predict(kit.MODEL, [example.inputs], keys=[example.id])


def test_from_training_to_rollback(tmp_path: Path) -> None:
    owner = User.objects.create(username="owner")
    analysis.collect(source=str(kit.history(tmp_path / "made-up")))
    ChannelFactory.create()

    # Train the first version; it passes its gates and becomes champion.
    specs.register(kit.spec())
    first = services.train_model(model=kit.MODEL, retraining=False, asked_for="owner")
    assert first.state == "approved"
    services.promote(version=first, reason="the first that is trained", actor=owner)
    assert {one.version for one in ask(3)} == {first.name}

    # A worse one is refused; the refusal names gate, figure and bound, and is kept.
    specs.register(kit.spec(fit=kit.fitter(shuffle=True)))
    worse = services.train_model(model=kit.MODEL, retraining=False)
    assert worse.state == "refused"
    refusal = GateResult.objects.get(version=worse, gate="better than the champion")
    assert not refusal.passed and refusal.value is not None and refusal.value < refusal.bound
    with pytest.raises(services.DeploymentRefused, match=r"gate .* has .*, its bound is"):
        services.promote(version=worse, reason="try", actor=owner)

    # A better one goes through shadow and canary to champion.
    specs.register(kit.spec(fit=kit.fitter(paths=True)))
    better = services.train_model(model=kit.MODEL, retraining=False)
    assert better.state == "approved", list(better.gates.values_list("gate", "value", "passed"))
    services.shadow(version=better, reason="listen first", actor=owner)
    assert {one.version for one in ask(10)} == {first.name}
    services.flush()
    assert PredictionSample.objects.filter(version=better, part="shadow").count() == 10

    services.canary(version=better, share=0.2, reason="a fifth", actor=owner)
    served = ask(500)
    share = sum(one.version == better.name for one in served) / 500
    assert 0.14 < share < 0.26
    assert [one.version for one in ask(500)] == [one.version for one in served], "the same keys go the same way"

    services.promote(version=better, reason="right more often", actor=owner)
    assert {one.version for one in ask(5)} == {better.name}
    assert queries.serial_of(kit.MODEL, "challenger") == 0, "its other parts ended with the promotion"

    # Drifted input opens one alert and rolls back by itself; usual input resolves it.
    Monitor.objects.create(
        name="drift", model=kit.MODEL, statistic="psi", feature="words", comparison=">", threshold=0.5,
        window_seconds=3600, minimum_rows=20, response=Monitor.Response.ROLL_BACK,
    )  # fmt: skip
    usual()
    services.flush()
    assert alerting.check_all(now=timezone.now()) == 0
    PredictionSample.objects.all().delete()
    for number in range(40):
        ask(1, "Fix " + "very " * 40 + "long", start=number)
    services.flush()
    assert alerting.check_all(now=timezone.now()) == 1
    alert = Alert.objects.get()
    assert any("rolled back to" in line["what"] for line in alert.story)
    assert {one.version for one in ask(5)} == {first.name}
    back = Deployment.objects.order_by("-id")[0]
    assert (back.action, back.automatic, back.before, back.after) == ("roll_back", True, better, first)
    assert queries.why_live(kit.MODEL, timezone.now()) == back
    assert alerting.check_all(now=timezone.now()) == 1
    assert Alert.objects.count() == 1, "it is notified once"
    assert alert.deliveries.count() == 1
    assert services.deliver_notifications() == (1, 0)

    PredictionSample.objects.all().delete()
    usual()
    services.flush()
    assert alerting.check_all(now=timezone.now() + dt.timedelta(seconds=1)) == 0
    alert.refresh_from_db()
    assert alert.resolved_at is not None and "resolved" in alert.story[-1]["what"]
    assert alert.deliveries.count() == 2

    # Every figure of the card is a stored row.
    card = queries.version_card(kit.MODEL, better.number)
    assert card is not None and card.gates and card.figures and card.version.dataset is not None
    assert ModelVersion.objects.get(pk=better.pk).lineage["dataset"] == card.version.dataset.sha256
