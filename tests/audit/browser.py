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
        weight, outside, complaints = _visit(page, base, path)
        found += [f"third-party request to {url}" for url in outside] + complaints
        if weight > HEAVIEST:
            found.append(f"weighs {weight:,} bytes (at most {HEAVIEST:,})")
        found += [f"axe ({scheme}): {line}" for line in _axe(page)]
        found += _overflow(page)
        page.context.close()
    return sorted(set(found))


def _open(browser: Browser, scheme: str) -> Page:
    # bypass_csp lets axe be injected; violations are heard in a page of their own below.
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900}, bypass_csp=False)  # type: ignore[arg-type]
    return context.new_page()


def _visit(page: Page, base: str, path: str) -> tuple[int, list[str], list[str]]:
    """Bytes over the wire, foreign URLs, and console errors (CSP violations among them) of one visit."""
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
    return sum(sizes), outside, complaints


def _axe(page: Page) -> list[str]:
    """axe-core's violations. It is evaluated through the debugger, which the page's CSP does not bind."""
    page.evaluate((NPM / "axe-core" / "axe.min.js").read_text())
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    result: dict[str, Any] = page.evaluate("tags => axe.run(document, {runOnly: tags})", tags)
    return [
        f"{violation['id']}: {violation['help']} at {violation['nodes'][0]['target']}"
        for violation in result["violations"]
    ]


def _overflow(page: Page) -> list[str]:
    """A 320 px wide window is also what 400% zoom of 1280 px is (WCAG 1.4.10)."""
    page.set_viewport_size({"width": 320, "height": 640})
    wide = page.evaluate("document.documentElement.scrollWidth")
    return [f"overflows at 320 px: {wide} px wide"] if wide > 320 else []


def html_errors(texts: dict[str, str], folder: Path) -> list[str]:
    """html-validate over the pages' markup, one line a finding."""
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
