"""Row 29: addresses by which git would run a program, read this machine or take an option never get that far."""

import subprocess
from pathlib import Path

import pytest

from analysis.sources.git_process import Git
from analysis.sources.records import SourceError
from evidence.outside import GitUrlRefused, Policy, check_git_url

POLICY = Policy(resolver=lambda host, port: ["93.184.216.34"])
HOSTILE = [
    "ext::sh -c touch% {canary}", "ext::sh -c 'touch {canary}'", "fd::17", "file://{canary}", "file:///etc/passwd",
    "--upload-pack=touch {canary}", "-oProxyCommand=touch {canary}", "-u./x", "ssh://-oProxyCommand=touch/x",
    "ssh://git@github.com/o/n", "git@github.com:o/n.git", "git://github.com/o/n", "https://u:p@github.com/o/n",
    "https://token@github.com/o/n", "https://github.com/o/n?x=1", "https://github.com/o/n#x",
    "https://github.com/../etc", "https://github.com/o/--upload-pack=x", "https://github.com/o/n\n--x",
    "https://github.com\\@127.0.0.1/o/n", "https:///o/n", "https://github.com:notaport/o/n", "http://github.com/o/n",
    "https://github.com:22/o/n", "", " ", "..", "o/..", "x" * 3000, "https://github.com/o/n\x00", "https://[::1/o/n",
    "https://exa mple.org/o/n", "https://github.com/", "javascript:alert(1)",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_address_is_refused_from_the_web_and_the_terminal(text: str, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    for allow_local in (False, True):
        if allow_local and text in ("..",):
            continue  # an operator may name the folder above
        with pytest.raises(GitUrlRefused):
            check_git_url(text.format(canary=canary), allow_local=allow_local, policy=POLICY)
    assert not canary.exists()


@pytest.mark.parametrize(
    "text",
    [
        "ext::sh -c touch% {canary}", "fd::17", "file://{canary}", "--upload-pack=touch {canary}",
        "ssh://-oProxyCommand=touch {canary}/x", "-oProxyCommand=touch {canary}", "ssh://git@127.0.0.1/o/n",
        "git@127.0.0.1:o/n.git", "git://127.0.0.1/o/n",
    ],
)  # fmt: skip
def test_git_itself_refuses_them_too(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the validator they would meet git as the product starts it: no protocol but https and local files."""
    canary = tmp_path / "canary"
    for name in ("GIT_SSH_COMMAND", "GIT_SSH", "GIT_PROXY_COMMAND", "GIT_ASKPASS"):
        monkeypatch.setenv(name, f"touch {canary}")
    with pytest.raises(SourceError):
        Git(home=tmp_path).run("ls-remote", "--", text.format(canary=canary), seconds=20)
    assert not canary.exists()


def test_git_would_run_them_if_it_were_let(tmp_path: Path) -> None:
    """The canary is worth something: the same address runs its program where nothing forbids it."""
    canary = tmp_path / "canary"
    command = ["git", "-c", "protocol.ext.allow=always", "ls-remote", "--", f"ext::touch {canary}"]
    subprocess.run(command, capture_output=True, cwd=tmp_path, check=False, timeout=20)
    assert canary.exists()


def test_good_addresses_pass_and_carry_their_pin() -> None:
    for text in ("owner/name", "https://github.com/owner/name", "https://github.com/owner/name.git"):
        checked = check_git_url(text, policy=POLICY)
        assert checked.kind == "https" and checked.pin == "github.com:443:93.184.216.34"


def test_local_path_passes_for_an_operator_only(tmp_path: Path) -> None:
    folder = tmp_path / "a repository with spaces"
    folder.mkdir()
    assert check_git_url(str(folder), allow_local=True).url == str(folder)
    assert check_git_url(str(folder), allow_local=True).pin == ""
    with pytest.raises(GitUrlRefused):
        check_git_url(str(folder))
