"""Background work beside the visitors: collections, trainings, routed inputs and jobs whose steps are counted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.gitstory import Story, every_style

STEPS = 20
WORDS = "It removes stale entries every hour and keeps the cache warm. " * 4


class Work:
    """Asks for work all the time and keeps the ids of what the database has accepted."""

    def __init__(self, folder: Path) -> None:
        self.story: Story = every_style(folder / "shelf")
        self.story.finish()
        self.accepted: list[int] = []
        self.names: list[str] = []
        self.refused = 0
        self.commits = 0

    def ask(self, stop: threading.Event) -> None:
        """Until told to stop: jobs, routed inputs, now and then a grown repository and a training."""
        from django.db import connection

        round_ = 0
        while not stop.is_set():
            name = f"soak{round_}"
            self._accept(lambda name=name: self._steps(name), name)
            if round_ % 3 == 0:
                self._accept(self._route)
            if round_ % 10 == 0:
                self._accept(self._collect)
            if round_ % 30 == 5:
                self._accept(self._train)
            round_ += 1
            stop.wait(2)
        connection.close()

    def _accept(self, enqueue: Callable[[], Any], name: str = "") -> None:
        from django.db import DatabaseError, connection

        try:
            self.accepted.append(enqueue().pk)
        except DatabaseError:
            self.refused += 1
            connection.close()
        else:
            if name:
                self.names.append(name)

    def _steps(self, name: str) -> Any:
        from jobs.services import enqueue

        return enqueue(kind="steps", args={"name": name, "count": STEPS, "pause": 0.02})

    def _route(self) -> Any:
        from jobs.services import enqueue

        documents = [["title", f"Keep cache {len(self.accepted)} warm"], ["description", WORDS]]
        return enqueue(kind="route", args={"task": "summarise", "documents": documents})

    def _collect(self) -> Any:
        from analysis import services

        self.commits += 1
        self.story.commit({f"soak/{self.commits}.py": f"x = {self.commits}\n"}, f"Soak, step {self.commits}")
        self.story.finish()
        return services.request_collection(source=str(self.story.path))

    def _train(self) -> Any:
        from mlops import services

        return services.request_training(model="change-type", actor=None)

    def drain(self, seconds: float) -> float:
        """Wait until nothing accepted is open; returns the seconds that it took, or raises."""
        from django.db import connection

        from jobs.models import CLOSED, Job

        connection.close()  # a restart of the database has broken it
        started = time.monotonic()
        while Job.objects.filter(pk__in=self.accepted).exclude(state__in=CLOSED).exists():
            if time.monotonic() - started > seconds:
                raise SystemExit(f"jobs are still open after {seconds:.0f} s")
            time.sleep(0.5)
        return time.monotonic() - started

    def check(self, deliveries: list[str]) -> dict[str, Any]:
        """The invariants: nothing lost, nothing doubled."""
        from django.db import connection

        from analysis.models import WebhookDelivery
        from jobs.models import Job, State
        from mlops.models import Decision

        jobs = Job.objects.filter(pk__in=self.accepted)
        bad = list(jobs.exclude(state=State.DONE).values_list("kind", "state", "error_code", "error_message"))
        routed = [job.result for job in jobs.filter(kind="route", state=State.DONE)]
        keys = {result["decision"] for result in routed}
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, count(*), count(DISTINCT step) FROM effect GROUP BY name")
            steps = {name: (count, distinct) for name, count, distinct in cursor.fetchall()}
        stored = list(WebhookDelivery.objects.filter(delivery_id__in=deliveries).values_list("delivery_id", flat=True))
        broken = [f"{kind} ended {state}: {code} {message[:200]}" for kind, state, code, message in bad]
        broken += ["a job is lost"] * (jobs.count() != len(set(self.accepted)))
        broken += [f"{name} has {steps.get(name)} steps" for name in self.names if steps.get(name) != (STEPS, STEPS)]
        broken += ["a delivery is lost or doubled"] * (sorted(stored) != sorted(set(deliveries)))
        broken += ["a decision is lost"] * (Decision.objects.filter(pk__in=keys).count() != len(routed))
        return {
            "jobs": len(self.accepted), "jobs refused while the database was away": self.refused,
            "deliveries": len(deliveries), "decisions": len(routed), "collections": self.commits, "broken": broken,
        }  # fmt: skip
