"""The site in a real Chromium: small screens, keyboard, themes, accessibility, validity, a policy never broken."""

from pathlib import Path
from typing import Any

import pytest

from tests.audit import browser as audit
from tests.e2e.conftest import PAGES
from tests.integration.portfolio.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXE = Path(__file__).resolve().parents[1] / "npm" / "node_modules" / "axe-core" / "axe.min.js"
FILES, SUFFIXES = ("/admin/", "/static/", "/api/"), (".pdf", ".json", ".xml", ".md")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def shift_of_its_own(page: Any, milliseconds: int = 100) -> float:
    """The least layout shift of three loads.

    A busy machine may paint a page of which it has read a half, and the rest then pushes columns about. What the
    page's own scripts and styles move, they move at every load.
    """
    for _ in range(3):
        shift = audit.layout_shift(page, milliseconds)
        if not shift:
            break
        page.reload()
    return shift


def test_every_page_is_sound_accessible_and_fits_small_screens(visit: Any, site: Site) -> None:
    small = visit(viewport={"width": 320, "height": 640}, color_scheme="dark")
    large = visit(viewport={"width": 1280, "height": 900}, color_scheme="light")
    found: dict[str, Any] = {}
    for url in (*PAGES, site.change_url, f"{site.change_url}value/"):
        small.page.goto(url)
        narrow = audit.overflow(small.page)
        if narrow:
            found[f"{url} at 320 px"] = narrow
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


def test_a_form_that_gets_no_answer_says_so(visit: Any, site: Site) -> None:
    page = visit().page
    page.goto("/demos/types/", wait_until="networkidle")
    page.route("**/demos/types/", lambda route: route.fulfill(status=502))
    page.get_by_role("button", name="Run").click()
    page.get_by_text("The server did not answer this.").wait_for()
    page.unroute("**/demos/types/")
    page.get_by_role("button", name="Run").click()
    page.get_by_text("Predicted type:").wait_for()


def test_a_receipt_unfolds_under_its_row_in_a_table(visit: Any, site: Site) -> None:
    """It pushes the rows below it down, hides none, and folds away whole."""
    for width in (1280, 360):
        page = visit(viewport={"width": width, "height": 900}).page
        page.goto("/method/")
        rows = page.locator(".scroll tbody tr")
        before = rows.count()
        page.locator(".scroll a.figure").nth(1).click()
        page.locator(".slip").wait_for()
        slip, below = page.locator(".slip").bounding_box(), rows.nth(2).bounding_box()
        assert slip is not None
        assert below is not None
        assert slip["y"] + slip["height"] <= below["y"] + 1
        assert slip["x"] >= 0
        assert slip["x"] + slip["width"] <= width
        page.keyboard.press("Escape")
        assert rows.count() == before


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
    assert visitor.weight <= 100_000
    assert shift_of_its_own(visitor.page, 400) == 0


def test_resume_prints_on_two_pages(visit: Any, site: Site) -> None:
    visitor = visit()
    visitor.page.goto("/resume/")
    pdf = visitor.page.pdf(format="A4")
    assert pdf.count(b"/Type /Page\n") <= 2


def test_every_page_is_valid_html(site: Site, client: Any, tmp_path: Path) -> None:
    urls = (*PAGES, site.change_url, f"{site.change_url}value/", "/evidence/overview/", "/nowhere/", "/search/?q=x")
    texts = {url: client.get(url).content.decode() for url in urls}
    assert audit.html_errors(texts, tmp_path) == []


def test_a_crawl_of_all_pages_breaks_no_policy_and_shifts_nothing(visit: Any, site: Site) -> None:
    """Every link of the site that leads to a page, at most three of a kind: no console error, no foreign request."""
    visitor = visit(viewport={"width": 768, "height": 1000})
    waiting, seen, kinds, moved = ["/"], {"/"}, dict[str, int](), dict[str, float]()
    while waiting:
        url = waiting.pop(0)
        answer = visitor.page.goto(url)
        assert answer.status == 200, url
        shift = shift_of_its_own(visitor.page)
        if shift:
            moved[url] = shift
        links = visitor.page.evaluate("[...document.querySelectorAll('main a[href], footer a[href]')].map(a => a.href)")
        for link in links:
            path = "/" + link.partition("//")[2].partition("/")[2].partition("#")[0]
            kind = path.split("/")[1] + ("?" if "?" in path else "")
            leads_on = link.startswith(visitor.page.url.split("/", 3)[0] + "//localhost") and not path.startswith(FILES)
            if leads_on and path not in seen and not path.endswith(SUFFIXES) and kinds.get(kind, 0) < 3:
                kinds[kind] = kinds.get(kind, 0) + 1
                seen.add(path)
                waiting.append(path)
    assert len(seen) > 25
    assert visitor.wrong == []
    assert moved == {}
