"""``noonward init``: the folder of a new site, with everything that watches over it."""

from __future__ import annotations

import json
import os
import re
from importlib.metadata import distribution, version
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from noonward.errors import UsageError
from noonward.policy import schema

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from importlib.resources.abc import Traversable

TEMPLATES = "newsite"
"""Folder beside this module; ``dot-`` before a name stands for the dot that hides it."""

NOWHERE = "https://github.com/OWNER/noonward"
"""Stands where CI gets Noonward from when nobody knows."""


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--source",
    metavar="URL",
    help="Git repository from which CI gets Noonward; by default the one this Noonward was installed from, if any.",
)
def command(folder: Path, source: str | None) -> None:
    """Make DIR the folder of a new site: devices, policies, a test, a scenario, CI and editor settings.

    It runs as it stands, on devices in memory. Nothing that exists is overwritten: where a file is in the way, nothing
    at all is written.

    Exit codes: 0 made, 2 something is in the way or DIR cannot be written.
    """
    where, revision = _installed_from() if source is None else (source, _tag())
    words = {
        "__NAME__": _name(folder),
        "__SOURCE__": where,
        "__REPOSITORY__": urlsplit(where).path.strip("/").removesuffix(".git"),
        "__REV__": revision,
    }
    texts = {path: _filled(text, words) for path, text in _texts()}
    _refuse_what_exists(folder, texts.keys())
    try:
        for path, text in texts.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("x", encoding="utf-8") as stream:
                stream.write(text)
    except OSError as error:
        raise UsageError(f"cannot write {error.filename or folder}: {error.strerror}") from None
    click.echo(_said(folder, texts, where))


def _tag() -> str:
    return f"v{version('noonward')}"


def _installed_from() -> tuple[str, str]:
    """Return the git repository and the commit that pip installed Noonward from, or what stands in their place."""
    written = distribution("noonward").read_text("direct_url.json")
    record = json.loads(written) if written else {}
    commit = record.get("vcs_info", {}).get("commit_id")
    return (record["url"], commit) if commit else (NOWHERE, _tag())


def _name(folder: Path) -> str:
    """Return a name for the site, made from the folder's."""
    return re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-") or "my-house"


def _texts() -> Iterator[tuple[PurePosixPath, str]]:
    """Yield every file of a new site with its text, the schemas among them."""
    yield from _below(files("noonward.cli") / TEMPLATES, PurePosixPath())
    for kind in schema.KINDS:
        yield PurePosixPath(".schemas", schema.file_name(kind)), schema.text(kind)


def _below(folder: Traversable, path: PurePosixPath) -> Iterator[tuple[PurePosixPath, str]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        inside = path / re.sub(r"^dot-", ".", entry.name)
        if entry.is_dir():
            yield from _below(entry, inside)
        else:
            yield inside, entry.read_text(encoding="utf-8")


def _filled(text: str, words: dict[str, str]) -> str:
    return re.sub("|".join(words), lambda found: words[found[0]], text)


def _refuse_what_exists(folder: Path, paths: Collection[PurePosixPath]) -> None:
    """Raise if something is where a file would be written, or a file where its folder would have to be."""
    folders = {parent for path in paths for parent in path.parents}
    there = [folder / path for path in paths if os.path.lexists(folder / path)]
    there += [folder / path for path in folders if os.path.lexists(folder / path) and not (folder / path).is_dir()]
    if there:
        listed = "\n".join(f"  {path}" for path in sorted(there))
        raise UsageError(
            f"nothing was written, because these are in the way; move them, or name another folder:\n{listed}"
        )


def _said(folder: Path, texts: dict[PurePosixPath, str], source: str) -> str:
    shown = folder.as_posix()
    marked = ", ".join(str(path) for path, text in texts.items() if "OWNER/" in text)
    unknown = f"\n  {marked}: OWNER, whose repository CI gets Noonward from" if source == NOWHERE else ""
    return f"""\
{len(texts)} files in {shown}, which run as they stand:
  noonward check {shown} --profile safe
  noonward test {shown}
  noonward simulate {shown} --scenario {shown}/scenarios/june-week.scenario.yaml
  noonward run {shown}
Left for you, {shown}/README.md says how:
  site.yaml: time zone, fuse, array, real devices
  the policies: powers, and what each need really is{unknown}{_above(folder)}"""


def _above(folder: Path) -> str:
    """Return what to say where the folder lies inside of a repository, whose CI looks at its top only."""
    top = next((place for place in folder.resolve().parents if (place / ".git").exists()), None)
    if top is None or (folder / ".git").exists():
        return ""
    return f"\n  .github, .gitlab-ci.yml, .pre-commit-config.yaml: they belong to the top of your repository, {top}"
