"""Row 23: PostgreSQL crashes in mid-transaction. The batch is rolled back, tried again, and nothing is half there."""

from pathlib import Path

from tests.faults.workers import installation, until
from tests.servers import Postgres, Redis

COUNT = "SELECT count(*) FROM effect"
STATE = "SELECT state FROM jobs_job"


def test_job_goes_on_after_an_immediate_restart(own_postgres: Postgres, own_redis: Redis, tmp_path: Path) -> None:
    with installation(tmp_path, database=own_postgres.url, redis=own_redis.url) as place:
        place.migrate()
        place.ask(
            "from jobs.services import enqueue\n"
            "enqueue(kind='steps', args={'name': 'batch', 'count': 120, 'pause': 0.05})"
        )
        place.worker("--concurrency", "1")
        until(lambda: place.select(COUNT) > [(0,)])
        own_postgres.restart()
        until(lambda: place.select(STATE) == [("done",)])
        assert place.select(COUNT) == [(120,)]


def test_a_half_written_page_is_rolled_back_whole_and_written_again(
    own_postgres: Postgres, own_redis: Redis, tmp_path: Path
) -> None:
    with installation(tmp_path, database=own_postgres.url, redis=own_redis.url) as place:
        place.migrate()
        place.ask(
            "from jobs.services import enqueue\n"
            f"enqueue(kind='page', args={{'name': 'page', 'count': 120, 'meet': {str(tmp_path)!r}}})"
        )
        place.worker("--concurrency", "1")
        until(lambda: (tmp_path / "half").exists(), 180)
        assert place.select(COUNT) == [(0,)], "sixty marks are written and not committed"
        own_postgres.restart()
        until(lambda: place.select(COUNT))
        assert place.select(COUNT) == [(0,)]
        (tmp_path / "go").touch()
        until(lambda: place.select(STATE) == [("done",)], 180)
        assert place.select(COUNT) == [(120,)]
        assert place.select("SELECT attempts > 0 OR deliveries > 1 FROM jobs_job") == [(True,)]
