"""Made-up targets, policies, decisions and money."""

import datetime as dt
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from mlops.models import BreakerState, Budget, Decision, Hold, Outcome, Policy, Spend, Target


class TargetFactory(DjangoModelFactory[Target]):
    class Meta:
        model = Target

    key = factory.Sequence(lambda number: f"target-{number}")
    kind = "openai"
    model = "made-up-1"
    base_url = "https://models.example.org/v1"
    price_in = 100_000
    price_out = 400_000
    priced_on = dt.date(2031, 1, 1)
    price_source = "https://models.example.org/prices"
    prior_quality = 0.7


class PolicyFactory(DjangoModelFactory[Policy]):
    class Meta:
        model = Policy

    task = "summarise"
    version = factory.Sequence(lambda number: number + 1)
    settings: Any = factory.LazyFunction(dict)


class DecisionFactory(DjangoModelFactory[Decision]):
    class Meta:
        model = Decision

    id = factory.Sequence(lambda number: f"{number:024x}")
    task = "summarise"
    policy = "summarise"
    policy_version = 1
    content_hash = "0" * 64
    seed = 1
    mode = "utility"
    candidates: Any = factory.LazyFunction(list)
    state: Any = factory.LazyFunction(dict)
    chosen = "local-extractive"
    propensity = 1.0
    explored = False
    reason = "highest utility"
    status = "answered"
    answered_by = "local-extractive"


class OutcomeFactory(DjangoModelFactory[Outcome]):
    class Meta:
        model = Outcome

    decision = factory.SubFactory(DecisionFactory)
    kind = "thumbs"
    value = 1.0
    target = "local-extractive"


class BreakerStateFactory(DjangoModelFactory[BreakerState]):
    class Meta:
        model = BreakerState

    target = factory.Sequence(lambda number: f"target-{number}")


class BudgetFactory(DjangoModelFactory[Budget]):
    class Meta:
        model = Budget

    name = factory.Sequence(lambda number: f"task:task-{number}")
    limit = 1_000_000_000


class SpendFactory(DjangoModelFactory[Spend]):
    class Meta:
        model = Spend

    name = "day"
    day = factory.Sequence(lambda number: dt.date(2031, 1, 1) + dt.timedelta(days=number))


class HoldFactory(DjangoModelFactory[Hold]):
    class Meta:
        model = Hold

    decision = factory.SubFactory(DecisionFactory)
    target = "target-1"
    amount = 1000
    spends: Any = factory.LazyFunction(list)
    expires_at = factory.LazyFunction(lambda: timezone.now() + dt.timedelta(minutes=10))
