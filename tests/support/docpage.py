"""Plays a page of the documentation: writes its YAML files, runs its commands, compares what they print.

A ``yaml`` block whose first line is a comment with a path is written to that path. In a ``console`` block each line that
begins with "$ " is a command, and what follows is what it prints; a line "…" stands for any lines, and "…" within a line
for anything.
"""

import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from support.console import noonward

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"^```(?P<language>yaml|console)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_PATH = re.compile(r"# (\S+\.yaml)\n")


class Played(NamedTuple):
    files: int
    commands: int


def play(page: Path, folder: Path) -> Played:
    """Play a page in a folder, which must be the working directory."""
    files = commands = 0
    for block in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        if block["language"] == "yaml":
            path = _PATH.match(block["text"])
            assert path, f"{page.name}: a yaml block must begin with a comment that is its path:\n{block['text']}"
            target = folder / path[1]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block["text"], encoding="utf-8")
            files += 1
            continue
        for command, expected in _commands(block["text"]):
            program, *args = shlex.split(command)
            assert program == "noonward"
            result = noonward(*args)
            printed = "\n".join(line.rstrip() for line in (result.out + result.err).splitlines())
            assert _pattern(expected).fullmatch(printed), f"{page.name}: $ {command}\n{printed}"
            commands += 1
    return Played(files, commands)


def _commands(text: str) -> list[tuple[str, str]]:
    parts = re.split(r"^\$ (.*)\n", text, flags=re.MULTILINE)
    assert not parts[0], "a console block begins with a command"
    return list(zip(parts[1::2], (part.rstrip("\n") for part in parts[2::2]), strict=True))


def _pattern(expected: str) -> re.Pattern[str]:
    lines = [r"(?s:.*)" if line.strip() == "…" else re.escape(line).replace("…", ".*") for line in expected.split("\n")]
    return re.compile(r"\n".join(lines))


def generator(name: str) -> ModuleType:
    """Return the program in ``docs/generate`` that writes a page."""
    spec = importlib.util.spec_from_file_location(f"{name}_page", DOCS / "generate" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
