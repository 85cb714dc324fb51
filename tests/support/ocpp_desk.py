"""A desk of stations in memory: no socket, no limiter of the product; the test plays the stations and the clock.

async with Bench({"cp-01": {}}) as bench:
    station = await bench.comes("cp-01")
    answer = await station.ask("StartTransaction", {...})
    bench.seen("cp-01").plugged
"""

from __future__ import annotations

import asyncio
import json

from noonward_drivers.ocpp.declared import read
from noonward_drivers.ocpp.desk import Desk
from noonward_drivers.ocpp.link import Link
from noonward_drivers.ocpp.server import DIALECT
from noonward_drivers.ocpp.wiretime import written
from support.clock import LeapClock
from support.dict_memory import DictMemory
from support.ocpp_station import BOOT_16, BOOT_201, Gone, MemoryWire


class FakeLimiter:
    """A limiter that only writes down what it is told."""

    def __init__(self, connector, entry, profile, clock, kept, changed):
        self.told: list = []
        self.accepted = None
        self.trouble = None
        self.changed = changed
        self.commands: list = []

    def connected(self, link):
        self.told.append("connected")

    def disconnected(self):
        self.told.append("disconnected")

    def booted(self):
        self.told.append("booted")

    def transaction(self, transaction):
        self.told.append(("transaction", transaction))

    def plugged(self, plugged):
        self.told.append(("plugged", plugged))

    def sampled(self, sample):
        self.told.append(("sampled", sample))

    def clock_error(self, error_s):
        self.told.append(("clock", error_s))

    async def limit(self, command):
        self.commands.append(command)

    async def close(self):
        self.told.append("closed")


class FakePreparer:
    """A preparer that is done at once, unless the test holds it."""

    def __init__(self, entry, profile, clock, kept, limiters, settings):
        self.runs = 0
        self.settings = settings
        self.go = asyncio.Event()
        self.go.set()
        self.breaks = False

    async def run(self, link, guarded):
        self.runs += 1
        await self.go.wait()
        if self.breaks:
            raise RuntimeError("a bug")
        guarded()


class Caller:
    """A station on a wire in memory. It answers calls from ``plays``, and what is not in it with Accepted."""

    def __init__(self, bench, ident, version, plays):
        self.bench = bench
        self.version = version
        self.plays = plays or {}
        self.asked: list = []
        self.order: list[str] = []
        self.wire = MemoryWire()
        declared = bench.charging.stations[ident].entry
        self.link = Link(self.wire, bench.desk, station=ident, dialect=DIALECT[version], meaning=declared.meaning, clock=bench.clock)  # fmt: skip
        bench.desk.connected(self.link)
        self._answers: dict = {}
        self._ids = 0
        self._tasks = [asyncio.create_task(self.link.rpc.run()), asyncio.create_task(self._read())]

    async def ask(self, action, payload):
        """Return the payload that answers a request, or the code of an error."""
        answer = self.begin(action, payload)
        await self.bench.clock.settle()
        return await asyncio.wait_for(answer, 2.0)

    def begin(self, action, payload):
        """Ask, and return a future of the answer."""
        self._ids += 1
        ident = f"s{self._ids}"
        self._answers[ident] = asyncio.get_running_loop().create_future()
        self.wire.says([2, ident, action, payload])
        return self._answers[ident]

    async def boots(self):
        return await self.ask("BootNotification", BOOT_16 if self.version == "1.6" else BOOT_201)

    async def goes(self):
        """Pull the cable."""
        self.wire.incoming.put_nowait(Gone("the cable was pulled"))
        await self._tasks[0]
        self._tasks[1].cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.bench.desk.disconnected(self.link)
        await self.bench.clock.settle()

    async def _read(self):
        while True:
            frame = json.loads(await self.wire.outgoing.get())
            if frame[0] == 2:
                self.asked.append((frame[2], frame[3]))
                self.order.append(frame[2])
                play = self.plays.get(frame[2], {"status": "Accepted"})
                answer = play(frame[3]) if callable(play) else play
                if answer is not None:
                    self.wire.says([3, frame[1], answer])
            elif (future := self._answers.pop(frame[1], None)) is not None and not future.done():
                self.order.append("answer")
                future.set_result(frame[2])

    # -- what stations say, in few words -----------------------------------------------------------------------------

    def _at(self, ago_s):
        return written(self.bench.clock.now() - ago_s)

    async def status(self, status, ago_s=0.0, connector=1):
        if self.version == "1.6":
            payload = {"connectorId": connector, "errorCode": "NoError", "status": status, "timestamp": self._at(ago_s)}
        else:
            payload = {"evseId": connector, "connectorId": 1, "connectorStatus": status, "timestamp": self._at(ago_s)}
        return await self.ask("StatusNotification", payload)

    async def starts(self, badge="04a1", ago_s=0.0, meter_wh=1000, connector=1):
        payload = {"connectorId": connector, "idTag": badge, "meterStart": meter_wh, "timestamp": self._at(ago_s)}
        return await self.ask("StartTransaction", payload)

    async def stops(self, transaction, reason="Local", ago_s=0.0):
        payload = {"transactionId": transaction, "meterStop": 2000, "timestamp": self._at(ago_s), "reason": reason}
        return await self.ask("StopTransaction", payload)

    async def meters(self, transaction=None, ago_s=0.0, connector=1, **values):
        payload = {
            "connectorId": connector,
            "meterValue": [{"timestamp": self._at(ago_s), "sampledValue": rows(values)}],
        }
        if transaction is not None:
            payload["transactionId"] = transaction
        return await self.ask("MeterValues", payload)

    async def event(self, kind, transaction, seq, *, ago_s=0.0, trigger="Trigger", badge=None, state=None, evse=1, offline=None, reason=None, **values):  # fmt: skip
        info = {"transactionId": transaction, "chargingState": state, "stoppedReason": reason}
        payload = {
            "eventType": kind,
            "timestamp": self._at(ago_s),
            "triggerReason": trigger,
            "seqNo": seq,
            "transactionInfo": {key: value for key, value in info.items() if value is not None},
        }
        if badge is not None:
            payload["idToken"] = {"idToken": badge, "type": "ISO14443"}
        if evse is not None:
            payload["evse"] = {"id": evse}
        if offline is not None:
            payload["offline"] = offline
        if values:
            payload["meterValue"] = [{"timestamp": self._at(ago_s), "sampledValue": rows(values, text=False)}]
        return await self.ask("TransactionEvent", payload)


MEASURANDS = {
    "power_w": ("Power.Active.Import", None),
    "energy_wh": ("Energy.Active.Import.Register", None),
    "a": ("Current.Import", None),
    "n_a": ("Current.Import", "N"),
    "l1_a": ("Current.Import", "L1"),
    "l2_a": ("Current.Import", "L2"),
    "l3_a": ("Current.Import", "L3"),
}


def rows(values, *, text=True):
    """Return sampled values by short names."""
    found = []
    for name, value in values.items():
        measurand, phase = MEASURANDS[name]
        row = {"value": str(value) if text else value, "measurand": measurand}
        found.append(row if phase is None else {**row, "phase": phase})
    return found


class Bench:
    """A desk, its memory and its clock; may be opened again on the memory of another, as after a restart."""

    def __init__(self, stations, memory=None, clock=None, **device):
        self.charging = read({"stations": stations, **device})
        self.memory = memory or DictMemory()
        self.clock = clock or LeapClock()
        self.callers: list[Caller] = []

    async def __aenter__(self):
        self.desk = Desk(self.charging, self.clock, self.memory, limiting=FakeLimiter, preparing=FakePreparer)
        return self

    async def __aexit__(self, *error):
        for caller in self.callers:
            if not caller.link.rpc.closed.done():
                await caller.goes()
        await self.desk.close()

    def station(self, name="cp-01"):
        return self.desk.stations[name]

    def seen(self, name="cp-01"):
        return self.station(name).seen()

    def told(self, name="cp-01"):
        return self.station(name).limiter.told

    def preparer(self, ident="cp-01"):
        return self.desk.chargers[ident].arrival._preparer

    async def comes(self, ident="cp-01", version="1.6", plays=None):
        """A station connects, and says nothing yet."""
        caller = Caller(self, ident, version, plays)
        self.callers.append(caller)
        await self.clock.settle()
        return caller

    async def boots(self, ident="cp-01", version="1.6", plays=None):
        """A station connects and introduces itself."""
        caller = await self.comes(ident, version, plays)
        await caller.boots()
        await self.clock.settle()
        return caller
