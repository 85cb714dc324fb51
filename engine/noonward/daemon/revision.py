"""Which git revision a folder stands at, read from ``.git`` as it lies there: a gateway need not have git installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def revision(folder: Path) -> str | None:
    """Return the checked-out commit, None where the folder is not in git or has no commit yet."""
    start = folder.resolve()
    for place in (start, *start.parents):
        if (place / ".git").exists():
            return _head(place / ".git")
    return None


def _head(git: Path) -> str | None:
    try:
        if git.is_file():  # a work tree or submodule: "gitdir: PATH"
            git = (git.parent / git.read_text().removeprefix("gitdir:").strip()).resolve()
        head = (git / "HEAD").read_text().strip()
        if not head.startswith("ref:"):
            return head
        common = git / "commondir"
        shared = (git / common.read_text().strip()).resolve() if common.exists() else git
        return _ref(shared, head.removeprefix("ref:").strip())
    except OSError:
        return None


def _ref(git: Path, name: str) -> str | None:
    loose = git / name
    if loose.exists():
        return loose.read_text().strip()
    packed = git / "packed-refs"
    lines = packed.read_text().splitlines() if packed.exists() else []
    return next((line.partition(" ")[0] for line in lines if line.endswith(f" {name}")), None)
