"""Reports: dated compilations. A frozen report never changes; erasing a person empties it and keeps its hash."""

from django.db import models
from django.db.models import F, Q

from analysis.change_types.models import TYPE_CHOICES
from analysis.collection.models import Repository


class Report(models.Model):
    """One compilation for one reader over one period. ``document`` is canonical JSON and ``sha256`` its hash."""

    class Reader(models.TextChoices):
        MANAGER = "manager", "hiring manager"
        PEER = "peer", "technical peer"
        SELF = "self", "self-review"
        JOB = "job", "job description"

    class Period(models.TextChoices):
        WEEK = "week"
        MONTH = "month"
        QUARTER = "quarter"
        YEAR = "year"
        RANGE = "range"

    reader = models.CharField(max_length=8, choices=Reader)
    period = models.CharField(max_length=8, choices=Period)
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="Last day of the period, included")
    repository = models.ForeignKey(
        Repository, models.CASCADE, null=True, blank=True, related_name="reports", help_text="Empty: all repositories"
    )
    theme = models.CharField(max_length=16, choices=TYPE_CHOICES, blank=True, help_text="Type of change; empty: all")
    document = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64)
    previous = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="successors")
    is_public = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True)
    requested_by = models.CharField(max_length=150)
    erased_at = models.DateTimeField(null=True, blank=True)
    erased_by = models.CharField(max_length=150, blank=True)

    hash_fields = ("reader", "period", "starts_on", "ends_on", "repository", "theme", "document", "sha256", "is_public")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="report_ends_after_start"),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True, erased_by="") & ~Q(document="")
                | Q(erased_at__isnull=False, document="") & ~Q(erased_by=""),
                name="report_erased_at_and_by",
            ),
            # The same evidence compiled twice is one report.
            models.UniqueConstraint(fields=["sha256", "reader"], name="report_content_once"),
        ]
        indexes = [
            # The page of reports, newest period first, keyset on (ends_on, id).
            models.Index(fields=["-ends_on", "-id"], name="report_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reader_display()} {self.starts_on} to {self.ends_on}"


# A job description is pasted for one report, so none comes again by itself.
SCHEDULED = [choice for choice in Report.Reader.choices if choice[0] != Report.Reader.JOB]


class ReportSchedule(models.Model):
    """A report that is made when its period has ended, and sent when an address is given."""

    class Period(models.TextChoices):
        WEEK = "week"
        MONTH = "month"
        QUARTER = "quarter"
        YEAR = "year"

    reader = models.CharField(max_length=8, choices=SCHEDULED)
    period = models.CharField(max_length=8, choices=Period)
    repository = models.ForeignKey(
        Repository, models.CASCADE, null=True, blank=True, related_name="report_schedules", help_text="Empty: all"
    )
    theme = models.CharField(max_length=16, choices=TYPE_CHOICES, blank=True, help_text="Type of change; empty: all")
    send_to = models.EmailField(blank=True, help_text="Empty: the report is made and sent to nobody")
    enabled = models.BooleanField(default=True)
    last_start = models.DateField(null=True, blank=True, editable=False, help_text="First day of the last period made")

    hash_fields = ("reader", "period", "repository", "theme", "send_to", "enabled")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "period", "repository", "theme", "send_to"], name="report_schedule_once_of_one",
                condition=Q(repository__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["reader", "period", "theme", "send_to"], name="report_schedule_once_of_all",
                condition=Q(repository__isnull=True),
            ),
            models.CheckConstraint(condition=~Q(reader="job"), name="report_schedule_without_job_description"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_reader_display()}, every {self.period}"


class ReportDelivery(models.Model):
    """One report to one address, however often it has to be tried; sent once."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        FAILED = "failed"

    report = models.ForeignKey(Report, models.CASCADE, related_name="deliveries")
    send_to = models.EmailField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    requested_by = models.CharField(max_length=150)
    requested_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    hash_fields: tuple[str, ...] = ()  # that it was sent is no content

    class Meta:
        verbose_name_plural = "report deliveries"
        constraints = [
            models.UniqueConstraint(fields=["report", "send_to"], name="report_delivery_once"),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent") & Q(sent_at__isnull=True),
                name="report_delivery_sent_at",
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(error=""), name="report_delivery_failed_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} to {self.send_to}: {self.state}"
