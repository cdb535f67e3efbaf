"""Inputs that several tests of the value method share."""

import datetime as dt

from analysis.estimates.quantities import InputKind, Quantity, Role

TODAY = dt.date(2026, 11, 23)

BUILDS = Quantity(
    "assumption:builds@1", "build/day", InputKind.DECLARED, low=20, high=60, source="CI statistics", author="owner"
)
BEFORE = Quantity("claim:1#before", "minute", InputKind.QUOTED, point=30.0, source="change:x/y#1")
AFTER = Quantity("claim:1#after", "minute", InputKind.QUOTED, point=10.0, source="change:x/y#1")
LASTS = Quantity("fact:months", "month", InputKind.MEASURED, point=12.0)
SHARE = Quantity("fact:share", "1", InputKind.MEASURED, low=0.2, high=0.7, source="two authors")
RATE = Quantity(
    "assumption:rate@1",
    "USD/hour",
    InputKind.DECLARED,
    low=60,
    high=120,
    source="https://example.org/salaries",
    dated=dt.date(2026, 1, 15),
    author="owner",
)
REALISED = Quantity(
    "assumption:realised@1", "1", InputKind.DECLARED, low=0.1, high=0.4, source="roster of 2026", author="owner"
)

EFFECT = {
    Role.VOLUME: BUILDS,
    Role.BEFORE: BEFORE,
    Role.AFTER: AFTER,
    Role.PERSISTENCE: LASTS,
    Role.ATTRIBUTION: SHARE,
}
PRICED = {**EFFECT, Role.RATE: RATE, Role.REALISED: REALISED}


def point(key: str, unit: str, value: float, kind: InputKind = InputKind.QUOTED) -> Quantity:
    """Return a quantity that is known exactly."""
    return Quantity(key, unit, kind, point=value, source="made up for a test", author="owner")
