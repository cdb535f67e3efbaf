"""What kind of file a path is (source, test, docs, config, generated, vendored) and its language, by path alone.

Rules are by convention of the ecosystems. The first match wins in the order vendored, generated, test, docs, config,
source: a test inside a vendored tree is vendored. METHOD names the version of the rules; change it with them.
"""
# ruff: noqa: E501  the tables read better in long lines

from __future__ import annotations

import re
from functools import lru_cache

from analysis.sources.records import Category

METHOD = "file-kinds/1"

_VENDORED = re.compile(
    r"(^|/)(node_modules|vendor|vendors|vendored|_vendor|third_party|third-party|thirdparty|external/.*/src|bower_components"
    r"|site-packages|\.yarn/releases|Godeps|Pods)/",
    re.I,
)
_GENERATED = re.compile(
    r"((^|/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|poetry\.lock|pdm\.lock|uv\.lock|pipfile\.lock"
    r"|cargo\.lock|go\.sum|composer\.lock|gemfile\.lock|flake\.lock|mix\.lock|pubspec\.lock|packages\.lock\.json|deno\.lock)$"
    r"|\.min\.(js|css)$|\.(js|css)\.map$|_pb2(_grpc)?\.pyi?$|\.pb\.(go|cc|h|rs)$|\.g\.dart$|\.designer\.cs$|\.snap$|\.ambr$"
    r"|(^|/)(__generated__|generated|__snapshots__|snapshots|dist|__pycache__|\.next|htmlcov|coverage)/"
    r"|(^|/)(generated[-_.][^/]*|[^/]*[-_.]generated\.[^/]+)$|\.ipynb_checkpoints/|\.py[co]$|\.egg-info/"
    r"|(^|/)\.terraform\.lock\.hcl$)",
    re.I,
)
_TEST = re.compile(
    r"((^|/)(tests?|testing|__tests__|spec|specs|e2e|t|fixtures|__mocks__|testdata|test_data|cypress|playwright)/"
    r"|(^|/)(test_[^/]*|[^/]*_test|[^/]*_tests|[^/]*_spec|conftest|tests?)\.[a-z0-9]+$"
    r"|\.(test|spec|cy|e2e)\.[a-z]+$|(^|/)[^/]*Tests?\.(java|kt|cs|scala|swift|php)$"
    r"|(^|/)(pytest\.ini|tox\.ini|jest\.config\.[a-z]+|vitest\.config\.[a-z]+|playwright\.config\.[a-z]+|\.coveragerc)$)"
)
_DOCS = re.compile(
    r"((^|/)(docs?|documentation|website|man|manual|guides?|changelog\.d|changes|newsfragments|\.changeset)/"
    r"|\.(md|mdx|rst|adoc|asciidoc|txt|tex|pod|org|rdoc|pdf)$"
    r"|(^|/)(readme|changelog|changes|history|news|contributing|contributors|authors|license|licence|copying|notice|security"
    r"|code_of_conduct|governance|maintainers|credits|thanks|upgrading)(\.[a-z]+)?$)",
    re.I,
)
_TEXT_CONFIG = re.compile(r"(^|/)(requirements[^/]*|constraints[^/]*|robots|cmakelists|runtime)\.txt$", re.I)
_CONFIG = re.compile(
    r"(\.(ya?ml|toml|ini|cfg|conf|json5?|jsonc|env|properties|tf|tfvars|hcl|lock|editorconfig|plist|xml|csproj|sln|gradle|nix|service)$"
    r"|(^|/)(dockerfile[^/]*|containerfile|makefile|justfile|procfile|rakefile|gemfile|vagrantfile|jenkinsfile|brewfile|codeowners"
    r"|cmakelists\.txt|go\.mod|go\.work|setup\.py|setup\.cfg|manifest\.in|noxfile\.py|build\.rs|\.[^/]+)$"
    r"|(^|/)\.(github|circleci|gitlab|vscode|idea|devcontainer|husky|buildkite)/"
    r"|(^|/)[^/]+\.config\.(js|cjs|mjs|ts|cts|mts)$|(^|/)(helm|charts|k8s|kubernetes|terraform|ansible)/.*\.(ya?ml|tpl)$)",
    re.I,
)

_BY_NAME = {
    "dockerfile": "Dockerfile",
    "containerfile": "Dockerfile",
    "makefile": "Makefile",
    "gnumakefile": "Makefile",
    "justfile": "Just",
    "rakefile": "Ruby",
    "gemfile": "Ruby",
    "jenkinsfile": "Groovy",
    "cmakelists.txt": "CMake",
    "go.mod": "Go module",
    "procfile": "Procfile",
}
_BY_SUFFIX = {
    suffix: language
    for language, suffixes in {
        "Python": "py pyi pyx pxd", "JavaScript": "js mjs cjs jsx", "TypeScript": "ts tsx mts cts", "Rust": "rs", "Go": "go",
        "Java": "java", "Kotlin": "kt kts", "Scala": "scala", "C": "c h", "C++": "cc cpp cxx hpp hh hxx", "C#": "cs",
        "Objective-C": "m mm", "Swift": "swift", "Ruby": "rb rake erb gemspec", "PHP": "php", "Perl": "pl pm t", "Lua": "lua",
        "R": "r rmd", "Julia": "jl", "Haskell": "hs", "OCaml": "ml mli", "Elixir": "ex exs", "Erlang": "erl hrl", "Clojure": "clj cljs",
        "Dart": "dart", "Zig": "zig", "Nim": "nim", "F#": "fs fsx", "Groovy": "groovy gradle", "Shell": "sh bash zsh fish",
        "PowerShell": "ps1 psm1", "Batch": "bat cmd", "SQL": "sql", "HTML": "html htm xhtml", "Jinja": "j2 jinja jinja2",
        "Vue": "vue", "Svelte": "svelte", "Astro": "astro", "CSS": "css", "SCSS": "scss sass", "Less": "less", "Markdown": "md mdx",
        "reStructuredText": "rst", "AsciiDoc": "adoc asciidoc", "TeX": "tex", "Text": "txt", "YAML": "yml yaml", "JSON": "json json5 jsonc",
        "TOML": "toml", "INI": "ini cfg conf properties", "XML": "xml xsd xsl svg plist", "Protocol Buffers": "proto",
        "GraphQL": "graphql gql", "Terraform": "tf tfvars hcl", "Nix": "nix", "Jupyter": "ipynb", "CSV": "csv tsv", "Assembly": "s asm",
        "WebAssembly": "wat", "CUDA": "cu cuh", "Solidity": "sol", "Vim script": "vim", "Emacs Lisp": "el", "gettext": "po pot",
        "Template": "tpl tmpl mustache hbs", "Just": "just", "Fortran": "f90 f f95", "Snapshot": "snap ambr", "Lock file": "lock",
    }.items()
    for suffix in suffixes.split()
}  # fmt: skip

LANGUAGES = frozenset(_BY_NAME.values()) | frozenset(_BY_SUFFIX.values())


@lru_cache(maxsize=65536)
def classify(path: str) -> tuple[Category, str]:
    """(category, language) of a path; language is "Other" when the name says nothing."""
    return _category(path), _language(path)


def _category(path: str) -> Category:
    if _VENDORED.search(path):
        return "vendored"
    if _GENERATED.search(path):
        return "generated"
    if _TEST.search(path):
        return "test"
    if _TEXT_CONFIG.search(path):
        return "config"
    if _DOCS.search(path):
        return "docs"
    if _CONFIG.search(path):
        return "config"
    return "source"


def _language(path: str) -> str:
    name = path.rsplit("/", 1)[-1].lower()
    if name in _BY_NAME:
        return _BY_NAME[name]
    if name.startswith("dockerfile"):
        return "Dockerfile"
    return _BY_SUFFIX.get(name.rsplit(".", 1)[-1], "Other") if "." in name else "Other"
