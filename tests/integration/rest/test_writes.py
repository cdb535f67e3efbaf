"""Writes and actions: who may, what a lost race gets, and that a repeated POST happens once."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from analysis.models import Achievement, Repository
from evidence.receipts import Input, Kind, derive
from evidence.services import freeze, load_methods
from jobs import retention
from jobs.models import Job
from jobs.services import enqueue
from portfolio.access import services as access
from portfolio.access.models import ApiKey, IdempotencyRecord, Scope
from portfolio.rest import idempotency
from tests.factories.achievements import AchievementChangeFactory, AchievementFactory
from tests.factories.collection import START, ChangeFactory, RepositoryFactory
from tests.factories.reports import ReportFactory

pytestmark = pytest.mark.django_db
JSON = "application/json"
Keys = Callable[..., APIClient]


@pytest.fixture
def achievement() -> Achievement:
    made = AchievementFactory()
    AchievementChangeFactory(achievement=made)
    return made


def test_a_visitor_sees_published_achievements_only(
    anyone: APIClient, reader: APIClient, achievement: Achievement
) -> None:
    assert anyone.get("/api/v1/achievements/").json()["results"] == []
    assert [row["id"] for row in reader.get("/api/v1/achievements/").json()["results"]] == [achievement.pk]


def test_moving_needs_the_scope_and_the_version_that_was_read(client_with: Keys, achievement: Achievement) -> None:
    url = f"/api/v1/achievements/{achievement.pk}/move/"
    body = {"state": "in_review"}
    assert client_with(Scope.READ_PRIVATE).post(url, body).status_code == 403
    curator = client_with(Scope.READ_PRIVATE, Scope.CURATE)
    assert curator.post(url, body).json()["code"] == "precondition_required"
    moved = curator.post(url, body, headers={"if-match": '"1"'})
    assert (moved.status_code, moved.json()["state"], moved.json()["version"]) == (200, "in_review", 2)
    lost = curator.post(url, body, headers={"if-match": '"1"'})
    assert (lost.status_code, lost.json()["code"]) == (412, "precondition_failed")
    refused = curator.post(url, {"state": "published"}, headers={"if-match": '"2"'})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_allowed")


def test_words_can_be_written_and_figures_cannot(client_with: Keys, achievement: Achievement) -> None:
    curator = client_with(Scope.READ_PRIVATE, Scope.CURATE)
    url = f"/api/v1/achievements/{achievement.pk}/"
    answer = curator.patch(url, {"summary": "In my words"}, headers={"if-match": '"1"'})
    assert answer.json()["summary"] == "In my words"
    curator.patch(url, {"part": "solo"}, headers={"if-match": '"2"'})
    achievement.refresh_from_db()
    assert achievement.part == "unknown"


def test_collecting_answers_202_with_a_job_to_poll(client_with: Keys, tmp_path: Path) -> None:
    repository = RepositoryFactory(url="https://example.org/made-up/repository")
    client = client_with(Scope.COLLECT, Scope.READ_PRIVATE)
    answer = client.post("/api/v1/collect/", {"source": repository.key})
    assert answer.status_code == 202
    assert client.get(answer["Location"]).json()["kind"] == "collect"


def test_a_key_polls_the_jobs_that_it_started_and_nothing_else(client_with: Keys, staff: User) -> None:
    repository, other = (RepositoryFactory(url=f"https://example.org/made-up/{name}") for name in ("one", "two"))
    collector, bystander = client_with(Scope.COLLECT), client_with(Scope.COLLECT)
    polled = collector.post("/api/v1/collect/", {"source": repository.key})["Location"]
    asked = bystander.post("/api/v1/collect/", {"source": other.key})["Location"]
    assert collector.get(polled).json()["kind"] == "collect"
    again = collector.get(polled, headers={"if-none-match": collector.get(polled)["ETag"]})
    assert again.status_code == 304
    # A stranger's job and one that is not there are told alike, and nothing else opens.
    for path in (asked, "/api/v1/jobs/999999/", "/api/v1/jobs/", "/api/v1/jobs/export/", "/api/v1/decisions/"):
        assert collector.get(path).status_code == 403, path
    assert bystander.get(polled).status_code == 403
    for act in ("cancel", "retry"):
        assert collector.post(f"{polled}{act}/", headers={"if-match": "*"}).status_code == 403
    for job in collector.post(f"/api/v1/repositories/{repository.pk}/recompute/", headers={"if-match": "*"}).json():
        assert collector.get(f"/api/v1/jobs/{job['id']}/").status_code == 200
    User.objects.update(is_staff=False)
    assert collector.get(polled).status_code == 403


def test_the_successor_of_a_key_polls_what_it_started(client_with: Keys, staff: User) -> None:
    repository = RepositoryFactory(url="https://example.org/made-up/one")
    polled = client_with(Scope.COLLECT).post("/api/v1/collect/", {"source": repository.key})["Location"]
    _, text = access.rotate_key(actor=staff, key=ApiKey.objects.get(), now=timezone.now())
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    assert client.get(polled).status_code == 200


def test_what_was_made_has_an_address(client_with: Keys) -> None:
    client = client_with(Scope.CURATE, Scope.READ_PRIVATE)
    made = client.post("/api/v1/report-schedules/", {"reader": "manager", "period": "month"})
    assert made.status_code == 201
    assert client.get(made["Location"]).json()["id"] == made.json()["id"]


@pytest.mark.parametrize(
    "source", ["/etc", "file:///etc", "ext::sh", "--upload-pack=x", "https://127.0.0.1/x", "nowhere"]
)
def test_a_wrong_source_is_refused_with_its_field(client_with: Keys, source: str) -> None:
    answer = client_with(Scope.COLLECT).post("/api/v1/collect/", {"source": source})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "/source"
    assert not Job.objects.exists()


def test_a_repeated_post_with_one_key_happens_once(client_with: Keys) -> None:
    repository = RepositoryFactory(url="https://example.org/made-up/repository")
    client = client_with(Scope.COLLECT)
    send: Callable[[str], Any] = lambda source: client.post(  # noqa: E731  a shorthand of this test
        "/api/v1/collect/", {"source": source}, headers={"idempotency-key": "one"}
    )
    first, second = send(repository.key), send(repository.key)
    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    assert first["Location"] == second["Location"] == f"/api/v1/jobs/{first.json()['id']}/"
    assert Job.objects.count() == 1
    reused = send("other/thing")
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")


def test_an_answer_is_remembered_for_a_day(client_with: Keys) -> None:
    repository = RepositoryFactory(url="https://example.org/made-up/repository")
    client_with(Scope.COLLECT).post("/api/v1/collect/", {"source": repository.key}, headers={"idempotency-key": "one"})
    now = timezone.now()
    assert retention.enforce(now + dt.timedelta(hours=23))["idempotency-keys"] == 0
    assert retention.enforce(now + dt.timedelta(hours=25))["idempotency-keys"] == 1
    assert not IdempotencyRecord.objects.exists()


def test_an_act_whose_answer_cannot_be_kept_did_not_happen(client_with: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    def crashed(data: Any) -> Any:
        raise RuntimeError("the process ends here")

    repository, client = RepositoryFactory(url="https://example.org/made-up/repository"), client_with(Scope.COLLECT)
    body, headers = {"source": repository.key}, {"idempotency-key": "one"}
    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr(idempotency, "_plain", crashed)
        client.post("/api/v1/collect/", body, headers=headers)
    assert Job.objects.count() == 0, "else the repetition would do it twice"
    assert client.post("/api/v1/collect/", body, headers=headers).status_code == 202
    assert Job.objects.count() == 1


def test_recomputing_answers_to_the_repository_that_was_read(client_with: Keys, anyone: APIClient) -> None:
    repository = RepositoryFactory()
    url = f"/api/v1/repositories/{repository.pk}/"
    client = client_with(Scope.COLLECT)
    assert client_with(Scope.CURATE).post(f"{url}recompute/", headers={"if-match": "*"}).status_code == 403
    assert client.post(f"{url}recompute/").json()["code"] == "precondition_required"
    read = anyone.get(url)["ETag"]
    Repository.objects.filter(pk=repository.pk).update(tip_sha="b" * 40)  # collected meanwhile
    lost = client.post(f"{url}recompute/", headers={"if-match": read})
    assert (lost.status_code, lost.json()["code"], Job.objects.count()) == (412, "precondition_failed", 0)
    asked = client.post(f"{url}recompute/", headers={"if-match": client.get(url)["ETag"]})
    assert asked.status_code == 202
    assert [job["kind"] for job in asked.json()] == ["facts", "types", "claims", "estimates", "drafts", "survival"]
    again = client.post(f"{url}recompute/", headers={"if-match": "*"})
    assert [job["id"] for job in again.json()] == [job["id"] for job in asked.json()], "what waits is not asked twice"


def test_a_hidden_repository_is_recomputed_by_who_may_see_it(client_with: Keys) -> None:
    hidden = RepositoryFactory(is_hidden=True)
    url = f"/api/v1/repositories/{hidden.pk}/recompute/"
    assert client_with(Scope.COLLECT).post(url, headers={"if-match": "*"}).status_code == 404
    assert client_with(Scope.COLLECT, Scope.READ_PRIVATE).post(url, headers={"if-match": "*"}).status_code == 202


def test_a_failed_post_leaves_its_key_free(client_with: Keys) -> None:
    client = client_with(Scope.COLLECT)
    for _ in range(2):
        answer = client.post("/api/v1/collect/", {"source": "/etc"}, headers={"idempotency-key": "one"})
        assert (answer.status_code, "Idempotent-Replayed" in answer) == (400, False)


def test_jobs_are_private_and_can_be_cancelled_and_retried(anyone: APIClient, client_with: Keys) -> None:
    job = enqueue(kind="made-up")
    assert anyone.get("/api/v1/jobs/").status_code == 401
    assert client_with().get(f"/api/v1/jobs/{job.pk}/").status_code == 403
    operator = client_with(Scope.JOBS)
    assert operator.post(f"/api/v1/jobs/{job.pk}/cancel/", headers={"if-match": "*"}).json()["state"] == "cancelled"
    assert operator.post(f"/api/v1/jobs/{job.pk}/cancel/", headers={"if-match": "*"}).json()["code"] == "not_possible"
    assert operator.post(f"/api/v1/jobs/{job.pk}/retry/", headers={"if-match": "*"}).json()["state"] == "queued"


def test_reports_are_compiled_listed_and_downloaded(client_with: Keys, anyone: APIClient) -> None:
    ChangeFactory()
    client = client_with(Scope.CURATE, Scope.READ_PRIVATE)
    body = {"reader": "peer", "period": "year", "day": START.date().isoformat()}
    made = client.post("/api/v1/reports/", body)
    assert made.status_code == 201
    url = f"/api/v1/reports/{made.json()['id']}/"
    assert anyone.get(url).status_code == 404
    assert client.get(f"{url}files/md/").content.decode().startswith("# What was built")
    as_file = client.get(f"{url}files/pdf/", headers={"accept": "application/pdf"})
    assert (as_file.status_code, as_file["Content-Type"], as_file.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert client.get(f"{url}files/doc/").json()["hint"] == "Known: md, json, pdf."
    inverted = client.post("/api/v1/reports/", {**body, "period": "range", "until": "1999-01-01"})
    assert inverted.json()["errors"][0]["field"] == "/until"


def test_a_job_description_is_compared_and_a_long_one_refused_at_its_field(client_with: Keys) -> None:
    client = client_with(Scope.CURATE)
    body = {"reader": "job", "period": "year", "day": "2031-01-01", "description": "- Python"}
    made = client.post("/api/v1/reports/", body)
    assert made.status_code == 201, made.content
    assert [row["requirement"] for row in made.json()["document"]["matrix"]["rows"]] == ["Python"]
    for text in ("a " * 100_000, None):
        order = {**body, "description": text} if text else {key: body[key] for key in body if key != "description"}
        refused = client.post("/api/v1/reports/", order)
        assert refused.status_code == 400
        assert "job description" in refused.content.decode()


def test_an_erased_report_is_gone_for_good(client_with: Keys) -> None:
    report = ReportFactory(document="", sha256="ab" * 32, erased_at=timezone.now(), erased_by="system")
    answer = client_with(Scope.READ_PRIVATE).get(f"/api/v1/reports/{report.pk}/files/md/")
    assert (answer.status_code, answer.json()["code"]) == (410, "erased")


def frozen(subject: str) -> str:
    load_methods()
    inputs = [Input("changes", subject, [["change:x#1", 1, 2, 3, 4]])]
    parameters = {"column": "added", "unit": "line"}
    method = {"method": "achievements.total", "version": "1"}
    receipt = derive(kind=Kind.MEASURED, subject=subject, inputs=inputs, parameters=parameters, **method)
    return freeze(receipt).pk


def test_a_receipt_is_as_public_as_its_subject_and_verifies(anyone: APIClient, reader: APIClient) -> None:
    shown, hidden = ChangeFactory(), ChangeFactory(is_hidden=True)
    public = frozen(f"change:{shown.repository.key}#{shown.number}")
    private = frozen(f"change:{hidden.repository.key}#{hidden.number}")
    unknown = frozen("secret:thing")
    assert anyone.get(f"/api/v1/receipts/{public}/verification/").json()["verdict"] == "same"
    for receipt in (private, unknown):
        assert anyone.get(f"/api/v1/receipts/{receipt}/").status_code == 404
        assert reader.get(f"/api/v1/receipts/{receipt}/").status_code == 200
    assert anyone.get("/api/v1/receipts/").status_code == 401


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"source": "a", "source": "b"}', "application/json", 400),
        (b'{"source": NaN}', "application/json", 400),
        (b'{"source": -Infinity}', "application/json", 400),
        (b'{"source": 99999999999999999999999}', "application/json", 400),
        (b'{"source": 1e999}', "application/json", 400),
        (b'{"source": "\\ud83d"}', "application/json", 400),
        (b'{"\\uDE00\\uD83D": 1}', "application/json", 400),
        (b'{"source": "\xff"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"source": "\\u0000"}', "application/json", 400),
        (b"[]", "application/json", 400),
        (b"null", "application/json", 400),
        (b"", "application/json", 400),
        (b'{"source": ["a/b"]}', "application/json", 400),
        (b'{"source": {"a": 1}}', "application/json", 400),
        (b'{"source": "' + b"x" * 1_100_000 + b'"}', "application/json", 413),
        (b"source=a", "application/x-www-form-urlencoded", 415),
    ],
)
def test_a_body_that_is_not_well_is_refused(client_with: Keys, body: bytes, content_type: str, status: int) -> None:
    answer = client_with(Scope.COLLECT).generic("POST", "/api/v1/collect/", body, content_type)
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    titles = {"parse_error": "Parse error", "invalid": "The request is not valid", "too_large": "Too large"}
    problem = answer.json()
    assert problem["title"] == {**titles, "unsupported_media_type": "Unsupported media type"}[problem["code"]]


def test_a_pair_of_surrogates_is_one_character(client_with: Keys) -> None:
    answer = client_with(Scope.COLLECT).generic("POST", "/api/v1/collect/", rb'{"source": "\uD83D\ude00"}', JSON)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "/source")


def test_a_session_writes_with_csrf_only(staff: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(staff)
    assert client.post("/api/v1/collect/", {"source": "a/b"}).status_code == 403
