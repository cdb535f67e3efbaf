"""GitHub's published schema, as an executable graphql-core schema."""

from functools import cache
from pathlib import Path

from graphql import GraphQLSchema, build_schema

SDL_PATH = Path(__file__).parents[1] / "npm/node_modules/@octokit/graphql-schema/schema.graphql"


class SchemaMissing(RuntimeError):
    """The npm packages that tests read are not installed."""


@cache
def github_schema() -> GraphQLSchema:
    """GitHub's full schema (about 1.3 s the first time in a process, then cached)."""
    if not SDL_PATH.exists():
        raise SchemaMissing(f"{SDL_PATH} is missing: run `make setup` (npm ci --ignore-scripts in tests/npm)")
    # GitHub's SDL uses directives without declaring them all, so the SDL itself is taken as valid.
    return build_schema(SDL_PATH.read_text(encoding="utf-8"), assume_valid_sdl=True)
