"""The ledger's two steps in one round trip to PostgreSQL each: a routed call pays two of them, not ten.

Each step is sent as one text of two statements, which PostgreSQL runs as one transaction: the first locks the Spend
rows in the order of their keys, the second does everything else. A single statement would not do: it would judge the
room that is left by the snapshot from before it waited for the locks. Django's cursor binds on the client's side, which
is what allows two statements in one text.
"""
# ruff: noqa: S608  only names of our own tables and columns are put into the text; values are parameters

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from mlops.routing.models import Decision, Hold, Spend

DECISION, HOLD, SPEND = (model._meta.db_table for model in (Decision, Hold, Spend))
_JSON = frozenset({"candidates", "state", "attempts", "answer"})

# Locks first: the second statement then sees the newest versions, since every statement of a transaction looks anew.
_LOCK = f"SELECT id FROM {SPEND} WHERE id = ANY(%s) ORDER BY id FOR UPDATE"
_HOLD = f"""room AS MATERIALIZED (
  SELECT count(*) AS rows FROM {SPEND}
  WHERE id = ANY(%s) AND ("limit" IS NULL OR "limit" >= reserved + spent + overrun + %s)),
reserved AS (
  UPDATE {SPEND} AS spend SET reserved = spend.reserved + %s FROM room WHERE spend.id = ANY(%s) AND room.rows = %s),
hold AS (
  INSERT INTO {HOLD} (decision_id, target, amount, spends, expires_at)
  SELECT %s, %s, %s, %s::jsonb, statement_timestamp() + %s * interval '1 second' FROM room WHERE room.rows = %s
  RETURNING id)"""
_SETTLE = f"""settled AS (
  UPDATE {HOLD} SET charged = %s, settled_at = statement_timestamp() WHERE id = %s AND settled_at IS NULL
  RETURNING id),
charged AS (
  UPDATE {SPEND} AS spend
  SET reserved = spend.reserved - %s, spent = spend.spent + %s, overrun = spend.overrun + %s
  FROM settled WHERE spend.id = ANY(%s))"""


def open_and_hold(
    row: Mapping[str, Any] | None, decision: str, target: str, amount: int, spends: Sequence[int], lease: float
) -> int | None:
    """Insert the decision (None: it is there already) and reserve; the hold's key, or None where too little is left."""
    begins, values = _inserted(row) if row is not None else ("", [])
    keys = list(spends)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_LOCK}; WITH {begins}{_HOLD} SELECT id FROM hold",
            [
                keys, *values, keys, amount, amount, keys, len(keys),
                decision, target, amount, json.dumps(keys), lease, len(keys),
            ],
        )  # fmt: skip
        cursor.nextset()
        found = cursor.fetchone()
    return int(found[0]) if found else None


def settle_and_close(
    ending: Mapping[str, Any], decision: str, hold: int, charged: int, amount: int, spends: Sequence[int]
) -> None:
    """Charge a hold unless that was done, and complete its decision."""
    within, keys = min(charged, amount), list(spends)
    sets = ", ".join(f"{name} = %s{_cast(name)}" for name in ending)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_LOCK}; WITH {_SETTLE} UPDATE {DECISION} SET {sets} WHERE id = %s",
            [
                keys, charged, hold, amount, within, charged - within, keys,
                *(_value(name, value) for name, value in ending.items()), decision,
            ],
        )  # fmt: skip


def _inserted(row: Mapping[str, Any]) -> tuple[str, list[Any]]:
    names = ", ".join(row)
    marks = ", ".join(f"%s{_cast(name)}" for name in row)
    text = (
        f"decision AS (INSERT INTO {DECISION} ({names}, created_at) VALUES ({marks}, statement_timestamp())"
        " ON CONFLICT (id) DO NOTHING), "
    )
    return text, [_value(name, value) for name, value in row.items()]


def _cast(name: str) -> str:
    return "::jsonb" if name in _JSON else ""


def _value(name: str, value: Any) -> Any:
    return json.dumps(value) if name in _JSON and value is not None else value
