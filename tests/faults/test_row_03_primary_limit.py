"""Row 3: the hour's points are spent. The run ends at once with the time of the reset; nothing waits in memory."""

import pytest
from django.utils import timezone

from analysis.models import Change, Repository
from analysis.sources.github.errors import RateLimited
from jobs import runner
from jobs.models import Job
from jobs.services import enqueue
from tests.faults.github_fixtures import scene
from tests.replica.client import Store
from tests.replica.faults import Fault
from tests.replica.server import Replica


def test_a_spent_hour_names_its_reset_and_the_next_run_resumes() -> None:
    with scene() as s:
        s.happen(Fault("primary", lambda c: c.index == 2))
        store = Store()
        with pytest.raises(RateLimited) as caught:
            store.run(s.replica)
        reset = s.replica.limits.usage("replica-token", "graphql").reset
        assert 0 <= caught.value.until.timestamp() - reset <= 6
        assert len(s.replica.calls) == 3
        assert len(store.records) == 49
        s.replica.world.clock.advance(caught.value.until.timestamp() - s.replica.world.clock.now())
        s.replica.forget()
        store.run(s.replica)
        assert s.replica.calls[1].variables["after"]
        assert store.fingerprints() == s.faultless


@pytest.mark.django_db
def test_the_job_is_put_off_until_the_reset_and_no_worker_waits(
    replica: Replica, github_repository: Repository
) -> None:
    replica.script.add(Fault("primary", lambda c: c.operation == "PullsFull" and bool(c.variables["after"])))
    collection = enqueue(kind="collect", args={"repository_id": github_repository.pk})
    runner.run_next("collect")
    collection.refresh_from_db()
    reset = replica.limits.usage("replica-token", "graphql").reset
    assert (collection.state, collection.attempts) == ("waiting", 0)
    assert 0 <= collection.due_at.timestamp() - reset <= 7
    assert Change.objects.count() == 49
    usage = replica.limits.usage("replica-token", "graphql")  # the hour is over
    usage.used = 0
    usage.minute.clear()
    Job.objects.filter(pk=collection.pk).update(state="queued", due_at=timezone.now())
    runner.run_next("collect")
    collection.refresh_from_db()
    assert collection.state == "done"
    assert Change.objects.count() == 60
