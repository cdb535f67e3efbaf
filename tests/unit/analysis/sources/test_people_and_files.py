"""Labels of people and kinds of files, by rule."""

import pytest

from analysis.sources.file_kinds import classify
from analysis.sources.git_commits import co_authors, moment, parse_commit
from analysis.sources.people import distinct, identity, person


@pytest.mark.parametrize(
    ("name", "email", "kind"),
    [
        ("Ada Example", "ada@example.org", "human"),
        ("Claude", "noreply@anthropic.com", "ai"),
        ("Claude", "claude.martin@example.org", "human"),
        ("Devin Person", "devin@example.org", "human"),
        ("Copilot", "198982749+Copilot@users.noreply.github.com", "ai"),
        ("copilot-swe-agent[bot]", "1+copilot-swe-agent[bot]@users.noreply.github.com", "ai"),
        ("Cursor Agent", "cursoragent@cursor.com", "ai"),
        ("aider (gpt)", "noreply@aider.chat", "ai"),
        ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com", "bot"),
        ("renovate-bot", "x@example.org", "bot"),
        ("GitHub Actions", "action@github.com", "bot"),
        ("GitHub", "noreply@github.com", "bot"),
        ("Abbott Roberts", "abbott@example.org", "human"),
        ("robotics lab", "lab@example.org", "human"),
    ],
)
def test_bots_and_assistants_are_told_from_people(name: str, email: str, kind: str) -> None:
    found = person(name, email)
    assert found.kind == kind
    assert bool(found.kind_reason) == (kind != "human")


def test_private_addresses_state_login_and_id() -> None:
    found = person("Ada", "1234+ada-example@users.noreply.github.com")
    assert (found.login, found.github_id, identity(found)) == ("ada-example", 1234, ("github_id", "1234"))
    old = person("Ada", "ada-example@users.noreply.github.com")
    assert (old.github_id, identity(old)) == (None, ("login", "ada-example"))
    assert identity(person("Ada", "Ada@Example.org")) == ("email", "ada@example.org")
    assert identity(person("Ada", "")) == ("name", "ada")


def test_one_person_under_two_addresses_is_one() -> None:
    people = [person("Ada", "a@example.org"), person("Ada", "b@example.org"), person("Bo", "a@example.org")]
    assert [who.name for who in distinct(people)] == ["Ada"]


def test_address_never_shows_in_a_representation() -> None:
    assert "example.org" not in repr(person("Ada", "ada@example.org"))


def test_co_authors_of_odd_trailers() -> None:
    line = "Bo Sample   <bo@example.org>\n"
    text = f"x\n\nCO-AUTHORED-BY: {line}co-authored-by:   {line}Co-authored-by: nobody"
    assert [who.name for who in co_authors(text)] == ["Bo Sample"]
    assert co_authors("nothing here") == ()


def test_commit_object_with_declared_encoding_and_broken_identity() -> None:
    data = b"tree x\nauthor Ren\xe9 <r@example.org> 1700000000 +0530\ncommitter nonsense\nencoding latin1\n\nCaf\xe9"
    found = parse_commit("0" * 40, data)
    assert (found.author.name, found.message) == ("René", "Café")
    assert str(found.authored_at.utcoffset()) == "5:30:00"
    assert found.committed_at.year == 1970


def test_times_beyond_the_calendar_stay_at_its_edges() -> None:
    assert moment(10**15, 0).year == 9999
    assert moment(-(10**15), 0).year == 1
    assert moment(0, 99 * 60).utcoffset() is not None


@pytest.mark.parametrize(
    ("path", "category", "language"),
    [
        ("src/app.py", "source", "Python"),
        ("tests/test_app.py", "test", "Python"),
        ("web/button.spec.tsx", "test", "TypeScript"),
        ("internal/parse_test.go", "test", "Go"),
        ("docs/guide.rst", "docs", "reStructuredText"),
        ("README.md", "docs", "Markdown"),
        ("requirements.txt", "config", "Text"),
        (".github/workflows/ci.yml", "config", "YAML"),
        ("Dockerfile.dev", "config", "Dockerfile"),
        ("vendor/x/y_test.go", "vendored", "Go"),
        ("package-lock.json", "generated", "JSON"),
        ("api/service_pb2.py", "generated", "Python"),
        ("app/migrations/0001_initial.py", "source", "Python"),
        ("contest/entry.c", "source", "C"),
        ("LICENSE", "docs", "Other"),
        ("bin/tool", "source", "Other"),
        ("latest/results.rs", "source", "Rust"),
    ],
)
def test_kinds_and_languages_of_files(path: str, category: str, language: str) -> None:
    assert classify(path) == (category, language)
