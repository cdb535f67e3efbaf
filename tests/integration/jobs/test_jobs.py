"""Jobs in one process: asking, claiming, every way of ending, and the reaper. Workers are met in tests/faults."""

import datetime as dt
import errno

import pytest
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from evidence.models import AuditEntry
from jobs import errors, handlers, leases, queries, reaper, runner, schedules, sending, services
from jobs.models import Job, Schedule, State

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


class Unsteady(Exception):
    code = "unsteady"
    hint = "Wait."


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    """A registry of its own, and a broker that only remembers."""
    monkeypatch.setattr(handlers, "_handlers", {})
    monkeypatch.setattr(handlers, "load", lambda: None)
    sent: list[int] = []
    monkeypatch.setattr(sending, "hint", lambda job: not sent.append(job.pk))
    return sent


def define(function, kind="work", **options):
    handlers._handlers.pop(kind, None)
    handlers.handler(kind, **options)(function)


def run(**options) -> Job:
    job = services.enqueue(kind="work", **options)
    ran = runner.run_next("default")
    assert ran is not None and ran.pk == job.pk
    return Job.objects.get(pk=job.pk)


def raises(error: Exception):
    def body(ctx, **_ignored):
        raise error

    return body


def test_done_job_keeps_result_and_progress():
    def body(ctx, *, n, **_ignored):
        ctx.progress(1, 2, "one")
        ctx.progress(2, 2, "two")
        ctx.renew()
        return {"n": n, "id": ctx.job_id}

    define(body)
    job = run(args={"n": 3}, actor="system:test")
    assert (job.state, job.result, job.progress_done) == (State.DONE, {"n": 3, "id": job.pk}, 2)
    assert job.finished_at and not job.lease_owner and job.requested_by == "system:test"
    assert runner.run_next("default") is None


def test_sent_only_after_commit(kinds, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = services.enqueue(kind="work")
        assert kinds == []
    assert kinds == [job.pk] and Job.objects.get().state == State.SENT


def test_arguments_must_be_json():
    with pytest.raises(TypeError):
        services.enqueue(kind="work", args={"x": object()})
    with pytest.raises(ValueError):
        services.enqueue(kind="work", args={"x": float("nan")})


def test_open_key_returns_the_same_job_and_a_running_one_runs_again():
    seen = []

    def body(ctx, **args):
        seen.append(args)
        if len(seen) == 1:
            assert services.enqueue(kind="work", key="k", args={"b": 2}).pk == ctx.job_id

    define(body)
    first = services.enqueue(kind="work", key="k", args={"a": 1})
    assert services.enqueue(kind="work", key="k").pk == first.pk
    runner.run_next("default")
    assert Job.objects.get().state == State.QUEUED
    runner.run_next("default")
    assert Job.objects.get().state == State.DONE and seen == [{"a": 1}, {"b": 2}]
    assert services.enqueue(kind="work", key="k").pk != first.pk


def test_key_is_unique_in_the_database():
    services.enqueue(kind="work", key="k")
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(kind="work", key="k", due_at=timezone.now(), created_at=timezone.now())


def test_priority_then_age_decides_the_order():
    order = [services.enqueue(kind="work", priority=p).pk for p in (0, 5, 5, 9)]
    claimed = [leases.claim("default", timezone.now()).pk for _ in order]
    assert claimed == [order[3], order[1], order[2], order[0]]
    assert leases.claim("default", timezone.now()) is None


def test_one_resource_runs_one_job_at_a_time(kinds):
    first, second = (services.enqueue(kind="work", resource="repo:1") for _ in range(2))
    other = services.enqueue(kind="work", resource="repo:2")
    assert leases.claim("default", timezone.now()).pk == first.pk
    assert leases.claim("default", timezone.now()).pk == other.pk
    assert leases.claim("default", timezone.now()) is None
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=second.pk).update(state=State.RUNNING, lease_owner="x", lease_until=timezone.now() + HOUR)
    held = Job.objects.get(pk=first.pk)
    assert leases.close(held, State.DONE, timezone.now())
    sending.send_next_of("repo:1")
    assert kinds == [second.pk] and leases.claim("default", timezone.now()).pk == second.pk


@pytest.mark.parametrize(
    ("error", "state", "code"),
    [
        (errors.Fail("no such thing", code="gone", hint="Look."), State.FAILED, "gone"),
        (ValueError("bug with ghp_" + "a1B2" * 9), State.FAILED, "unexpected:ValueError"),
        (errors.Retry("later", after=60), State.WAITING, "retry"),
        (Unsteady("shaky"), State.WAITING, "unsteady"),
        (OperationalError("server closed the connection"), State.WAITING, "unexpected:OperationalError"),
        (OSError(errno.ENOSPC, "No space left on device"), State.WAITING, "blocked_disk"),
        (OperationalError("database or disk is full"), State.WAITING, "blocked_disk"),
        (errors.Reschedule(timezone.now() + HOUR, "limit reached"), State.WAITING, "rescheduled"),
        (errors.Cancelled("stop"), State.CANCELLED, "cancelled"),
    ],
)
def test_each_way_of_ending(error, state, code):
    define(raises(error), retry_on=(Unsteady,))
    job = run()
    assert (job.state, job.error_code) == (state, code)
    assert "ghp_" not in job.error_message and not job.lease_owner
    assert job.deliveries == 0 and (job.due_at > timezone.now() or state != State.WAITING)


def test_reschedule_counts_no_attempt_and_retry_waits_longer_each_time():
    define(lambda ctx, **_ignored: ctx.reschedule(timezone.now() + HOUR, "reset at noon"))
    assert (run().attempts, Job.objects.get().progress_message) == (0, "reset at noon")
    Job.objects.all().delete()
    define(raises(errors.Retry("again")), first_wait=100, longest_wait=300, max_attempts=4)
    job, waits = run(), []
    for _ in range(3):
        waits.append((job.due_at - timezone.now()).total_seconds())
        Job.objects.update(state=State.QUEUED, due_at=timezone.now())
        runner.run_next("default")
        job.refresh_from_db()
    assert 49 < waits[0] < 101 and 99 < waits[1] < 201 and 149 < waits[2] < 301
    assert (job.state, job.attempts) == (State.DEAD, 4) and "given up after 4" in job.error_message


def test_result_that_is_not_json_fails_the_job():
    define(lambda ctx, **_ignored: object())
    assert run().error_code == "unexpected:TypeError"


def test_unknown_kind_and_unfit_arguments_are_parked_not_dropped():
    job = services.enqueue(kind="from-the-future")
    runner.run_next("default")
    job.refresh_from_db()
    assert (job.state, job.error_code, job.deliveries) == (State.WAITING, "unknown_kind", 0)
    define(lambda ctx, *, needed: None)
    assert run(args={"other": 1}).error_code == "unfit_arguments"


def test_lost_lease_stops_the_handler_and_writes_nothing():
    def body(ctx, **_ignored):
        Job.objects.filter(pk=ctx.job_id).update(lease_owner="somebody:1:else")
        with pytest.raises(errors.LeaseLost):
            ctx.check_cancelled()
        with pytest.raises(errors.LeaseLost):
            ctx.progress(1)
        ctx.renew()

    define(body)
    job = run()
    assert (job.state, job.lease_owner) == (State.RUNNING, "somebody:1:else")


def test_shutdown_in_mid_job_gives_it_back():
    def body(ctx, **_ignored):
        raise KeyboardInterrupt

    define(body)
    job = services.enqueue(kind="work")
    with pytest.raises(KeyboardInterrupt):
        runner.run_next("default")
    job.refresh_from_db()
    assert (job.state, job.deliveries) == (State.QUEUED, 0)


def test_soft_limit_interrupts_the_handler():
    import time

    def body(ctx, **_ignored):
        time.sleep(5)

    define(body, soft_limit=0.05)
    assert run().error_code == "soft_limit"


def test_cancel_idle_and_running():
    idle = services.enqueue(kind="work", not_before=timezone.now() + HOUR)
    assert services.cancel(job_id=idle.pk, actor="ann", reason="not needed").state == State.CANCELLED
    with pytest.raises(services.NotPossible):
        services.cancel(job_id=idle.pk)

    def body(ctx, **_ignored):
        services.cancel(job_id=ctx.job_id, actor="ann")
        ctx.check_cancelled()

    define(body)
    job = run()
    assert (job.state, job.cancel_asked_by) == (State.CANCELLED, "ann")
    assert AuditEntry.objects.filter(action="jobs.cancel").count() == 2


def test_retry_reopens_a_closed_job():
    define(raises(errors.Fail("no")))
    job = run(key="k")
    with pytest.raises(services.NotPossible):
        services.retry(job_id=services.enqueue(kind="work", not_before=timezone.now() + HOUR).pk)
    services.retry(job_id=job.pk, actor="ann")
    job.refresh_from_db()
    assert (job.state, job.error_code, job.finished_at) == (State.QUEUED, "", None)
    runner.run_next("default")
    services.enqueue(kind="work", key="k")
    with pytest.raises(services.NotPossible, match="successor"):
        services.retry(job_id=job.pk)


def test_expired_lease_is_taken_back_and_the_third_in_a_row_is_dead():
    services.enqueue(kind="work")
    for expected in (State.QUEUED, State.QUEUED, State.DEAD):
        leases.claim("default", timezone.now())
        assert reaper.take_back_expired(timezone.now()) == 0
        assert reaper.take_back_expired(timezone.now() + HOUR) == 1
        Job.objects.update(due_at=timezone.now())
        assert Job.objects.get().state == expected
    assert Job.objects.get().error_code == "worker_lost" and queries.troubled().count() == 1


def test_dead_process_of_this_machine_is_noticed_at_once():
    services.enqueue(kind="work")
    leases.claim("default", timezone.now())
    Job.objects.update(lease_owner=f"{leases.host()}:999999999:abc")
    assert reaper.take_back_expired(timezone.now()) == 1
    assert not leases.is_dead_local("elsewhere:1:abc") and not leases.is_dead_local("odd")


def test_cancelled_job_of_a_lost_worker_stays_cancelled():
    job = services.enqueue(kind="work")
    leases.claim("default", timezone.now())
    services.cancel(job_id=job.pk)
    reaper.take_back_expired(timezone.now() + HOUR)
    assert Job.objects.get().state == State.CANCELLED


def test_tick_wakes_fires_and_sends(kinds):
    services.enqueue(kind="work", not_before=timezone.now() + HOUR)
    services.ensure_schedule(name="nightly", kind="work", every_seconds=60)
    services.ensure_schedule(name="nightly", kind="other", every_seconds=5)
    assert Schedule.objects.get(name="nightly").kind == "work"
    assert reaper.tick(timezone.now()) == reaper.Tick(0, 0, 0, 0)
    assert reaper.tick(timezone.now() + 2 * HOUR) == reaper.Tick(0, 1, 1, 2)
    assert len(kinds) == 2 and set(Job.objects.values_list("state", flat=True)) == {State.SENT}


def test_clock_that_comes_back_lets_go_of_what_it_wrote_into_the_future(monkeypatch):
    """Three jobs of the time ahead and two whose wait is meant; a lease is given back its ordinary length."""
    now = timezone.now()
    day = dt.timedelta(days=1)
    monkeypatch.setattr(reaper, "_latest", now + day)
    asked, sent, waits, meant, long_meant, running = (services.enqueue(kind="work") for _ in range(6))
    rows = Job.objects.filter
    rows(pk=asked.pk).update(state=State.QUEUED, sent_at=None, due_at=now + day, created_at=now + day)
    rows(pk=sent.pk).update(sent_at=now + day)
    rows(pk=waits.pk).update(state=State.WAITING, due_at=now + day + HOUR)
    rows(pk=meant.pk).update(state=State.WAITING, due_at=now + HOUR)
    rows(pk=long_meant.pk).update(state=State.WAITING, due_at=now + day - HOUR)
    rows(pk=running.pk).update(state=State.RUNNING, lease_owner="elsewhere:1:a", lease_until=now + day)
    reaper.tick(now)
    assert set(rows(state=State.SENT, due_at__lte=now).values_list("pk", flat=True)) == {asked.pk, sent.pk, waits.pk}
    assert rows(pk=meant.pk, due_at=now + HOUR).exists() and rows(pk=long_meant.pk, state=State.WAITING).exists()
    assert rows(pk=running.pk, state=State.RUNNING, lease_until=now + leases.lease_time()).exists()
    # A clock that only goes on, or is set back by less than hosts may differ, pulls nothing back.
    rows(pk=asked.pk).update(state=State.QUEUED, due_at=now + HOUR)
    reaper.tick(now - dt.timedelta(seconds=30))
    assert rows(pk=asked.pk, due_at=now + HOUR).exists()


def test_sent_job_that_never_starts_is_sent_again_with_growing_waits(kinds):
    now = timezone.now()
    services.enqueue(kind="work")  # written as sent; that its hint is lost shows only in time
    assert sending.send_pending(now + dt.timedelta(seconds=5)) == 0
    assert sending.send_pending(now + dt.timedelta(seconds=30)) == 1
    assert sending.send_pending(now + dt.timedelta(seconds=15)) == 0
    assert sending.send_pending(now + dt.timedelta(seconds=45)) == 1 and len(kinds) == 2


def test_broker_that_refuses_leaves_the_job_queued(monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(sending, "hint", lambda job: False)
    with django_capture_on_commit_callbacks(execute=True):
        job = services.enqueue(kind="work")
    assert job.state == State.QUEUED
    assert sending.send_pending(timezone.now()) == 0
    stored = Job.objects.get()
    assert (stored.state, stored.sent_at, stored.sends) == (State.QUEUED, None, 0)


def test_one_message_runs_what_is_ready_and_hints_at_what_it_leaves(kinds, monkeypatch):
    seen = []
    define(lambda ctx, *, n, **_ignored: seen.append(n))
    for n in range(5):
        services.enqueue(kind="work", args={"n": n})
    assert runner.run_ready("default") == 5 and seen == [0, 1, 2, 3, 4] and kinds == []
    monkeypatch.setattr(runner, "WINDOW", 0.0)
    rest = [services.enqueue(kind="work", args={"n": n}) for n in range(2)]
    assert runner.run_ready("default") == 1
    assert kinds == [rest[1].pk], "a worker that stops early tells the others"
    assert runner.run_ready("default") == 1 and runner.run_ready("default") == 0 and len(kinds) == 1


def test_clock_that_jumps_a_day_ahead_and_back_fires_once_each_way():
    now = timezone.now()
    Schedule.objects.all().delete()
    services.ensure_schedule(name="hourly", kind="work", every_seconds=3600)
    tomorrow = now + dt.timedelta(days=1)
    assert [schedules.fire_due(tomorrow), schedules.fire_due(tomorrow)] == [1, 0]
    assert schedules.fire_due(now) == 0
    assert Schedule.objects.get(name="hourly").next_at <= now + HOUR
    assert schedules.fire_due(now + HOUR + dt.timedelta(seconds=1)) == 1


def test_queue_state_and_open_jobs():
    services.enqueue(kind="work")
    services.enqueue(kind="work", priority=3)
    leases.claim("default", timezone.now())
    state = queries.queue_state(timezone.now() + HOUR)
    assert state.by_state == {"sent": 1, "running": 1} and state.open == 2 and state.oldest_ready_seconds > 3599
    assert [job.state for job in queries.open_jobs()] == [State.RUNNING, State.SENT]
    assert queries.latest("work").pk == max(job.pk for job in queries.open_jobs())
    assert queries.open_of("nothing") is None and queries.job(0) is None


def test_two_handlers_of_one_kind_are_refused():
    define(lambda ctx: None)
    with pytest.raises(ValueError, match="two handlers"):
        handlers.handler("work")(raises)
    assert handlers.queues() == ["default"]


def test_retention_deletes_what_is_old_and_keeps_failures_longer(settings):
    from jobs import retention
    from tests.factories.jobs import JobFactory

    now = timezone.now()
    for state, days in ((State.DONE, 31), (State.DONE, 29), (State.DEAD, 31), (State.FAILED, 200), (State.QUEUED, 400)):
        JobFactory(state=state, created_at=now - dt.timedelta(days=days))
    assert {name: count for name, count in retention.enforce(now).items() if name.startswith("jobs")} == {
        "jobs-done": 1, "jobs-failed": 1,
    }  # fmt: skip
    settings.ATTEST_RETENTION_DAYS = {"jobs-done": "7"}
    assert retention.enforce(now)["jobs-done"] == 1
    assert sorted(Job.objects.values_list("state", flat=True)) == ["dead", "queued"]


def test_what_is_left_now_is_what_runs_or_could_start_in_these_queues():
    define(lambda ctx, **_ignored: None)
    services.enqueue(kind="work")
    services.enqueue(kind="work", not_before=timezone.now() + HOUR)
    assert queries.left_now(["default"]) == 1
    assert queries.left_now(["training"]) == 0
    assert queries.left_now(["default"], timezone.now() + 2 * HOUR) == 2
    Job.objects.filter(state=State.SENT).update(state=State.RUNNING, lease_owner="a:1", lease_until=timezone.now())
    assert queries.left_now(["default"]) == 1
    Job.objects.filter(state=State.RUNNING).update(state=State.SENT, lease_owner="", lease_until=None)
    runner.run_next("default")
    assert queries.left_now(["default"]) == 0
