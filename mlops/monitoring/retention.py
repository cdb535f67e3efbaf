"""How long predictions, measurements and deliveries are kept. Labelled predictions stay longer: they judge versions."""

from __future__ import annotations

import datetime as dt

from jobs.retention import rule
from mlops.monitoring.models import Delivery, Measurement
from mlops.serving.models import PredictionSample, ServingCount


@rule("predictions", days=90)
def prune_predictions(before: dt.datetime) -> int:
    """Samples without a label, and the counts of their minutes."""
    samples = PredictionSample.objects.filter(at__lt=before, correct__isnull=True).delete()[0]
    return samples + ServingCount.objects.filter(minute__lt=before).delete()[0]


@rule("labelled-predictions", days=730)
def prune_labelled(before: dt.datetime) -> int:
    """Samples whose label arrived."""
    return PredictionSample.objects.filter(at__lt=before).delete()[0]


@rule("measurements", days=400)
def prune_measurements(before: dt.datetime) -> int:
    """Points of the plots."""
    return Measurement.objects.filter(window_end__lt=before).delete()[0]


@rule("notifications", days=180)
def prune_deliveries(before: dt.datetime) -> int:
    """Deliveries that came to an end."""
    return Delivery.objects.filter(created_at__lt=before).exclude(state=Delivery.State.WAITING).delete()[0]
