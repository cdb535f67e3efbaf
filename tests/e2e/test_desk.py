"""The curation desk in a real Chromium: keys and seconds for ten drafts; and a copy that a browser opens."""

import functools
import http.server
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from analysis.models import Achievement
from portfolio import services
from tests.e2e.conftest import Visitor
from tests.factories.achievements import AchievementChangeFactory, AchievementFactory
from tests.integration.portfolio.conftest import Site
from tests.integration.portfolio.test_export_site import Quiet

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SECONDS = 30.0  # for ten drafts, on a machine that other work shares; a person reads meanwhile


def at_the_desk(browser: Any, live_server: Any, client: Any, site: Site, **options: Any) -> Visitor:
    """The owner, signed in, at the desk."""
    client.force_login(site.owner)
    visitor = Visitor(browser, live_server.url, **options)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    visitor.context.add_cookies([cookie])
    visitor.page.goto("/admin/analysis/achievement/desk/")
    return visitor


def drafts(many: int) -> None:
    for number in range(many):
        made = AchievementFactory(title=f"Shelf {chr(65 + number)}", landed_source_lines=100 - number)
        AchievementChangeFactory.create_batch(2, achievement=made)


def test_ten_drafts_take_ten_keys_and_seconds_not_minutes(
    browser: Any, live_server: Any, client: Any, site: Site
) -> None:
    drafts(10)
    visitor = at_the_desk(browser, live_server, client, site)
    page, keys, started = visitor.page, 0, time.perf_counter()
    for number in range(10):
        assert page.locator("#title").input_value() == f"Shelf {chr(65 + number)}"
        with page.expect_navigation():
            page.keyboard.press("r" if number == 3 else "p")
        keys += 1
    seconds = time.perf_counter() - started
    page.get_by_text("Nothing waits").wait_for()
    print(f"ten drafts: {keys} keys, no click, {seconds:.1f} s of waiting")
    assert Achievement.objects.filter(state="published").count() == 9
    assert Achievement.objects.filter(state="retired").count() == 1
    assert (keys, seconds < SECONDS) == (10, True), f"{seconds:.1f} s"
    assert visitor.wrong == []
    visitor.context.close()


def test_words_typed_before_a_deciding_key_are_kept_and_undo_brings_them_back(
    browser: Any, live_server: Any, client: Any, site: Site
) -> None:
    drafts(2)
    visitor = at_the_desk(browser, live_server, client, site, viewport={"width": 360, "height": 800})
    page = visitor.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator("#summary").fill("One pass instead of two.")
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.keyboard.press("a")
    first = Achievement.objects.get(title="Shelf A")
    assert (first.state, first.summary) == ("approved", "One pass instead of two.")
    with page.expect_navigation():
        page.keyboard.press("b")
    page.get_by_text("History of every field").click()
    assert page.locator(".desk-history").get_by_text("One pass instead of two.").first.is_visible()
    for _step in range(3):
        with page.expect_navigation():
            page.keyboard.press("u")
    first.refresh_from_db()
    assert (first.state, first.summary) == ("draft", "")
    assert visitor.wrong == []
    visitor.context.close()


def test_a_browser_opens_a_copy_and_finds_in_it(browser: Any, site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "some" / "where"
    services.export_site(folder=folder, actor=site.owner)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        origin = f"http://127.0.0.1:{server.server_port}"
        visitor = Visitor(browser, origin)
        page = visitor.page
        page.goto("/some/where/")
        page.locator(".outcomes a.figure").first.click()
        page.get_by_role("heading", name="If this were wrong").wait_for()
        page.get_by_role("link", name="Search").first.click()
        page.locator("#q").fill("importer once")
        page.locator("#results a", has_text="One pass instead of two").first.click()
        page.get_by_role("heading", name="One pass instead of two").wait_for()
        assert visitor.wrong == []
        page.goto(f"file://{folder}/search/index.html?q=index")
        page.locator("#results a").first.click()
        assert page.locator("h1").is_visible()
        visitor.context.close()
    finally:
        server.shutdown()
        server.server_close()
