"""The site in a real Chromium: journeys, small screens, keyboard, themes, accessibility, a policy never broken."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.integration.portfolio.conftest import Site, empty_cache, site

__all__ = ["empty_cache", "site"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXE = Path(__file__).resolve().parents[1] / "npm" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = (
    "/", "/work/", "/work/one-pass/", "/evidence/", "/repositories/", "/receipts/", "/method/", "/writing/",
    "/writing/reading-twice/", "/models/", "/router/", "/demos/", "/demos/estimate/", "/reports/", "/resume/",
    "/status/", "/docs/", "/about/", "/privacy/", "/colophon/", "/contact/", "/search/?q=index",
)  # fmt: skip
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in this thread; Django would object
    with sync_playwright() as playwright:
        binary = shutil.which("chromium")
        found = playwright.chromium.launch(
            executable_path=binary, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield found
        found.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Visitor:
    """A page that remembers what went wrong: console errors, policy violations, requests that left the site."""

    def __init__(self, browser: Browser, origin: str, **options: Any) -> None:
        self.context = browser.new_context(base_url=origin, **options)
        self.page: Page = self.context.new_page()
        self.wrong: list[str] = []
        self.weight = 0
        self.page.on("console", lambda message: self.wrong.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", lambda request: self._foreign(request.url, origin))
        self.page.on("response", lambda response: self._weigh(response))

    def _foreign(self, url: str, origin: str) -> None:
        if not url.startswith((origin, "data:")):
            self.wrong.append(f"left the site: {url}")

    def _weigh(self, response: Any) -> None:
        self.weight += int(response.headers.get("content-length", "0"))


@pytest.fixture
def visit(browser: Browser, live_server: Any) -> Iterator[Any]:
    opened: list[Visitor] = []

    def start(**options: Any) -> Visitor:
        visitor = Visitor(browser, live_server.url, **options)
        opened.append(visitor)
        return visitor

    yield start
    for visitor in opened:
        visitor.context.close()


def test_every_page_is_sound_accessible_and_fits_small_screens(visit: Any, site: Site) -> None:
    small = visit(viewport={"width": 320, "height": 640}, color_scheme="dark")
    large = visit(viewport={"width": 1280, "height": 900}, color_scheme="light")
    found: dict[str, Any] = {}
    for url in (*PAGES, site.change_url, f"{site.change_url}value/"):
        small.page.goto(url)
        width = small.page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            found[f"{url} at 320 px"] = f"{width} px wide"
        for visitor in (small, large):
            visitor.weight = 0
            visitor.page.goto(url)
            visitor.page.evaluate(AXE.read_text(encoding="utf-8"))
            result = visitor.page.evaluate("tags => axe.run({runOnly: tags})", TAGS)
            problems = [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in result["violations"]]
            if problems:
                found[f"{url} accessibility"] = problems
    assert found == {}
    assert small.wrong + large.wrong == []


def test_engineer_who_doubts_a_figure(visit: Any, site: Site) -> None:
    """An outcome on the first page, its receipt, computing again, the whole receipt, what stands on it."""
    visitor = visit(viewport={"width": 1280, "height": 900})
    page = visitor.page
    page.goto("/")
    page.locator(".outcomes a.figure").first.click()
    slip = page.locator(".outcomes .slip")
    slip.wait_for()
    slip.get_by_role("button", name="Compute again").click()
    slip.get_by_text("The bytes agree.").wait_for()
    slip.get_by_role("link", name="Whole receipt").click()
    page.get_by_role("heading", name="If this were wrong").wait_for()
    page.get_by_role("link", name="change:").first.click()
    assert page.url.endswith(site.change_url)
    assert page.locator("mark").first.inner_text() == "80 ms instead of 420 ms"
    assert page.locator("dt", has_text="landed as").count() == 1
    assert visitor.wrong == []


def test_recruiter_sees_who_what_since_when_and_an_outcome_at_once(visit: Any, site: Site) -> None:
    visitor = visit(viewport={"width": 1280, "height": 900})
    page = visitor.page
    page.goto("/")
    for words in ("Ada Example", "Software engineer", "2014", "The index is read once"):
        box = page.get_by_text(words).first.bounding_box()
        assert box is not None
        assert box["y"] < 900, words
    page.get_by_role("link", name="Résumé").click()
    assert page.get_by_role("heading", name="Ada Example").is_visible()
    page.go_back()
    page.get_by_role("link", name="One pass instead of two").first.click()
    assert page.get_by_text("What is not proven").first.is_visible()
    assert visitor.wrong == []


def test_owner_publishes_a_first_case_study(visit: Any, site: Site, live_server: Any, client: Any) -> None:
    from tests.factories.portfolio import CaseStudyFactory

    client.force_login(site.owner)
    visitor = visit(viewport={"width": 1280, "height": 900})
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    visitor.context.add_cookies([cookie])
    page = visitor.page
    page.goto("/")
    page.get_by_text("For you, the owner").wait_for()
    study = CaseStudyFactory(slug="fresh", title="Fresh study")
    page.goto(f"/admin/portfolio/casestudy/{study.pk}/change/")
    page.locator("#text-preview").get_by_text("Imports were slow.").wait_for()
    page.goto("/admin/portfolio/casestudy/?q=Fresh")
    page.locator("input.action-select").first.check()
    page.locator("select[name=action]").select_option("publish_now")
    page.locator("button[name=index]").click()
    page.goto("/work/fresh/")
    assert page.get_by_role("heading", name="Fresh study").is_visible()


def test_without_scripts_every_task_is_possible(visit: Any, site: Site) -> None:
    page = visit(java_script_enabled=False).page
    page.goto("/evidence/")
    page.locator("#q").fill("part 2")
    page.keyboard.press("Enter")
    page.wait_for_url("**/evidence/?q=*")
    assert page.locator("#results li").count() == 1
    page.locator("#results a").first.click()
    page.locator("a.figure").first.click()
    page.get_by_role("button", name="Compute again").click()
    assert page.get_by_text("The bytes agree.").is_visible()
    page.goto("/demos/claims/")
    page.get_by_role("button", name="Run").click()
    assert page.locator("mark").count() > 0


def test_keyboard_alone_reaches_a_receipt_and_folds_it(visit: Any, site: Site) -> None:
    page = visit().page
    page.goto(site.change_url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("a.figure").first.focus()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    page.locator(".slip").wait_for()
    page.keyboard.press("Escape")
    assert page.locator(".slip").count() == 0
    assert page.evaluate("document.activeElement.className") == "figure"


def test_chosen_theme_stays_without_a_flash(visit: Any, site: Site) -> None:
    page = visit(color_scheme="light").page
    page.goto("/")
    page.get_by_role("button", name="Switch to the dark theme").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.goto("/about/")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(23, 22, 18)"


def test_first_page_weighs_little_and_does_not_shift(visit: Any, site: Site) -> None:
    visitor = visit(viewport={"width": 360, "height": 740})
    visitor.page.goto("/")
    shift = visitor.page.evaluate(
        """() => new Promise(done => { let sum = 0;
        new PerformanceObserver(list => list.getEntries().forEach(entry => sum += entry.value))
          .observe({type: 'layout-shift', buffered: true}); setTimeout(() => done(sum), 400); })"""
    )
    assert shift == 0
    assert visitor.weight <= 100_000


def test_resume_prints_on_two_pages(visit: Any, site: Site) -> None:
    visitor = visit()
    visitor.page.goto("/resume/")
    pdf = visitor.page.pdf(format="A4")
    assert pdf.count(b"/Type /Page\n") <= 2
