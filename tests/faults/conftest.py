"""Job rows in the suite's own PostgreSQL, workers beside it, and a Redis of the test's own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.db import connection

from jobs import sending
from tests.faults.workers import EFFECTS, Installation, installation
from tests.servers import Redis


@pytest.fixture
def place(
    transactional_db: Any, own_redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Installation]:
    """Workers can be started against the test's database; jobs asked for here go to the test's Redis."""
    from tests.jobapp import tasks  # noqa: F401  this process knows the kinds too

    app = Celery("tests", broker=own_redis.url, set_as_current=False)
    app.conf.update(task_default_queue="default", broker_transport_options={"socket_connect_timeout": 1})
    monkeypatch.setattr(sending, "celery_app", lambda: app)
    monkeypatch.setattr(sending, "_paused_until", 0.0)
    values = connection.settings_dict
    url = f"postgres://{values['USER']}@{values['HOST']}:{values['PORT']}/{values['NAME']}"
    if values["PASSWORD"]:
        url = url.replace("@", f":{values['PASSWORD']}@", 1)
    with connection.cursor() as cursor:
        cursor.execute(EFFECTS)
    try:
        with installation(tmp_path, database=url, redis=own_redis.url) as made:
            yield made
    finally:
        app.close()
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE effect")
