"""What somebody did, written into the audit log and into the daemon's, whichever way they came in."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from noonward.access import audit
from noonward.access.audit import Entry, visible
from noonward.core.model import NO_INPUTS
from noonward.daemon import log
from noonward.daemon.engine import UnknownStation
from noonward.daemon.stationwishes import zone_of
from noonward.errors import StateError
from noonward.record import encode_inputs

if TYPE_CHECKING:
    from noonward.access.register import Register
    from noonward.daemon.engine import Engine


async def note(register: Register, entry: Entry) -> None:
    """Write an entry; where it cannot be kept, the daemon's log holds all of it, and what was asked is done."""
    words = f"{visible(entry.who)}{f' from {entry.address}' if entry.address else ''}: {visible(entry.what)}"
    sentence = f"{words} {visible(entry.subject)}".rstrip() + (f": {visible(entry.detail)}" if entry.detail else "")
    try:
        number = await register.do(audit.append, entry)
    except StateError as error:  # a full disk must not keep the owner from switching off
        left = f"the audit log cannot be written ({error}): {sentence}"
        log.alarm("audit", left, before=entry.before, after=entry.after, result=entry.result)
        return
    level = logging.INFO if entry.result == audit.DONE else logging.WARNING
    times = entry.times if entry.times > 1 else None
    log.say("audit", sentence, level, result=entry.result, how=entry.how, entry=number, times=times)


def wishes(engine: Engine, kind: str, name: str) -> Any:
    """Return what people have set for one of the policies, or of the stations; None: nothing, or there is none."""
    site = engine.loaded.site
    if kind == "policies":
        return encode_inputs(engine.inputs.get(name, NO_INPUTS)) or None
    try:
        zone = zone_of(site, name).name
    except UnknownStation:
        return None
    set_ = encode_inputs(engine.inputs.get(zone, NO_INPUTS))
    return {key: set_[key][name] for key in ("charge_now", "needs", "wakes") if name in set_.get(key, {})} or None


class Notes:
    """Writes entries for those who cannot wait for it."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._open: set[asyncio.Task[None]] = set()

    def __call__(self, entry: Entry) -> None:
        """Write an entry soon."""
        task = asyncio.get_running_loop().create_task(note(self._register, entry))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def all(self) -> None:
        """Wait until everything is written."""
        while self._open:
            await asyncio.wait(tuple(self._open))
