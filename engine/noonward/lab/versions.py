"""A version of a site's folder: a folder as it stands, or one of a git revision (``main:policies``).

A revision is read object by object into a temporary folder. Nothing is checked out: neither the work tree nor the index
is looked at, and no filter or hook of the repository runs.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from noonward.errors import PolicyError, UsageError
from noonward.policy.files import SITE
from noonward.policy.load import load
from noonward.policy.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noonward.policy.loaded import Loaded

_ENVIRONMENT = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_LITERAL_PATHSPECS": "1", "LC_ALL": "C"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A folder of policies, ready to be loaded.

    Attributes:
        text: What the user called it: "policies", "main:policies".
        folder: Where its files are.
        commit: The commit that it was read from; None: a folder as it stands.
    """

    text: str
    folder: Path
    commit: str | None = None

    def load(self) -> Loaded:
        """Load it.

        Raises:
            PolicyError: It does not load; every problem names its file as the user would look for it.
        """
        try:
            return load(self.folder, beside=False)
        except PolicyError as error:
            if self.commit is None:
                raise
            problems = tuple(self._named(p) if isinstance(p, Problem) else p for p in error.problems)
            raise PolicyError(self.name(str(error)), problems) from None

    def name(self, text: str) -> str:
        """Return a text in which the files of this version are called as the user would."""
        if self.commit is None:
            return text
        ours = self.text if self.text.endswith((":", "/")) else f"{self.text}/"
        return text.replace(f"{self.folder.as_posix()}/", ours).replace(self.folder.as_posix(), self.text)

    def inside(self, file: str) -> str:
        """Return the path of one of its files, counted from its folder."""
        path = PurePosixPath(file)
        return path.relative_to(self.folder).as_posix() if path.is_relative_to(self.folder) else file

    def _named(self, problem: Problem) -> Problem:
        return replace(
            problem,
            file=self.name(problem.file),
            message=self.name(problem.message),
            hint=None if problem.hint is None else self.name(problem.hint),
        )


@contextmanager
def opened(text: str, *, where: Path | None = None) -> Iterator[Version]:
    """Open a version for a ``with`` block; what was read from git is gone behind it.

    Args:
        text: A folder, or REVISION:FOLDER with the folder counted from the root of the repository (``./FOLDER`` from
            where the command runs), as git writes it.
        where: Where the command runs; None: here.

    Raises:
        UsageError: There is no such folder or revision, or no git.
    """
    path = Path(text) if where is None else where / text
    if path.exists() or ":" not in text:
        yield Version(text=text, folder=_site_folder(path, text))
        return
    revision, _, inside = text.partition(":")
    git = _Git(where or Path())
    commit = git.commit(revision, text)
    inside = git.tree(commit, inside, text)
    with tempfile.TemporaryDirectory(prefix="noonward-diff-") as place:
        folder = Path(place).resolve()
        names = git.names(commit, inside)
        if SITE not in names:
            raise UsageError(f"{text} holds no {SITE}; give the folder that does, for example {revision}:policies")
        for name, content in git.contents(commit, inside, names):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        yield Version(text=text, folder=folder, commit=commit)


def _site_folder(path: Path, text: str) -> Path:
    """Return the folder with the site that a path of the file system means."""
    if not path.exists():
        raise UsageError(
            f"there is no folder {text}; a version of a git repository is written REVISION:FOLDER, as main:policies"
        )
    folder = path.parent if path.name == SITE else path
    if not (folder / SITE).is_file():
        raise UsageError(f"there is no {SITE} in {text}; give the folder that holds it")
    return folder


class _Git:
    """What is asked of a repository."""

    def __init__(self, where: Path) -> None:
        self._where = where

    def commit(self, revision: str, text: str) -> str:
        """Return the commit that a revision names."""
        if not revision:
            raise UsageError(f"{text} names no revision before the colon; write for example HEAD{text}")
        if revision.startswith("-"):
            raise UsageError(f"{text}: no revision begins with a dash")
        found = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        if found.returncode == 0:
            return found.stdout.decode().strip()
        here = self._run("rev-parse", "--is-shallow-repository")
        if here.returncode:
            said = here.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
            raise UsageError(f"{text}: {said}; run this inside the repository that {revision} is of")
        raise UsageError(f"{text}: there is no revision {revision} in this repository{self._way_out(revision, here)}")

    def _way_out(self, revision: str, here: subprocess.CompletedProcess[bytes]) -> str:
        """Return what to do about a revision that is not there."""
        if not self._run("rev-parse", "--verify", "--quiet", f"refs/remotes/origin/{revision}").returncode:
            return f"; did you mean origin/{revision}?"
        if here.stdout.strip() == b"true":
            return ", a shallow clone: git fetch --unshallow (GitHub's actions/checkout: fetch-depth: 0)"
        return "; git branch --all and git log name those there are"

    def tree(self, commit: str, inside: str, text: str) -> str:
        """Return a folder of a commit as its path from the root, "" for the root itself."""
        if inside in {".", "./"} or inside.startswith(("./", "../")):
            prefix = self._run("rev-parse", "--show-prefix").stdout.decode().strip()
            inside = _plain(f"{prefix}{inside}", text)
        inside = inside.strip("/")
        kind = self._run("cat-file", "-t", f"{commit}:{inside}")
        if kind.returncode:
            near = self._run("cat-file", "-t", f"{commit}:./{inside}")
            hint = f"; did you mean {text.replace(':', ':./', 1)}?" if near.stdout.strip() == b"tree" else ""
            raise UsageError(f"{text}: there is no folder {inside} in that revision{hint}")
        if kind.stdout.strip() != b"tree":
            parent = str(PurePosixPath(inside).parent)
            if PurePosixPath(inside).name == SITE:
                return "" if parent == "." else parent
            raise UsageError(f"{text}: {inside} is a file in that revision; give the folder that holds {SITE}")
        return inside

    def names(self, commit: str, inside: str) -> list[str]:
        """Return every file and link below a folder of a commit, its path counted from there."""
        listed = self._asked("ls-tree", "-r", "-z", "--full-tree", f"{commit}:{inside}")
        found = []
        for entry in filter(None, listed.split(b"\0")):
            facts, name = entry.split(b"\t", 1)
            if facts.split()[1] == b"blob" and b"\n" not in name and b".." not in name.split(b"/"):
                found.append(os.fsdecode(name))
        return found

    def contents(self, commit: str, inside: str, names: list[str]) -> Iterator[tuple[str, bytes]]:
        """Yield files with what they hold; a link is followed within the commit, and left out where it leads out."""
        lead = f"{commit}:{inside}/" if inside else f"{commit}:"
        got = self._asked(
            "cat-file", "--batch", "--follow-symlinks", fed=os.fsencode("".join(f"{lead}{n}\n" for n in names))
        )
        at = 0
        for name in names:
            end = got.index(b"\n", at)
            *_, kind, size = got[at:end].split(b" ")
            at = end + 1
            if size == b"missing":
                continue
            if kind == b"blob":
                yield name, got[at : at + int(size)]
            at += int(size) + 1

    def _asked(self, *args: str, fed: bytes = b"") -> bytes:
        found = self._run(*args, fed=fed)
        if found.returncode:
            raise UsageError(f"git {args[0]}: {found.stderr.decode(errors='replace').strip()}")
        return found.stdout

    def _run(self, *args: str, fed: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(  # noqa: S603 - git and our own words; a revision never begins with a dash
                ["git", *args],  # noqa: S607 - the user's own git
                cwd=self._where,
                env={**os.environ, **_ENVIRONMENT},
                input=fed,
                capture_output=True,
                check=False,
            )
        except OSError as error:
            raise UsageError(f"git cannot be run ({error.strerror}); give two folders, or install git") from None


def _plain(path: str, text: str) -> str:
    """Return a path without "." and ".."."""
    parts: list[str] = []
    for part in PurePosixPath(path).parts:
        if part == "..":
            if not parts:
                raise UsageError(f"{text} leads out of the repository")
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
