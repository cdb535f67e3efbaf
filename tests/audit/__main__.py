"""Audit a site that `manage.py run` serves over this clone, or over SOURCE; exit 1 when a budget does not hold.

usage: python -m tests.audit [--full] [--part N/M] [--source PATH] [--no-lighthouse] [--no-dependencies]
--full takes the median of five Lighthouse runs and asks for 100 in each category; the quick audit takes one run and
asks for 95 in performance and 100 in the other three. --part 2/3 looks at the second third of the types of page.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import django

from tests.audit import browser, code, lighthouse, pages
from tests.audit.site import ROOT, running_site
from tests.revision import revision

BUILD = ROOT / "var" / "build"


def audit_site(arguments: argparse.Namespace) -> tuple[dict[str, object], list[str]]:
    """Every page type's measures, and the lines that say what does not hold."""
    bad: list[str] = []
    measured: dict[str, object] = {}
    with running_site(arguments.source) as base, browser.chromium() as chromium:
        part, parts = (int(number) for number in arguments.part.split("/"))
        found = dict(list(pages.one_of_each(base).items())[part - 1 :: parts])
        for name, path in found.items():
            print(f"  {name}  {path}", file=sys.stderr)
            bad += [f"{name} {path}: {line}" for line in browser.findings(chromium, base, path)]
            if arguments.lighthouse:
                crawlable = 'name="robots" content="noindex' not in pages.fetch(base + path)
                result = lighthouse.run(base + path, 5 if arguments.full else 1, crawlable=crawlable)
                measured[name] = {**result, "indexed": crawlable}
                floor = {"performance": 100 if arguments.full else 95}
                bad += [
                    f"{name} {path}: Lighthouse {category} {result[category]} {result['failed']}"
                    for category in lighthouse.CATEGORIES
                    if float(str(result[category])) < floor.get(category, 100)
                ]
        with tempfile.TemporaryDirectory(prefix="attest-html-") as folder:
            texts = {name: pages.fetch(base + path) for name, path in found.items()}
            bad += browser.html_errors(texts, Path(folder))
    return {"pages": found, "lighthouse": measured}, bad


def audit_dependencies() -> list[str]:
    """Known vulnerabilities of the run-time lock, and a bill of materials (SBOM) beside the record.

    Without a network nobody can be asked: that is said on the terminal and is no finding.
    """
    BUILD.mkdir(parents=True, exist_ok=True)
    bill = [sys.executable, "-m", "cyclonedx_py", "requirements", "requirements.txt", "-o", str(BUILD / "sbom.json")]
    subprocess.run(bill, cwd=ROOT, check=False, capture_output=True)
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "-r",
        "requirements.txt",
        "--require-hashes",
        "--disable-pip",
        "-f",
        "json",
    ]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if not result.stdout.strip():
        print(f"Dependencies not audited, no answer: {result.stderr.strip()[-300:]}", file=sys.stderr)
        return []
    report = json.loads(result.stdout)
    return [f"{d['name']} {d['version']}: {v['id']}" for d in report["dependencies"] for v in d.get("vulns", [])]


def main() -> int:
    parser = argparse.ArgumentParser(prog="make audit")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--part", default="1/1")
    parser.add_argument("--source", default="")
    parser.add_argument("--no-lighthouse", dest="lighthouse", action="store_false")
    parser.add_argument("--no-dependencies", dest="dependencies", action="store_false")
    arguments = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.embedded"
    django.setup()
    record, bad = audit_site(arguments)
    if arguments.dependencies:
        bad += audit_dependencies()
    BUILD.mkdir(parents=True, exist_ok=True)
    (BUILD / "code.json").write_text(json.dumps({"revision": revision(), **code.measure()}, indent=1))
    (BUILD / "audit.json").write_text(json.dumps({"revision": revision(), **record, "findings": bad}, indent=1))
    print("\n".join(bad) or "Every budget holds.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
