"""Rows written in bulk read back through the models as if each had been saved, on either database."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import connection

from analysis.collection.bulk import insert, sqlite_moment
from analysis.collection.part_models import Provenance
from analysis.models import PullDetail, RawPayload
from tests.factories.collection import ChangeFactory

MOMENTS = [
    datetime(2024, 2, 29, 23, 59, 59, 123456, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=timezone(timedelta(hours=-11, minutes=-30))),
    datetime(2099, 12, 31, 23, 0, tzinfo=timezone(timedelta(hours=14))),
    datetime(1, 1, 2, tzinfo=UTC),
    datetime(9999, 12, 31, tzinfo=UTC),
]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite keeps times as text")
@pytest.mark.parametrize("moment", MOMENTS)
def test_times_are_written_as_django_writes_them(moment):
    assert sqlite_moment(moment) == connection.ops.adapt_datetimefield_value(moment)


@pytest.mark.django_db
def test_every_type_comes_back_as_it_was_given():
    changes = ChangeFactory.create_batch(len(MOMENTS))
    fields = ("change", "external_id", "profile", "state", "is_draft", "updated_at", "edits", "linked_issues", "counts",
              "base_ref", "head_ref", "author_association", "review_decision", "checks", "milestone")  # fmt: skip
    told = 'a "quoted", {braced} \\ text\nwith lines and \N{SNOWMAN}'
    rows = [
        (change.pk, told, "full", "open", None if n else True, moment, n or None, [n, "x"], {"a": [1, n]}, *[""] * 6)
        for n, (change, moment) in enumerate(zip(changes, MOMENTS, strict=True))
    ]
    assert insert(PullDetail, fields, rows) == len(rows)
    found = PullDetail.objects.order_by("change_id").values_list(*fields)
    assert [list(row) for row in found] == [list(row) for row in rows]


@pytest.mark.django_db
def test_rows_that_exist_stay_or_take_the_new_values():
    change = ChangeFactory()
    fields = ("change", "source", "fingerprint", "version", "incomplete")
    insert(Provenance, fields, [(change.pk, "git", "old", "1", [])])
    insert(Provenance, fields, [(change.pk, "git", "new", "1", ["x"]), (change.pk, "github", "own", "1", [])])
    assert dict(change.provenances.values_list("source", "fingerprint")) == {"git": "old", "github": "own"}
    payload = ("change", "source", "erased_at", "sha256", "size", "body")
    for body in (b"\x00first\xff", b"second"):
        insert(RawPayload, payload, [(change.pk, "github", None, "0" * 64, len(body), body)], unique=payload[:2])
    row = RawPayload.objects.get()
    assert (bytes(row.body), row.size) == (b"second", 6)
    assert insert(RawPayload, payload, []) == 0
