"""Row 16: the receiver was down for an hour. The reconciler finds all that was missed, without any redelivery."""

import datetime as dt
from pathlib import Path

import pytest

from analysis import services
from analysis.collection.github_run import collect_github
from analysis.models import Change, GitHubRepository, Repository, WebhookDelivery
from jobs.models import Job, Schedule
from tests.faults.web import SECRET, served
from tests.faults.workers import Installation
from tests.integration.collection.test_webhooks import pull_payload
from tests.replica.collected import edit, pulls
from tests.replica.server import Replica

MISSED = (3, 8, 21, 34, 55)


def test_what_was_missed_in_an_hour_is_found(
    place: Installation, replica: Replica, github_repository: Repository, tmp_path: Path
) -> None:
    collect_github(github_repository, profile="core")
    about = {"id": GitHubRepository.objects.get().database_id, "full_name": "lighthouse/ledger"}
    with served(place.environment, tmp_path) as web:
        replica.hooks.configure(web.url, SECRET)
        assert replica.hooks.send("pull_request", pull_payload(number=2) | {"repository": about}).status_code == 202
    for number in MISSED:  # the server is down now
        edit(replica, number, title=f"Written while nobody listened: {number}")
        failed = replica.hooks.send("pull_request", pull_payload(number=number) | {"repository": about})
        assert failed.status_code == 0
    pulls(replica).delete(13)
    assert services.reconcile_github() >= 1
    job = Job.objects.get(kind="github")
    services.run_github(**job.args)
    titles = dict(Change.objects.filter(number__in=MISSED).values_list("number", "title"))
    assert titles == {n: f"Written while nobody listened: {n}" for n in MISSED}
    assert Change.objects.get(number=13).vanished_reason


@pytest.mark.django_db
def test_deliveries_whose_job_was_lost_are_asked_for_again(replica: Replica, github_repository: Repository) -> None:
    services.collect(source="lighthouse/ledger")
    assert Schedule.objects.get(name="github-reconcile").kind == "reconcile_github"
    from tests.factories.github import WebhookDeliveryFactory

    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    row = WebhookDeliveryFactory(event="pull_request", received_at=long_ago)
    assert WebhookDelivery.objects.filter(state="stored").count() == 1
    services.reconcile_github()
    assert Job.objects.filter(kind="webhook", args={"delivery_id": row.delivery_id}).count() == 1
