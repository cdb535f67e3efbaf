"""Lighthouse on one page, mobile and throttled as it is by default; the median of several runs."""

import json
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

BINARY = Path(__file__).resolve().parents[1] / "npm" / "node_modules" / ".bin" / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


def run(url: str, runs: int, *, crawlable: bool = True) -> dict[str, object]:
    """Median score (0..100) of each category, median LCP (ms), worst CLS, and the audits that failed in any run.

    A page that asks not to be indexed is not ``crawlable``: the one audit that holds this against it is left out.
    """
    reports = [_once(url, tries=2, skip="" if crawlable else "is-crawlable") for _ in range(runs)]
    scores = {
        name: statistics.median(round(100 * (report["categories"][name]["score"] or 0)) for report in reports)
        for name in CATEGORIES
    }
    failed = {
        f"{key}: {audit['title']}"
        for report in reports
        for key, audit in report["audits"].items()
        if audit.get("score") is not None
        and audit["score"] < 0.9
        and audit["scoreDisplayMode"] in ("binary", "numeric", "metricSavings")
    }
    return {
        **scores,
        "lcp_ms": round(statistics.median(r["audits"]["largest-contentful-paint"]["numericValue"] for r in reports)),
        "cls": max(r["audits"]["cumulative-layout-shift"]["numericValue"] for r in reports),
        "failed": sorted(failed),
    }


def _once(url: str, tries: int, skip: str) -> dict[str, dict[str, dict]]:  # type: ignore[type-arg]  # the report's own nesting
    """One report; a browser that does not start in time on a busy machine is given another try."""
    with tempfile.TemporaryDirectory(prefix="attest-lighthouse-") as folder:
        output = Path(folder) / "report.json"
        command = [
            str(BINARY), url, "--quiet", "--output=json", f"--output-path={output}",
            f"--chrome-path={shutil.which('chromium')}", f"--chrome-flags={FLAGS} --user-data-dir={folder}/profile",
            f"--only-categories={','.join(CATEGORIES)}", *([f"--skip-audits={skip}"] if skip else []),
        ]  # fmt: skip
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=180)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            if tries > 1:
                return _once(url, tries - 1, skip)
            raise
        return json.loads(output.read_text())  # type: ignore[no-any-return]
