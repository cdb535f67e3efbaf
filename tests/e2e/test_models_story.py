"""The life of a model, clicked through in the admin: train, gate, refusal, shadow, canary, drift, roll-back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client
from playwright.sync_api import Page

from analysis import services as analysis
from evidence import sudo
from jobs import runner
from mlops import queries, services
from mlops.models import Alert, Deployment, PredictionSample
from mlops.training import spec as specs
from mlops.training.spec import Shipped
from tests.e2e.conftest import Visitor
from tests.integration.platform import kit
from tests.integration.platform.conftest import platform

__all__ = ["platform"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = Shipped(
    "always-fix", lambda: b"", lambda: {"purpose": "Call every change a fix.", "limits": ["It never looks."]}
)


def step(page: Page, name: str) -> None:
    """What holds on every page of the story: it came, and it does not scroll sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name


class Desk:
    """The owner at the registry desk."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, name: str) -> None:
        self.page.goto(f"/admin/mlops/modelversion/?q={name}")
        self.page.locator("#result_list tbody th a").first.click()

    def train(self, **changes: Any) -> str:
        """The code as it now is, a click on "Train again", and the worker's turn; returns the new version's name."""
        specs.register(kit.spec(shipped=(RULES,), **changes))
        self.page.get_by_role("button", name="Train again").click()
        assert "Training is asked for" in self.page.locator(".messagelist").inner_text()
        before = len(queries.versions_of(kit.MODEL))
        while len(queries.versions_of(kit.MODEL)) == before:
            assert runner.run_next("default") is not None, "no job is left, and no version was trained"
        newest = queries.versions_of(kit.MODEL)[0].name
        self.open(newest)
        return newest

    def switch(self, act: str, reason: str, share: str = "") -> str:
        """Fill the form and send it; returns what the desk says."""
        self.page.get_by_label("Action").select_option(label=act)
        if share:
            self.page.get_by_label("Share").fill(share)
        self.page.get_by_label("Reason").fill(reason)
        self.page.get_by_role("button", name="Switch", exact=True).click()
        return self.page.locator(".messagelist").inner_text()


@pytest.fixture
def desk(browser: Any, live_server: Any, client: Client) -> Any:
    client.force_login(User.objects.create_superuser("owner"))
    request = HttpRequest()
    request.session = client.session
    sudo.mark(request)
    request.session.save()
    visitor = Visitor(browser, live_server.url, viewport={"width": 1280, "height": 900})
    value = client.cookies["sessionid"].value
    visitor.context.add_cookies([{"name": "sessionid", "value": value, "url": live_server.url}])
    yield Desk(visitor.page)
    assert visitor.wrong == []
    visitor.context.close()


def ask(texts: Callable[[int], str], count: int = 40) -> set[str]:
    """Predictions, one call each; returns the names of the versions that answered."""
    found = set()
    for number in range(count):
        rows = [{"text": texts(number), "files": ["src/core.py"]}]
        found |= {one.version for one in services.predict(kit.MODEL, rows, keys=[f"change:{number}"])}
    services.flush()
    return found


def usual(count: int = 40) -> None:
    for example in list(kit.rows_of())[-count:]:
        services.predict(kit.MODEL, [example.inputs], keys=[example.id])
    services.flush()


def test_the_whole_life_of_a_model_by_clicks(desk: Desk, tmp_path: Path) -> None:
    page = desk.page
    analysis.collect(source=str(kit.history(tmp_path / "made-up")))
    specs.register(kit.spec(shipped=(RULES,)))
    services.start()
    desk.open("always-fix")
    step(page, "01 rules, the first champion")

    first = desk.train()
    step(page, "02 first candidate beside the champion")
    assert "Done" in desk.switch("Promote to champion", "right more often than the rules")
    assert ask(lambda n: f"Fix the parser {n}", 3) == {first}

    desk.train(fit=kit.fitter(shuffle=True))
    step(page, "03 a worse candidate is refused")
    refused = page.locator(".registry-no", has_text="not worse than the champion")
    assert "refused" in refused.inner_text()
    said = desk.switch("Promote to champion", "try all the same")
    assert "refused" in said and "its bound is" in said
    step(page, "04 promoting it is refused with the reason")

    better = desk.train(fit=kit.fitter(paths=True))
    assert "Done" in desk.switch("Let it answer along, unheard (shadow)", "listen first")
    assert ask(lambda n: f"Fix the parser {n}", 10) == {first}
    assert PredictionSample.objects.filter(version__name=better, part="shadow").count() == 10
    step(page, "05 shadow")
    assert "Done" in desk.switch("Let it answer a share (canary)", "a fifth", share="0.2")
    assert ask(lambda n: f"Add a cache {n}", 60) == {first, better}
    step(page, "06 canary of a fifth")
    page.get_by_label("With").select_option(index=3)
    page.get_by_role("button", name="Compare").click()
    assert page.locator("#compare tbody tr").count() == 50
    step(page, "07 two versions on the same inputs")
    assert "Done" in desk.switch("Promote to champion", "right more often than the first")
    assert ask(lambda n: f"Fix the parser {n}", 3) == {better}
    step(page, "08 champion")

    watch_for_drift(page)
    PredictionSample.objects.all().delete()
    usual()
    assert "no alert" in measure(page)
    PredictionSample.objects.all().delete()
    ask(lambda n: "Fix " + "very " * 40 + f"long {n}")
    assert "open:" in measure(page)
    step(page, "10 drift opens an alert")
    assert ask(lambda n: f"Fix the parser {n}", 3) == {first}
    page.goto(f"/admin/mlops/alert/{Alert.objects.get().pk}/change/")
    assert "rolled back to" in page.locator("#content").inner_text()
    step(page, "11 the alert and its story")
    desk.open(better)
    step(page, "12 the desk after the roll-back")
    look_at_the_public_pages(page, "13 open", "", "story/", "story/2/", "story/3/", "story/4/", "alerts/")

    PredictionSample.objects.all().delete()
    usual()
    assert "no alert" in measure(page)
    assert Alert.objects.get().resolved_at is not None
    page.goto("/admin/mlops/deployment/")
    step(page, "14 timeline in the admin")
    assert list(Deployment.objects.order_by("id").values_list("action", "automatic"))[-1] == ("roll_back", True)
    look_at_the_public_pages(page, "15 resolved", "story/", "alerts/")


def watch_for_drift(page: Page) -> None:
    """A rule that rolls back, entered as the owner does."""
    page.goto("/admin/mlops/monitor/add/")
    page.get_by_label("Name").fill("story: words of a title drift")
    page.get_by_label("Model:").fill(kit.MODEL)
    page.get_by_label("Statistic").select_option("psi")
    page.get_by_label("Feature").fill("words")
    page.get_by_label("Comparison").select_option(">")
    page.get_by_label("Threshold").fill("0.5")
    page.get_by_label("Minimum rows").fill("20")
    page.get_by_label("Response").select_option("roll_back")
    step(page, "09 a rule that rolls back")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".messagelist .success").wait_for()


def measure(page: Page) -> str:
    """Choose the monitor in the list and let it be measured now; returns what the admin says."""
    page.goto("/admin/mlops/monitor/")
    page.get_by_role("row", name="words of a title drift").get_by_role("checkbox").check()
    page.locator("select[name=action]").select_option(label="Measure now, and act on the rules")
    page.locator(".actions button").click()
    return page.locator(".messagelist").inner_text()


def look_at_the_public_pages(page: Page, when: str, *addresses: str) -> None:
    """What a visitor sees of it."""
    for address in addresses:
        page.goto(f"/models/{address}")
        step(page, f"{when} {address}")
