"""Made-up reports."""

import datetime as dt
import hashlib

import factory
from factory.django import DjangoModelFactory

from analysis.models import Report, ReportDelivery, ReportSchedule


class ReportFactory(DjangoModelFactory[Report]):
    class Meta:
        model = Report

    reader = "peer"
    period = "year"
    starts_on = dt.date(2031, 1, 1)
    ends_on = dt.date(2031, 12, 31)
    document = factory.Sequence(lambda n: f'{{"title": "Report {n}"}}')
    sha256 = factory.LazyAttribute(lambda row: hashlib.sha256(row.document.encode()).hexdigest())
    requested_by = "system"


class ReportScheduleFactory(DjangoModelFactory[ReportSchedule]):
    class Meta:
        model = ReportSchedule

    reader = "peer"
    period = "month"
    send_to = factory.Sequence(lambda n: f"reader-{n}@example.org")


class ReportDeliveryFactory(DjangoModelFactory[ReportDelivery]):
    class Meta:
        model = ReportDelivery

    report = factory.SubFactory(ReportFactory)
    send_to = "reader@example.org"
    requested_by = "system"
