"""Row 23, for visitors: PostgreSQL crashes while gunicorn is in the middle of a request.

A lock that the test holds stops the request at a known statement, so that the crash meets it there for certain.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.faults.web import Web, served
from tests.faults.workers import Installation, descendants, installation, until
from tests.servers import Postgres

MADE = """
from django.contrib.auth.models import User
from django.utils import timezone
from portfolio.access import services
from portfolio.access.models import Scope
from tests.factories.collection import ChangeFactory
ChangeFactory(title='Answer from the keel')
user = User.objects.create_user('made-up', is_staff=True)
answer = services.create_key(actor=user, name='x', scopes=[Scope.CURATE, Scope.READ_PRIVATE], now=timezone.now())[1]
"""
BUILDS = {
    "name": "builds", "role": "volume", "unit": "build/day", "low": 20, "high": 60, "metric": "time",
    "source": "CI statistics of May", "dated": "2026-05-01",
}  # fmt: skip
pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("web-in-flight")]  # one cluster for all of them
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
ASSUMPTIONS = "SELECT count(*) FROM analysis_assumption"
AUDITED = "SELECT count(*) FROM evidence_auditentry"


class Asked:
    """One request, under way in a thread of its own."""

    def __init__(self, method: str, url: str, **options: Any) -> None:
        self._answers: list[httpx.Response | Exception] = []
        self._thread = threading.Thread(target=self._run, args=(method, url), kwargs=options)
        self._thread.start()

    def _run(self, method: str, url: str, **options: Any) -> None:
        try:
            self._answers.append(httpx.request(method, url, timeout=60, **options))
        except httpx.HTTPError as error:
            self._answers.append(error)

    def answer(self) -> httpx.Response:
        """Wait for it; a connection that broke is no answer."""
        self._thread.join(90)
        (given,) = self._answers
        assert isinstance(given, httpx.Response), given
        return given


def crash_in_mid_request(
    postgres: Postgres, place: Installation, table: str, method: str, url: str, **options: Any
) -> Asked:
    """Let a request run until it needs ``table``, then end PostgreSQL as a crash does."""
    with closing(psycopg.connect(postgres.url)) as connection:
        connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        asked = Asked(method, url, **options)
        until(lambda: place.select(WAITING)[0][0] > 0)
        postgres.stop(signal.SIGQUIT)
    return asked


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    server = Postgres().start()
    yield server
    server.remove()


@pytest.fixture(scope="module")
def place(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    var = tmp_path_factory.mktemp("in-flight")
    with installation(var, database=postgres.url, ATTEST_DATABASE_PATIENCE="2") as there:
        there.migrate()
        yield there


@pytest.fixture(scope="module")
def key(place: Installation) -> str:
    return str(place.ask(MADE))


@pytest.fixture
def web(place: Installation, key: str, tmp_path: Path) -> Iterator[Web]:
    """gunicorn, whose processes are the same before and after."""
    with served(place.environment, tmp_path) as there:
        assert there.process is not None
        before = descendants(there.process.pid)
        yield there
        assert descendants(there.process.pid) == before, "nobody restarted the web"


def site(web: Web) -> str:
    return f"http://127.0.0.1:{web.port}"


def test_a_read_in_flight_is_a_clear_503_and_the_next_after_the_restart_is_right(
    postgres: Postgres, place: Installation, web: Web
) -> None:
    good = httpx.get(f"{site(web)}/evidence/", timeout=60)
    assert good.status_code == 200 and "Answer from the keel" in good.text
    for address, sort in (("/evidence/", "text/html"), ("/api/v1/changes/", "application/problem+json")):
        asked = crash_in_mid_request(postgres, place, "analysis_change", "GET", site(web) + address)
        refused = asked.answer()
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5"), refused.text[-500:]
        assert refused.headers["Content-Type"].startswith(sort) and refused.headers["Cache-Control"] == "no-store"
        assert "database does not answer" in refused.text and "Traceback" not in refused.text
        postgres.start()
        again = httpx.get(site(web) + address, timeout=60)
        assert again.status_code == 200 and "Answer from the keel" in again.text


def test_a_read_in_flight_is_answered_when_postgresql_is_back_in_time(
    postgres: Postgres, place: Installation, key: str, tmp_path: Path
) -> None:
    with served({**place.environment, "ATTEST_DATABASE_PATIENCE": "60"}, tmp_path) as web:
        asked = crash_in_mid_request(postgres, place, "analysis_change", "GET", f"{site(web)}/evidence/")
        postgres.start()
        answer = asked.answer()
        assert answer.status_code == 200 and "Answer from the keel" in answer.text


def test_a_write_in_flight_is_a_503_and_nothing_of_it_is_stored(
    postgres: Postgres, place: Installation, web: Web, key: str
) -> None:
    """The assumption is written, its audit entry waits, and then the server is gone."""
    before = place.select(AUDITED)
    address, headers = f"{site(web)}/api/v1/assumptions/", {"Authorization": f"Bearer {key}"}
    once = {**headers, "Idempotency-Key": "made-up"}
    for sent in (headers, once):
        asked = crash_in_mid_request(postgres, place, "evidence_auditentry", "POST", address, json=BUILDS, headers=sent)
        refused = asked.answer()
        assert (refused.status_code, refused.json()["code"]) == (503, "database_away")
        assert (
            refused.headers["Retry-After"] == "5" and "nothing of this request was stored" in refused.json()["detail"]
        )
        postgres.start()
        assert place.select(ASSUMPTIONS) == [(0,)] and place.select(AUDITED) == before
    again = httpx.post(address, json=BUILDS, headers=headers, timeout=60)
    assert (again.status_code, again.json()["version"]) == (201, 1)
    assert place.select(ASSUMPTIONS) == [(1,)] and place.select(AUDITED) == [(before[0][0] + 1,)]
