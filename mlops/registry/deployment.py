"""Put versions into their parts, and take them out again: one step each, with its row in the timeline."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from evidence import audit
from mlops.registry.models import Alias, Deployment, ModelVersion

CHAMPION, CHALLENGER, SHADOW = Alias.Role.CHAMPION, Alias.Role.CHALLENGER, Alias.Role.SHADOW


class DeploymentRefused(Exception):
    """The switch may not be made; the message says why and what to do."""


class SwitchedMeanwhile(DeploymentRefused):
    """Somebody else switched between looking and acting."""


@transaction.atomic
def promote(
    version: ModelVersion, *, reason: str, actor: Any, serial: int | None = None, automatic: bool = False
) -> Deployment:
    """Make a version the champion. `serial` is what the asker saw (0: none); another one refuses."""
    _require_deployable(version)
    return _switch(version.model, Deployment.Action.PROMOTE, CHAMPION, version, reason, actor, serial, automatic)


@transaction.atomic
def roll_back(model: str, *, reason: str, actor: Any, serial: int | None = None, automatic: bool = False) -> Deployment:
    """Make the champion before this one the champion again; a promotion under way is waited for, and is what goes."""
    Alias.objects.select_for_update().filter(model=model, role=CHAMPION).first()  # before the timeline is read
    target = previous_champion(model)
    if target is None:
        raise DeploymentRefused(f"{model} has no earlier champion to go back to.")
    return _switch(model, Deployment.Action.ROLL_BACK, CHAMPION, target, reason, actor, serial, automatic)


@transaction.atomic
def canary(version: ModelVersion, *, share: float, reason: str, actor: Any, serial: int | None = None) -> Deployment:
    """Let a version answer a share (0 to 1) of the requests, chosen by a stable hash of each row's key."""
    _require_deployable(version)
    if not 0 < share < 1:
        raise DeploymentRefused(f"A canary takes a share between 0 and 1, not {share:g}. To take all, promote it.")
    return _switch(version.model, Deployment.Action.CANARY, CHALLENGER, version, reason, actor, serial, False, share)


@transaction.atomic
def shadow(version: ModelVersion, *, reason: str, actor: Any, serial: int | None = None) -> Deployment:
    """Let a version answer along without being heard; its answers are stored and compared."""
    if version.state == ModelVersion.State.WITHDRAWN:
        raise DeploymentRefused(f"{version} was withdrawn.")
    return _switch(version.model, Deployment.Action.SHADOW, SHADOW, version, reason, actor, serial, False)


@transaction.atomic
def stop(
    model: str, role: str, *, reason: str, actor: Any, serial: int | None = None, automatic: bool = False
) -> Deployment | None:
    """End the part of challenger or shadow; None when nobody played it."""
    if role == CHAMPION:
        raise DeploymentRefused("A champion is not stopped but replaced: promote another, or roll back.")
    alias = Alias.objects.select_for_update().filter(model=model, role=role).select_related("version").first()
    if alias is None:
        return None
    if serial is not None and alias.serial != serial:
        raise SwitchedMeanwhile(f"The {role} of {model} was switched meanwhile. Look again, then decide.")
    before = alias.version
    alias.delete()
    return _record(model, Deployment.Action.STOP, role, before, None, 0.0, reason, actor, automatic, timezone.now())


def previous_champion(model: str) -> ModelVersion | None:
    """The champion that the present one replaced by a promotion, leaving out withdrawn ones."""
    current = Alias.objects.filter(model=model, role=CHAMPION).select_related("version").first()
    if current is None:
        return None
    seen = {current.version_id}
    rows = (
        Deployment.objects.filter(model=model, role=CHAMPION)
        .select_related("before")
        .order_by("-at", "-id")
        .iterator(chunk_size=100)
    )
    cursor = current.version_id
    for row in rows:
        if row.after_id != cursor or row.action != Deployment.Action.PROMOTE or row.before is None:
            continue
        cursor = row.before.pk
        if row.before.pk not in seen and row.before.state != ModelVersion.State.WITHDRAWN:
            return row.before
    return None


def _require_deployable(version: ModelVersion) -> None:
    if version.is_simulated:
        raise DeploymentRefused(f"{version} was trained on simulated rows and can never go live.")
    if version.state != ModelVersion.State.APPROVED:
        failed = "; ".join(
            f"gate “{row.gate}” has {'no figure' if row.value is None else f'{row.value:.4g}'}, "
            f"its bound is {row.comparison} {row.bound:g}"
            for row in version.gates.filter(passed=False).order_by("id")
        )
        raise DeploymentRefused(f"{version} is {version.state}{f': {failed}' if failed else ''}.")


def _switch(
    model: str,
    action: str,
    role: str,
    version: ModelVersion,
    reason: str,
    actor: Any,
    serial: int | None,
    automatic: bool,
    share: float = 0.0,
) -> Deployment:
    if not reason.strip():
        raise DeploymentRefused("Say why: every switch keeps its reason.")
    alias = Alias.objects.select_for_update().filter(model=model, role=role).select_related("version").first()
    if serial is not None and serial != (alias.serial if alias else 0):
        raise SwitchedMeanwhile(f"The {role} of {model} was switched meanwhile. Look again, then decide.")
    if role != CHAMPION and Alias.objects.filter(model=model, role=CHAMPION, version=version).exists():
        raise DeploymentRefused(f"{version} is the champion: as {role} it would be compared with itself.")
    now = timezone.now()
    before = alias.version if alias else None
    if alias is not None and before == version and alias.share == share:
        raise DeploymentRefused(f"{version} already is the {role}.")
    if alias is None:
        _create(model, role, version, share, now)
    else:
        alias.version, alias.share, alias.since, alias.serial = version, share, now, alias.serial + 1
        alias.save()
    # A version that played two parts would be compared with itself.
    for other in Alias.objects.select_for_update().filter(model=model, version=version).exclude(role=role):
        stop(model, other.role, reason=f"it became the {role}", actor=actor, automatic=True)
    return _record(model, action, role, before, version, share, reason, actor, automatic, now)


def _create(model: str, role: str, version: ModelVersion, share: float, now: datetime) -> None:
    """The first alias of a role: there is no row yet that could be locked, so the constraint decides between two."""
    try:
        with transaction.atomic():
            Alias.objects.create(model=model, role=role, version=version, share=share, since=now)
    except IntegrityError as error:
        raise SwitchedMeanwhile(f"The {role} of {model} was switched meanwhile. Look again, then decide.") from error


def _record(
    model: str,
    action: str,
    role: str,
    before: ModelVersion | None,
    after: ModelVersion | None,
    share: float,
    reason: str,
    actor: Any,
    automatic: bool,
    at: datetime,
) -> Deployment:
    audit.record(
        actor=actor,
        action=f"mlops.{action}",
        target=f"model:{model}",
        before={role: str(before) if before else None},
        after={role: str(after) if after else None, "share": share},
        reason=reason,
    )
    return Deployment.objects.create(
        model=model,
        action=action,
        role=role,
        before=before,
        after=after,
        share=share,
        reason=reason,
        automatic=automatic,
        actor=audit.name_of(actor),
        user=actor if getattr(actor, "pk", None) else None,
        at=at,
    )
