"""Stations with what real ones get wrong, against the driver: what the engine sees is what is, sooner or later.

An hour passes in seconds: the emulated station and the driver live by one fast clock, and nothing is waited for but
that they agree.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import replace

import pytest

from noonward.core.model import SetLimit
from noonward.emulate import ChargePoint, VehicleKind
from noonward.emulate.faults import Faults
from noonward.errors import DriverError
from noonward_drivers.ocpp.commission import Commissioner
from noonward_drivers.ocpp.control import Controller
from noonward_drivers.ocpp.declared import read
from noonward_drivers.ocpp.desk import open_device
from support.dict_memory import DictMemory

SPEED = 100.0
WITHIN_S = 15.0
"""Of the test's time; by the fast clock that is 25 minutes. [s]"""


class FastClock:
    """The machine's time, a hundred times as fast."""

    def __init__(self):
        self._began = time.monotonic()

    def monotonic(self):
        return (time.monotonic() - self._began) * SPEED

    def now(self):
        return 1_780_300_000.0 + self.monotonic()

    async def sleep(self, seconds):
        await asyncio.sleep(max(seconds, 0.0) / SPEED)


class Field:
    """A gateway that may be restarted, a station, and an engine that wants one current."""

    def __init__(self, version, faults):
        self.clock, self.memory = FastClock(), DictMemory()
        self.version, self.port, self.limit_a = version, 0, 10.0
        self.point = ChargePoint("cp-01", clock=self.clock, version=version, faults=faults, reconnect_s=20.0)

    async def open(self):
        charging = read({"listen": f"127.0.0.1:{self.port}", "stations": {"cp-01": {"versions": [self.version]}}})
        stations = {
            ident: replace(one, entry=replace(one.entry, timeout_s=0.5)) for ident, one in charging.stations.items()
        }
        self.device = await open_device(
            replace(charging, stations=stations), self.clock, self.memory, limiting=Controller, preparing=Commissioner
        )
        for charger in self.device.desk.chargers.values():
            charger.arrival.hold_s = 0.3
        self.port = self.device.port
        self.station = self.device.stations["cp-01"]
        self.engine = asyncio.create_task(self._want())

    async def close(self):
        self.engine.cancel()
        await asyncio.gather(self.engine, return_exceptions=True)
        await self.device.close()

    async def _want(self):
        """Command what is wanted, as the core does: again until it is accepted, and for every vehicle anew."""
        told = None
        while True:
            seen = self.station.seen()
            wanted = (self.limit_a if seen.plugged else 0.0, seen.plugged_at)
            taken = seen.accepted is not None and self.clock.now() - seen.accepted.at < 300.0
            if wanted != told or (seen.plugged and not taken):
                command = SetLimit(station="cp-01", limit_a=wanted[0], at=self.clock.now(), safe_a=6.0, window_s=600.0)
                told = wanted
                with suppress(DriverError):
                    await self.station.limit(command)
            await self.clock.sleep(10.0)

    def wrong(self):
        """Return what the engine sees that is not so."""
        seen, book = self.station.seen(), self.station.book
        runs = None if book.running is None else book.running.id
        vehicle, truth = self.point.station.connectors[0].vehicle is not None, self.point.transaction()
        found = []
        if seen.plugged is not vehicle:
            found.append(f"plugged {seen.plugged}, is {vehicle}")
        if runs != truth:
            found.append(f"transaction {runs}, is {truth}")
        if truth is not None:
            if seen.sample is None or self.clock.now() - seen.sample.at > 60.0:
                found.append(f"sample {seen.sample}")
            if abs(max(self.point.currents_a()) - self.limit_a) > 0.6:
                found.append(f"draws {self.point.currents_a()} of {self.limit_a} A: {self.station.trouble}")
        return found

    async def agrees(self, what):
        """Wait until the engine sees what is so."""
        deadline = time.monotonic() + WITHIN_S
        await self.clock.sleep(30.0)
        while wrong := self.wrong():
            assert time.monotonic() < deadline, f"{what}: {'; '.join(wrong)}"
            await self.clock.sleep(5.0)


FIELD = {
    "plain": Faults(),
    "mute": Faults(mute_s=30.0),
    "ahead": Faults(clock_off_s=7200.0),
    "behind": Faults(clock_off_s=-7200.0),
    "boots": Faults(boots_on_reconnect=True),
    "silent": Faults(silent_status=True),
    "asked": Faults(boot_delay_s=None),
    "late": Faults(boot_delay_s=20.0),
    "reuses": Faults(reuses_transaction=True),
    "junk": Faults(junk=True),
    "reboots": Faults(reboots_offline=True, forgets_on_boot=True),
    "stuck": Faults(stuck_charging=True),
    "refuses": Faults(refuses=("TriggerMessage",)),
    "deaf": Faults(unanswered=("TriggerMessage", "GetConfiguration", "GetVariables")),
    "power": Faults(measures=("power",)),
    "energy": Faults(measures=("energy",)),
    "odd": Faults(lone_phase=True, kilo=True, padded=True),
}
FEW = ("mute", "behind", "reuses")


async def _day(version, faults):
    """Play a vehicle, a lost link, a restart of the gateway, another vehicle, and one that came while the link was away."""
    field = Field(version, faults)
    await field.open()
    try:
        await field.point.connect(f"ws://127.0.0.1:{field.port}/ocpp/")
        await field.agrees("idle")
        field.point.plug(VehicleKind())
        await field.agrees("plugged in")
        await field.point.cut()
        await field.clock.sleep(30.0)
        await field.agrees("after a lost link")
        field.limit_a = 12.0
        await field.agrees("another limit")
        await field.close()
        await field.clock.sleep(30.0)
        await field.open()
        await field.agrees("after a restart of the gateway")
        field.limit_a = 8.0
        await field.agrees("another limit after it")
        field.point.unplug()
        await field.agrees("unplugged")
        field.point.plug(VehicleKind())
        await field.agrees("the next vehicle")
        before = field.station.seen().plugged_at
        await field.point.cut()
        field.point.unplug()
        field.point.plug(VehicleKind())
        await field.clock.sleep(30.0)
        await field.agrees("another vehicle that came meanwhile")
        if not faults.reboots_offline:  # its transaction ended with the restart, and so with no word of the cable
            assert field.station.seen().plugged_at != before
        field.point.unplug()
        await field.agrees("gone")
    finally:
        await field.point.close()
        await field.close()


async def test_what_is_seen_is_what_is():
    """Acceptance tests 5 and 6, edge cases 37 and 61."""
    await asyncio.gather(*(_day(version, FIELD[name]) for version in ("1.6", "2.0.1") for name in FEW))


@pytest.mark.long
@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
@pytest.mark.parametrize("name", [name for name in FIELD if name not in FEW])
async def test_what_is_seen_is_what_is_in_the_long_run(version, name):
    """Acceptance tests 5 and 6, edge cases 37 and 61."""
    await _day(version, FIELD[name])


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_who_comes_while_the_gateway_is_dead_gets_the_safe_current(version):
    """Acceptance test 9: and when it is back, the session that it has never heard of is booked and limited."""
    field = Field(version, Faults())
    await field.open()
    try:
        await field.point.connect(f"ws://127.0.0.1:{field.port}/ocpp/")
        await field.agrees("idle")
        await field.close()
        field.point.plug(VehicleKind())
        for _ in range(3):
            await field.clock.sleep(30.0)
            assert max(field.point.currents_a()) == pytest.approx(6.0)
        await field.open()
        await field.agrees("after a restart of the gateway")
        assert field.station.seen().plugged_at is not None
    finally:
        await field.point.close()
        await field.close()
