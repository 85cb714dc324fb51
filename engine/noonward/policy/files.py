"""Finding and reading the files of a folder, whatever state they are in."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

from noonward.policy.problems import Problem
from noonward.policy.project import Source
from noonward.policy.yaml import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SITE = "site.yaml"
TEMPLATES = "templates"
SUFFIXES = frozenset({".yaml", ".yml"})
MAX_FILES = 10_000
MAX_LEVELS = 12
"""Folders below the one that is loaded; anything deeper is not a folder of policies."""


class Unreadable(Exception):
    """A file or folder cannot be read.

    Attributes:
        problem: Why.
    """

    def __init__(self, code: str, message: str, file: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.problem = Problem(code=code, severity="error", message=message, file=file, hint=hint)


def find(folder: Path, shown: str) -> tuple[list[tuple[Path, str]], list[Problem]]:
    """Return every YAML file below a folder with the name to show for it, sorted, and what is in the way.

    Hidden folders and ``templates`` are left out; links to files are followed, links to folders are a problem.

    Args:
        folder: Where to look.
        shown: What to call it.
    """
    found: list[tuple[Path, str]] = []
    problems: list[Problem] = []
    for path, name, trouble in _walk(folder, shown, 0):
        if trouble is not None:
            problems.append(trouble.problem)
        elif len(found) == MAX_FILES:
            problems.append(Unreadable("F007", f"more than {MAX_FILES} YAML files", shown).problem)
            break
        else:
            found.append((path, name))
    return found, problems


def _walk(folder: Path, shown: str, level: int) -> Iterator[tuple[Path, str, Unreadable | None]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield folder, shown, failed(error, shown)
        return
    for entry in entries:
        path, name = folder / entry.name, f"{shown}/{entry.name}" if shown != "." else entry.name
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            if entry.name == TEMPLATES:
                continue
            if level == MAX_LEVELS:
                yield path, name, Unreadable("F007", f"folders deeper than {MAX_LEVELS} levels", name)
                continue
            yield from _walk(path, name, level + 1)
        elif entry.is_symlink() and path.is_dir():
            yield path, name, Unreadable("F005", "a link to a folder is not followed", name, "put the files here")
        elif path.suffix in SUFFIXES:
            yield path, name, None


def read(path: Path, shown: str) -> Source:
    """Return a file's text.

    Raises:
        Unreadable: It is missing, not a file, too large, not text, or may not be read.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("F003", "not a file", shown)
        if status.st_size > MAX_BYTES:
            size = f"{status.st_size / 1e6:.1f} MB" if status.st_size >= 1e6 else f"{status.st_size / 1e3:.0f} kB"  # noqa: PLR2004
            raise Unreadable(
                "F004", f"larger than {MAX_BYTES // 1024} KB: {size}", shown, "put recordings into CSV files"
            )
        raw = path.read_bytes()
    except OSError as error:
        raise failed(error, shown) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Unreadable("F003", f"not a UTF-8 text file: line {line} has bytes that are no text", shown) from None
    return Source(path, shown, text, tuple(text.splitlines()))


_REASONS = {
    errno.ENOENT: ("F001", "there is no such file or folder", None),
    errno.ENOTDIR: ("F001", "not a folder", None),
    errno.EACCES: ("F002", "may not be read", "give the user that runs noonward the right to read it"),
    errno.EPERM: ("F002", "may not be read", "give the user that runs noonward the right to read it"),
    errno.ELOOP: ("F005", "a symbolic link that leads back to itself", "remove the link"),
    errno.ENAMETOOLONG: ("F001", "the path is too long", None),
}


def failed(error: OSError, shown: str) -> Unreadable:
    """Return what an error of the file system means for a user."""
    code, message, hint = _REASONS.get(error.errno or 0, ("F002", f"cannot be read: {error.strerror}", None))
    return Unreadable(code, message, shown, hint)
