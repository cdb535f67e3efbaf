"""Which versions are live in this process, loaded: read from our rows every two seconds, so that a switch is picked up
without a restart. A version that cannot be loaded is left out with its reason; the one before it or the rules answer.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field

from django.db import DatabaseError, InterfaceError

from mlops.registry.deployment import previous_champion
from mlops.registry.models import Alias, Deployment, ModelVersion
from mlops.training import spec as specs
from mlops.training.predictors import Predictor, predictor_of
from mlops.training.spec import TrainingSpec

logger = logging.getLogger(__name__)
REFRESH_SECONDS = 2.0
RETRY_LOAD_SECONDS = 30.0
KEEP_LOADED = 8


@dataclass(frozen=True, slots=True)
class Loaded:
    """A version ready to answer. `version_id` None stands for the rules in code before any version is registered."""

    version_id: int | None
    label: str
    predict: Predictor
    deployment_id: int | None = None


@dataclass(frozen=True, slots=True)
class Live:
    """What one moment's rows say, consistent in itself: one call never sees two of these."""

    champion: Loaded | None
    challenger: Loaded | None
    share: float
    shadow: Loaded | None
    fallbacks: tuple[Loaded, ...]
    problem: str = ""
    at: float = field(default=0.0)


class LiveModels:
    """A process's view of what is live. Threads share it; each model is refreshed by one thread at a time."""

    def __init__(self) -> None:
        self._live: dict[str, Live] = {}
        self._loaded: dict[int, Loaded] = {}
        self._failed: dict[int, tuple[float, str]] = {}
        self._lock = threading.Lock()

    def of(self, model: str) -> Live:
        """The live versions of a model, at most REFRESH_SECONDS old; the last known ones while the database is away."""
        live = self._live.get(model)
        if live is not None and time.monotonic() - live.at < REFRESH_SECONDS:
            return live
        waits = live is None
        if not self._lock.acquire(blocking=waits) and live is not None:
            return live  # another thread is at it
        try:
            live = self._read(specs.get(model), live)
            self._live[model] = live
            return live
        finally:
            self._lock.release()

    def forget(self) -> None:
        """Read everything anew at the next call."""
        with self._lock:
            self._live.clear()
            self._loaded.clear()
            self._failed.clear()

    def _read(self, spec: TrainingSpec, known: Live | None) -> Live:
        rules = Loaded(None, "rules", spec.rules)
        try:
            aliases = {alias.role: alias for alias in Alias.objects.filter(model=spec.model).select_related("version")}
            previous = previous_champion(spec.model)
            deployments = self._deployments(spec.model, aliases)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("live versions of %s could not be read: %s", spec.model, error)
            problem = "the database does not answer; the last known versions serve"
            if known is not None:
                return Live(
                    known.champion,
                    known.challenger,
                    known.share,
                    known.shadow,
                    known.fallbacks,
                    problem,
                    time.monotonic(),
                )
            return Live(None, None, 0.0, None, (rules,), problem, time.monotonic())
        problems: list[str] = []

        def loaded(alias: Alias | None) -> Loaded | None:
            if alias is None:
                return None
            return self._load(spec, alias.version, deployments.get(alias.role), problems)

        fallbacks = [self._load(spec, previous, None, [])] if previous else []
        champion, challenger = aliases.get(Alias.Role.CHAMPION), aliases.get(Alias.Role.CHALLENGER)
        return Live(
            champion=loaded(champion),
            challenger=loaded(challenger),
            share=challenger.share if challenger else 0.0,
            shadow=loaded(aliases.get(Alias.Role.SHADOW)),
            fallbacks=(*(found for found in fallbacks if found), self._rules(spec, rules)),
            problem="; ".join(problems),
            at=time.monotonic(),
        )

    def _deployments(self, model: str, aliases: dict[str, Alias]) -> dict[str, int]:
        """The row of the timeline that put each part where it is."""
        return {
            role: found
            for role, alias in aliases.items()
            if (
                found := Deployment.objects.filter(model=model, role=role, after=alias.version)
                .order_by("-at", "-id").values_list("id", flat=True).first()
            )
        }  # fmt: skip

    def _rules(self, spec: TrainingSpec, rules: Loaded) -> Loaded:
        row = ModelVersion.objects.filter(model=spec.model, origin="rules").order_by("-number").first()
        return Loaded(row.pk, row.name, rules.predict) if row else rules

    def _load(
        self, spec: TrainingSpec, version: ModelVersion, deployment: int | None, problems: list[str]
    ) -> Loaded | None:
        known = self._loaded.get(version.pk)
        if known is None:
            failed = self._failed.get(version.pk)
            if failed is not None and time.monotonic() - failed[0] < RETRY_LOAD_SECONDS:
                problems.append(failed[1])
                return None
            try:
                known = Loaded(version.pk, version.name, predictor_of(spec, version))
            except Exception as error:  # noqa: BLE001  whatever it is, another version answers
                reason = f"{version} cannot be loaded: {error}"
                logger.error("%s", reason)
                self._failed[version.pk] = (time.monotonic(), reason)
                problems.append(reason)
                return None
            self._loaded[version.pk] = known
            while len(self._loaded) > KEEP_LOADED:
                self._loaded.pop(next(iter(self._loaded)))
        return Loaded(known.version_id, known.label, known.predict, deployment)


models = LiveModels()
