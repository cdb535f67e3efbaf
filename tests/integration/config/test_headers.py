"""A production-like start behind a proxy that ends TLS: each header that the usual graders ask for an A+."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import connection

from portfolio import services
from tests.deploy_check import PRODUCTION
from tests.factories.portfolio import OwnerFactory, PositionFactory, ProfileFactory
from tests.faults.workers import ROOT, kill_tree
from tests.servers import free_port, wait_for

HOST = "portfolio.example.org"
# Pages, an answer of the API, a redirect, a download for machines, an image, and answers to what is wrong.
ANSWERS = (
    ("/", 200, HOST), ("/evidence/", 200, HOST), ("/admin/login/", 200, HOST), ("/admin/", 302, HOST),
    ("/api/v1/changes/", 200, HOST), ("/api/v1/changes/?limit=none", 400, HOST), ("/api/v1/keys/", 404, HOST),
    ("/no-such-page/", 404, HOST), ("/static/no-such-file.css", 404, HOST), ("/writing/atom.xml", 200, HOST),
    ("/sitemap.xml", 200, HOST),
    ("/", 400, "evil.example"),
)  # fmt: skip


@pytest.fixture
def site(transactional_db: Any, redis_url: str, tmp_path: Path) -> Iterator[httpx.Client]:
    """gunicorn on the production settings, asked as its proxy asks it."""
    values, port = connection.settings_dict, free_port()
    database = (
        f"postgres://{values['USER']}:{values['PASSWORD'] or 'x'}@{values['HOST']}:{values['PORT']}/{values['NAME']}"
    )
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("COV")},
        **PRODUCTION,
        "DATABASE_URL": database,
        "REDIS_URL": redis_url,
        "SECRET_KEY": "made up for this test, and long enough for Django's own check of keys",
        "ATTEST_VAR": str(tmp_path),
    }
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(command, env=environment, cwd=ROOT, check=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1"],
        env=environment, cwd=ROOT, start_new_session=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(port, process, 60)
        headers = {"Host": HOST, "X-Forwarded-Proto": "https"}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client:
            yield client
    finally:
        kill_tree(process.pid)
        process.wait(10)


def directives(policy: str) -> dict[str, str]:
    return {part.split()[0]: " ".join(part.split()[1:]) for part in policy.split(";") if part.strip()}


def check(answer: httpx.Response) -> None:
    """Every header, whatever was asked for and however it was answered."""
    sent, address = answer.headers, str(answer.url)
    age = re.search(r"max-age=(\d+)", sent["Strict-Transport-Security"])
    assert age and int(age[1]) >= 31_536_000, address
    assert "includeSubDomains" in sent["Strict-Transport-Security"] and "preload" in sent["Strict-Transport-Security"]
    policy = directives(sent["Content-Security-Policy"])
    assert policy["default-src"] == "'none'" and policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'" and policy["form-action"] == "'self'"
    for kind, texts in (("script-src", 2), ("style-src", 1)):
        allowed = rf"'self'( 'sha256-[A-Za-z0-9+/]{{43}}='){{0,{texts}}}"
        assert re.fullmatch(allowed, policy[kind]), "the texts of the page itself by their hashes, no more"
    assert not re.search(r"unsafe|https?:|\*", sent["Content-Security-Policy"])
    assert sent["X-Content-Type-Options"] == "nosniff"
    assert sent.get("X-Frame-Options") == "DENY", address
    assert sent["Referrer-Policy"] == "same-origin"
    assert sent["Cross-Origin-Opener-Policy"] == "same-origin"
    assert sent["Cross-Origin-Resource-Policy"] in ("same-origin", "cross-origin")
    assert "camera=()" in sent["Permissions-Policy"] and "geolocation=()" in sent["Permissions-Policy"]
    assert "X-Powered-By" not in sent and not re.search(r"\d", sent.get("Server", "")), "no version is told"
    assert "Access-Control-Allow-Origin" not in sent


def test_header_check_would_grade_a_plus(site: httpx.Client) -> None:
    for address, status, host in ANSWERS:
        answer = site.get(address, headers={"Host": host})
        assert answer.status_code == status, address
        check(answer)


def test_images_downloads_static_files_and_failures_carry_every_header(site: httpx.Client) -> None:
    PositionFactory()
    services.publish_profile(profile=ProfileFactory(), actor=OwnerFactory())
    page = site.get("/").text
    card, script = re.search(r'og:image" content="https://[^/]+([^"]+)"', page), re.search(r'data-htmx="([^"]+)"', page)
    assert card and script
    for address, kind in (
        (card[1], "image/png"), ("/resume/resume.pdf", "application/pdf"), ("/resume/resume.json", "application/json"),
        (script[1], "text/javascript"),
    ):  # fmt: skip
        answer = site.get(address)
        assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, kind)
        check(answer)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE portfolio_demo RENAME TO portfolio_demo_away")
        try:
            failed = site.get("/demos/")
        finally:
            cursor.execute("ALTER TABLE portfolio_demo_away RENAME TO portfolio_demo")
    assert failed.status_code == 500 and "DEBUG" not in failed.text
    check(failed)


def test_cookies_are_secure_and_plain_http_is_sent_to_https(site: httpx.Client) -> None:
    cookies = site.get("/admin/login/").headers.get_list("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-") and "Secure" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie
    plain = site.get("/work/", headers={"X-Forwarded-Proto": "http"})
    assert (plain.status_code, plain.headers["Location"]) == (301, f"https://{HOST}/work/")
    assert site.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_static_files_are_hashed_kept_for_ever_and_typed(site: httpx.Client) -> None:
    page = site.get("/").text
    found = re.search(r'data-htmx="(/static/django_htmx/htmx-2\.min\.[0-9a-f]{12}\.js)"', page)
    assert found, "the manifest names the file by its content"
    sent = site.get(found[1]).headers
    assert "immutable" in sent["Cache-Control"] and sent["X-Content-Type-Options"] == "nosniff"
