"""The registry desk in the admin: what it shows, what it switches, who may."""

import pytest
from django.contrib.auth.models import Permission, User
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from evidence import sudo
from mlops import services
from mlops.models import Alias, Deployment, ModelVersion, Monitor, Silence
from mlops.training import spec as specs
from tests.factories.mlops import AlertFactory, MonitorFactory
from tests.integration.platform import kit

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("owner"))
    confirm(client)
    return client


def confirm(client: Client) -> None:
    """As if the person had just proved who they are."""
    request = HttpRequest()
    request.session = client.session
    sudo.mark(request)
    request.session.save()


@pytest.fixture
def versions() -> tuple[ModelVersion, ModelVersion]:
    first = services.train_model(model=kit.MODEL)
    specs.register(kit.spec(dataset=lambda: iter(kit.examples()), fit=kit.fitter(paths=True)))
    return first, services.train_model(model=kit.MODEL)


def test_a_version_is_promoted_and_rolled_back_at_the_desk(
    owner: Client, versions: tuple[ModelVersion, ModelVersion]
) -> None:
    for number, version in enumerate(versions):
        url = reverse("admin:mlops_modelversion_switch", args=[version.pk])
        answer = owner.post(url, {"action": "promote", "reason": "better", "serial": number}, follow=True)
        assert "Done" in answer.content.decode()
    page = owner.get(reverse("admin:mlops_modelversion_change", args=[versions[0].pk])).content.decode()
    assert "Gates" in page and "beats the naive baselines" in page and versions[1].name in page
    url = reverse("admin:mlops_modelversion_switch", args=[versions[1].pk])
    answer = owner.post(url, {"action": "roll_back", "reason": "worse after all", "serial": 1}, follow=True)
    assert "switched meanwhile" in answer.content.decode()
    owner.post(url, {"action": "roll_back", "reason": "worse after all", "serial": 2})
    assert Alias.objects.get(role="champion").version == versions[0]
    assert owner.post(url, {"action": "promote", "reason": "", "serial": 3}).status_code == 200
    assert Deployment.objects.count() == 3


def test_two_versions_are_compared_on_the_same_inputs(
    owner: Client, versions: tuple[ModelVersion, ModelVersion]
) -> None:
    url = reverse("admin:mlops_modelversion_compare", args=[versions[0].pk])
    page = owner.get(
        url, {"other": versions[1].pk, "inputs": '{"text": "Fix <b>it</b>", "files": []}'}
    ).content.decode()
    assert "Fix &lt;b&gt;it" in page and "probability" in page
    assert "JSONDecodeError" in owner.get(url, {"other": versions[1].pk, "inputs": "no json"}).content.decode()
    assert owner.get(url, {"other": versions[1].pk}).status_code == 200


def test_looking_is_not_switching(client: Client, versions: tuple[ModelVersion, ModelVersion]) -> None:
    reader = User.objects.create(username="reader", is_staff=True)
    client.force_login(reader)
    page = reverse("admin:mlops_modelversion_change", args=[versions[0].pk])
    assert client.get(page).status_code == 403
    reader.user_permissions.add(Permission.objects.get(codename="view_modelversion"))
    assert client.get(page).status_code == 200
    url = reverse("admin:mlops_modelversion_switch", args=[versions[0].pk])
    assert client.post(url, {"action": "promote", "reason": "x", "serial": 0}).status_code == 403
    assert client.get(reverse("admin:mlops_modelversion_change", args=[999_999])).status_code == 404
    reader.user_permissions.add(Permission.objects.get(codename="change_modelversion"))
    long_ago = client.session
    long_ago["identity_confirmed_at"] = 0
    long_ago.save()
    answer = client.post(url, {"action": "promote", "reason": "x", "serial": 0})
    assert answer.status_code == 302 and "next=" in answer["Location"], "a switch asks again who it is"
    assert not Deployment.objects.exists()


def test_every_list_opens_and_rules_are_edited(owner: Client, versions: tuple[ModelVersion, ModelVersion]) -> None:
    alert = AlertFactory.create(story=[{"at": "2031-01-01T00:00:00", "what": "opened <b>"}])
    for name in ("modelversion", "deployment", "dataset", "predictionsample", "monitor", "measurement", "alert",
                 "silence", "channel", "delivery"):  # fmt: skip
        assert owner.get(reverse(f"admin:mlops_{name}_changelist")).status_code == 200
    assert "opened &lt;b&gt;" in owner.get(reverse("admin:mlops_alert_change", args=[alert.pk])).content.decode()
    monitor = MonitorFactory.create()
    form = {field.name: getattr(monitor, field.name) for field in Monitor._meta.fields if field.name != "id"}
    form.update(threshold="0.4", statistic="psi")
    form = {name: value for name, value in form.items() if value is not False}
    assert owner.post(reverse("admin:mlops_monitor_change", args=[monitor.pk]), form).status_code == 302
    monitor.refresh_from_db()
    assert (monitor.threshold, monitor.statistic) == (0.4, "psi")
    when = {"starts_at_0": "2031-01-01", "starts_at_1": "09:00", "ends_at_0": "2031-01-01", "ends_at_1": "10:00"}
    owner.post(reverse("admin:mlops_silence_add"), {**when, "reason": "work"})
    assert Silence.objects.get().made_by == "owner"
