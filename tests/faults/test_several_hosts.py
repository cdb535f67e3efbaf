"""Web, two workers, PostgreSQL and Redis on five addresses; a worker is cut off in mid-job and comes back."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.hosts import Host, PostgresOn, RedisOn, end, hosts, log_of
from tests.faults.workers import ROOT, Installation, installation, until

STEPS = 300
PORT = 8000
DONE = "SELECT count(*) FROM jobs_job WHERE state = 'done'"
STAND = "SELECT id, args ->> 'name', state, lease_owner, deliveries, attempts, error_code, error_message FROM jobs_job"


def host_name(host: Host) -> str:
    """The name that processes of a host find there, as machines have their own (``leases.host`` tells by it)."""
    return host.name[-40:]


def start(host: Host, environment: dict[str, str], log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Run Python on a host, under the host's name."""
    renamed = ["unshare", "--uts", "--", "sh", "-c", 'hostname "$0" && exec "$@"', host_name(host), sys.executable]
    with log.open("ab") as file:
        return subprocess.Popen(
            host.command(*renamed, *arguments), cwd=ROOT, env=environment, stdout=file, stderr=file,
            start_new_session=True,
        )  # fmt: skip


def fetched(web: Host, address: str) -> str:
    """The status of an answer, or why there is none."""
    code = "import sys, urllib.request as u; sys.stdout.write(str(u.urlopen(sys.argv[1], timeout=30).status))"
    command = web.command(sys.executable, "-c", code, f"http://{web.address}:{PORT}{address}")
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout or result.stderr[-300:]


def enqueue(place: Installation, name: str, count: int) -> None:
    place.ask(
        "from jobs.services import enqueue\n"
        f"[enqueue(kind='steps', args=dict(name='{name}%d' % n, count={count}, pause=0.05)) for n in range(4)]"
    )


def in_mid_job(place: Installation, host: Host) -> str:
    """The name of a job that this host runs and has written steps of; "" when there is none."""
    query = (
        "SELECT args ->> 'name' FROM jobs_job WHERE state = 'running' AND lease_owner LIKE '{}-%' AND EXISTS"
        " (SELECT 1 FROM effect WHERE name = args ->> 'name' AND step > 20)"
    )
    rows = place.select(query.format(host_name(host)))
    return str(rows[0][0]) if rows else ""


@pytest.mark.long
@pytest.mark.servers
@pytest.mark.timeout(900)
def test_worker_cut_off_in_mid_job_and_returned_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with hosts("database", "broker", "web", "one", "two") as net:
        postgres, redis = PostgresOn(net["database"]).start(), RedisOn(net["broker"]).start()
        running: list[subprocess.Popen[bytes]] = []
        log = tmp_path / "hosts.log"
        try:
            with installation(tmp_path, database=postgres.url, redis=redis.url) as place:
                try:
                    cut_off_and_return(place, net, running, log)
                except AssertionError as late:
                    stand = "\n".join(map(str, place.select(STAND)))
                    raise AssertionError(f"{late}; jobs:\n{stand}\nthe processes said:\n{log_of(log)}") from late
        finally:
            for process in [*running, *(one.process for one in (postgres, redis) if one.process)]:
                end(process)
            postgres.remove()
            redis.remove()


def cut_off_and_return(
    place: Installation, net: dict[str, Host], running: list[subprocess.Popen[bytes]], log: Path
) -> None:
    until(lambda: place.select("SELECT 1"))
    place.migrate()
    gunicorn = ("-m", "gunicorn", "config.wsgi", "--bind", f"0.0.0.0:{PORT}", "--no-control-socket")
    running.append(start(net["web"], place.environment, log, *gunicorn))
    until_answered(net["web"], "/readyz")
    enqueue(place, "job", STEPS)
    worker = ("manage.py", "worker", "--tick", "0.5", "--concurrency", "1")
    running += [start(net[name], place.environment, log, *worker) for name in ("one", "two")]
    until(lambda: in_mid_job(place, net["two"]) and in_mid_job(place, net["one"]), 120)
    net["one"].cut_off()
    until(lambda: place.select(DONE) == [(4,)], 300)
    net["one"].return_()
    enqueue(place, "late", 40)
    until(lambda: place.select(DONE) == [(8,)], 180)
    counts = place.select("SELECT count(*), count(DISTINCT (name, step)) FROM effect")
    assert counts == [(4 * STEPS + 160,) * 2]
    assert place.select("SELECT count(*) FROM jobs_job WHERE state <> 'done'") == [(0,)]
    until_answered(net["web"], "/evidence/")


def until_answered(web: Host, address: str) -> None:
    """Wait for a 200; says the last other answer where none comes."""
    last: list[str] = []
    try:
        until(lambda: last.append(fetched(web, address)) or last[-1] == "200", 120, 0.5)
    except AssertionError as late:
        raise AssertionError(f"{address} never answered 200 ({late}), last: {last[-1]}") from late
