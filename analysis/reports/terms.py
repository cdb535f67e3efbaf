"""The terms of a job description that collected evidence can speak of, found as whole words (no Django).

A term has spellings and a source of evidence. The table of synonyms is small and stated (docs/how-to/owner.md names
it): a word that is not in it is never taken for one that is. A name that is also a common word ("Go", "Rust", "C") is
found only as it is spelled and where names stand, so that "go beyond" asks for nothing.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from analysis.sources.file_kinds import LANGUAGES


@dataclass(frozen=True, slots=True)
class Term:
    """``source`` is language, files, type, outcome or skill, ``key`` which of them; names are names in any tongue."""

    source: str
    key: str
    label: str
    is_name: bool = False


_NO_TECHNOLOGY = {"Text", "Lock file", "Snapshot", "Template", "INI", "Procfile", "Go module", "Batch", "CSV",
                  "gettext", "Jinja", "Just"}  # fmt: skip
_LANGUAGE_SYNONYMS = {
    "Go": "golang", "JavaScript": "js|ecmascript", "TypeScript": "ts", "Shell": "bash|shell scripting|shell scripts",
    "HTML": "html5", "CSS": "css3", "Protocol Buffers": "protobuf", "Vue": "vue.js", "Dockerfile": "docker|dockerfiles",
    "Terraform": "infrastructure as code", "Jupyter": "jupyter notebooks|jupyter notebook", "TeX": "latex",
    "Makefile": "makefiles",
}  # fmt: skip
_COMMON_WORDS = {"Go", "C", "R", "Rust", "Swift", "Dart", "Julia", "Less", "Assembly", "Nim", "Zig", "Nix", "Astro",
                 "Shell", "Solidity"}  # fmt: skip
# What files are about: (key, label, spellings, is a name, pattern of their paths, "" where the key is a category).
FILES = (
    ("test", "test files", "tests|testing|unit tests|unit testing|integration tests|integration testing|"
     "automated tests|automated testing|test automation", False, ""),
    ("docs", "documentation", "documentation|docs|technical writing", False, ""),
    ("ci", "files of a build pipeline", "ci|ci/cd|cicd|continuous integration", False,
     r"(^|/)(\.github/workflows/|\.circleci/|\.gitlab-ci\.ya?ml$|\.travis\.ya?ml$|azure-pipelines\.ya?ml$|jenkinsfile$)"),
    ("github-actions", "files under .github/workflows", "github actions", True, r"(^|/)\.github/workflows/"),
    ("kubernetes", "files under k8s, kubernetes, helm or charts", "kubernetes|k8s|helm", True,
     r"(^|/)(k8s|kubernetes|helm|charts)/"),
    ("ansible", "files under ansible, playbooks or roles", "ansible", True, r"(^|/)(ansible|playbooks)/"),
    ("migrations", "files under migrations", "database migrations|schema migrations", False, r"(^|/)migrations/"),
)  # fmt: skip
_TYPES = {
    "performance": "performance optimization|performance optimisation|performance tuning|performance engineering",
    "security": "application security|software security|security engineering|secure coding|vulnerabilities",
    "refactor": "refactoring|technical debt", "fix": "debugging|bug fixing|troubleshooting",
    "dependency": "dependency management", "feature": "new features|feature development",
}  # fmt: skip
_OUTCOMES = {
    "latency": "latency|response times|response time", "throughput": "throughput", "memory": "memory usage|memory use",
    "cost": "cost reduction|cloud costs|infrastructure costs", "coverage": "test coverage|code coverage",
    "error_rate": "error rates|error rate",
}  # fmt: skip
# Words of the tables above that mean another thing in these phrases.
_OTHER_THINGS = ("a/b testing", "a/b tests", "user testing", "usability testing", "penetration testing",
                 "hypothesis testing")  # fmt: skip
# What no repository shows, and how it is called in the matrix.
_NOT_SHOWN = (
    ("years of experience",
     r"\d\+?\s*(?:-|–|to)?\s*\d*\+?\s*(?:years?|yrs?)\b|\byears? of\b|\bseveral years\b|\bseniority\b"),
    ("a degree or certificate",
     r"\b(?:degree|bachelor\w*|master['’]?s|phd|diploma|b\.?sc|m\.?sc|certif\w+|university)\b"),
    ("how somebody works with others",
     r"\b(?:communicat\w+|team[- ]?player|team ?work|collaborat\w+|interpersonal|stakeholders?|mentor\w*|leadership|"
     r"empath\w+|self[- ]?(?:starter|motivated|driven)|proactive|passion\w*|curio\w+|ownership mindset|"
     r"attention to detail|problem[- ]solv\w+|positive attitude|organi[sz]ational skills)\b"),
    ("a spoken language",
     r"\b(?:fluen\w+|native|spoken|written|business|professional)\b.{0,30}\b(?:english|german|french|spanish|italian|"
     r"portuguese|dutch|polish|swedish|mandarin|japanese)\b|"
     r"\b(?:english|german|french|spanish|italian|dutch) (?:skills|speaker|proficiency)\b"),
    ("where and when somebody can work",
     r"\b(?:relocat\w+|work permit|visa|on-?site|hybrid|travel\w*|time ?zone|on-call|driving licen[cs]e|"
     r"full[- ]time|part[- ]time)\b"),
)  # fmt: skip
NOT_SHOWN = tuple((label, re.compile(pattern, re.I)) for label, pattern in _NOT_SHOWN)

_PATHS = {key: re.compile(pattern, re.I) for key, _, _, _, pattern in FILES if pattern}


def path_pattern(key: str) -> re.Pattern[str]:
    """The expression for the paths that a term of files is about."""
    return _PATHS[key]


class Vocabulary:
    """Every spelling with its terms, and one expression that finds them; built once a report."""

    def __init__(self, skills: Iterable[str] = ()) -> None:
        self.terms: dict[str, list[Term]] = {}
        self.exact: dict[str, str] = {}  # spelling in small letters -> the only way in which it is a name
        for language in sorted(LANGUAGES - _NO_TECHNOLOGY):
            term = Term("language", language, f"changes to {language} files", True)
            self._add(term, [language, *_LANGUAGE_SYNONYMS.get(language, "").split("|")])
            if language in _COMMON_WORDS:
                self.exact[language.lower()] = language
        for key, label, spellings, is_name, _pattern in FILES:
            self._add(Term("files", key, f"changes to {label}", is_name), spellings.split("|"))
        self._add_table("type", _TYPES, "changes of the type {}, as predicted")
        self._add_table("outcome", _OUTCOMES, "changes that state an outcome in {}, quoted")
        for name in skills:
            self._add(Term("skill", name, f"changes that the owner names for {name}", True), [name])
            if len(name) <= 2 or name in _COMMON_WORDS:
                self.exact[name.lower()] = name
        self.terms |= {phrase: [] for phrase in _OTHER_THINGS}
        spelled = "|".join(re.escape(word) for word in sorted(self.terms, key=lambda word: (-len(word), word)))
        self.pattern = re.compile(rf"(?<![\w+#@.&-])(?:{spelled})(?![\w+#@&]|\.\w)", re.I)

    def _add_table(self, source: str, table: Mapping[str, str], label: str) -> None:
        for key, spellings in table.items():
            self._add(Term(source, key, label.format(key.replace("_", " "))), spellings.split("|"))

    def _add(self, term: Term, spellings: Iterable[str]) -> None:
        for spelling in spellings:
            folded = spelling.strip().lower()
            if folded and term not in self.terms.setdefault(folded, []):
                self.terms[folded].append(term)

    def find(self, line: str, *, names_only: bool = False) -> list[Term]:
        """The terms that a line names, each once, in the order of the text."""
        found: dict[Term, None] = {}
        for match in self.pattern.finditer(line):
            folded = match[0].lower()
            name = self.exact.get(folded)
            if name is None or (match[0] == name and _stands_as_name(line, match)):
                found |= dict.fromkeys(term for term in self.terms[folded] if term.is_name or not names_only)
        return list(found)

    def unknown(self, line: str) -> list[str]:
        """Words of a line that look like names and are none of the terms, such as "Kafka": at most a few."""
        rest = self.pattern.sub(lambda match: " " * len(match[0]), line)
        words = rest.split()
        titled = sum(word[:1].isupper() for word in words) * 2 > len(words)
        found: dict[str, None] = {}
        for match in _NAME.finditer(rest):
            word = match[0].rstrip(".")
            begins = not rest[: match.start()].strip(" \t\"'“(") or rest[: match.start()].rstrip()[-1:] in ".!?:;"
            marked = any(c.isupper() or c.isdigit() for c in word[1:])
            if word.lower() not in _PLAIN and len(word) > 1 and (marked or not (begins or titled)):
                found[word] = None
        return list(found)[:FEW]


FEW = 5
_NAME = re.compile(r"(?<![\w.+#-])[A-Z][\w+#]*(?:\.\w+)?")
_PLAIN = frozenset(
    word
    for line in (
        "i we you your our the a an and or in on of to with for is are as at by if it this that must ok eg ie cv hr",
        "english german french spanish bachelor bachelors master masters phd bsc msc university degree",
        "computer science engineering senior junior lead engineer engineers developer developers software team",
        "monday friday january february march april may june july august september october november december",
        "europe eu us usa uk",
    )
    for word in line.split()
)
_BEFORE = re.compile(r"(?:^|[,/(;]|\b(?:in|with|of|and|or|using|know|like|including|either))\s*$", re.I)
_AFTER = re.compile(r"\s*(?:[,/);]|[.!?]?\s*$)|\s+(?:and|or|developers?|engineers?|programming|code|services)\b")
_NO_NAME = re.compile(r"\b(?:series|class|level|vitamin|grade|round|type|plan|tier|option|category)\s*$", re.I)


def _stands_as_name(line: str, match: re.Match[str]) -> bool:
    """Whether a common word stands where names stand: in a list, or behind "in" or "with"; never in "Go and see"."""
    before = line[max(0, match.start() - 20) : match.start()]
    if line[match.end() : match.end() + 1] == "-" or _NO_NAME.search(before):
        return False
    follows = _AFTER.match(line[match.end() : match.end() + 20])
    if not line[: match.start()].strip():
        return bool(follows and not follows[0].strip().startswith(("and", "or")))
    return bool(_BEFORE.search(before) or follows)
