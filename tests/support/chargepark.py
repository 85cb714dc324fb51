"""A site whose stations are emulated charge points on real websockets, and whose daemon is a process of its own."""

from __future__ import annotations

import asyncio
import json
import socket
import time

from noonward.daemon.clock import SystemClock
from noonward.emulate import ChargePoint, VehicleKind
from support.process import Daemon

WINDOW_S = 60.0
SAFE_A = 6.0
MOST_A = 8.0
"""What each car may have, and takes, on each of three phases. [A]"""

SITE = """\
kind: site/v1
name: twenty
timezone: UTC
grid: {{meter: grid-meter, every: 1 s}}
stagger: 0 s
devices:
  grid-meter: {{driver: memory, meter: grid}}
  charging:
    driver: ocpp
    stations: {{{stations}}}
"""
STATION = '{}: {{window: 1 min, safe_current: 6 A, max_current: 8 A, versions: ["2.0.1", "1.6"]}}'

GARAGE = """\
kind: ev-zone/v1
name: garage
mode: auto-solar
stations: [{stations}]
phases: {phases}
limits: {{max_power: {most_kw:g} kW}}
"""


def write(folder, stations, phases="3"):
    """Write the folder of a site with one zone of these stations."""
    folder.mkdir(exist_ok=True)
    (folder / "site.yaml").write_text(SITE.format(stations=", ".join(map(STATION.format, stations))))
    most_kw = MOST_A * 3 * 0.23 * len(stations)
    zone = GARAGE.format(stations=", ".join(stations), phases=phases, most_kw=most_kw)
    (folder / "garage.yaml").write_text(zone)
    return folder


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Garage:
    """Stations on real websockets, each with a car that takes what it gets, and daemons that come and go."""

    def __init__(self, place, stations, **zone):
        self.folder, self.state, self.port = write(place / "policies", stations, **zone), place / "state", free_port()
        self.points = {
            ident: ChargePoint(ident, clock=SystemClock(), version="2.0.1" if k % 2 else "1.6", reconnect_s=0.2)
            for k, ident in enumerate(stations)
        }

    def daemon(self):
        return Daemon(self.folder, self.state, "--ocpp", f"127.0.0.1:{self.port}")

    async def connect(self):
        url = f"ws://127.0.0.1:{self.port}/ocpp/"
        await asyncio.gather(*(point.connect(url) for point in self.points.values()))

    async def until(self, holds, within_s=30.0):
        end = time.monotonic() + within_s
        while not holds():
            assert time.monotonic() < end, self.offers()
            await asyncio.sleep(0.1)

    def offers(self):
        return {ident: point.offer_a() for ident, point in self.points.items()}

    def ahead(self, seconds):
        """What every station will offer so much later, if nobody speaks to it again: its own schedule says. [A]"""
        found = []
        for point in self.points.values():
            point.live()
            connector = point.station.connectors[0]
            found.append(connector.offer_a(point.station.t + seconds, online=False))
        return found

    def begun(self):
        """How many transactions every station began, ever."""
        return {
            ident: sum(
                action == "StartTransaction" or payload.get("eventType") == "Started"
                for _, action, payload in point.said
            )
            for ident, point in self.points.items()
        }

    def limits(self, since):
        """Every current limit that reached a station in a charging profile of its transaction since then. [A]"""
        told = {}
        for ident, point in self.points.items():
            for at, action, payload in point.asked:
                profile = payload.get("csChargingProfiles") or payload.get("chargingProfile")
                if action != "SetChargingProfile" or at < since:
                    continue
                if profile["chargingProfilePurpose"] == "TxProfile":
                    schedule = profile["chargingSchedule"]
                    schedule = schedule[0] if isinstance(schedule, list) else schedule
                    told.setdefault(ident, []).append(schedule["chargingSchedulePeriod"][0]["limit"])
        return told

    async def close(self):
        await asyncio.gather(*(point.close() for point in self.points.values()))


def remembered(daemon):
    """What the state says of every station's vehicle."""
    rows = daemon.kept("SELECT json_array(station, memory) FROM stations")
    return {station: json.loads(memory) for station, memory in map(json.loads, rows)}


async def ask(daemon, method, path, body):
    status, answer = await asyncio.to_thread(daemon.ask, method, path, body)
    assert status == 200, answer


async def charging(made, daemon, *, tested):
    """Every car charges, by a wish of its owner, in a zone that somebody overrode."""
    assert await asyncio.to_thread(daemon.ready), daemon.lines
    await made.connect()
    await ask(daemon, "PUT", "/api/v1/policies/garage/override", {"mode": "timer", "reason": "a test"})
    for ident, point in made.points.items():
        await point.idle()
        await ask(daemon, "PUT", f"/api/v1/stations/{ident}/charge-now", {"until": "unplugged"})
    for point in made.points.values():
        point.plug(VehicleKind())
    await made.until(lambda: all(offer_a > SAFE_A for offer_a in made.offers().values()), 120.0)
    if tested:
        await made.until(lambda: all("found" in one for one in remembered(daemon).values()), 200.0)


def same_cars(before, after, idents):
    """What is known of a car that stayed is what was known; what it did since may have gone on."""
    for ident in idents:
        old, new = before[ident], after[ident]
        assert old["plugged_at"] == new["plugged_at"], ident
        assert old.get("found") == new.get("found"), ident
        assert old["session"].get("starts", 0) <= new["session"].get("starts", 0) <= 1, ident
        assert new["session"]["state"] in {"offered", "charging"}, ident
