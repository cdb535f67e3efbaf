"""Row 15: a webhook arrives while PostgreSQL is down. 503, so that GitHub shows it; no 2xx before a commit."""

import json
import uuid
from pathlib import Path

import httpx

from tests.faults.web import SECRET, served
from tests.faults.workers import installation, until
from tests.integration.collection.test_webhooks import pull_payload
from tests.replica.hooks import sign
from tests.servers import Postgres

KNOWN = """
from tests.factories.github import GitHubRepositoryFactory
GitHubRepositoryFactory(database_id=77, full_name='lighthouse/ledger')
"""
COUNT = "SELECT count(*) FROM analysis_webhookdelivery"


def post(url: str, delivery_id: str) -> httpx.Response:
    body = json.dumps(pull_payload()).encode()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "pull_request",
        "X-GitHub-Delivery": delivery_id,
        "X-Hub-Signature-256": sign(SECRET, body),
    }
    return httpx.post(url, content=body, headers=headers, timeout=30)


def test_a_database_outage_is_503_and_a_redelivery_is_stored(own_postgres: Postgres, tmp_path: Path) -> None:
    with installation(tmp_path, database=own_postgres.url) as there:
        there.migrate()
        there.ask(KNOWN)
        with served(there.environment, tmp_path) as web:
            before, during = str(uuid.uuid4()), str(uuid.uuid4())
            assert post(web.url, before).status_code == 202
            own_postgres.stop()
            refused = post(web.url, during)
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "60")
            own_postgres.start()
            until(lambda: there.select(COUNT) == [(1,)])
            answer = until(lambda: (a := post(web.url, during)).status_code == 202 and a)
            assert answer.json()["state"] == "stored"
            assert there.select(COUNT) == [(2,)]
