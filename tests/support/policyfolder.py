"""Folders of policies written by a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.policy import yaml
from noonward.policy.project import Document, Source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from noonward.policy.problems import Problem

SITE = """\
kind: site/v1
name: house-12
timezone: Europe/Zurich
grid: {phases: 3, fuse: 35 A, meter: grid-meter}
devices:
  grid-meter: {driver: memory, meter: grid}
  cellar:
    driver: memory
    dead_man: 2 min
    relays: {relay-1: {power: 3 kW}, relay-2: {power: 3 kW}, relay-3: {power: 3 kW}, relay-4: {power: 2 kW}}
    inputs: {input-1: open}
  garage: {driver: memory, stations: {cp-01: {max_current: 32 A, rotation: [L2, L3, L1]}, cp-02: {phases: 1}}}
"""

BOILER = """\
kind: appliance/v1
name: boiler
mode: auto-solar
load: {power: 3 kW, min_on: 20 min}
relays: [cellar/relay-1]
"""


def write(folder: Path, files: Mapping[str, str], site: str | None = SITE) -> Path:
    """Write files below a folder, with a site unless it is None; return the folder."""
    given = {"site.yaml": site, **files} if site is not None else files
    for name, text in given.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def document(text: str, path: Path, file: str = "x.yaml") -> Document:
    """Return a document that nobody has checked."""
    tree = yaml.read(text)
    source = Source(path / file, file, text, tuple(text.splitlines()))
    return Document(source=source, kind=tree.data["kind"], data=tree.data, values=tree.values, keys=tree.keys)


def told(problems: tuple[Problem, ...] | list[Problem]) -> list[str]:
    """Return problems as ``7:3 S104 message | hint``, without their file."""
    return [_told(problem) for problem in problems]


def _told(problem: Problem) -> str:
    place = f"{problem.span.line}:{problem.span.column} " if problem.span else ""
    hint = f" | {problem.hint}" if problem.hint else ""
    return f"{place}{problem.code} {problem.message}{hint}"
