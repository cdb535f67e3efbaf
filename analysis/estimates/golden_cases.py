"""The golden cases themselves. The working of each is what docs/value-golden-cases.md prints.

Of one 90% range from L to U the P50 is √(L·U), and P10 and P90 lie a factor (U/L)^0.389564 below and above it, since
1.281552 / (2 · 1.644854) = 0.389564. A year has 365.25 days.
"""

from __future__ import annotations

import datetime as dt

from analysis.estimates.golden import Case, entered, from_to, saves
from analysis.estimates.quantities import Role

BUILD = from_to(30, 10, "minute")
DAILY = entered(Role.VOLUME, "build/day", 40)
HALF = entered(Role.ATTRIBUTION, "1", 0.5)
KNOWN = {**DAILY, **HALF}
RATE = entered(Role.RATE, "USD/hour", 80)
STOPPED = entered(Role.REALISED, "1", 0.5)
PRICED = {**KNOWN, **RATE, **STOPPED}
PER_WEEK = saves(3, "hour", period="per week")
BILL = saves(500, "USD", "cost", period="per month")

_L2 = (
    Case("from-to", "L2", BUILD, "20 20 20 minute", "30 - 10"),
    Case("from-to in two units", "L2", from_to(2, 30, "minute", to_unit="second"), "1.5 1.5 1.5 minute", "2 - 30/60"),
    Case("difference", "L2", saves(45, "second"), "45 45 45 second", "as quoted"),
    Case("difference, worse", "L2", saves(45, "second", direction="worse"), "-45 -45 -45 second", "it got slower"),
    Case("percentage without a base", "L2", saves(20, "%", kind="relative_pct"), "refused: no_base", "20% of what?"),
    Case(
        "percentage of a base", "L2", saves(20, "%", kind="relative_pct"), "10 10 10 minute", "0.2 · 50",
        entered(Role.BEFORE, "minute", 50),
    ),
    Case(
        "percentage of a range", "L2", saves(20, "%", kind="relative_pct"), "5.20546 6 6.91582 minute",
        "0.2 · √(25·36) = 6; a factor (36/25)^0.389564 = 1.152636 below and above",
        entered(Role.BEFORE, "minute", 25, 36),
    ),
    Case(
        "twice as fast", "L2", saves(2, "x", kind="factor"), "15 15 15 minute", "30 · (1 - 1/2)",
        entered(Role.BEFORE, "minute", 30),
    ),
    Case(
        "twice as slow", "L2", saves(2, "x", kind="factor", direction="worse"), "-30 -30 -30 minute", "30 · (1 - 2)",
        entered(Role.BEFORE, "minute", 30),
    ),
    Case(
        "300% less", "L2", saves(300, "%", kind="relative_pct"), "refused: impossible_share", "more than all of it",
        entered(Role.BEFORE, "minute", 30),
    ),
    Case("throughput", "L2", from_to(100, 200, "request", "throughput"), "refused: not_additive", "a level"),
    Case("from minutes to seconds", "L2", saves(None, "minute"), "refused: no_delta", "no number is quoted"),
    Case("only expected", "L2", from_to(30, 10, "minute", state="expected"), "refused: claim_expected", "a hope"),
    Case(
        "expected, then confirmed", "L2", from_to(30, 10, "minute", state="expected", review="confirmed"),
        "20 20 20 minute", "the owner stands for it",
    ),
    Case(
        "contradicted", "L2", from_to(30, 10, "minute", state="contradicted"), "refused: claim_contradicted",
        "the quoted arithmetic does not hold",
    ),
    Case("rejected", "L2", from_to(30, 10, "minute", review="rejected"), "refused: claim_rejected", "by the owner"),
)  # fmt: skip

_L3 = (
    Case("points", "L3", BUILD, "2435 2435 2435 hour/year", "40 · 365.25 · 20/60 · 0.5", KNOWN),
    Case(
        "quoted period", "L3", PER_WEEK, "78.2679 78.2679 78.2679 hour/year", "365.25/7 · 3 · 0.5 = 78.26786", HALF
    ),
    Case(
        "range of volume", "L3", BUILD, "1374.55 2108.77 3235.18 hour/year",
        "√(20·60) · 365.25 · 20/60 · 0.5 = 2108.772; a factor 3^0.389564 = 1.534155 below and above",
        {**HALF, **entered(Role.VOLUME, "build/day", 20, 60)},
    ),
    Case("half a year", "L3", BUILD, "1217.5 1217.5 1217.5 hour/year", "2435 · 6/12", KNOWN, months=6.0),
    Case(
        "survival unknown", "L3", BUILD, "243.5 1217.5 2191.5 hour/year",
        "months even between 0 and 12: 0.1, 0.5 and 0.9 of 2435", KNOWN, months=None,
    ),
    Case(
        "longer than a year", "L3", BUILD, "2435 2435 2435 hour/year", "at most 12 months count",
        {**KNOWN, **entered(Role.PERSISTENCE, "month", 36)},
    ),
    Case("no volume", "L3", BUILD, "refused: no_volume", "how often?", HALF),
    Case(
        "units of two things", "L3", from_to(30, 10, "minute/request"), "refused: units",
        "builds a day times minutes a request", KNOWN,
    ),
    Case(
        "sole author, no quotation", "L3", BUILD, "4870 4870 4870 hour/year", "the team's: 2435 / 0.5", DAILY, people=1
    ),
    Case(
        "bytes", "L3", from_to(12, 2, "megabyte", "size"), "1826.25 1826.25 1826.25 gigabyte/year",
        "1000 · 365.25 · 10 MB · 0.5", {**HALF, **entered(Role.VOLUME, "request/day", 1000)},
    ),
    Case("nothing changed", "L3", from_to(10, 10, "minute"), "0 0 0 hour/year", "10 - 10", KNOWN),
    Case("a regression", "L3", from_to(10, 30, "minute"), "-2435 -2435 -2435 hour/year", "10 - 30", KNOWN),
    Case(
        "incidents", "L3", from_to(9, 4, "incident", "other"), "30 30 30 incident/year", "5 a month · 12 · 0.5",
        {**HALF, **entered(Role.VOLUME, "1/month", 1)},
    ),
)  # fmt: skip

_L4 = (
    Case("priced", "L4", BUILD, "97400 97400 97400 USD/year", "2435 · 0.5 · 80", PRICED),
    Case(
        "priced, less its cost", "L4", BUILD, "90000 90000 90000 USD/year", "97400 - 7400",
        {**PRICED, **entered(Role.COST, "USD", 7400)},
    ),
    Case(
        "range of the rate", "L4", BUILD, "78861.5 103308 135334 USD/year",
        "2435 · 0.5 · √(60·120); a factor 2^0.389564 = 1.309997 below and above",
        {**PRICED, **entered(Role.RATE, "USD/hour", 60, 120)},
    ),
    Case(
        "exchanged", "L4", BUILD, "87660 87660 87660 EUR/year", "97400 · 0.9",
        {**PRICED, **entered(Role.EXCHANGE, "EUR/USD", 0.9)},
    ),
    Case(
        "a bill", "L4", BILL, "2700 2700 2700 USD/year", "500 · 12 · 0.5 · 0.9",
        {**HALF, **entered(Role.REALISED, "1", 0.9)},
    ),
    Case("G1, no rate", "L4", BUILD, "refused: G1", "no rate", {**KNOWN, **STOPPED}),
    Case(
        "G1, no source", "L4", BUILD, "refused: G1", "a rate from nowhere",
        {**PRICED, **entered(Role.RATE, "USD/hour", 80, source="")},
    ),
    Case(
        "G1, no date", "L4", BUILD, "refused: G1", "a rate of no day",
        {**PRICED, **entered(Role.RATE, "USD/hour", 80, dated=None)},
    ),
    Case("G1, money without a bill", "L4", BILL, "refused: G1", "quoted money is not seen money", HALF),
    Case(
        "G2", "L4", BUILD, "refused: G2", "a volume that nobody stands for",
        {**PRICED, **entered(Role.VOLUME, "build/day", 40, kind="assumed")},
    ),
    Case("G3", "L4", BUILD, "refused: G3", "hours times USD/GB", {**PRICED, **entered(Role.RATE, "USD/GB", 80)}),
    Case(
        "G4, an old rate", "L4", BUILD, "refused: G4", "older than 24 months",
        {**PRICED, **entered(Role.RATE, "USD/hour", 80, dated=dt.date(2024, 10, 1))},
    ),
    Case(
        "G4, a foreign cost", "L4", BUILD, "refused: G4", "no dated exchange rate",
        {**PRICED, **entered(Role.COST, "EUR", 100)},
    ),
    Case(
        "G5", "L4", BUILD, "refused: G5", "whose is it?", {**DAILY, **RATE, **STOPPED}, people=1,
    ),
    Case(
        "G6", "L4", BUILD, "refused: G6", "100^0.779128 = 36.2, more than 30",
        {**PRICED, **entered(Role.VOLUME, "build/day", 1, 100)},
    ),
    Case(
        "G6, just narrow enough", "L4", BUILD, "3892.82 20372.7 106618 USD/year",
        "70^0.779128 = 27.4, at most 30; √70 · 365.25 · 20/60 · 0.5 · 0.5 · 80, a factor 70^0.389564 = 5.233398",
        {**PRICED, **entered(Role.VOLUME, "build/day", 1, 70)},
    ),
    Case(
        "G7", "L4", BUILD, "refused: G7", "a language model is no source",
        {**PRICED, **entered(Role.RATE, "USD/hour", 80, source="ChatGPT")},
    ),
    Case("G8", "L4", BUILD, "refused: G8", "who stopped doing what?", {**KNOWN, **RATE}),
    Case("several reasons", "L4", BUILD, "refused: G1 G5 G8", "all are told", DAILY, people=1),
)  # fmt: skip

CASES: tuple[Case, ...] = (*_L2, *_L3, *_L4)
