"""Where a collection stands, as the text that is stored with each page's rows."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from analysis.sources.github.mapping import VERSION
from analysis.sources.github.pages import START

OVERLAP = timedelta(minutes=10)
"""How far behind the watermark a pass reads again: updates that became visible late are met."""


@dataclass
class Progress:
    """`watermark`: everything updated up to it is stored. `after` and `top` belong to the pass that is under way.

    Times are GitHub's texts (UTC, so that they sort); empty is none.
    """

    profile: str
    version: str = VERSION
    watermark: str = ""
    after: str = ""
    top: str = ""
    size: int = START
    strikes: int = 0

    @classmethod
    def read(cls, text: str, profile: str) -> "Progress":
        """The stored progress; a fresh one (that keeps the page size) when profile or version have changed."""
        try:
            stored = cls(**json.loads(text))
            size = int(stored.size)
        except (ValueError, TypeError):
            return cls(profile)
        if (stored.profile, stored.version) != (profile, VERSION):
            return cls(profile, size=size)
        return stored

    def text(self) -> str:
        """What is stored."""
        return json.dumps(asdict(self), sort_keys=True)

    @property
    def floor(self) -> str:
        """Pulls updated before this need not be read."""
        if not self.watermark:
            return ""
        return (datetime.fromisoformat(self.watermark) - OVERLAP).strftime("%Y-%m-%dT%H:%M:%SZ")

    def finish(self) -> None:
        """The pass is over: all that it began with is stored."""
        self.watermark, self.after, self.top = max(self.top, self.watermark), "", ""
