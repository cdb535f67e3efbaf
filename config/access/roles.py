"""Least-privilege roles as groups, kept in step with the models after every migration.

owner: everything. curator: what the site shows and what is said of the evidence. operator: jobs, sources and models.
reader: looks, touches nothing. Nobody may change or delete receipts and the audit log, whatever the role.
"""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission

_ALL = ("view", "add", "change", "delete")
_OURS = ("evidence", "jobs", "analysis", "mlops", "portfolio")
_SEES: tuple[str, ...] = ("view",)
_EVERYTHING_VISIBLE: dict[str, tuple[str, ...]] = dict.fromkeys(_OURS, _SEES)
ROLES: dict[str, dict[str, tuple[str, ...]]] = {
    "owner": {**dict.fromkeys((*_OURS, "auth"), _ALL), "analysis": (*_ALL, "publish"), "evidence": ("view",)},
    "curator": {**_EVERYTHING_VISIBLE, "portfolio": _ALL, "analysis": ("view", "add", "change")},
    "operator": {**_EVERYTHING_VISIBLE, "jobs": _ALL, "mlops": ("view", "add", "change")},
    "reader": _EVERYTHING_VISIBLE,
}
# Keys and recovery codes let people in and erasing is final: the owner's alone.
_OWNER_ONLY = frozenset(("apikey", "erasure", "recoverydevice", "recoverycode"))


def ensure_roles() -> None:
    """Create the four groups and give each exactly its permissions."""
    for name, rights in ROLES.items():
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.set(_permissions(name, rights))


def _permissions(role: str, rights: dict[str, tuple[str, ...]]) -> list[Permission]:
    found = []
    for permission in Permission.objects.filter(content_type__app_label__in=list(rights)).select_related(
        "content_type"
    ):
        verb, _, model = permission.codename.partition("_")
        if role != "owner" and model in _OWNER_ONLY and verb != "view":
            continue
        if verb in rights[permission.content_type.app_label]:
            found.append(permission)
    return found
