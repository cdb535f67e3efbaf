"""A bare mirror of a repository under var/mirrors: an unpublished cache that can be deleted and is then rebuilt.

The mirror is made beside its place and moved there when whole, so that a killed clone leaves nothing that looks
finished. No work tree, no hooks, no LFS, no submodules. Pull heads that were force-pushed stay as objects.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from analysis.sources.git_failures import GitFailed
from analysis.sources.git_process import Git, Limits
from analysis.sources.records import SourceError

_SAFE = re.compile(r"[^A-Za-z0-9._-]+")
_GITCONFIG = "[safe]\n\tdirectory = *\n[transfer]\n\tfsckObjects = false\n[uploadpack]\n\tallowFilter = false\n"
REFS_LIMIT = 1_000_000
_LICENCES = (
    ("Apache License", "Version 2.0", "Apache-2.0"),
    ("Permission is hereby granted, free of charge", "", "MIT"),
    ("GNU AFFERO GENERAL PUBLIC LICENSE", "Version 3", "AGPL-3.0"),
    ("GNU LESSER GENERAL PUBLIC LICENSE", "Version 3", "LGPL-3.0"),
    ("GNU GENERAL PUBLIC LICENSE", "Version 3", "GPL-3.0"),
    ("GNU GENERAL PUBLIC LICENSE", "Version 2", "GPL-2.0"),
    ("Mozilla Public License", "2.0", "MPL-2.0"),
    ("Neither the name of", "Redistribution and use", "BSD-3-Clause"),
    ("Redistribution and use in source and binary forms", "", "BSD-2-Clause"),
    ("Permission to use, copy, modify, and/or distribute", "", "ISC"),
    ("This is free and unencumbered software", "", "Unlicense"),
)


class Mirror:
    """The mirror of one location. `location` is an absolute path or an https URL, judged by the caller.

    `pin` fixes the judged IP addresses for https ("host:port:address"). `limits` apply to each git process.
    """

    def __init__(self, location: str, mirrors: Path, *, pin: str = "", limits: Limits) -> None:
        self.location = location
        self._home = mirrors
        name = _SAFE.sub("-", location.rstrip("/").split("://")[-1])[-60:].strip("-.") or "repository"
        self.path = mirrors / f"{name}-{hashlib.sha256(location.encode()).hexdigest()[:12]}.git"
        self._pin = pin
        self._limits = limits
        self.git = Git(home=mirrors, git_dir=self.path, limits=limits)
        self.default_ref = ""
        self.limits: tuple[str, ...] = ()

    @property
    def _is_path(self) -> bool:
        return "://" not in self.location

    def update(self) -> None:
        """Clone or fetch, then find the default branch. Raises SourceError; what was there before stays whole."""
        self._home.mkdir(parents=True, exist_ok=True)
        (self._home / "gitconfig").write_text(_GITCONFIG)
        if self._is_path:
            self._require_repository(Path(self.location))
        with self._locked():
            for leftover in self.path.parent.glob(f"{self.path.name}.part-*"):
                shutil.rmtree(leftover, ignore_errors=True)
            try:
                if (self.path / "HEAD").exists():
                    self._sweep()
                    self._fetch()
                else:
                    self._clone()
            except OSError as error:
                raise SourceError(
                    f"the mirror cannot be written: {error.strerror}",
                    code="disk_full" if error.errno == 28 else "mirror_failed",
                    retry=True,
                ) from error
        self._look()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer a mirror, across processes; the lock dies with its holder."""
        with (self._home / f"{self.path.name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _require_repository(self, path: Path) -> None:
        if not path.exists():
            raise SourceError(f"{path} does not exist", code="not_found")
        if not path.is_dir():
            raise SourceError(f"{path} is a file, not a git repository", code="not_a_repository")
        home = Git(home=self._home, limits=self._limits)
        try:
            home.run("-C", str(path), "rev-parse", "--git-dir", seconds=60)
        except GitFailed as error:
            if error.code in ("git_failed", "not_a_repository", "not_found"):
                raise SourceError(f"{path} is not a git repository", code="not_a_repository") from error
            raise

    def _clone(self) -> None:
        part = self.path.with_name(f"{self.path.name}.part-{os.getpid()}")
        loose = Git(home=self._home, limits=self._limits)
        extra = ["-c", f"http.curloptResolve={self._pin}"] if self._pin else []
        try:
            loose.run(
                *extra,
                "clone",
                "--quiet",
                "--mirror",
                "--no-recurse-submodules",
                "--template=",
                "--",
                self.location,
                str(part),
            )
            replace(loose, git_dir=part).run("config", "--remove-section", "remote.origin")
            part.rename(self.path)
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def _sweep(self) -> None:
        """Take away what a killed fetch left: git would refuse to go on before its own stale locks."""
        stale = [*self.path.glob("*.lock"), *(self.path / "refs").rglob("*.lock")]
        for file in [*stale, *(self.path / "objects" / "pack").glob("tmp_*")]:
            file.unlink(missing_ok=True)

    def _fetch(self) -> None:
        extra = ["-c", f"http.curloptResolve={self._pin}"] if self._pin else []
        refspec = "+refs/*:refs/*"
        self.git.run(
            *extra,
            "fetch",
            "--quiet",
            "--prune",
            "--no-tags",
            "--no-recurse-submodules",
            "--no-write-fetch-head",
            "--",
            self.location,
            refspec,
        )
        try:
            told = self.git.run(*extra, "ls-remote", "--symref", "--", self.location, "HEAD").decode("utf-8", "replace")
        except GitFailed:
            return
        if found := re.match(r"ref: (refs/heads/\S+)\tHEAD", told):
            self.git.run("symbolic-ref", "HEAD", found[1])

    def refs(self) -> dict[str, str]:
        """SHA of the commit of each ref that leads to one (tags are peeled)."""
        out = self.git.run(
            "for-each-ref",
            "--format=%(refname)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)",
        )
        refs: dict[str, str] = {}
        for line in out.decode("utf-8", "backslashreplace").splitlines():
            name, kind, sha, peeled_kind, peeled = line.split("\0")
            if kind == "commit":
                refs[name] = sha
            elif peeled_kind == "commit":
                refs[name] = peeled
            if len(refs) > REFS_LIMIT:
                raise SourceError(
                    f"the repository has more than {REFS_LIMIT:,} refs",
                    code="too_large",
                )
        return refs

    def _look(self) -> None:
        """Find the default branch and what limits the mirror."""
        refs = self.refs()
        if not refs:
            raise SourceError(
                f"{self.location} is an empty repository: it has no commits yet",
                code="empty_repository",
            )
        head = (self.path / "HEAD").read_text(encoding="utf-8", errors="replace").strip()
        named = head.removeprefix("ref: ") if head.startswith("ref: ") else ""
        choices = [
            named,
            "refs/heads/main",
            "refs/heads/master",
            "refs/heads/trunk",
            "refs/remotes/origin/HEAD",
        ]
        heads = [name for name in refs if name.startswith("refs/heads/")]
        self.default_ref = next(
            (name for name in choices if name in refs),
            heads[0] if len(heads) == 1 else "",
        )
        if not self.default_ref:
            missing = named.removeprefix("refs/heads/") or "no branch"
            raise SourceError(
                f"{self.location} has no default branch: HEAD names {missing}, which does not exist",
                code="no_default_branch",
            )
        self.limits = ()
        if (self.path / "shallow").exists():
            self.limits = (
                "the clone is shallow: history before its cut is missing; run `git fetch --unshallow` there",
            )

    def licence(self) -> str | None:
        """SPDX identifier by the words of the licence file at the tip, None when there is none or it is not known."""
        try:
            names = self.git.run("ls-tree", "--name-only", "-z", self.default_ref).split(b"\0")
            found = sorted(n for n in names if re.match(rb"(?i)^(licen[cs]e|copying)(\.(md|txt|rst))?$", n))
            if not found:
                return None
            text = self.git.run("cat-file", "blob", f"{self.default_ref}:{found[0].decode()}")[:20000].decode(
                "utf-8", "replace"
            )
        except (GitFailed, UnicodeDecodeError):
            return None
        flat = " ".join(text.split())
        return next(
            (spdx for first, second, spdx in _LICENCES if first in flat and second in flat),
            None,
        )
