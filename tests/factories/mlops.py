"""Made-up versions, switches, predictions and monitors."""

import datetime as dt
import hashlib

import factory
from factory.django import DjangoModelFactory

from mlops.models import (
    Alert,
    Alias,
    Channel,
    Dataset,
    Delivery,
    Deployment,
    GateResult,
    Measurement,
    ModelVersion,
    Monitor,
    PredictionSample,
    Readiness,
    RegistryHealth,
    ServingCount,
    Silence,
)

START = dt.datetime(2031, 3, 3, 9, tzinfo=dt.UTC)


class DatasetFactory(DjangoModelFactory[Dataset]):
    class Meta:
        model = Dataset

    model = "made-up"
    sha256 = factory.Sequence(lambda n: hashlib.sha256(f"dataset {n}".encode()).hexdigest())
    rows = 100
    size_bytes = 1000
    schema = factory.LazyFunction(dict)
    origin = factory.LazyFunction(dict)


class ModelVersionFactory(DjangoModelFactory[ModelVersion]):
    class Meta:
        model = ModelVersion

    model = "made-up"
    number = factory.Sequence(lambda n: n + 1)
    name = factory.LazyAttribute(lambda row: f"version-{row.number}")
    origin = ModelVersion.Origin.RULES
    state = ModelVersion.State.APPROVED


class GateResultFactory(DjangoModelFactory[GateResult]):
    class Meta:
        model = GateResult

    version = factory.SubFactory(ModelVersionFactory)
    gate = "good enough"
    figure = "accuracy"
    value = 0.9
    comparison = ">="
    bound = 0.8
    passed = True


class AliasFactory(DjangoModelFactory[Alias]):
    class Meta:
        model = Alias

    model = "made-up"
    role = Alias.Role.CHAMPION
    version = factory.SubFactory(ModelVersionFactory)
    since = START


class DeploymentFactory(DjangoModelFactory[Deployment]):
    class Meta:
        model = Deployment

    model = "made-up"
    action = Deployment.Action.PROMOTE
    role = Alias.Role.CHAMPION
    after = factory.SubFactory(ModelVersionFactory)
    reason = "it is better"
    actor = "owner"
    at = START


class ServingCountFactory(DjangoModelFactory[ServingCount]):
    class Meta:
        model = ServingCount

    version = factory.SubFactory(ModelVersionFactory)
    minute = START


class PredictionSampleFactory(DjangoModelFactory[PredictionSample]):
    class Meta:
        model = PredictionSample

    model = "made-up"
    version = factory.SubFactory(ModelVersionFactory)
    part = PredictionSample.Part.SERVED
    input_sha256 = factory.Sequence(lambda n: hashlib.sha256(f"input {n}".encode()).hexdigest())
    watched = factory.LazyFunction(dict)
    answer = factory.LazyFunction(dict)
    microseconds = 100


class MonitorFactory(DjangoModelFactory[Monitor]):
    class Meta:
        model = Monitor

    name = factory.Sequence(lambda n: f"monitor {n}")
    model = "made-up"
    statistic = "error_share"
    comparison = ">"
    threshold = 0.1
    minimum_rows = 1


class MeasurementFactory(DjangoModelFactory[Measurement]):
    class Meta:
        model = Measurement

    monitor = factory.SubFactory(MonitorFactory)
    value = 0.5
    rows = 10
    window_start = START
    window_end = START + dt.timedelta(hours=1)


class AlertFactory(DjangoModelFactory[Alert]):
    class Meta:
        model = Alert

    monitor = factory.SubFactory(MonitorFactory)
    severity = Monitor.Severity.WARNING
    message = "too many errors"
    opened_at = START


class SilenceFactory(DjangoModelFactory[Silence]):
    class Meta:
        model = Silence

    starts_at = START
    ends_at = START + dt.timedelta(hours=1)
    reason = "maintenance"
    made_by = "owner"


class ChannelFactory(DjangoModelFactory[Channel]):
    class Meta:
        model = Channel

    kind = Channel.Kind.LOG


class DeliveryFactory(DjangoModelFactory[Delivery]):
    class Meta:
        model = Delivery

    alert = factory.SubFactory(AlertFactory)
    channel = factory.SubFactory(ChannelFactory)
    text = "too many errors"


class ReadinessFactory(DjangoModelFactory[Readiness]):
    class Meta:
        model = Readiness

    model = factory.Sequence(lambda n: f"made-up-{n}")
    rows = 37


class RegistryHealthFactory(DjangoModelFactory[RegistryHealth]):
    class Meta:
        model = RegistryHealth
