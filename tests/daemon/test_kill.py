"""kill -9 with twenty stations charging, over real websockets: what they do alone, and what is left when we are back."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from contextlib import asynccontextmanager

import pytest

from noonward.daemon.clock import SystemClock
from noonward.emulate import ChargePoint, VehicleKind
from support.process import Daemon

STATIONS = tuple(f"cp-{k:02}" for k in range(1, 21))
WINDOW_S = 60.0
SAFE_A = 6.0
MOST_W = 8.0 * 3 * 230.0 * len(STATIONS)

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


def write(folder, phases="3"):
    folder.mkdir()
    (folder / "site.yaml").write_text(SITE.format(stations=", ".join(map(STATION.format, STATIONS))))
    zone = GARAGE.format(stations=", ".join(STATIONS), phases=phases, most_kw=MOST_W / 1000)
    (folder / "garage.yaml").write_text(zone)
    return folder


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Garage:
    """Twenty stations, each with a car that takes what it gets, and the daemon that is killed."""

    def __init__(self, folder, state):
        self.folder, self.state, self.port = folder, state, free_port()
        self.points = {
            ident: ChargePoint(ident, clock=SystemClock(), version="2.0.1" if k % 2 else "1.6", reconnect_s=0.2)
            for k, ident in enumerate(STATIONS)
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


@asynccontextmanager
async def garage(tmp_path, **zone):
    made = Garage(write(tmp_path / "policies", **zone), tmp_path / "state")
    try:
        yield made
    finally:
        await asyncio.gather(*(point.close() for point in made.points.values()))


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


async def test_twenty_cars_are_safe_without_us_and_no_limit_jumps_when_we_are_back(tmp_path):
    """Acceptance tests 8 and 9."""
    async with garage(tmp_path) as made:
        with made.daemon() as daemon:
            await charging(made, daemon, tested=False)
            before, (wish,) = remembered(daemon), map(json.loads, daemon.kept("SELECT wish FROM inputs"))
            daemon.kill()
        killed_at, offers = time.time(), made.offers()
        for seconds in range(int(WINDOW_S) + 2):
            assert sum(made.ahead(seconds)) <= MOST_W / 690.0 + 1e-6
        assert made.ahead(WINDOW_S + 1.0) == [SAFE_A] * len(STATIONS)
        *stayed, left = STATIONS
        made.points[left].unplug()
        made.points[left].plug(VehicleKind())
        assert 0.0 < made.points[left].offer_a() <= SAFE_A, "a car that comes while nobody is there"

        with made.daemon() as daemon:
            assert await asyncio.to_thread(daemon.ready), daemon.lines
            await made.until(lambda: all(point.online for point in made.points.values()))
            await made.until(lambda: made.limits(killed_at).keys() >= set(stayed))
            for ident in stayed:
                assert set(made.limits(killed_at)[ident]) == {offers[ident]}
                assert made.points[ident].offer_a() == offers[ident]
            after = remembered(daemon)
            same_cars(before, after, stayed)
            assert after[left]["plugged_at"] != before[left]["plugged_at"]
            assert made.begun() == {**dict.fromkeys(stayed, 1), left: 2}
            del wish["charge_now"][left]  # who wished it has left
            assert list(map(json.loads, daemon.kept("SELECT wish FROM inputs"))) == [wish]
            assert await asyncio.to_thread(daemon.stop) == 0


@pytest.mark.long
@pytest.mark.parametrize("times", [1, 3])
async def test_the_window_passes_and_the_cars_are_ours_again(tmp_path, times):
    """Acceptance test 8, with the time that it takes and with phases that a test charge found."""
    async with garage(tmp_path, phases="auto") as made:
        with made.daemon() as daemon:
            await charging(made, daemon, tested=True)
            before, (wish,) = remembered(daemon), map(json.loads, daemon.kept("SELECT wish FROM inputs"))
            assert all(one["found"]["phases"] == 3 for one in before.values())
            daemon.kill()
        for _ in range(times):
            end = time.monotonic() + WINDOW_S + 2.0
            while time.monotonic() < end:
                assert sum(made.offers().values()) <= MOST_W / 690.0 + 1e-6
                await asyncio.sleep(0.5)
            assert set(made.offers().values()) == {SAFE_A}
            with made.daemon() as daemon:
                assert await asyncio.to_thread(daemon.ready), daemon.lines
                await made.until(lambda: all(offer_a > SAFE_A for offer_a in made.offers().values()), 120.0)
                same_cars(before, remembered(daemon), STATIONS)
                assert made.begun() == dict.fromkeys(STATIONS, 1)
                assert list(map(json.loads, daemon.kept("SELECT wish FROM inputs"))) == [wish]
                daemon.kill()
