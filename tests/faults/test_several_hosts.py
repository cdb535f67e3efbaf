"""Web, two workers, PostgreSQL and Redis on five addresses; a worker is cut off in mid-job and comes back."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.hosts import Host, PostgresOn, RedisOn, end, hosts, log_of
from tests.faults.workers import ROOT, installation, until

STEPS = 300


def start(host: Host, environment: dict[str, str], log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Run Python on a host; a name of its own for each, as machines have (``leases.host`` tells them apart by it)."""
    renamed = ["unshare", "--uts", "--", "sh", "-c", 'hostname "$0" && exec "$@"', host.name[-40:], sys.executable]
    with log.open("ab") as file:
        return subprocess.Popen(
            host.command(*renamed, *arguments), cwd=ROOT, env=environment, stdout=file, stderr=file,
            start_new_session=True,
        )  # fmt: skip


def fetched(web: Host, port: int, address: str) -> str:
    code = "import sys, urllib.request as u; sys.stdout.write(str(u.urlopen(sys.argv[1], timeout=30).status))"
    command = web.command(sys.executable, "-c", code, f"http://{web.address}:{port}{address}")
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


@pytest.mark.long
@pytest.mark.servers
@pytest.mark.timeout(600)
def test_worker_cut_off_in_mid_job_and_returned_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with hosts("database", "broker", "web", "one", "two") as net:
        postgres, redis = PostgresOn(net["database"]).start(), RedisOn(net["broker"]).start()
        running: list[subprocess.Popen[bytes]] = []
        log = tmp_path / "hosts.log"
        try:
            with installation(tmp_path, database=postgres.url, redis=redis.url) as place:
                until(lambda: place.select("SELECT 1"))
                place.migrate()
                port = 8000
                gunicorn = ("-m", "gunicorn", "config.wsgi", "--bind", f"0.0.0.0:{port}", "--no-control-socket")
                running.append(start(net["web"], place.environment, log, *gunicorn))
                until(lambda: fetched(net["web"], port, "/readyz") == "200", 90)
                place.ask(
                    "from jobs.services import enqueue\n"
                    f"[enqueue(kind='steps', args=dict(name='job%d' % n, count={STEPS}, pause=0.05)) for n in range(4)]"
                )
                worker = ("manage.py", "worker", "--tick", "0.5", "--concurrency", "1")
                running += [start(net[name], place.environment, log, *worker) for name in ("one", "two")]
                begun = "SELECT name FROM effect GROUP BY name HAVING count(*) > 20"
                until(lambda: len(place.select(begun)) >= 2, 90)
                net["one"].cut_off()
                done = "SELECT count(*) FROM jobs_job WHERE state = 'done'"
                until(lambda: place.select(done) == [(4,)], 240)
                net["one"].return_()
                place.ask(
                    "from jobs.services import enqueue\n"
                    "[enqueue(kind='steps', args=dict(name='late%d' % n, count=40, pause=0.05)) for n in range(4)]"
                )
                until(lambda: place.select(done) == [(8,)], 120)
                counts = place.select("SELECT count(*), count(DISTINCT (name, step)) FROM effect")
                assert counts == [(4 * STEPS + 160,) * 2]
                assert place.select("SELECT count(*) FROM jobs_job WHERE state <> 'done'") == [(0,)]
                assert fetched(net["web"], port, "/evidence/") == "200"
        except AssertionError as late:
            raise AssertionError(f"{late}; the processes said:\n{log_of(log)}") from late
        finally:
            for process in [*running, *(one.process for one in (postgres, redis) if one.process)]:
                end(process)
            postgres.remove()
            redis.remove()
