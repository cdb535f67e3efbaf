"""`manage.py models`: what runs now, and the same switches as at the registry desk."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mlops import queries, services
from mlops.models import ModelVersion

SWITCHES = ("promote", "shadow", "canary", "rollback", "stop")


class Command(BaseCommand):
    help = "List models and versions; train, promote, shadow, canary, stop, roll back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", nargs="?", default="list", choices=("list", "start", "train", "sync", *SWITCHES))
        parser.add_argument("model", nargs="?", default="")
        parser.add_argument("version", nargs="?", default="", help="a version's number, or the part that stop ends")
        parser.add_argument("--reason", default="", help="kept with the switch; every switch needs one")
        parser.add_argument("--share", type=float, default=0.2, help="share of requests for a canary")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, action: str, model: str, version: str, **options: Any) -> None:
        try:
            if action == "list":
                self._list()
            elif action == "start":
                self.stdout.write(f"{services.start()} versions registered")
            elif action == "sync":
                self.stdout.write(f"{services.sync_registry()} versions copied to MLflow")
            elif action == "train":
                self._train(model, options["seed"])
            else:
                self._switch(action, model, version, options["reason"], options["share"])
        except (services.DeploymentRefused, services.TooLittleData, services.DataSetProblem, LookupError) as error:
            raise CommandError(str(error)) from error

    def _list(self) -> None:
        for live in queries.live_models():
            self.stdout.write(f"{live.model}: {live.champion.name} (version {live.champion.number} of {live.versions})")
            for version in queries.versions_of(live.model):
                self.stdout.write(f"  {version.number:>4}  {version.state:10} {version.origin:8} {version.name}")
        for state in queries.readiness():
            self.stdout.write(f"{state.model}: {state.words}")

    def _train(self, model: str, seed: int) -> None:
        version = services.train_model(model=model, seed=seed, asked_for="command line")
        self.stdout.write(f"{version} is {version.state}")
        for gate in version.gates.order_by("id"):
            verdict = "passed " if gate.passed else "REFUSED"
            self.stdout.write(f"  {verdict} {gate.gate}: {gate.figure} = {gate.value} {gate.comparison} {gate.bound}")

    def _switch(self, action: str, model: str, version: str, reason: str, share: float) -> None:
        actor = "system:command line"
        if action == "rollback":
            row = services.roll_back(model=model, reason=reason, actor=actor)
        elif action == "stop":
            found = services.stop(model=model, role=version, reason=reason, actor=actor)
            if found is None:
                raise CommandError(f"Nobody is the {version or 'part'} of {model}. Say challenger or shadow.")
            row = found
        else:
            chosen = self._version(model, version)
            if action == "canary":
                row = services.canary(version=chosen, share=share, reason=reason, actor=actor)
            elif action == "shadow":
                row = services.shadow(version=chosen, reason=reason, actor=actor)
            else:
                row = services.promote(version=chosen, reason=reason, actor=actor)
        self.stdout.write(f"{row}: {row.before or 'nobody'} -> {row.after or 'nobody'}")

    def _version(self, model: str, number: str) -> ModelVersion:
        found = ModelVersion.objects.filter(model=model, number=number).first() if number.isdigit() else None
        if found is None:
            raise CommandError(f"{model or 'This model'} has no version {number or '(none given)'}. Try: models list")
        return found
