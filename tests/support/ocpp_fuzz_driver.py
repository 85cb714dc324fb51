"""The whole driver under fire, without a socket: a station that sends anything and answers anything, beside one that is well."""

from __future__ import annotations

import asyncio
import json
import logging
import math
from typing import Any, get_type_hints

from noonward.core import stations as nouns
from noonward.core.model import SetLimit
from noonward.errors import DriverError
from noonward_drivers.ocpp.commission import Commissioner
from noonward_drivers.ocpp.control import Controller
from noonward_drivers.ocpp.declared import read
from noonward_drivers.ocpp.desk import Desk
from support.clock import LeapClock
from support.dict_memory import DictMemory
from support.ocpp_frames import bend, right, text_of
from support.ocpp_fuzz import Fire, fits_hint

BAD, WELL = "garage-1", "garage-2"
HINTS = get_type_hints(nouns.Station, vars(nouns) | {"Instant": float, "Mapping": dict})


class Driven(Fire):
    """A station that is declared, heard, prepared and limited as by the shipped driver."""

    def __init__(self, version: str, rng: Any, *, skip_validation: bool = False) -> None:
        self.clock, self.memory, self.rng = LeapClock(), DictMemory(), rng
        entry = {"versions": [version], "connectors": rng.choice((1, 2))}
        config = {"stations": {BAD: entry, WELL: {}}, "accept": rng.choice(("anyone", ["16.1", "GARAGE"]))}
        self.desk = Desk(read(config), self.clock, self.memory, limiting=Controller, preparing=Commissioner)
        self.desk.chargers[BAD].arrival.hold_s = 0.5  # [s] of real time
        self.other = self.desk.stations[WELL].seen()
        super().__init__(version, skip_validation=skip_validation, listener=self.desk, clock=self.clock, timeout_s=0.5)

    async def __aenter__(self):
        await super().__aenter__()
        self.desk.connected(self.link)
        return self

    async def __aexit__(self, *_: object) -> None:
        await super().__aexit__()
        self.desk.disconnected(self.link)
        await self.desk.close()

    async def asked(self, frame: list[Any]) -> None:
        """Answer a call of ours: rightly, bent, with an error, or with what was never asked."""
        ident, action, rng = frame[1], frame[2], self.rng
        payload = right(rng, self.version, action, 3)
        how = rng.randrange(5)
        if how == 0:
            payload = bend(rng, payload, rng.choice((1, 3)))
        if how == 1:
            answer = [4, ident, rng.choice(("NotImplemented", "InternalError", "", "x" * 50)), "", {}]
        elif how == 2:
            answer = [3, ident, rng.choice((payload, [], None, "Accepted", 7))]
        else:
            answer = [3, ident, payload]
        self.wire.says(text_of(answer))

    async def limits(self) -> None:
        """Limit it as the engine does; whatever comes of that is a DriverError at most."""
        rng, now = self.rng, self.clock.now()
        for name, connector in self.desk.stations.items():
            if name != WELL:
                amperes = rng.choice((0.0, 6.0, 10.0, 16.0, 32.0))
                command = SetLimit(
                    station=name, limit_a=amperes, at=now, safe_a=6.0, window_s=600.0, phases=rng.choice((None, 1, 3))
                )
                doing = asyncio.create_task(connector.limit(command))
                doing.add_done_callback(_only_driver_errors)
        await self.rest()

    async def passes(self, seconds: float) -> None:
        """Let time pass, so that polls, renewals and time-outs come due."""
        await self.clock.run(seconds)
        await self.rest()

    def holds(self) -> None:
        """Both stations are what they say they are, what is kept is good JSON, and the other is as it was."""
        assert not self.link.rpc.closed.done()
        assert not self._task.done()
        assert self.link.rpc.counts.broken_handlers == 0
        for connector in self.desk.stations.values():
            seen = connector.seen()
            for field, hint in HINTS.items():
                assert fits_hint(getattr(seen, field), hint), (field, seen)
            assert seen.accepted is None or math.isfinite(seen.accepted.current_a)
        json.dumps(self.memory.kept, allow_nan=False)
        assert self.desk.stations[WELL].seen() == self.other


def _only_driver_errors(done: asyncio.Task[None]) -> None:
    if not done.cancelled() and (error := done.exception()) is not None and not isinstance(error, DriverError):
        logging.getLogger("noonward_drivers.ocpp").error("a limit failed", exc_info=error)


def sound(lines: list[str]) -> None:
    """No task and no handler of the driver has failed."""
    for line in lines:
        assert "failed" not in line.partition("\n")[0], line
        assert "Traceback" not in line, line
