"""Record the examples of the API's schema from real answers: `python -m tests.api_examples`.

It asks every operation once against the database that the settings name, such as the one of `make run`, whose records
are this project's own history. What that lacks is made beforehand, by the API's own writes or by the tests' factories.
All of it happens in one transaction, which is rolled back.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

KEPT = Path(__file__).resolve().parents[1] / "portfolio" / "rest" / "examples.json"
LONGEST = 300  # characters of a text; the document of a receipt stays whole, since its hash is its id
WHOLE = {"document", "id", "key", "next", "prev", "input_sha256"}
MOST = 3  # entries of a list inside a record
STUDY = {
    "slug": "one-pass", "title": "One pass", "summary": "Read once.", "technologies": ["Python"],
    "context": "It read twice.", "decision": "Read once.", "result": "It reads once.", "my_part": "All of it.",
    "not_proven": "That it pays.",
}  # fmt: skip
POST = {"slug": "why", "title": "Why", "summary": "In short.", "body": "Because.", "tags": ["doubt"]}
RATE = {
    "name": "hourly-rate", "role": "rate", "unit": "USD/hour", "low": 60, "high": 120,
    "source": "https://example.org/salaries", "dated": "2026-05-01",
}  # fmt: skip


class Recorder:
    """Asks as a superuser whose key has every scope, and keeps the first good answer of each operation."""

    def __init__(self) -> None:
        from django.contrib.auth.models import User
        from django.utils import timezone
        from rest_framework.test import APIClient

        from portfolio.access.models import Scope
        from portfolio.access.services import create_key
        from portfolio.rest.reference import document

        owner = User.objects.create_user("owner-of-examples", is_staff=True, is_superuser=True)
        self.client, self.bare = APIClient(), APIClient()
        for client, scopes in ((self.client, Scope.values), (self.bare, [])):
            _, text = create_key(actor=owner, name="examples", scopes=list(scopes), now=timezone.now())
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}", HTTP_HOST="127.0.0.1")
        self.places = {
            operation["operationId"]: (method, path)
            for path, methods in document()["paths"].items()
            for method, operation in methods.items()
        }
        self.kept: dict[str, dict[str, Any]] = {}

    def ask(self, name: str, body: Any = None, query: str = "", **ids: Any) -> Any:
        """The answer of this operation, kept as its example with the body that was sent."""
        method, path = self.places[name]
        for part, value in ids.items():
            path = path.replace(f"{{{part}}}", str(value))
        with_body = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        headers = {} if method == "get" else {"if-match": "*"}
        answer = getattr(self.client, method)(path + query, headers=headers, **with_body)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if not 200 <= answer.status_code < 300:
            raise SystemExit(f"{name}: {answer.status_code} {content[:600].decode()}")
        told = json.loads(content) if "json" in answer.get("Content-Type", "") and not answer.streaming else None
        kept = {"status": str(answer.status_code)} | ({} if body is None else {"request": body})
        if answer.streaming:
            lines = content.decode().splitlines()
            kept["answer"] = "".join(f"{line}\n" for line in (*(short(line) for line in lines[:1]), lines[-1]))
        elif content:
            kept["answer"] = shortened(told) if told is not None else content.decode()[:LONGEST]
        self.kept.setdefault(name, kept)
        return told

    def refused(self, status: int, method: str, path: str, client: Any = None, **more: Any) -> dict[str, Any]:
        """The problem that this request is answered with."""
        answer = getattr(client or self.client, method)(f"/api/v1/{path}", **more)
        if answer.status_code != status:
            raise SystemExit(f"{path}: {answer.status_code} in place of {status}: {answer.content[:600]!r}")
        told: dict[str, Any] = json.loads(answer.content)
        return told


def short(line: str) -> str:
    return json.dumps(shortened(json.loads(line)), ensure_ascii=False, separators=(",", ":"))


def shortened(value: Any, name: str = "") -> Any:
    """The answer with its long texts and lists cut, so that an example can be read."""
    if isinstance(value, dict):
        return {key: shortened(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [shortened(each, name) for each in value[:MOST]]
    if isinstance(value, str) and len(value) > LONGEST and name not in WHOLE:
        return value[:LONGEST] + "…"
    return value


def acts(recorder: Recorder) -> None:
    """Every write, on records of this database, in an order that leaves each possible."""
    from tests.factories.collection import RepositoryFactory

    ask = recorder.ask
    first = lambda name: ask(f"{name}_list", query="?limit=1")["results"][0]["id"]  # noqa: E731  a shorthand of this tale
    repository, change = first("repositories"), first("changes")
    ask("changes_partial_update", {"is_hidden": False}, id=change)
    ask("repositories_partial_update", {"is_hidden": False}, id=repository)
    work = ask("recompute", id=repository)
    ask("jobs_cancel_create", id=work[0]["id"])
    ask("jobs_retry_create", id=work[0]["id"])
    ask("collect", {"source": RepositoryFactory.create(url="https://example.org/made-up/repository").key})
    assumption = ask("assumptions_create", RATE)["id"]
    ask("assumptions_withdraw_create", {"reason": "a better source is known"}, id=assumption)
    ask("assumptions_create", {**RATE, "name": "saved-builds", "role": "volume", "unit": "build/day", "metric": "time"})
    ask("claims_review_create", {"decision": "confirmed"}, id=first("claims"))
    ask("types_review_create", {"type": "fix", "note": "the title says so"}, id=first("types"))
    achievement = first("achievements")
    ask("achievements_partial_update", {"summary": "In my words."}, id=achievement)
    ask("achievements_move_create", {"state": "in_review"}, id=achievement)
    for kind, end in (("summary", "accept"), ("linkedin", "discard")):
        draft = ask("text_drafts_create", {"kind": kind, "achievement": achievement})["id"]
        ask(f"text_drafts_{end}_create", id=draft)
    report = ask("reports_create", {"reader": "peer", "period": "year", "day": "2026-06-30"})["id"]
    ask("reports_files_retrieve", id=report, form="json")
    ask("reports_send_create", {"send_to": "reader@example.org"}, id=report)
    plan = {"reader": "manager", "period": "month", "send_to": "reader@example.org"}
    kept, ended = (ask("report_schedules_create", {**plan, "reader": reader})["id"] for reader in ("manager", "peer"))
    ask("report_schedules_partial_update", {"enabled": False}, id=kept)
    ask("report_schedules_destroy", id=ended)
    for kind, entry in (("case_studies", STUDY), ("posts", POST)):
        name = f"working_copies_{kind}"
        copy = ask(f"{name}_create", entry)["id"]
        ask(f"{name}_partial_update", {"title": f"{entry['title']}, again"}, id=copy)
        ask(f"{name}_publish_create", {"note": "First."}, id=copy)
        ask(f"{name}_withdraw_create", {"reason": "to be written anew"}, id=copy)


def machinery(recorder: Recorder) -> None:
    """Models and router: the versions that this project ships, and made-up rows of what only a long life brings."""
    from tests.factories.mlops import AlertFactory, PredictionSampleFactory
    from tests.factories.routing import PolicyFactory, TargetFactory

    ask, model = recorder.ask, "router-gain"
    older = min(row["id"] for row in ask("model_versions_list", query=f"?model={model}&limit=50")["results"])
    recorder.kept.pop("model_versions_list")
    ask("shadow", {"version": older, "reason": "to see how it does"}, model=model)
    ask("stop", {"role": "shadow", "reason": "seen enough"}, model=model)
    ask("canary", {"version": older, "share": 0.1, "reason": "a tenth of the requests"}, model=model)
    ask("promote", {"version": older, "reason": "it is better"}, model=model)
    ask("roll_back", {"reason": "it is worse after all"}, model=model)
    names = ask("model", model="change-type")["inputs"]
    row = {name: "Fix the crash of an empty list" if "title" in name else "" for name in names}
    ask("predict", {"rows": [row]}, model="change-type")
    text = "The list was slow. The index was read twice. Now it is read once, and the list is quick."
    routed = ask("route", {"task": "summarise", "documents": [{"name": "pull", "text": text}]})
    ask("decisions_judge_create", {"kind": "thumbs", "value": 1.0}, id=routed["decision"])
    AlertFactory.create()
    PredictionSampleFactory.create()
    TargetFactory.create()
    PolicyFactory.create()


def reads(recorder: Recorder) -> None:
    """Every list and export, and of each list a record."""
    from evidence.models import Receipt
    from tests.factories.evidence import ReceiptInputFactory

    ids: dict[str, Any] = {}
    for name, (_, path) in sorted(recorder.places.items()):
        if name.endswith("_list") and "{" not in path:
            ids[name.removesuffix("_list")] = recorder.ask(name, query="?limit=1")["results"][0]["id"]
    lower, upper = Receipt.objects.order_by("pk")[:2]
    ReceiptInputFactory.create(receipt=upper, position=99, ref=f"receipt:{lower.pk}")
    ids["receipts"] = lower.pk
    for name in ("receipts_verification_retrieve", "receipts_standing_list"):
        recorder.ask(name, id=ids["receipts"])
    for name in sorted(set(recorder.places) - set(recorder.kept)):
        family = name.removesuffix("_retrieve").removesuffix("_export")
        recorder.ask(name, **({"id": ids[family]} if "{id}" in recorder.places[name][1] else {}))


def problems(recorder: Recorder) -> dict[str, Any]:
    """A real problem of every status."""
    from django.test import override_settings
    from rest_framework.test import APIClient

    from analysis.models import Report

    anyone, refused = APIClient(HTTP_HOST="127.0.0.1"), recorder.refused
    json_ = {"content_type": "application/json"}
    found = {
        "400": refused(400, "get", "changes/?colour=red"),
        "400 of a body": refused(400, "post", "assumptions/", data='{"name": "builds", "role": "wish"}', **json_),
        "401": refused(401, "get", "jobs/", anyone),
        "403": refused(403, "get", "jobs/", recorder.bare),
        "404": refused(404, "get", "changes/999999999/"),
        "406": refused(406, "get", "changes/", headers={"accept": "text/csv"}),
        "413": refused(413, "post", "assumptions/", data='"' + 3_000_000 * "a" + '"', **json_),
        "415": refused(415, "post", "assumptions/", data="name=builds", content_type="text/plain"),
    }
    row = f"achievements/{recorder.ask('achievements_list', query='?limit=1')['results'][0]['id']}/"
    words = {"data": '{"summary": "In my words."}', **json_}
    found["428"] = refused(428, "patch", row, **words)
    found["412"] = refused(412, "patch", row, headers={"if-match": '"of another day"'}, **words)
    found["409"] = refused(
        409, "post", f"{row}move/", data='{"state": "published"}', headers={"if-match": "*"}, **json_
    )
    order = '{"reader": "peer", "period": "year", "day": "2026-06-30"}'
    once: Any = {"headers": {"idempotency-key": "one"}, **json_}
    recorder.client.post("/api/v1/reports/", data=order, **once)
    found["422"] = refused(422, "post", "reports/", data=order.replace("peer", "manager"), **once)
    with override_settings(ATTEST_API_RATE_ANONYMOUS=0):
        found["429"] = refused(429, "get", "changes/", anyone)
    found["503"] = refused(
        503, "post", "route/", data='{"task": "summarise", "documents": [{"name": "pull", "text": "?"}]}', **json_
    )
    report = Report.objects.order_by("pk")[0]
    Report.objects.filter(pk=report.pk).update(document="", erased_at=report.made_at, erased_by="owner")
    found["410"] = refused(410, "get", f"reports/{report.pk}/files/md/")
    return found


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.embedded")
    import django

    django.setup()
    from django.core.cache import cache
    from django.db import transaction

    with transaction.atomic():
        cache.clear()
        recorder = Recorder()
        acts(recorder)
        machinery(recorder)
        reads(recorder)
        kept = {"operations": dict(sorted(recorder.kept.items())), "problems": problems(recorder)}
        transaction.set_rollback(True)
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
