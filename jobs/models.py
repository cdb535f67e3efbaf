"""Durable background work. These rows are the truth; a broker only carries hints about them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a job stands. Open: queued, sent, waiting, running. Closed: done, failed, dead, cancelled."""

    QUEUED = "queued", _("queued")
    SENT = "sent", _("sent")
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    DEAD = "dead", _("dead")
    CANCELLED = "cancelled", _("cancelled")


OPEN = (State.QUEUED, State.SENT, State.WAITING, State.RUNNING)
READY = (State.QUEUED, State.SENT)
CLOSED = (State.DONE, State.FAILED, State.DEAD, State.CANCELLED)


class Schedule(models.Model):
    """A job that is asked for again and again. The row decides when, so that any number of beats has one effect."""

    hash_fields = ()

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=100)
    args = models.JSONField(default=dict, blank=True)
    every_seconds = models.PositiveIntegerField(help_text=_("Seconds from one run to the next."))
    enabled = models.BooleanField(default=True)
    next_at = models.DateTimeField()
    last_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="schedule_every_positive", condition=Q(every_seconds__gte=1)),
        ]
        indexes = [
            # jobs.schedules.fire_due()
            models.Index(name="schedule_due_idx", fields=["next_at"], condition=Q(enabled=True)),
        ]

    def __str__(self) -> str:
        return self.name


class Job(models.Model):
    """One piece of background work: written with the change that asks for it, leased by one worker at a time.

    ``deliveries`` counts claims since the last orderly end (a worker that dies leaves it raised), ``attempts`` counts
    orderly failures. ``again`` remembers that the job was asked for once more while it ran.
    """

    hash_fields = ()

    kind = models.CharField(max_length=100)
    queue = models.CharField(max_length=50, default="default")
    args = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.QUEUED)
    key = models.CharField(max_length=300, blank=True, help_text=_("At most one open job has this key."))
    resource = models.CharField(max_length=300, blank=True, help_text=_("At most one job runs for this resource."))
    priority = models.SmallIntegerField(default=0, help_text=_("Higher runs first."))
    again = models.BooleanField(default=False)

    due_at = models.DateTimeField()
    sends = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=150, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    deliveries = models.PositiveIntegerField(default=0)
    max_deliveries = models.PositiveIntegerField(default=3)
    attempts = models.PositiveIntegerField(default=0)
    max_attempts = models.PositiveIntegerField(default=8)

    progress_done = models.PositiveBigIntegerField(default=0)
    progress_total = models.PositiveBigIntegerField(null=True, blank=True)
    progress_message = models.CharField(max_length=300, blank=True)
    result = models.JSONField(null=True, blank=True)
    error_code = models.CharField(max_length=100, blank=True)
    error_message = models.TextField(blank=True)
    error_hint = models.TextField(blank=True)

    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    cancel_asked_at = models.DateTimeField(null=True, blank=True)
    cancel_asked_by = models.CharField(max_length=150, blank=True)
    requested_by = models.CharField(max_length=150, default="system")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children")
    schedule = models.ForeignKey(Schedule, null=True, blank=True, on_delete=models.SET_NULL, related_name="jobs")

    class Meta:
        constraints = [
            models.CheckConstraint(name="job_state_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="job_lease_while_running",
                condition=Q(state=State.RUNNING, lease_until__isnull=False) & ~Q(lease_owner="")
                | ~Q(state=State.RUNNING) & Q(lease_until__isnull=True, lease_owner=""),
            ),
            models.CheckConstraint(
                name="job_finished_when_closed",
                condition=Q(state__in=CLOSED, finished_at__isnull=False) | Q(state__in=OPEN, finished_at__isnull=True),
            ),
            models.CheckConstraint(name="job_sent_has_time", condition=~Q(state=State.SENT) | Q(sent_at__isnull=False)),
            models.CheckConstraint(
                name="job_bad_end_has_code", condition=~Q(state__in=(State.FAILED, State.DEAD)) | ~Q(error_code="")
            ),
            models.CheckConstraint(
                name="job_cancel_asked_when_and_by",
                condition=Q(cancel_asked_at__isnull=True, cancel_asked_by="")
                | Q(cancel_asked_at__isnull=False) & ~Q(cancel_asked_by=""),
            ),
            models.CheckConstraint(
                name="job_progress_within_total",
                condition=Q(progress_total__isnull=True) | Q(progress_done__lte=F("progress_total")),
            ),
            models.UniqueConstraint(name="job_key_open_once", fields=["key"], condition=Q(state__in=OPEN) & ~Q(key="")),
            models.UniqueConstraint(
                name="job_resource_runs_once",
                fields=["resource"],
                condition=Q(state=State.RUNNING) & ~Q(resource=""),
            ),
        ]
        indexes = [
            # jobs.leases.claim(): the best job of a queue.
            models.Index(name="job_ready_idx", fields=["queue", "-priority", "id"], condition=Q(state__in=READY)),
            # jobs.reaper.wake_waiting()
            models.Index(name="job_waiting_idx", fields=["due_at"], condition=Q(state=State.WAITING)),
            # jobs.reaper.take_back_expired()
            models.Index(name="job_lease_idx", fields=["lease_until"], condition=Q(state=State.RUNNING)),
            # jobs.sending.send_pending()
            models.Index(name="job_unsent_idx", fields=["-priority", "id"], condition=Q(state=State.QUEUED)),
            models.Index(name="job_sent_idx", fields=["sent_at"], condition=Q(state=State.SENT)),
            # jobs.queries.troubled() and the admin's list by state
            models.Index(name="job_state_idx", fields=["state", "-id"]),
            # jobs.queries.latest(kind)
            models.Index(name="job_kind_idx", fields=["kind", "-id"]),
            # jobs.retention.prune()
            models.Index(name="job_finished_idx", fields=["finished_at"], condition=Q(state__in=CLOSED)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} ({self.state})"

    @property
    def is_open(self) -> bool:
        """True until the job is done, failed, dead or cancelled."""
        return self.state in OPEN
