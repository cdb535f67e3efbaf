"""Serve the replica: `python -m tests.replica [MIRROR] [--name owner/name] [--pulls N] [--port P] [--latency-ms L]`.

Without a mirror it serves made-up pulls. It prints the environment with which `manage.py collect` reaches it.
"""

import argparse
import contextlib
from pathlib import Path

from tests.replica.from_git import git_repo
from tests.replica.schema import github_schema
from tests.replica.seed import seeded_repo
from tests.replica.server import Replica
from tests.replica.world import Token, World


def main() -> None:
    """Build the data, say how to use it, and serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.replica", description="A strict loopback replica of GitHub.")
    parser.add_argument("mirror", nargs="?", type=Path, help="a bare clone with refs/pull/*/head (git clone --mirror)")
    parser.add_argument("--name", help="owner/name to serve it as")
    parser.add_argument("--pulls", type=int, default=1000, help="made-up pulls when there is no mirror")
    parser.add_argument("--heavy", type=int, default=0, help="how many of them are past 100 reviews and files")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--latency-ms", type=float, default=0.0)
    parser.add_argument("--unlimited", action="store_true", help="raise the hourly limit, for benchmarks")
    chosen = parser.parse_args()
    world = World()
    if chosen.unlimited:
        world.tokens["replica-token"] = Token(login="ada-replica", limit=10_000_000)
    if chosen.mirror:
        repo = git_repo(world, chosen.mirror, chosen.name or "replica/" + (chosen.mirror.stem.strip(".") or "mirror"))
    else:
        repo = seeded_repo(world, chosen.name or "lighthouse/ledger", chosen.pulls, heavy=chosen.heavy)
    github_schema()
    replica = Replica(world, latency=chosen.latency_ms / 1000, port=chosen.port)
    print(f"{repo.full_name}: {len(repo.pulls)} pulls at {replica.url}")
    print("In another terminal:")
    print(f"  GITHUB_API_URL={replica.url} GITHUB_TOKEN=replica-token ATTEST_OUTSIDE_ALLOW=127.0.0.1:{chosen.port} \\")
    print(f"    .venv/bin/python manage.py collect {repo.full_name}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        replica.serve()


if __name__ == "__main__":
    main()
