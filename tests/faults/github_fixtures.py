"""What the fault rows of GitHub share: a replica with a standing clock, and what a faultless run gives."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.replica.client import Store
from tests.replica.faults import Fault
from tests.replica.seed import seeded_repo
from tests.replica.server import Replica
from tests.replica.world import Clock, Pulls, World

NODES = ("repository", "pullRequests", "nodes")


@dataclass
class Scene:
    """A running replica and the fingerprints of a run without faults."""

    replica: Replica
    faultless: dict[str, str]

    @property
    def pulls(self) -> Pulls:
        return next(iter(self.replica.world.repos.values())).pulls

    def happen(self, *faults: Fault) -> None:
        """Script faults."""
        self.replica.script.add(*faults)


@contextmanager
def scene(pulls: int = 130) -> Iterator[Scene]:
    """A replica of so many pulls; the faultless run's calls are forgotten."""
    world = World(Clock(start=1_800_000_000))
    seeded_repo(world, pulls=pulls)
    with Replica(world) as replica:
        whole = Store()
        whole.run(replica)
        replica.forget()
        yield Scene(replica, whole.fingerprints())
