"""What Chromium itself says of a page: axe, overflow at 320 px and at 400% zoom, weight, third parties, CSP reports."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

NPM = Path(__file__).resolve().parents[1] / "npm" / "node_modules"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
HEAVIEST = 100_000


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, headless."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield browser
        browser.close()


def findings(browser: Browser, base: str, path: str) -> list[str]:
    """What is wrong with a page, one line each; empty is good."""
    found: list[str] = []
    for scheme in ("light", "dark"):
        page = _open(browser, scheme)
        weight, outside, complaints, _requests = visit(page, base, path)
        found += [f"third-party request to {url}" for url in outside] + complaints
        if weight > HEAVIEST:
            found.append(f"weighs {weight:,} bytes (at most {HEAVIEST:,})")
        found += [f"axe ({scheme}): {line}" for line in axe(page)]
        found += [f"layout shifts by {shift}" for shift in [layout_shift(page)] if shift]
        found += overflow(page)
        page.context.close()
    return sorted(set(found))


def _open(browser: Browser, scheme: str) -> Page:
    # bypass_csp lets axe be injected; violations are heard in a page of their own below.
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900}, bypass_csp=False)  # type: ignore[arg-type]
    return context.new_page()


def visit(page: Page, base: str, path: str) -> tuple[int, list[str], list[str], int]:
    """Bytes over the wire, foreign URLs, console errors (CSP violations among them) and requests of one visit."""
    sizes: list[int] = []
    outside: list[str] = []
    complaints: list[str] = []
    page.on(
        "request", lambda request: outside.append(request.url) if not request.url.startswith((base, "data:")) else None
    )
    page.on(
        "console", lambda message: complaints.append(f"console: {message.text}") if message.type == "error" else None
    )
    page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    answer = page.goto(base + path, wait_until="networkidle")
    if answer is None or answer.status != 200:
        complaints.append(f"answers {answer.status if answer else 'nothing'}")
    return sum(sizes), outside, complaints, len(sizes)


def axe(page: Page) -> list[str]:
    """axe-core's violations. It is evaluated through the debugger, which the page's CSP does not bind."""
    page.evaluate((NPM / "axe-core" / "axe.min.js").read_text())
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    result: dict[str, Any] = page.evaluate("tags => axe.run(document, {runOnly: tags})", tags)
    return [
        f"{violation['id']}: {violation['help']} at {violation['nodes'][0]['target']}"
        for violation in result["violations"]
    ]


def layout_shift(page: Page, milliseconds: int = 100) -> float:
    """The cumulative layout shift so far, and in the next milliseconds."""
    return float(
        page.evaluate(
            """wait => new Promise(done => { let sum = 0;
            new PerformanceObserver(list => list.getEntries().forEach(entry => sum += entry.value))
              .observe({type: 'layout-shift', buffered: true}); setTimeout(() => done(sum), wait); })""",
            milliseconds,
        )
    )


def small_lettering(page: Page) -> list[str]:
    """Charts whose lettering is drawn smaller than 12 px at the present width."""
    sizes: list[float] = page.evaluate(
        """() => [...document.querySelectorAll('svg.plot')].flatMap(svg => {
        const box = svg.getScreenCTM(); return [...svg.querySelectorAll('text')].map(
          text => parseFloat(getComputedStyle(text).fontSize) * (box ? box.a : 1)); })"""
    )
    return [f"lettering of {min(sizes):.1f} px in a chart"] if sizes and min(sizes) < 12 else []


def overflow(page: Page) -> list[str]:
    """What is too wide or too small in a 320 px window, which is also 400% zoom of 1280 px (WCAG 1.4.10)."""
    page.set_viewport_size({"width": 320, "height": 640})
    wide = page.evaluate("document.documentElement.scrollWidth")
    found = [f"overflows at 320 px: {wide} px wide"] if wide > 320 else []
    return found + small_lettering(page)


def html_errors(texts: dict[str, str], folder: Path) -> list[str]:
    """html-validate over the pages' markup by name, one line a finding. ``folder`` is an empty one to work in."""
    # Rules of taste that the standard preset adds are off; what makes markup invalid or inaccessible is on.
    off = ("void-style", "no-trailing-whitespace", "doctype-style", "attribute-boolean-style", "long-title")
    rules = {**dict.fromkeys(off, "off"), "no-inline-style": "error"}
    config = {"extends": ["html-validate:standard"], "rules": rules}
    (folder / ".htmlvalidate.json").write_text(json.dumps(config))
    for name, text in texts.items():
        (folder / f"{name.replace(':', '_').replace('/', '_')}.html").write_text(text)
    command = [str(NPM / ".bin" / "html-validate"), "--formatter=json", str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    reports = json.loads(result.stdout or "[]")
    return [
        f"{Path(report['filePath']).stem}:{message['line']} {message['ruleId']}: {message['message']}"
        for report in reports
        for message in report["messages"]
        if message["severity"] == 2
    ]
