"""Where things stand on the site: from a change or a reference ("kind:id") to its page."""

from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse


def change_path(change: Any) -> str:
    """The page of a change (it has `.repository.key` and its natural `.key`, pull:<n> or commit:<sha>)."""
    return path_of(change.repository.key, change.key)


def path_of(repository_key: str, key: str) -> str:
    """The page of a change by its repository's key and its own."""
    kind, _, tail = key.partition(":")
    if kind == "pull":
        return reverse("portfolio:pull", args=[repository_key, int(tail)])
    return reverse("portfolio:commit", args=[repository_key, tail[:16]])


def page_of(ref: str) -> str:
    """The page that a reference leads to, "" where it has none of its own."""
    kind, _, tail = ref.partition(":")
    try:
        if kind == "receipt":
            return reverse("portfolio:receipt", args=[tail])
        if kind == "change":
            return _change_of(tail)
        if kind == "achievement":
            return reverse("portfolio:work")
        if kind == "model":
            model, _, rest = tail.partition("/")
            return reverse("portfolio:model-version", args=[model, int(rest.partition("/")[0])])
        if kind in {"claim", "assumption"}:
            return f"{reverse('portfolio:basis')}?{urlencode({'of': ref})}"
        if kind == "total":
            return reverse("portfolio:value")
        if kind == "method":
            return reverse("portfolio:method")
        if kind == "chart":
            return f"{reverse('portfolio:overview')}#{tail}"
        if kind == "play":
            return reverse("portfolio:demo", args=["estimate"])
        if kind == "repository":
            return f"{reverse('portfolio:evidence')}?repository={tail}"
    except (NoReverseMatch, ValueError):
        return ""
    return ""


def _change_of(tail: str) -> str:
    for mark, kind in (("#", "pull"), ("@", "commit")):
        repository, found, name = tail.rpartition(mark)
        if found:
            return path_of(repository, f"{kind}:{name}")
    repository, found, key = tail.partition("/pull:")
    if found:
        return path_of(repository, f"pull:{key}")
    repository, found, key = tail.partition("/commit:")
    return path_of(repository, f"commit:{key}") if found else ""
