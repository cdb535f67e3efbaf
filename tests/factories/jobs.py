"""Made-up jobs and schedules."""

import datetime as dt

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from jobs.models import CLOSED, Job, Schedule, State


class ScheduleFactory(DjangoModelFactory[Schedule]):
    class Meta:
        model = Schedule

    name = factory.Sequence(lambda n: f"schedule-{n}")
    kind = "made-up"
    every_seconds = 3600
    next_at = factory.LazyFunction(timezone.now)


class JobFactory(DjangoModelFactory[Job]):
    """A job in any state, with the fields that its state demands."""

    class Meta:
        model = Job

    kind = "made-up"
    state = State.QUEUED
    created_at = factory.LazyFunction(timezone.now)
    due_at = factory.LazyAttribute(lambda row: row.created_at)
    sent_at = factory.LazyAttribute(lambda row: row.created_at if row.state == State.SENT else None)
    finished_at = factory.LazyAttribute(lambda row: row.created_at if row.state in CLOSED else None)
    lease_owner = factory.LazyAttribute(lambda row: "elsewhere:1:x" if row.state == State.RUNNING else "")
    lease_until = factory.LazyAttribute(
        lambda row: row.created_at + dt.timedelta(minutes=1) if row.state == State.RUNNING else None
    )
    error_code = factory.LazyAttribute(lambda row: "made_up" if row.state in (State.FAILED, State.DEAD) else "")
