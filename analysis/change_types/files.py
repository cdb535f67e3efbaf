"""What kind of file a path is, as far as its name tells: the file features of the classifier and the rules."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

TEST, DOCS, CI, BUILD, LOCK, MANIFEST, STYLE, CHANGES, OTHER = (
    "test",
    "docs",
    "ci",
    "build",
    "lock",
    "manifest",
    "style",
    "changes",
    "source",
)
KINDS = (TEST, DOCS, CI, BUILD, LOCK, MANIFEST, STYLE, CHANGES, OTHER)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LOCKS = _names(
    """
    bun.lock bun.lockb cargo.lock composer.lock deno.lock flake.lock gemfile.lock go.sum npm-shrinkwrap.json
    package-lock.json pdm.lock pipfile.lock pnpm-lock.yaml poetry.lock uv.lock yarn.lock
    """
)
_MANIFESTS = _names(
    """
    .pre-commit-config.yaml build.gradle build.gradle.kts cargo.toml composer.json environment.yml gemfile
    go.mod gradle.properties libs.versions.toml package.json pipfile pnpm-workspace.yaml pom.xml pyproject.toml
    setup.cfg setup.py
    """
)
_CI = re.compile(
    r"(?:^|/)(?:\.github/(?:workflows|actions|issue_template|pull_request_template|codeowners|"
    r"dependabot|renovate|[^/]+\.ya?ml$)|\.circleci/|\.gitlab-ci|\.travis|appveyor|azure-pipelines|\.?codecov|jenkinsfile|\.buildkite/|\.cirrus|\.drone|"
    r"renovate\.json|\.renovaterc|\.ci/|ci/|\.semaphore/)"
)
_TEST = re.compile(
    r"(?:^|/)(?:tests?|__tests__|testing|specs?|e2e|testdata|test[-_]?(?:utils|helpers|support|suite|data|cases|fixtures?)|"
    r"fixtures|unit-?tests?|integration-?tests?|conformance|__snapshots__|snapshots|__fixtures__|t)/|"
    r"(?:^|/)(?:test_[^/]*|conftest\.py|tests?\.[a-z]+|[^/]*(?:[._-](?:test|tests|spec|e2e)|_test|_tests|Tests?)\.[a-z]{1,4}|"
    r"jest\.config[^/]*|vitest\.[^/]*|\.coveragerc|pytest\.ini|[^/]*\.snap)$"
)
_DOCS = re.compile(
    r"(?:^|/)(?:docs?|documentation|website|site|doc-src|guides?|man|rfcs?|examples?/readme)/|"
    r"\.(?:md|mdx|rst|adoc|txt)$|(?:^|/)(?:readme|contributing|authors|license|licence|code_of_conduct|security|notice|"
    r"maintainers|governance)[^/]*$"
)
_CHANGES = re.compile(
    r"(?:^|/)(?:change(?:log|s)[^/]*|history[^/]*|news[^/]*|release[-_]?notes?[^/]*|whats?[-_]?new[^/]*|\.changeset/[^/]*|changes/[^/]*|"
    r"changelog\.d/[^/]*|releasenotes/[^/]*|newsfragments/[^/]*)$"
)
_BUILD = re.compile(
    r"(?:^|/)(?:dockerfile[^/]*|[^/]*\.dockerfile|\.dockerignore|docker-compose[^/]*|makefile[^/]*|[^/]*\.mk|cmakelists\.txt|"
    r"[^/]*\.cmake|tox\.ini|noxfile\.py|justfile|\.goreleaser[^/]*|rollup\.config[^/]*|webpack[^/]*\.js|vite\.config[^/]*|"
    r"tsconfig[^/]*|babel\.config[^/]*|\.npmrc|\.nvmrc|meson\.build|configure(?:\.ac)?|[^/]*\.nix|rust-toolchain[^/]*|"
    r"lerna\.json|nx\.json|turbo\.json|\.editorconfig|\.gitignore|\.gitattributes|\.eslintrc[^/]*|eslint\.config[^/]*|"
    r"\.prettierrc[^/]*|\.flake8|mypy\.ini|ruff\.toml|\.golangci[^/]*|\.cargo/[^/]*|gruntfile\.js|gulpfile\.js|rakefile|"
    r"build\.(?:rs|py|sh|js|ts|mjs)|\.swcrc|\.releaserc[^/]*|netlify\.toml|vercel\.json|manifest\.in)$|(?:^|/)(?:scripts?|docker|tools?/release|"
    r"build|packaging|charts?|helm|k8s)/"
)
_STYLE = re.compile(r"\.(?:css|scss|sass|less|styl)$")
_REQUIREMENTS = re.compile(r"(?:^|/)requirements?(?:[-_./][^/]*)*\.(?:txt|in|pip)$|(?:^|/)constraints[^/]*\.txt$")


@functools.lru_cache(maxsize=65_536)
def kind_of(path: str) -> str:
    """The kind of one path (see KINDS); "source" is what is none of the others."""
    lower = path.lower()
    name = lower.rsplit("/", 1)[-1]
    if name in _LOCKS:
        return LOCK
    if name in _MANIFESTS or _REQUIREMENTS.search(lower):
        return MANIFEST
    if _CI.search(lower):
        return CI
    if _CHANGES.search(lower) and not _TEST.search(lower):
        return CHANGES
    if _TEST.search(lower) or _TEST.search(path):
        return TEST
    if _BUILD.search(lower) and not lower.endswith((".md", ".rst")):
        return BUILD
    if _DOCS.search(lower):
        return DOCS
    return STYLE if _STYLE.search(lower) else OTHER


def kinds_of(paths: Sequence[str]) -> list[str]:
    """The kind of each path, in order."""
    return [kind_of(path) for path in paths]
