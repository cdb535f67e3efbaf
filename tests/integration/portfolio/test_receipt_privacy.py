"""A frozen receipt is as public as what its figure is about, on the page as in the list."""

import pytest
from django.test import Client

from evidence.receipts import Input, Kind, derive
from evidence.services import freeze, load_methods
from tests.factories.collection import ChangeFactory

pytestmark = pytest.mark.django_db


def frozen(subject: str) -> str:
    load_methods()
    inputs = [Input("changes", subject, [[subject, 1, 2, 3, 4]])]
    parameters = {"column": "added", "unit": "line"}
    method = {"method": "achievements.total", "version": "1"}
    return freeze(derive(kind=Kind.MEASURED, subject=subject, inputs=inputs, parameters=parameters, **method)).pk


def test_receipts_of_hidden_changes_are_not_there_for_a_visitor(client: Client) -> None:
    shown, hidden = ChangeFactory(), ChangeFactory(is_hidden=True)
    public = frozen(f"change:{shown.repository.key}#{shown.number}")
    private = frozen(f"change:{hidden.repository.key}#{hidden.number}")
    assert client.get(f"/receipts/{public}/").status_code == 200
    assert client.get(f"/receipts/{private}/").status_code == 404
    assert client.post(f"/receipts/{private}/compute/").status_code == 404
    listed = client.get("/receipts/").content.decode()
    assert public in listed
    assert private not in listed
