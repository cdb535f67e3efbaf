"""The API against its own schema: schemathesis sends what the schema allows, and what it does not."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import settings as limited
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ensure_resource_availability,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
    use_after_free,
)

from analysis.models import Report, Repository
from analysis.services import make_report
from evidence.models import Receipt
from portfolio.access import services
from portfolio.access.models import Scope
from portfolio.rest.reference import document
from tests.factories.achievements import AchievementChangeFactory
from tests.factories.collection import START, ChangeFactory, CollectionFactory
from tests.factories.evidence import ReceiptInputFactory

APPLICATION = get_wsgi_application()
REFUSALS = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429"]  # its own, and 413
schema = schemathesis.openapi.from_dict(
    document(),
    config=schemathesis.Config.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}}}),
)
schema.app = APPLICATION  # for the checks that send requests of their own
# All but two. positive_data_acceptance: a schema cannot say what the database knows, such as that a slug is free, that
# a claim may still be judged, or that a cursor was made here; such a request is valid and is refused all the same.
# ignored_auth: public reads answer without a key on purpose; test_permissions.py tries every address as every caller.
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance, negative_data_rejection, missing_required_header, unsupported_method,
    use_after_free, ensure_resource_availability,
]  # fmt: skip


def call(case: Any, settings_: Any) -> None:
    settings_.ATTEST_API_RATE = settings_.ATTEST_API_RATE_ANONYMOUS = 10_000_000
    cache.clear()
    user, _ = User.objects.get_or_create(username="fuzzer", is_staff=True, is_superuser=True)
    _, key = services.create_key(actor=user, name="fuzz", scopes=list(Scope.values), now=timezone.now())
    case.headers["Authorization"] = f"Bearer {key}"
    case.headers["Accept-Encoding"] = "identity"  # the client in the process does not unpack what it asks for
    response = case.call(app=APPLICATION, base_url="http://testserver")
    case.validate_response(response, checks=CHECKS)


@pytest.fixture
def some_rows(db: None) -> Iterator[None]:
    """Rows to read; the WSGI application is kept from closing the connection that the test's transaction is in."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    AchievementChangeFactory()
    CollectionFactory()
    make_report(reader="peer", period="year", day=START.date(), actor="system:test")
    ChangeFactory.create_batch(2)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]


@schema.parametrize()
@settings(max_examples=2, suppress_health_check=QUIET)
def test_every_operation_keeps_its_contract(case: Any, some_rows: None, settings: Any) -> None:
    call(case, settings)


def test_chains_of_operations_keep_the_contract(some_rows: None, settings: Any) -> None:
    """From a list to its records and on: what one answer names, the next request uses."""
    machine = schema.as_state_machine()
    settings.ATTEST_API_RATE = settings.ATTEST_API_RATE_ANONYMOUS = 10_000_000
    cache.clear()

    class Chains(machine):  # type: ignore[misc, valid-type]  # a class made at run time
        def setup(self) -> None:
            """Each chain begins with the same rows: what one of them makes would change how the next goes on."""
            super().setup()
            cache.clear()
            self.before = transaction.savepoint()

        def teardown(self) -> None:
            transaction.savepoint_rollback(self.before)
            super().teardown()

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"app": APPLICATION, "base_url": "http://testserver", "headers": HEADERS}

        def validate_response(self, response: Any, case: Any, additional_checks: Any = (), **kwargs: Any) -> None:
            case.validate_response(response, checks=CHECKS)

    user, _ = User.objects.get_or_create(username="fuzzer", is_staff=True, is_superuser=True)
    _, key = services.create_key(actor=user, name="fuzz", scopes=list(Scope.values), now=timezone.now())
    HEADERS = {"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"}
    run_state_machine_as_test(
        Chains, settings=limited(max_examples=15, stateful_step_count=6, suppress_health_check=[*QUIET])
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "repositories/{id}/recompute/"), ("GET", "receipts/{id}/standing/"),
        ("GET", "receipts/{id}/verification/"), ("GET", "reports/{id}/files/{form}/"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["md", "json"])
def test_what_no_list_leads_to_keeps_the_contract(
    some_rows: None, settings: Any, method: str, path: str, form: str
) -> None:
    """Generated ids seldom name a row: these are asked with one that is there."""
    lower, upper = Receipt.objects.order_by("pk")[:2]
    ReceiptInputFactory(receipt=upper, position=99, ref=f"receipt:{lower.pk}")
    ids = {"repositories": Repository, "receipts": Receipt, "reports": Report}[path.split("/")[0]].objects
    for row in ids.all():
        case = schema[f"/api/v1/{path}"][method].Case(
            path_parameters={"id": str(row.pk), "form": form}, headers={"If-Match": "*"}
        )
        call(case, settings)
