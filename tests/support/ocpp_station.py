"""Charge points as scripts: one that lives in memory, for the calls, and one on a real websocket, for the server."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from contextlib import asynccontextmanager, suppress

from websockets.asyncio.client import connect

from noonward_drivers.ocpp.entry import StationEntry
from noonward_drivers.ocpp.facade import Reply
from noonward_drivers.ocpp.schedule import Meaning
from noonward_drivers.ocpp.server import CentralSystem

AMPERES = Meaning(unit="A", voltage_v=230.0)
WATTS = Meaning(unit="W", voltage_v=230.0)
BOOT_16 = {"chargePointVendor": "Acme", "chargePointModel": "Box"}
BOOT_201 = {"chargingStation": {"vendorName": "Acme", "model": "Box"}, "reason": "PowerUp"}


class WatchClock:
    """The machine's own time, for tests over sockets."""

    now = staticmethod(time.time)
    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(asyncio.sleep)


class Gone(Exception):
    """What the wire in memory raises once it is closed."""


class MemoryWire:
    """A connection without a socket: the test plays the station."""

    def __init__(self):
        self.incoming: asyncio.Queue = asyncio.Queue()
        self.outgoing: asyncio.Queue = asyncio.Queue()

    async def recv(self):
        message = await self.incoming.get()
        if isinstance(message, Exception):
            raise message
        return message

    async def send(self, message):
        self.outgoing.put_nowait(message)

    def says(self, frame) -> None:
        """The station sends a frame: text as it is, everything else as JSON."""
        self.incoming.put_nowait(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    async def hears(self, within_s: float = 2.0):
        """Return the next frame that the station gets."""
        return json.loads(await asyncio.wait_for(self.outgoing.get(), within_s))

    def heard(self) -> list:
        """Return all that the station got and has not looked at."""
        return [json.loads(self.outgoing.get_nowait()) for _ in range(self.outgoing.qsize())]

    def closes(self) -> None:
        self.incoming.put_nowait(Gone("the cable was pulled"))


class Ear:
    """A listener that keeps what it hears and accepts everything."""

    def __init__(self):
        self.events: list = []
        self.links: list = []
        self.lost: list = []
        self.transactions = 1000
        self.on_event = None

    def connected(self, link):
        self.links.append(link)

    async def hear(self, link, event):
        self.events.append(event)
        if self.on_event is not None:
            await self.on_event(link, event)
        self.transactions += 1
        return Reply(at=1_780_300_800.0, transaction=str(self.transactions))

    def disconnected(self, link):
        self.lost.append(link)


class Station:
    """A charge point on a websocket. ``plays`` maps an action to the payload of its answer, or to a function of it."""

    def __init__(self, ws, plays=None):
        self.ws = ws
        self.plays = dict(plays or {})
        self.asked: list[tuple[str, dict]] = []
        self.heard = asyncio.Event()
        self._ids = 0
        self._answers: dict[str, asyncio.Future] = {}
        self._task = asyncio.create_task(self._read())

    async def ask(self, action, payload, within_s=3.0):
        """Return the whole frame that answers a request."""
        self._ids += 1
        ident = f"s{self._ids}"
        self._answers[ident] = asyncio.get_running_loop().create_future()
        await self.ws.send(json.dumps([2, ident, action, payload]))
        return await asyncio.wait_for(self._answers[ident], within_s)

    async def close(self):
        await self.ws.close()
        await self._task

    async def _read(self):
        with suppress(Exception):
            async for text in self.ws:
                frame = json.loads(text)
                if frame[0] == 2:
                    self.asked.append((frame[2], frame[3]))
                    self.heard.set()
                    play = self.plays.get(frame[2])
                    answer = play(frame[3]) if callable(play) else play
                    if answer is not None:
                        await self.ws.send(json.dumps([3, frame[1], answer]))
                elif (future := self._answers.pop(frame[1], None)) is not None:
                    future.set_result(frame)


def entry(ident="garage-1", **more):
    """Return a station's entry; security profile 0 unless the test says otherwise."""
    return StationEntry(**{"id": ident, "security": 0, "meaning": AMPERES, "versions": ("2.0.1", "1.6"), **more})


def basic(user: str, password: str | bytes) -> dict[str, str]:
    """Return the header of HTTP basic authentication."""
    secret = password.encode() if isinstance(password, str) else password
    return {"Authorization": "Basic " + base64.b64encode(user.encode() + b":" + secret).decode()}


@asynccontextmanager
async def served(*entries, clock=None, tls=None, **more):
    """A central system on loopback, with an ear."""
    ear = Ear()
    system = CentralSystem({one.id: one for one in entries}, ear, clock or WatchClock(), **more)
    port = await system.open("127.0.0.1", 0, tls)
    system.url = f"{'wss' if tls else 'ws'}://127.0.0.1:{port}/ocpp/"
    try:
        yield system, ear
    finally:
        await system.close(drain_s=0.1)


@asynccontextmanager
async def station(system, ident="garage-1", *, offers=("ocpp1.6",), plays=None, headers=None, ssl=None):
    """A station that is connected."""
    async with connect(
        system.url + ident, subprotocols=list(offers) or None, additional_headers=headers, ssl=ssl, compression=None
    ) as ws:
        one = Station(ws, plays)
        try:
            yield one
        finally:
            await one.close()
