"""Triggers by which the database itself keeps receipts and the audit log append-only, on PostgreSQL and SQLite.

A frozen receipt may change in one way only: its content is erased and its hash stays. The same holds for the words of
an audit entry. Links of a receipt go only when the receipt was erased. ``lift`` exists for the test runner, which has
to empty tables, and for a restore into an empty database.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


@dataclass(frozen=True, slots=True)
class Rule:
    """One refusal: on which table and event, unless which condition (SQL over OLD and NEW) holds."""

    name: str
    table: str
    event: str
    unless: str
    message: str


def _same(*columns: str) -> str:
    return " AND ".join(f"NEW.{column} = OLD.{column}" for column in columns)


RULES = (
    Rule(
        "receipt_update",
        "evidence_receipt",
        "UPDATE",
        "OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL AND NEW.document = '' AND "
        + _same("id", "kind", "method", "version", "frozen_at"),
        "a frozen receipt cannot be changed, only erased",
    ),
    Rule("receipt_delete", "evidence_receipt", "DELETE", "", "a frozen receipt cannot be deleted, only erased"),
    Rule("receipt_input_update", "evidence_receiptinput", "UPDATE", "", "an input of a frozen receipt cannot change"),
    Rule(
        "receipt_input_delete",
        "evidence_receiptinput",
        "DELETE",
        "EXISTS (SELECT 1 FROM evidence_receipt r WHERE r.id = OLD.receipt_id AND r.erased_at IS NOT NULL)",
        "an input of a frozen receipt cannot be deleted",
    ),
    Rule(
        "audit_update",
        "evidence_auditentry",
        "UPDATE",
        "OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL AND NEW.label = '' AND " + _same("id", "at", "action"),
        "the audit log is append-only",
    ),
    Rule("audit_delete", "evidence_auditentry", "DELETE", "", "the audit log is append-only"),
)


def statements(vendor: str, rule: Rule) -> list[str]:
    """Return the SQL that installs one rule."""
    name = f"evidence_{rule.name}"
    unless = rule.unless or "1 = 0"
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {name} BEFORE {rule.event} ON {rule.table} FOR EACH ROW WHEN NOT ({unless}) "
            f"BEGIN SELECT RAISE(ABORT, '{rule.message}'); END"
        ]
    result = "NEW" if rule.event == "UPDATE" else "OLD"
    refusal = f"RAISE EXCEPTION '{rule.message}' USING ERRCODE = 'restrict_violation';"
    body = f"BEGIN IF NOT ({unless}) THEN {refusal} END IF; RETURN {result}; END"
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $rule$ {body} $rule$",
        f"CREATE TRIGGER {name} BEFORE {rule.event} ON {rule.table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def removal(vendor: str, rule: Rule) -> list[str]:
    """Return the SQL that removes one rule."""
    name = f"evidence_{rule.name}"
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}"]
    return [f"DROP TRIGGER IF EXISTS {name} ON {rule.table}", f"DROP FUNCTION IF EXISTS {name}()"]


def install(connection: BaseDatabaseWrapper) -> None:
    """Put every rule in force; repeating it changes nothing."""
    with connection.cursor() as cursor:
        for rule in RULES:
            for statement in [*removal(connection.vendor, rule), *statements(connection.vendor, rule)]:
                cursor.execute(statement)


def lift(connection: BaseDatabaseWrapper) -> None:
    """Take every rule out of force."""
    with connection.cursor() as cursor:
        for rule in RULES:
            for statement in removal(connection.vendor, rule):
                cursor.execute(statement)


def install_rules(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Migration step."""
    install(schema_editor.connection)


def lift_rules(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Migration step backwards."""
    lift(schema_editor.connection)
