"""A real Chromium for the browser tests, and visitors who remember what went wrong."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests.integration.portfolio.conftest import empty_cache, site

__all__ = ["empty_cache", "site"]

PAGES = (
    "/", "/work/", "/work/one-pass/", "/evidence/", "/repositories/", "/receipts/", "/method/", "/writing/",
    "/writing/reading-twice/", "/models/", "/models/history/", "/router/", "/demos/", "/demos/estimate/", "/reports/",
    "/resume/", "/status/", "/docs/", "/about/", "/privacy/", "/colophon/", "/contact/", "/search/?q=index",
)  # fmt: skip


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


@pytest.fixture(autouse=True)
def a_click_waits_for_its_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright's own click waits until the next page begins to come, and the next line would read half of it."""
    click = Locator.click

    def whole(locator: Locator, **options: Any) -> None:
        click(locator, **options)
        locator.page.wait_for_load_state()

    monkeypatch.setattr(Locator, "click", whole)
