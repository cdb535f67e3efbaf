"""Row 12: the same delivery arrives ten times at once. One row, one job, one effect."""

import asyncio
import json
from pathlib import Path

import httpx

from analysis.models import WebhookDelivery
from jobs.models import Job
from tests.factories.github import GitHubRepositoryFactory
from tests.faults.web import SECRET, served
from tests.faults.workers import Installation
from tests.integration.collection.test_webhooks import pull_payload
from tests.replica.hooks import sign

BURST = 10


def test_ten_at_once_are_one(place: Installation, tmp_path: Path) -> None:
    GitHubRepositoryFactory(database_id=77, full_name="lighthouse/ledger")
    body = json.dumps(pull_payload()).encode()
    with served(place.environment, tmp_path) as web:
        answers = asyncio.run(burst(web.url, body))
    assert sorted(a.json()["state"] for a in answers) == ["duplicate"] * (BURST - 1) + ["stored"]
    assert {a.status_code for a in answers} == {202}
    assert WebhookDelivery.objects.count() == 1
    assert Job.objects.filter(kind="webhook").count() == 1


async def burst(url: str, body: bytes) -> list[httpx.Response]:
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "pull_request",
        "X-GitHub-Delivery": "99999999-2222-3333-4444-555555555555",
        "X-Hub-Signature-256": sign(SECRET, body),
    }
    async with httpx.AsyncClient(timeout=30) as client:
        return await asyncio.gather(*(client.post(url, content=body, headers=headers) for _ in range(BURST)))
