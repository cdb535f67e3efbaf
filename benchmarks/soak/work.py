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
COMMIT = "Soak, step "


def subject(number: int) -> str:
    """The first line of the soak's own commits, by which their changes are found again."""
    return f"{COMMIT}{number}"


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
        self.story.commit({f"soak/{self.commits}.py": f"x = {self.commits}\n"}, subject(self.commits))
        self.story.finish()
        return services.request_collection(source=str(self.story.path))

    def _train(self) -> Any:
        from mlops import services

        return services.request_training(model="change-type", actor=None)

    def finish(self, seconds: float) -> float:
        """Collect what was committed while the request for it was refused, then drain."""
        from django.db import connection

        connection.close()  # a restart of the database has broken it
        self.accepted.append(self._collect().pk)
        return self.drain(seconds)

    def drain(self, seconds: float) -> float:
        """Wait until nothing that was accepted or asked for by now is open; returns the seconds, or raises."""
        from django.db.models import Q
        from django.utils import timezone

        from jobs.models import CLOSED, Job

        started = time.monotonic()
        now = timezone.now()
        asked = Job.objects.filter(Q(pk__in=self.accepted) | Q(created_at__lt=now, due_at__lte=now, schedule=None))
        while asked.exclude(state__in=CLOSED).exists():
            if time.monotonic() - started > seconds:
                raise SystemExit(f"jobs are still open after {seconds:.0f} s")
            time.sleep(0.5)
        return time.monotonic() - started

    def check(self, deliveries: list[str]) -> dict[str, Any]:
        """The invariants: nothing lost, nothing doubled."""
        from django.db import connection

        from analysis.models import Change, WebhookDelivery
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
        unhandled = WebhookDelivery.objects.filter(state=WebhookDelivery.State.STORED).count()
        landed = list(Change.objects.filter(title__startswith=COMMIT).values_list("title", flat=True))
        others = Job.objects.exclude(pk__in=self.accepted).filter(state__in=(State.FAILED, State.DEAD))
        broken = [f"{kind} ended {state}: {code} {message[:200]}" for kind, state, code, message in bad]
        broken += ["a job is lost"] * (jobs.count() != len(set(self.accepted)))
        broken += [f"{name} has {steps.get(name)} steps" for name in self.names if steps.get(name) != (STEPS, STEPS)]
        broken += ["a delivery is lost or doubled"] * (sorted(stored) != sorted(set(deliveries)))
        broken += [f"{unhandled} deliveries were stored and never handled"] * bool(unhandled)
        broken += ["a commit is missing or twice"] * (
            sorted(landed) != sorted(map(subject, range(1, self.commits + 1)))
        )
        broken += [f"{job.kind} ended {job.state}: {job.error_code} {job.error_message[:200]}" for job in others]
        broken += ["a decision is lost"] * (Decision.objects.filter(pk__in=keys).count() != len(routed))
        return {
            "jobs": len(self.accepted), "jobs refused while the database was away": self.refused,
            "deliveries": len(deliveries), "decisions": len(routed), "collections": self.commits, "broken": broken,
        }  # fmt: skip
