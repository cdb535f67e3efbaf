"""The same measures on this site and on built demos of themes, as the table for docs/benchmarks/site.md.

usage: python -m tests.audit.compare [--runs N] NAME=PLACE,PATH,PATH …
PLACE is the base URL of a running site or a folder of built files, which is then served on loopback.
"""

import argparse
import json
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.audit import browser, lighthouse, pages


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def place(where: str) -> Iterator[str]:
    """The base URL of a place; a folder is served for as long as the block runs."""
    if where.startswith("http"):
        yield where.rstrip("/")
        return
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=where))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def measured(chromium: Any, base: str, path: str, runs: int) -> dict[str, Any]:
    """Scores, weight, requests, foreign requests, axe, HTML errors, overflow and words without JavaScript of a page."""
    page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
    weight, outside, complaints, requests = browser.visit(page, base, path)
    found: dict[str, Any] = {"weight": weight, "requests": requests, "foreign": len(outside), "errors": len(complaints)}
    found["axe"] = len(browser.axe(page))
    found["shift"] = round(browser.layout_shift(page), 3)
    words = page.evaluate("document.body.innerText.length")
    found["overflow"] = bool(browser.overflow(page))
    page.context.close()
    plain = chromium.new_context(java_script_enabled=False).new_page()
    plain.goto(base + path)
    found["without_scripts"] = round(len(plain.inner_text("body")) / max(1, words), 2)
    plain.context.close()
    with tempfile.TemporaryDirectory(prefix="attest-html-") as folder:
        found["html_errors"] = len(browser.html_errors({"page": pages.fetch(base + path)}, Path(folder)))
    scores = lighthouse.run(base + path, runs)
    return {**found, **{name: scores[name] for name in lighthouse.CATEGORIES}, "lcp_ms": scores["lcp_ms"]}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.audit.compare")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("sites", nargs="+")
    arguments = parser.parse_args()
    table: dict[str, dict[str, Any]] = {}
    with browser.chromium() as chromium:
        for site in arguments.sites:
            name, _, rest = site.partition("=")
            where, *paths = rest.split(",")
            with place(where) as base:
                for path in paths or ["/"]:
                    print(f"  {name} {path}", file=sys.stderr)
                    table[f"{name} {path}"] = row = measured(chromium, base, path, arguments.runs)
                    print(f"    {json.dumps(row)}", file=sys.stderr)
    print(json.dumps(table, indent=1))
    keys = list(next(iter(table.values())))
    print("| page | " + " | ".join(keys) + " |")
    print("|---" * (1 + len(keys)) + "|")
    for name, row in table.items():
        print(f"| {name} | " + " | ".join(str(row[key]) for key in keys) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
