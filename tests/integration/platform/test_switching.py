"""Switching while clients predict: no failed answer, no answer that names another version than the one that gave it."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from mlops import services
from mlops.models import Alias, Deployment, ModelVersion
from mlops.registry import deployment
from mlops.registry.versions import NewVersion, add
from mlops.serving import live
from mlops.training import spec as specs
from tests.integration.platform import kit

SWITCHES = 100
CLIENTS = 4


def constant(label: str) -> ModelVersion:
    """A version that answers its own name, so that a mixed answer would show."""
    import json

    return add(
        NewVersion(
            model=kit.MODEL, name=f"says-{label}", origin="trained", artefact_format="json",
            payload=json.dumps({"label": label}).encode(),
            fields={"schema": specs.get(kit.MODEL).schema(), "dataset": _dataset()},
        )
    )  # fmt: skip


def _dataset():  # type: ignore[no-untyped-def]
    from mlops.datasets import snapshots

    return snapshots.take(kit.MODEL, [{"id": "a", "inputs": {}, "label": "x", "group": "", "at": ""}], origin={})


@pytest.fixture
def two_versions() -> tuple[ModelVersion, ModelVersion]:
    specs.register(
        kit.spec(load=lambda document: lambda rows: [{"type": document["label"], "probability": 1.0} for _ in rows])
    )
    return constant("a"), constant("b")


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_hundred_switches_under_four_clients(two_versions: tuple[ModelVersion, ModelVersion]) -> None:
    first, second = two_versions
    services.promote(version=first, reason="start", actor=None)
    services.predict(kit.MODEL, [{"text": "x", "files": []}])
    wrong: list[str] = []
    answered = [0] * CLIENTS
    done = threading.Event()

    def client(number: int) -> None:
        rows = [{"text": f"{number} {n}", "files": []} for n in range(20)]
        try:
            while not done.is_set():
                served = services.predict(kit.MODEL, rows)
                versions = {one.version for one in served}
                if len(versions) != 1 or any(
                    one.version != f"says-{one.answer['type']}" or one.degraded for one in served
                ):
                    wrong.append(str(served[:2]))
                answered[number] += len(served)
                done.wait(0.005)
        except Exception as error:  # noqa: BLE001  a client's failure is what is looked for
            wrong.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        for number in range(SWITCHES // 2):
            services.promote(version=second, reason=f"switch {number}", actor=None)
            services.roll_back(model=kit.MODEL, reason=f"back {number}", actor=None)
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert min(answered) > 0
    assert Deployment.objects.count() == SWITCHES + 1
    assert Alias.objects.get(role="champion").version == first


@pytest.mark.django_db
def test_two_people_cannot_both_win(two_versions: tuple[ModelVersion, ModelVersion]) -> None:
    first, second = two_versions
    services.promote(version=first, reason="start", actor=None, serial=0)
    services.promote(version=second, reason="one was quicker", actor=None, serial=1)
    with pytest.raises(services.SwitchedMeanwhile):
        services.roll_back(model=kit.MODEL, reason="the other", actor=None, serial=1)
    with pytest.raises(services.DeploymentRefused, match="reason"):
        services.promote(version=first, reason=" ", actor=None)
    with pytest.raises(services.DeploymentRefused, match="already"):
        services.promote(version=second, reason="again", actor=None)


@pytest.mark.django_db
def test_a_version_plays_one_part_at_a_time(two_versions: tuple[ModelVersion, ModelVersion]) -> None:
    """As challenger and shadow at once, or beside itself as champion, it would be compared with itself."""
    first, second = two_versions
    services.promote(version=first, reason="1", actor=None)
    services.shadow(version=second, reason="listen", actor=None)
    services.canary(version=second, share=0.2, reason="a fifth", actor=None)
    assert dict(Alias.objects.values_list("role", "version")) == {"champion": first.pk, "challenger": second.pk}
    services.shadow(version=second, reason="back to listening", actor=None)
    assert dict(Alias.objects.values_list("role", "version")) == {"champion": first.pk, "shadow": second.pk}
    reasons = list(Deployment.objects.filter(action="stop").order_by("id").values_list("role", "reason"))
    assert reasons == [("shadow", "it became the challenger"), ("challenger", "it became the shadow")]
    for switch in (services.shadow, lambda **how: services.canary(share=0.2, **how)):
        with pytest.raises(services.DeploymentRefused, match="compared with itself"):
            switch(version=first, reason="no", actor=None)


@pytest.mark.django_db
def test_the_same_bytes_registered_twice_have_names_of_their_own() -> None:
    """One may be refused and the other approved: a prediction must say which of them answered."""
    first, second = (services.train_model(model=kit.MODEL) for _ in range(2))
    assert first.artefact_sha256 == second.artefact_sha256
    digest = first.artefact_sha256[:8]
    assert (first.name, second.name) == (f"trained-1-{digest}", f"trained-2-{digest}")


@pytest.mark.django_db
def test_a_running_process_takes_a_switch_over_within_five_seconds(
    two_versions: tuple[ModelVersion, ModelVersion], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its own clock, without a restart: the old view is kept for two seconds, and no longer."""
    first, second = two_versions
    monkeypatch.undo()
    now = [1_000.0]
    monkeypatch.setattr(live.time, "monotonic", lambda: now[0])
    services.forget_live()
    services.promote(version=first, reason="1", actor=None)

    def answers() -> str:
        return services.predict(kit.MODEL, [{"text": "x", "files": []}])[0].version

    assert answers() == first.name
    services.promote(version=second, reason="2", actor=None)
    now[0] += live.REFRESH_SECONDS - 0.1
    assert answers() == first.name, "its view is not read from the database at every call"
    now[0] += 0.2
    assert answers() == second.name
    assert live.REFRESH_SECONDS <= 5


@pytest.mark.django_db
def test_roll_back_goes_back_along_the_promotions(two_versions: tuple[ModelVersion, ModelVersion]) -> None:
    first, second = two_versions
    with pytest.raises(services.DeploymentRefused, match="no earlier"):
        services.roll_back(model=kit.MODEL, reason="nothing there", actor=None)
    services.promote(version=first, reason="1", actor=None)
    services.promote(version=second, reason="2", actor=None)
    assert services.roll_back(model=kit.MODEL, reason="back", actor=None).after == first
    with pytest.raises(services.DeploymentRefused, match="no earlier"):
        services.roll_back(model=kit.MODEL, reason="further", actor=None)


@pytest.mark.django_db
def test_a_roll_back_during_a_roll_out_leaves_one_answer(two_versions: tuple[ModelVersion, ModelVersion]) -> None:
    first, second = two_versions
    services.promote(version=first, reason="1", actor=None)
    services.canary(version=second, share=0.5, reason="half", actor=None)
    with pytest.raises(services.DeploymentRefused, match="share"):
        services.canary(version=second, share=1.5, reason="too much", actor=None)
    services.promote(version=second, reason="all", actor=None)
    services.roll_back(model=kit.MODEL, reason="back", actor=None)
    assert list(Alias.objects.values_list("role", "version_id")) == [("champion", first.pk)]
    assert deployment.stop(kit.MODEL, "challenger", reason="none there", actor=None) is None


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_roll_backs_and_roll_outs_at_the_same_moment_keep_one_unbroken_timeline(
    two_versions: tuple[ModelVersion, ModelVersion],
) -> None:
    """Two promote, one starts a canary, one rolls back. Whoever comes second is told so, or acts on what the first one
    left; never on what it saw before."""
    first, second = two_versions
    third = constant("c")
    services.promote(version=first, reason="start", actor=None)
    failed: list[str] = []

    def at_once(*acts: Callable[[], object]) -> None:
        gate = threading.Barrier(len(acts))

        def run(act: Callable[[], object]) -> None:
            try:
                gate.wait(timeout=30)
                act()
            except services.DeploymentRefused:
                pass  # it lost, and was told
            except Exception as error:  # noqa: BLE001  anything else is what is looked for
                failed.append(repr(error))
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    for _round in range(10):
        at_once(
            lambda: services.promote(version=second, reason="out", actor=None),
            lambda: services.promote(version=third, reason="out too", actor=None),
            lambda: services.canary(version=third, share=0.5, reason="half", actor=None),
            lambda: services.roll_back(model=kit.MODEL, reason="back", actor=None),
        )
    assert failed == []
    moves = list(Deployment.objects.filter(role="champion").order_by("at", "id"))
    assert [move.before for move in moves[1:]] == [move.after for move in moves[:-1]], (
        "each starts where the last ended"
    )
    champion = Alias.objects.get(role="champion")
    assert champion.version == moves[-1].after and champion.serial == len(moves)
    for move in moves:
        assert move.action != "roll_back" or move.after != move.before
