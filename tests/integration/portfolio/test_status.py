"""The status page: samples, percentiles with receipts, incidents, the build's record."""

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from evidence.models import AuditEntry, Receipt
from evidence.services import verify
from portfolio import services
from portfolio.models import ServingHour, StatusRecord
from portfolio.record import serving, store
from portfolio.record.timing import TimeRequests
from tests.factories.portfolio import IncidentFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2031, 2, 3, 10, 30, tzinfo=dt.UTC)


def test_percentiles_and_uptime_are_those_of_the_samples_and_compute_again(client: Client) -> None:
    times = [0] * 16
    times[serving.place_of(8)], times[serving.place_of(120)] = 90, 10
    serving.add(hour=NOW, times=times, errors=2, probes=60, probes_failed=3)
    serving.add(hour=NOW - dt.timedelta(days=89), probes=60)
    serving.add(hour=NOW - dt.timedelta(days=91), probes=60, probes_failed=60)
    stored = services.record_serving(NOW)
    assert stored is not None
    shown = store.latest("serving")
    assert shown is not None
    values = {label: item.value for label, item in shown.figures}
    assert values["uptime"] == 97.5, "three of a hundred and twenty probes; what is older does not count"
    assert list(values.values())[2:] == pytest.approx([5 + 5 * 50 / 90, 125, 145], rel=1e-5)
    assert all(verify(row).ok for row in Receipt.objects.all()) and Receipt.objects.count() == 5
    page = client.get("/status/").content.decode()
    assert "97.5" in page and page.count('class="figure"') == 5
    receipt = stored.receipts[0][1]
    assert client.get(f"/receipts/{receipt}/").status_code == 200


def test_nothing_measured_gives_no_figure_but_a_reason(client: Client) -> None:
    assert services.record_serving(NOW) is None
    page = client.get("/status/").content.decode()
    assert "Nothing is recorded yet" in page and "No record of a build" in page


def test_a_site_and_worker_that_were_down_together_are_not_watched_rather_than_up() -> None:
    serving.add(hour=NOW - dt.timedelta(hours=9, minutes=30), probes=60)
    stored = services.record_serving(NOW)
    assert stored is not None
    shown = store.latest("serving")
    assert shown is not None
    values = {label: item.value for label, item in shown.figures}
    assert values == {"uptime": 100, "minutes in which it was probed": pytest.approx(100 * 60 / 570, rel=1e-5)}


def test_requests_are_timed_and_written_together(rf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Answer:
        status_code = 200

    middleware = TimeRequests(lambda request: Answer())  # type: ignore[arg-type,return-value]
    for _ in range(299):
        middleware(rf.get("/"))
    middleware(rf.get("/healthz"))
    assert not ServingHour.objects.exists()
    Answer.status_code = 503
    middleware(rf.get("/"))
    row = ServingHour.objects.get()
    assert (row.requests, row.errors, sum(row.times)) == (300, 1, 300)


def test_incident_is_shown_once_published_and_escaped(client: Client) -> None:
    IncidentFactory(title="Seen <b>", story="Told & mended.")
    IncidentFactory(title="Not yet", is_published=False)
    page = client.get("/status/").content.decode()
    assert "Seen &lt;b&gt;" in page and "Told &amp; mended." in page and "Not yet" not in page


def written(folder: Path) -> Path:
    legs = [{"leg": "postgresql", "tests": 12, "failures": 0, "errors": 1, "skipped": 0, "seconds": 3.5}]
    (folder / "tests.json").write_text(json.dumps({"revision": "fed", "legs": legs}))
    (folder / "coverage.json").write_text(json.dumps({"totals": {"percent_covered": 91.26}}))
    rows = [
        {"subject": "jobs", "name": "plain Celery, times", "value": 2.344, "unit": "x"},
        {"subject": "jobs", "name": "a job", "value": 7.3, "unit": "ms"},
    ]
    bench = {"revision": "abc", "results": [{"exit": 0, "rows": rows}, {"exit": 1, "rows": []}]}
    (folder / "bench.json").write_text(json.dumps(bench))
    return folder


def test_build_record_is_stored_with_receipts(client: Client, tmp_path: Path) -> None:
    out = io.StringIO()
    call_command("record_build", str(written(tmp_path)), stdout=out)
    row = StatusRecord.objects.get(kind="build")
    assert row.revision == "fed" and f"{len(row.receipts)} figures" in out.getvalue()
    shown = store.latest("build")
    assert shown is not None
    values = {label: item.value for label, item in shown.figures}
    assert values["tests on postgresql"] == 12 and values["of these failed on postgresql"] == 1
    assert values["branch coverage"] == 91.3 and values["of these ended with an error"] == 1
    assert values["jobs: plain Celery, times"] == 2.34
    assert "jobs: a job" not in values, "seconds belong to a machine, ratios do not"
    stood_on = {json.loads(r.document)["inputs"][0]["value"]["revision"] for r in Receipt.objects.all()}
    assert stood_on == {"fed", "abc"}, "each figure names the state that it was measured on"
    assert all(verify(receipt).ok for receipt in Receipt.objects.all())
    assert "91.3" in client.get("/status/").content.decode()
    assert AuditEntry.objects.filter(action="status.record_build").exists()


def test_build_record_refuses_what_it_cannot_read(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="make test"):
        call_command("record_build", str(tmp_path))
    for wrong in ("[]", '{"legs": 3}', '{"revision": "fed"}'):
        (tmp_path / "tests.json").write_text(wrong)
        with pytest.raises(CommandError, match=r"tests(\.json)? .*Run the part of the build again"):
            call_command("record_build", str(tmp_path))
    (tmp_path / "tests.json").write_text("{")
    with pytest.raises(CommandError, match=r"tests\.json is no JSON"):
        call_command("record_build", str(tmp_path))


def test_samples_are_forgotten_after_their_time() -> None:
    serving.add(hour=NOW, probes=1)
    serving.add(hour=NOW - dt.timedelta(days=200), probes=1)
    assert services.forget_status(before=NOW - dt.timedelta(days=180)) == 1
    assert ServingHour.objects.get().hour == NOW.replace(minute=0)
