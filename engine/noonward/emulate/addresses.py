"""Where emulated devices listen, and a copy of the folder that says so.

A device whose address is on this machine is served there. Every other one gets a free port on loopback, and a copy of
the folder names that in place of its address, so that ``noonward run`` finds it.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from noonward.policy import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LOOPBACK: Final = "127.0.0.1"
SITE: Final = "site.yaml"
_PRIVILEGED: Final = 1024


def split(written: str, port: int) -> tuple[str, int]:
    """Return host and port of an address, with a port for one that has none."""
    host, found, number = written.rpartition(":")
    if not found or not number.isdigit():
        return written.strip("[]"), port
    return host.strip("[]"), int(number)


def served(host: str, port: int) -> tuple[str, int]:
    """Return where a device of this address is served; port 0 is any that is free."""
    here = host in {"localhost", "::1"} or host.startswith("127.")
    return (host, port) if here and port >= _PRIVILEGED else (LOOPBACK, 0)


def copied(folder: Path, into: Path, changed: Mapping[tuple[str, str], str]) -> Path:
    """Copy a folder of policies with other addresses in its site.yaml, and return the copy.

    Args:
        folder: As the user has it.
        into: An empty folder.
        changed: Device and key to the address that stands there in the copy.
    """
    copy = into / (folder.resolve().name or "policies")
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".*"))
    site = copy / SITE
    text = site.read_text(encoding="utf-8")
    site.write_text(rewritten(text, changed), encoding="utf-8")
    return copy


def rewritten(text: str, changed: Mapping[tuple[str, str], str]) -> str:
    """Return the text of a site.yaml with other addresses; everything else stays as it is written."""
    tree = yaml.read(text)
    lines = text.splitlines(keepends=True)
    spans = [(tree.values["devices", device, key], value) for (device, key), value in changed.items()]
    for span, value in sorted(spans, key=lambda pair: (pair[0].line, pair[0].column), reverse=True):
        line = lines[span.line - 1]
        lines[span.line - 1] = f'{line[: span.column - 1]}"{value}"{line[span.end_column - 1 :]}'
    return "".join(lines)
