"""GitHub through its GraphQL API, in plain Python: `GitHubSource` is the door."""

from analysis.sources.github.source import GitHubSource, RepositoryInfo
from analysis.sources.github.tokens import TokenPool
from analysis.sources.github.transport import Api

__all__ = ["Api", "GitHubSource", "RepositoryInfo", "TokenPool"]
