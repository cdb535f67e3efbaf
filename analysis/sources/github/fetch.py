"""The calls of a collection: pages, nested lists past their first hundred, listings, and pulls by id."""

from collections.abc import Iterator
from typing import Any

from analysis.sources.github.errors import CursorRefused, GitHubError, PageTooHeavy, Postponed
from analysis.sources.github.mapping import LISTS, Node, record_of
from analysis.sources.github.transport import Api
from analysis.sources.records import ChangeRecord, Unreadable, natural_key

BATCH = 25
"""Pulls asked for by id in one call."""
NESTED_PAGES = 500
"""No list of a pull is followed further than this many hundreds."""


class Fetcher:
    """Calls for one repository and profile. `lost` counts pulls that a page failed to give."""

    def __init__(self, api: Api, full_name: str, profile: str) -> None:
        self._api, self._full_name, self._profile = api, full_name, profile
        self._owner, _, self._name = full_name.partition("/")
        self.lost = 0

    def repository(self) -> dict[str, Any] | None:
        """The repository's own fields, its number of pulls and its newest update."""
        found = self._call("repository", {"owner": self._owner, "name": self._name})
        return found["repository"]

    def page(self, size: int, after: str | None) -> tuple[dict[str, Any], bool]:
        """One page of pulls, and whether GitHub failed on parts of it. Lists that failed are left out of their node."""
        variables = {"owner": self._owner, "name": self._name, "first": size, "after": after}
        answer = self._api.call(f"pulls_{self._profile}", variables, self._full_name)
        page: dict[str, Any] = answer.data["repository"]["pullRequests"]
        self.lost += sum(n is None for n in page["nodes"])
        for node in page["nodes"]:
            if node is not None:
                self._complete(node)
        return page, bool(answer.failed)

    def item(self, node: Node) -> ChangeRecord | Unreadable:
        """The record of a node that `page` or `by_id` gave."""
        failed = [name for name in LISTS[self._profile] if node.get(name) is None]
        try:
            return record_of(node, self._profile, failed)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return Unreadable(natural_key(node["number"], None), f"its data is not as described: {error!r:.120}")

    def listing(self) -> Iterator[tuple[int, str]]:
        """(number, node id) of every pull, a hundred a point."""
        after, seen = None, set[str | None]()
        while True:
            variables = {"owner": self._owner, "name": self._name, "after": after}
            page = self._call("listing", variables)["repository"]["pullRequests"]
            yield from ((n["number"], n["id"]) for n in page["nodes"] if n)
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"] or after in seen:
                return
            seen.add(after)

    def by_id(self, wanted: dict[str, int]) -> Iterator[tuple[int, Node | None]]:
        """(number, node) of pulls by node id; None for one that GitHub cannot give even alone."""
        ids = list(wanted)
        for start in range(0, len(ids), BATCH):
            for one, node in self._batch(ids[start : start + BATCH]):
                yield wanted[one], node

    def _batch(self, ids: list[str]) -> Iterator[tuple[str, Node | None]]:
        try:
            nodes = self._call(f"by_id_{self._profile}", {"ids": ids})["nodes"]
        except PageTooHeavy:
            if len(ids) == 1:
                yield ids[0], None
                return
            middle = len(ids) // 2
            yield from self._batch(ids[:middle])
            yield from self._batch(ids[middle:])
            return
        for one, node in zip(ids, nodes, strict=True):
            if node is not None:
                self._complete(node)
            yield one, node

    def _complete(self, node: Node) -> None:
        """Follow each list past its first hundred, and ask once more for a list that failed."""
        for name in LISTS[self._profile]:
            part = node.get(name)
            if part is None:
                part = node[name] = self._more(node["id"], name, None)
            pages = 0
            while part and part["pageInfo"]["hasNextPage"] and pages < NESTED_PAGES:
                more = self._more(node["id"], name, part["pageInfo"]["endCursor"])
                if more is None or more["pageInfo"]["endCursor"] == part["pageInfo"]["endCursor"]:
                    break
                part["nodes"] += more["nodes"]
                part["pageInfo"] = more["pageInfo"]
                pages += 1
            if part:  # a cursor is no content: it must not make an unchanged pull look changed
                part["pageInfo"] = {"hasNextPage": part["pageInfo"]["hasNextPage"], "endCursor": None}

    def _more(self, node_id: str, name: str, after: str | None) -> dict[str, Any] | None:
        try:
            found = self._call("nested", {"id": node_id, "after": after, name: True})["node"]
        except (PageTooHeavy, CursorRefused):
            return None
        except Postponed:
            raise
        except GitHubError:
            return None
        return (found or {}).get(name)

    def _call(self, name: str, variables: dict[str, Any]) -> dict[str, Any]:
        return self._api.call(name, variables, self._full_name).data
