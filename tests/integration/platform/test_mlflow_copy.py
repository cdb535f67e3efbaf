"""MLflow's copy of our registry: pushed once, aliases in step, artefacts that can be fetched back by hash."""

import pytest

from mlops import queries, services
from mlops.models import ModelVersion
from mlops.registry import artefacts, mlflow_store
from tests.integration.platform import kit

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.long,  # MLflow takes seconds to import and to lay out its store
    pytest.mark.filterwarnings("ignore"),  # MLflow's own libraries warn of their futures
]


def test_versions_aliases_and_artefacts_reach_mlflow_and_come_back() -> None:
    version = services.train_model(model=kit.MODEL, retraining=True)
    services.promote(version=version, reason="first", actor=None)
    assert services.sync_registry() == 1
    assert services.sync_registry() == 0
    version.refresh_from_db()
    assert mlflow_store.aliases(kit.MODEL) == {"champion": version.mlflow_version}
    assert queries.banner() == ""
    (artefacts.folder() / version.artefact_sha256).unlink()
    services.forget_live()
    served = services.predict(kit.MODEL, [{"text": "Fix it", "files": []}])[0]
    assert (served.version, served.degraded) == (version.name, False), "fetched from MLflow, hash checked"
    ModelVersion.objects.filter(pk=version.pk).update(mlflow_version="")
    assert services.sync_registry() == 1, "a push that was cut before our row knew finds what is there"
    version.refresh_from_db()
    assert version.mlflow_version == "1"
