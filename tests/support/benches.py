"""One bench per driver: a device that the contract tests can pull the cable of and look into.

A new driver joins with one function here and its entry in ``BENCHES``.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from noonward.daemon.clock import SystemClock
from noonward_drivers._blueprint import DRIVER as BLUEPRINT
from noonward_drivers.memory import MemoryDriver
from noonward_drivers.modbus import ModbusDriver
from noonward_drivers.shelly import DRIVER as SHELLY
from support.hand_clock import HandClock
from support.modbus_bus import Slave, Wire
from support.shelly_gen2 import shelly
from support.text_box import TextBox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from noonward.ports import Clock, Driver

SESAME = "open, please"


@dataclass(kw_only=True)
class Bench:
    """A device on the table.

    Attributes:
        config: Its entry in site.yaml, without ``driver``.
        relay, meter, input: A channel of each kind; the meter measures what hangs on the relay.
        on_power_w: What that draws. [W]
        contact: The relay's contact as it really stands.
        pull, plug: Its cable.
        slow: Makes every answer come late by this much, 0 for at once; None: it cannot be slow. [s]
        lease_s: A lease short enough to wait for. [s]
        quick_s: "Unavailable" must have come by then. [s]
        back_s: And a device whose cable is back must be usable again by then. [s]
        guards_the_board: The device has one dead-man for all its relays, re-armed by any request.
    """

    driver: Driver
    config: Mapping[str, Any]
    clock: Clock
    relay: str
    meter: str | None
    input: str | None
    on_power_w: float
    contact: Callable[[], bool]
    pull: Callable[[], Awaitable[None]]
    plug: Callable[[], Awaitable[None]]
    slow: Callable[[float], None] | None
    guards_the_board: bool = False
    lease_s: float = 1.0
    quick_s: float = 4.0
    back_s: float = 2.0


@contextlib.asynccontextmanager
async def memory_bench() -> AsyncIterator[Bench]:
    driver, clock = MemoryDriver(), HandClock()
    house = driver.house(clock)

    async def pull() -> None:
        house.away.add("device")

    async def plug() -> None:
        house.away.discard("device")

    yield Bench(
        driver=driver,
        config={"relays": {"relay-1": {"power": "2 kW"}, "relay-2": {"power": "1 kW"}}, "inputs": {"input-1": "open"}},
        clock=clock,
        relay="relay-1",
        meter="power-1",
        input="input-1",
        on_power_w=2000.0,
        contact=lambda: house.is_closed("device", "relay-1"),
        pull=pull,
        plug=plug,
        slow=None,
        lease_s=120.0,
    )


@contextlib.asynccontextmanager
async def shelly_bench() -> AsyncIterator[Bench]:
    async with shelly(password=SESAME) as device:

        def slow(delay_s: float) -> None:
            device.fault, device.delay_s = ("slow" if delay_s else None), delay_s

        yield Bench(
            driver=SHELLY,
            config={"host": device.address, "password": SESAME, "switches": 4, "inputs": 1},
            clock=SystemClock(),
            relay="relay-1",
            meter="power-1",
            input="input-1",
            on_power_w=2000.0,
            contact=lambda: device.switches[0].output,
            pull=device.unplug,
            plug=device.plug_in,
            slow=slow,
        )


@contextlib.asynccontextmanager
async def blueprint_bench() -> AsyncIterator[Bench]:
    async with TextBox() as box:
        yield Bench(
            driver=BLUEPRINT,
            config={"host": "127.0.0.1", "port": box.port, "relays": 4, "inputs": 1},
            clock=SystemClock(),
            relay="relay-1",
            meter="power-1",
            input="input-1",
            on_power_w=2000.0,
            contact=lambda: box.relays[1],
            pull=box.unplug,
            plug=box.plug_in,
            slow=lambda delay_s: setattr(box, "delay_s", delay_s),
            quick_s=2.0,
        )


def modbus_bench(profile: str, unit: int, slave: Slave) -> Callable[[], contextlib.AbstractAsyncContextManager[Bench]]:
    """Return the bench of a relay board behind a transparent converter, with a second board on the same bus."""

    @contextlib.asynccontextmanager
    async def bench() -> AsyncIterator[Bench]:
        board = replace(slave)

        def contact() -> bool:
            board.tick()
            return bool(board.bits[0])

        async with Wire({unit: board, unit + 1: Slave()}) as wire:
            yield Bench(
                driver=ModbusDriver(),
                config={"profile": profile, "rtu_over_tcp": f"127.0.0.1:{wire.port}", "unit": unit},
                clock=SystemClock(),
                relay="relay-1",
                meter=None,
                input=None,
                on_power_w=0.0,
                contact=contact,
                pull=wire.pull,
                plug=wire.plug,
                slow=lambda delay_s: setattr(board, "delay", delay_s),
                guards_the_board=slave.dead_man == "holding-8",
                back_s=8.0,
            )

    return bench


BENCHES: dict[str, Callable[[], contextlib.AbstractAsyncContextManager[Bench]]] = {
    "memory": memory_bench,
    "shelly": shelly_bench,
    "blueprint": blueprint_bench,
    "modbus-flash": modbus_bench("waveshare-modbus-rtu-relay-8", 3, Slave(dead_man="flash")),
    "modbus-safe-mode": modbus_bench("wirenboard-wb-mr6", 5, Slave(dead_man="holding-8")),
}

FAULTS: dict[str, list[tuple[dict[str, Any], tuple[str | int, ...], str]]] = {
    "memory": [
        ({}, (), "no channel"),
        ({"meter": "gird"}, ("meter",), 'did you mean "grid"'),
        ({"relays": {"relay-1": {"power": 3000}}}, ("relays", "relay-1", "power"), "for example 3 kW"),
        ({"relays": {"relay-1": {}}}, ("relays", "relay-1"), '"power" is missing'),
        ({"relays": {"relay 1": {"power": "3 kW"}}}, ("relays", "relay 1"), "relay-1, relay-2"),
        ({"relays": {"relay-1": {"power": "3 kW", "volume": "300 l"}}}, ("relays", "relay-1", "volume"), "unknown key"),
        ({"inputs": {"input-1": "opne"}}, ("inputs", "input-1"), 'did you mean "open"'),
        ({"relays": []}, ("relays",), "must be a mapping"),
        ({"inputs": ["input-1"]}, ("inputs",), "for example {input-1: open}"),
        ({"inputs": {"dim": "open"}}, ("inputs", "dim"), "input-1, input-2"),
    ],
    "shelly": [
        ({}, (), '"host" is missing'),
        ({"host": "http://10.0.0.7", "switches": 1}, ("host",), "without http://"),
        ({"host": "10.0.0.7"}, (), "no channel"),
        ({"host": "10.0.0.7", "swiches": 1}, ("swiches",), 'did you mean "switches"'),
        ({"host": "10.0.0.7", "switches": 0}, ("switches",), "from 1 to 8"),
        ({"host": "10.0.0.7", "meter": "em3"}, ("meter",), 'did you mean "em'),
        ({"host": "10.0.0.7", "meter": "em", "clamps": 2}, ("clamps",), "only em1"),
        ({"host": "10.0.0.7", "switches": 1, "password": 1234}, ("password",), 'password: "1234"'),
        ({"host": "10.0.0.7", "switches": 1, "dead_man": 120}, ("dead_man",), "for example 2 min"),
        ({"host": "10.0.0.7", "switches": 1, "dead_man": "2 s"}, ("dead_man",), "at least 10 s"),
    ],
    "modbus": [
        ({"tcp": "10.0.0.7:502"}, (), '"profile" is missing'),
        ({"profile": "eastron-sdm360", "tcp": "10.0.0.7:502"}, ("profile",), 'did you mean "eastron-sdm630"'),
        ({"profile": "eastron-sdm630"}, (), "tcp"),
        ({"profile": "eastron-sdm630", "tcp": "10.0.0.7"}, ("tcp",), "not a host and a port"),
        ({"profile": "eastron-sdm630", "tcp": "10.0.0.7:502", "unit": 300}, ("unit",), "from 0 to 255"),
    ],
    "ocpp": [
        ({}, (), "no station is declared"),
        ({"stations": {}}, ("stations",), "stations: {cp-01: {}}"),
        ({"stations": ["cp-01"]}, ("stations",), "must be a mapping"),
        ({"stations": {"cp-01": None}}, ("stations", "cp-01"), "must be a mapping"),
        ({"sations": {"cp-01": {}}}, ("sations",), 'did you mean "stations"'),
        ({"stations": {"cp/01": {}}}, ("stations", "cp/01"), "is not the id of a station"),
        ({"stations": {"cp-01": {"profil": "x"}}}, ("stations", "cp-01", "profil"), 'did you mean "profile"'),
        (
            {"stations": {"cp-01": {"profile": "alfen-ev"}}},
            ("stations", "cp-01", "profile"),
            'did you mean "alfen-eve"',
        ),
        ({"stations": {"cp-01": {"security": 1}}}, ("stations", "cp-01"), 'key: "${env:CP01_KEY}"'),
        (
            {"stations": {"cp-01": {"security": 0, "key": "k"}}},
            ("stations", "cp-01", "key"),
            "or leave it out",
        ),
        ({"stations": {"cp-01": {"security": 4}}}, ("stations", "cp-01", "security"), "from 0 to 3"),
        ({"stations": {"cp-01": {"security": 2, "key": "k"}}}, ("stations", "cp-01", "security"), "needs certificate"),
        (
            {"stations": {"cp-01": {"security": 3}}},
            ("stations", "cp-01", "security"),
            "needs certificate and stations_ca",
        ),
        (
            {"certificate": "c", "private_key": "k", "stations": {"cp-01": {"security": 3}}},
            ("stations", "cp-01", "security"),
            "stations_ca: FILE",
        ),
        ({"certificate": "c", "stations": {"cp-01": {}}}, ("certificate",), 'name the file of "private_key" too'),
        ({"stations_ca": "c", "stations": {"cp-01": {}}}, ("stations_ca",), 'name the file of "certificate" too'),
        ({"listen": "8887", "stations": {"cp-01": {}}}, ("listen",), "not HOST:PORT"),
        ({"listen": "127.0.0.1:99999", "stations": {"cp-01": {}}}, ("listen",), "not HOST:PORT"),
        ({"accept": "all", "stations": {"cp-01": {}}}, ("accept",), "neither anyone nor a list"),
        ({"accept": [4123], "stations": {"cp-01": {}}}, ("accept", 0), 'put it in quotes: "4123"'),
        ({"local_list": True, "stations": {"cp-01": {}}}, ("local_list",), "write the badges"),
        ({"local_list": "yes", "stations": {"cp-01": {}}}, ("local_list",), "neither true nor false"),
        ({"offline": "acept", "stations": {"cp-01": {}}}, ("offline",), 'did you mean "accept"'),
        ({"stations": {"cp-01": {"safe_current": "4 A"}}}, ("stations", "cp-01", "safe_current"), "0 A pauses"),
        (
            {"stations": {"cp-01": {"safe_current": "20 A", "max_current": "16 A"}}},
            ("stations", "cp-01", "safe_current"),
            "more than its max_current",
        ),
        ({"stations": {"cp-01": {"max_current": "16"}}}, ("stations", "cp-01", "max_current"), "for example 16 A"),
        ({"stations": {"cp-01": {"max_current": "4 A"}}}, ("stations", "cp-01", "max_current"), "at least 6 A"),
        ({"stations": {"cp-01": {"window": "10 s"}}}, ("stations", "cp-01", "window"), "from 1 min"),
        ({"stations": {"cp-01": {"rotation": ["L1"]}}}, ("stations", "cp-01", "rotation"), "phases: 1"),
        (
            {"stations": {"cp-01": {"rotation": ["L1", "L2", "L4"]}}},
            ("stations", "cp-01", "rotation", 2),
            "one of L1, L2, L3",
        ),
        ({"stations": {"cp-01": {"versions": [1.6]}}}, ("stations", "cp-01", "versions", 0), "in quotes"),
        ({"stations": {"cp-01": {"versions": ["2.1"]}}}, ("stations", "cp-01", "versions", 0), "not known here"),
        ({"stations": {"cp-01": {"connectors": 0}}}, ("stations", "cp-01", "connectors"), "from 1 to 16"),
        ({"stations": {"cp-01": {"start": "gateway"}}}, ("stations", "cp-01", "start"), "one of station, remote"),
        ({"stations": {"a": {"connectors": 2}, "a:1": {}}}, ("stations",), '"a:1" is both'),
    ],
    "blueprint": [
        ({"relays": 4}, (), '"host" is missing'),
        ({"host": "10.0.0.7", "relays": "4"}, ("relays",), "whole number from 1 to 16"),
        ({"host": "10.0.0.7", "relays": True}, ("relays",), "whole number"),
        ({"host": "10.0.0.7", "relays": 4, "prot": 1}, ("prot",), 'did you mean "port"'),
    ],
}
"""Driver to device entries that cannot be used: the entry, where the fault is, and words that must be in what is said."""


async def until(holds: Callable[[], bool], clock: Clock, within_s: float) -> None:
    """Wait until something holds; fail if it does not in time."""
    deadline = clock.monotonic() + within_s
    while not holds():
        assert clock.monotonic() < deadline, "it did not happen in time"
        await clock.sleep(within_s / 100)
        await asyncio.sleep(0)
