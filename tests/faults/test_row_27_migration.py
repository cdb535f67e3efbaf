"""Row 27: a migration is run twice, by two at once, or killed with -9 at any moment; the next run ends it safely."""

import io
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command

from tests.faults.workers import ROOT, Installation, installation
from tests.servers import Postgres

# Every column with its type and default, every constraint, index and trigger: what a schema is.
SCHEMA = """
SELECT format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default)
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT format('%s %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE conrelid <> 0
  AND connamespace = 'public'::regnamespace
UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT format('%s.%s', app, name) FROM django_migrations
UNION ALL SELECT format('%s may %s', g.name, p.codename) FROM auth_group g
  JOIN auth_group_permissions gp ON gp.group_id = g.id JOIN auth_permission p ON p.id = gp.permission_id
UNION ALL SELECT format('schedule %s', name) FROM jobs_schedule
ORDER BY 1
"""


def database(postgres: Postgres, name: str) -> str:
    """A new empty database; returns its URL."""
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return postgres.url.rsplit("/", 1)[0] + f"/{name}"


def migrating(place: Installation) -> subprocess.Popen[bytes]:
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--no-input"]
    return subprocess.Popen(command, env=place.environment, cwd=ROOT, stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[bytes]) -> None:
    _, err = process.communicate(timeout=240)
    assert process.returncode == 0, err.decode()[-2000:]


@pytest.mark.django_db
def test_row_27_second_run_finds_nothing_to_do() -> None:
    said = io.StringIO()
    call_command("migrate", stdout=said, no_color=True)
    assert "No migrations to apply" in said.getvalue()


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_row_27_killed_at_any_moment_the_next_run_completes_the_schema(own_postgres: Postgres, tmp_path: Path) -> None:
    with installation(tmp_path, database=database(own_postgres, "calm")) as place:
        started = time.monotonic()
        finish(migrating(place))
        seconds = time.monotonic() - started
        faultless = place.select(SCHEMA)
    assert len(faultless) > 500
    dice, cut_short = random.Random(27), 0
    for number in range(6):
        with installation(tmp_path, database=database(own_postgres, f"killed{number}")) as place:
            for _ in range(3):  # killed again while it makes up for the first time
                process = migrating(place)
                time.sleep(dice.uniform(0.2, 0.95) * seconds)
                cut_short += process.poll() is None
                process.send_signal(signal.SIGKILL)
                process.communicate()
            finish(migrating(place))
            assert place.select(SCHEMA) == faultless, f"database {number}"
    assert cut_short >= 6


@pytest.mark.long
@pytest.mark.timeout(600)
def test_row_27_two_at_once_wait_for_each_other(own_postgres: Postgres, tmp_path: Path) -> None:
    with installation(tmp_path, database=database(own_postgres, "shared")) as place:
        both = [migrating(place) for _ in range(2)]
        for process in both:
            finish(process)
        assert len(place.select(SCHEMA)) > 500
