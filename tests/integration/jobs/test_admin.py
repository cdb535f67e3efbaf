"""The queue in the admin."""

import pytest
from django.urls import reverse
from django.utils import timezone

from evidence.models import AuditEntry
from jobs.models import Job, State
from tests.factories.jobs import JobFactory, ScheduleFactory

pytestmark = pytest.mark.django_db
LIST = "admin:jobs_job_changelist"


def act(client, action: str, *jobs: Job) -> str:
    data = {"action": action, "_selected_action": [job.pk for job in jobs]}
    return client.post(reverse(LIST), data, follow=True).content.decode()


def test_every_state_is_listed_in_bounded_queries(admin_client, django_assert_max_num_queries):
    for state in State.values:
        JobFactory(state=state, progress_done=1, progress_total=3, progress_message="one")
    for _ in range(20):
        JobFactory(progress_message="waiting for its turn")
    with django_assert_max_num_queries(10):
        page = admin_client.get(reverse(LIST)).content.decode()
    assert "1/3 one" in page and "waiting for its turn" in page
    assert admin_client.get(reverse("admin:jobs_job_change", args=[Job.objects.first().pk])).status_code == 200


def test_retry_and_cancel_act_and_explain(admin_client):
    failed, done, queued = JobFactory(state=State.FAILED), JobFactory(state=State.DONE), JobFactory()
    assert "1 job was changed" in act(admin_client, "retry_selected", failed)
    assert "1 job was changed" in act(admin_client, "cancel_selected", queued)
    assert "already ended" in act(admin_client, "cancel_selected", done)
    assert "still open" in act(admin_client, "retry_selected", failed)
    failed.refresh_from_db()
    queued.refresh_from_db()
    assert (queued.state, queued.cancel_asked_by) == (State.CANCELLED, "admin") and failed.is_open
    assert set(AuditEntry.objects.values_list("actor", "action")) == {("admin", "jobs.retry"), ("admin", "jobs.cancel")}


def test_rows_cannot_be_added_or_deleted_by_hand(admin_client):
    job = JobFactory()
    assert admin_client.get(reverse("admin:jobs_job_add")).status_code == 403
    assert admin_client.post(reverse("admin:jobs_job_delete", args=[job.pk])).status_code == 403


def test_schedules_are_the_operators(admin_client):
    schedule = ScheduleFactory()
    data = {
        "form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": schedule.pk, "_save": "Save",
    }  # fmt: skip
    admin_client.post(reverse("admin:jobs_schedule_changelist"), data)
    schedule.refresh_from_db()
    assert schedule.enabled is False and schedule.next_at <= timezone.now()
