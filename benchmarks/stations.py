"""CPU of one OCPP message: our link, the package ocpp on the same wire, and JSON alone; all in this one run.

Run ``python benchmarks/stations.py [MESSAGES]``. A message is a MeterValues of ten samples or a Heartbeat, in turn, from
the text to the text of its answer, without a socket.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from statistics import median

from ocpp import messages
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call_result

from noonward.daemon.clock import SystemClock
from noonward_drivers.ocpp.facade import Reply
from noonward_drivers.ocpp.link import Link
from noonward_drivers.ocpp.schedule import Meaning
from noonward_drivers.ocpp.v16 import V16

MESSAGES = 2000
ROUNDS = 5
NOW = "2026-06-01T08:00:00Z"
VALUES = [
    {"value": "15.9", "measurand": measurand, "phase": f"L{phase}", "unit": unit, "context": "Sample.Periodic"}
    for measurand, unit in (("Current.Import", "A"), ("Voltage", "V"), ("Power.Active.Import", "W"))
    for phase in (1, 2, 3)
]
METER = {"timestamp": NOW, "sampledValue": [*VALUES, {"value": "12345", "unit": "Wh"}]}
FRAMES = [
    json.dumps([2, "1", "MeterValues", {"connectorId": 1, "transactionId": 5, "meterValue": [METER]}]),
    json.dumps([2, "2", "Heartbeat", {}]),
]


class Wire:
    """A connection in memory."""

    def __init__(self):
        self.incoming = asyncio.Queue()
        self.answered = asyncio.Queue()

    async def recv(self):
        return await self.incoming.get()

    async def send(self, message):
        self.answered.put_nowait(message)


class Ear:
    async def hear(self, _link, _event):
        return Reply(at=1_780_300_800.0)


def package(*, validated: bool):
    class Point(ChargePoint):
        @on("MeterValues", skip_schema_validation=not validated)
        def metered(self, **_):
            return call_result.MeterValues()

        @on("Heartbeat", skip_schema_validation=not validated)
        def beat(self, **_):
            return call_result.Heartbeat(current_time=NOW)

    return lambda wire: Point("x", wire).start()


def ours(*, validated: bool):
    def start(wire):
        meaning = Meaning(unit="A", voltage_v=230.0)
        link = Link(
            wire, Ear(), station="x", dialect=V16(), meaning=meaning, clock=SystemClock(), skip_validation=not validated
        )
        return link.rpc.run()

    return start


async def raw(wire):
    while True:
        frame = json.loads(await wire.recv())
        await wire.send(json.dumps([3, frame[1], {"currentTime": NOW} if frame[2] == "Heartbeat" else {}]))


SIDES = {
    "JSON alone": raw,
    "ocpp, validation off": package(validated=False),
    "ocpp, validation on": package(validated=True),
    "ours, validation off": ours(validated=False),
    "ours, validation on": ours(validated=True),
}


async def cpu_us(start, count: int) -> float:
    """Return the CPU of one message. [µs]"""
    wire = Wire()
    task = asyncio.create_task(start(wire))
    for at in range(-20, count):
        if at == 0:
            began = time.process_time()
        wire.incoming.put_nowait(FRAMES[at % 2])
        await wire.answered.get()
    spent = time.process_time() - began
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return spent / count * 1e6


async def main(count: int) -> None:
    logging.disable(logging.CRITICAL)
    messages.ASYNC_VALIDATION = False  # the package at its best
    found = {name: [] for name in SIDES}
    for _ in range(ROUNDS):
        for name, start in SIDES.items():
            found[name].append(await cpu_us(start, count // ROUNDS))
    for name, values in found.items():
        print(f"{name:22} {median(values):6.0f} µs a message ({min(values):.0f} to {max(values):.0f})")
    ratio = median(found["ours, validation on"]) / median(found["ocpp, validation off"])
    print(f"ours with validation / ocpp without: {ratio:.2f} (aim: at most 1)")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES))
