"""The GitHub source: pulls in order of update, newest first, resumed where the last run stopped.

A run makes one call to see what is there; passes over the pages until it meets what is stored; looks once more for
edits made meanwhile; and compares the number of pulls held with those known, fetching or reporting what is missing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from analysis.sources.github.documents import price_of_run
from analysis.sources.github.errors import CursorLost, CursorRefused, PageTooHeavy, RepositoryNotFound, Unavailable
from analysis.sources.github.fetch import Fetcher
from analysis.sources.github.mapping import NAME, VERSION
from analysis.sources.github.pages import PageSize
from analysis.sources.github.progress import OVERLAP, Progress
from analysis.sources.github.transport import PAUSE, Api
from analysis.sources.records import (
    ChangeRecord,
    Checkpoint,
    Gone,
    Item,
    SourceDescription,
    Unreadable,
    natural_key,
)

LATE_ROUNDS = 5
RESTARTS = 1
SINGLE_TRIES = 3
"""Time-outs on a single pull in a row that mean an outage, not a heavy pull."""
AFTER_OUTAGE = 12


@dataclass(frozen=True)
class RepositoryInfo:
    """What GitHub says of the repository itself. `full_name` differs from the asked one after a rename."""

    database_id: int
    full_name: str
    url: str
    is_private: bool
    is_fork: bool
    is_archived: bool
    licence: str | None
    default_branch: str
    tip: str
    pulls: int
    newest: str


class GitHubSource:
    """Pull requests of one repository through the GraphQL API.

    `profile` "core" asks for what a git mirror lacks, "full" for files and commits too. `repair` holds keys to fetch
    again although nothing says that they changed; with `reconcile` every number is compared (a listing).
    """

    name = NAME
    version = VERSION

    def __init__(
        self,
        api: Api,
        full_name: str,
        *,
        profile: str = "full",
        repair: frozenset[str] | None = None,
        reconcile: bool = False,
        progress: Callable[[int, int | None, str], None] | None = None,
    ) -> None:
        self.full_name, self.profile = full_name, profile
        self._api = api
        self._repair = repair
        self._reconcile = reconcile or repair is not None
        self._fetch = Fetcher(api, full_name, profile)
        self._progress = Progress(profile)
        self._page = PageSize()
        self._seen: set[int] = set()
        self._told = progress or (lambda done, total, what: None)
        self.info: RepositoryInfo | None = None

    def open(self) -> None:
        """Ask what the repository is and how much it holds (one point), and say what reading it costs."""
        self.info = _info(self._fetch.repository())
        points, requests = self.price()
        self._told(
            0,
            None,
            f"GitHub holds {self.info.pulls:,} pulls; the {self.profile} profile costs {points:,} points and "
            f"{requests:,} requests, and more where a list of a pull goes past its page or a page is too heavy",
        )

    def describe(self) -> SourceDescription:
        """What it is; `location` is GitHub's present name of it."""
        info = self._info()
        return SourceDescription(
            name=NAME,
            location=info.full_name,
            default_branch=info.default_branch,
            tip=info.tip,
            held={"pulls": info.pulls, "changes": info.pulls},
            licence=info.licence,
        )

    def price(self) -> tuple[int, int]:
        """(points, requests) that a first collection costs, told before it is spent."""
        return price_of_run(self.profile, self._info().pulls)

    def spent(self) -> tuple[int, int]:
        """(points, requests) used so far."""
        return self._api.points, self._api.calls

    def left(self) -> int | None:
        """Points of the hourly budget that GitHub last said are left, over all tokens; None where it did not say."""
        return self._api.left

    def cursor(self) -> str:
        """Progress that is safe once everything yielded so far is stored."""
        self._progress.size, self._progress.strikes = self._page.size, self._api.strikes
        return self._progress.text()

    def close(self) -> None:
        """Nothing is held: the HTTP client belongs to the caller."""

    def iter_changes(self, since: Checkpoint) -> Iterator[Item]:
        """Every pull that is new or changed, a Gone for each that is deleted, an Unreadable for each that fails."""
        self._progress = Progress.read(since.cursor, self.profile)
        self._api.strikes = self._progress.strikes
        self._page = PageSize(self._progress.size)
        if self._repair is None and not self._nothing_new(since):
            yield from self._passes(since)
        held = self._info().pulls
        known = {int(k[5:]) for k in since.known if k.startswith("pull:")}
        if self._reconcile or len(known | self._seen) != held or self._fetch.lost:
            yield from self._compare(since, known)

    def _info(self) -> RepositoryInfo:
        if self.info is None:
            raise RuntimeError("open() first")
        return self.info

    def _nothing_new(self, since: Checkpoint) -> bool:
        """Whether the newest update is stored and too old to have a late sibling of the same second."""
        info, progress = self._info(), self._progress
        if progress.after or not progress.watermark or not since.known:
            return info.pulls == 0
        settled = datetime.fromisoformat(progress.watermark) < self._api.now() - OVERLAP
        return settled and info.newest <= progress.watermark

    def _passes(self, since: Checkpoint) -> Iterator[Item]:
        if not self._progress.after:
            self._progress.top = self._info().newest
        for _ in range(LATE_ROUNDS):
            pages = 0
            for page in self._pages():
                yield from self._items(page["nodes"], since)
                pages += 1
                self._advance(page)
            self._progress.finish()
            if pages < 2:
                return
            self.info = _info(self._fetch.repository())
            if self.info.newest <= self._progress.watermark:
                return
            self._progress.top = self.info.newest

    def _advance(self, page: dict[str, Any]) -> None:
        """The page's pulls are yielded, so its end is where a killed run may go on."""
        self._progress.after = page["pageInfo"]["endCursor"] or ""
        if self.info is not None and page["totalCount"] != self.info.pulls:
            self.info = RepositoryInfo(**(vars(self.info) | {"pulls": page["totalCount"]}))

    def _pages(self) -> Iterator[dict[str, Any]]:
        """Pages until the stored part is met. A cursor that is refused or repeats starts the pass again, once."""
        restarts, cursors = 0, set[str]()
        while True:
            try:
                page = self._one_page()
                turns = page["pageInfo"]
                if turns["hasNextPage"] and (turns["endCursor"] in cursors or not page["nodes"]):
                    raise CursorRefused("the same page again")
            except CursorRefused:
                if restarts == RESTARTS:
                    raise _cursor_lost(self._api.now()) from None
                restarts += 1
                cursors.clear()
                self._progress.after = ""
                self._progress.top = self._progress.top or self._info().newest
                continue
            cursors.add(turns["endCursor"])
            yield page
            oldest = min((n["updatedAt"] for n in page["nodes"] if n), default="")
            if not turns["hasNextPage"] or (oldest and oldest < self._progress.floor):
                return

    def _one_page(self) -> dict[str, Any]:
        """The next page, at a size that GitHub can answer."""
        alone = 0
        while True:
            try:
                page, troubled = self._fetch.page(self._page.size, self._progress.after or None)
            except PageTooHeavy:
                alone += not self._page.shrink()
                if alone == SINGLE_TRIES:
                    self._page.size = AFTER_OUTAGE
                    raise _too_heavy(self._api.now()) from None
                continue
            if troubled:
                self._page.shrink()
            else:
                self._page.went_well()
            return page

    def _items(self, nodes: list[dict[str, Any] | None], since: Checkpoint) -> Iterator[Item]:
        for node in nodes:
            if node is None:
                continue
            self._seen.add(node["number"])
            item = self._fetch.item(node)
            known = since.known.get(natural_key(node["number"], None))
            if not (isinstance(item, ChangeRecord) and item.fingerprint == known):
                yield item

    def _compare(self, since: Checkpoint, known: set[int]) -> Iterator[Item]:
        """List every number; fetch what is missing or to be repaired, and report what is gone."""
        listed = dict(self._fetch.listing())
        wanted = [n for n in listed if n not in known and n not in self._seen]
        wanted += [int(k[5:]) for k in sorted(self._repair or ()) if k.startswith("pull:") and int(k[5:]) in listed]
        for number, node in self._fetch.by_id({listed[n]: n for n in wanted}):
            if node is None:
                yield Unreadable(natural_key(number, None), "GitHub could not give this pull, alone either")
            else:
                yield from self._items([node], since)
        for number in sorted(known - listed.keys()):
            yield Gone(natural_key(number, None), "GitHub no longer holds it: deleted, or moved with its repository")
        if self.info is not None:
            self.info = RepositoryInfo(**(vars(self.info) | {"pulls": len(listed)}))


def _info(found: dict[str, Any] | None) -> RepositoryInfo:
    if found is None:
        raise RepositoryNotFound("GitHub shows no such repository to this token. Check the spelling and the token.")
    branch, pulls = found.get("defaultBranchRef") or {}, found["pullRequests"]
    spdx = (found.get("licenseInfo") or {}).get("spdxId")
    return RepositoryInfo(
        database_id=found["databaseId"],
        full_name=found["nameWithOwner"],
        url=found["url"],
        is_private=found["isPrivate"],
        is_fork=found["isFork"],
        is_archived=found["isArchived"],
        licence=None if spdx in (None, "", "NOASSERTION") else spdx,
        default_branch=branch.get("name") or "",
        tip=(branch.get("target") or {}).get("oid") or "",
        pulls=pulls["totalCount"],
        newest=max((n["updatedAt"] for n in pulls["nodes"] if n), default=""),
    )


def _cursor_lost(now: datetime) -> CursorLost:
    return CursorLost("GitHub's pages led in circles twice; collection starts again from what is stored.", now + PAUSE)


def _too_heavy(now: datetime) -> Unavailable:
    return Unavailable(
        "GitHub times out even on a single pull; it is asked again in ten minutes. What was collected is kept.",
        now + timedelta(minutes=10),
    )
