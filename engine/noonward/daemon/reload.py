"""Notices that the folder of policies was edited; what comes of it is decided elsewhere."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from noonward.daemon.clock import sleep_or

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from noonward.daemon.clock import MachineClock

EVERY_S = 2.0
"""How often the folder is looked at. inotify would save a stat or two and does not see network file systems. [s]"""

FILES_MAX = 5000
"""Beyond this a folder is no folder of policies."""

Fingerprint = tuple[tuple[str, int, int], ...]


def fingerprint(folder: Path) -> Fingerprint:
    """Return path, time and size of every YAML file below a folder, without following links to other folders."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if name.endswith((".yaml", ".yml")):
                path = os.path.join(place, name)  # noqa: PTH118 - five thousand Path objects every two seconds
                try:
                    facts = os.stat(path)  # noqa: PTH116 - as above
                except OSError:
                    continue
                found.append((path, facts.st_mtime_ns, facts.st_size))
        if len(found) > FILES_MAX:
            break
    return tuple(sorted(found))


async def watch(
    folder: Path, clock: MachineClock, asked: asyncio.Event, changed: Callable[[], Awaitable[None]]
) -> None:
    """Call ``changed`` whenever the folder was edited and rests again, and whenever ``asked`` is set (SIGHUP)."""
    known = fingerprint(folder)
    before = known
    while True:
        await sleep_or(asked, clock, EVERY_S)
        now = fingerprint(folder)
        if asked.is_set() or (now != known and now == before):
            asked.clear()
            known = now
            await changed()
        before = now
