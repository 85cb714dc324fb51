"""A whole site: its real drivers find the emulated devices by the addresses of a copied folder."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace

import pytest

import noonward
from noonward.emulate import VehicleKind, addresses
from noonward.emulate.faults import Faults
from noonward.emulate.playing import faults
from noonward.emulate.site import Emulation
from noonward.emulate.world import Parked
from noonward.errors import UsageError
from noonward.lab import scenario as scenarios
from noonward.policy.load import load
from noonward_drivers.modbus import DRIVER as MODBUS
from noonward_drivers.shelly import DRIVER as SHELLY
from support.benches import until
from support.dict_memory import DictMemory
from support.hand_clock import HandClock
from support.ocpp_station import WatchClock, served
from support.ocpp_station import entry as station_entry

SITE = """\
# a site with real addresses
kind: site/v1
name: house-9
timezone: Europe/Zurich
grid: {phases: 3, fuse: 35 A, meter: grid-meter}
pv: {peak: 12 kWp, meter: roof}
devices:
  grid-meter: {driver: modbus, profile: eastron-sdm630, tcp: "192.0.2.20:502", unit: 1}   # in the cellar
  roof: {driver: shelly, host: 192.0.2.62, meter: em}
  cellar:
    driver: modbus
    profile: waveshare-modbus-rtu-relay-8
    tcp: "192.0.2.20:502"
    unit: 3
  plug: {driver: shelly, host: "192.0.2.60", switches: 1}
  attic: {driver: modbus, profile: generic-coils-4, rtu_over_tcp: "192.0.2.21:4196"}
  old: {driver: modbus, profile: generic-coils-4, serial: /dev/ttyUSB9}
  garage:
    driver: ocpp
    listen: "127.0.0.1:0"
    stations: {cp-01: {max_current: 16 A, rotation: [L2, L3, L1]}, cp-02: {versions: ["2.0.1"]}}
"""
POLICIES = {
    "boiler.yaml": """\
        kind: appliance/v1
        name: boiler
        mode: always-on
        load: {power: 3 kW, phases: [L1]}
        relays: [cellar/relay-1]
        """,
    "pump.yaml": """\
        kind: appliance/v1
        name: pump
        mode: always-on
        load: {power: 400 W}
        relays: [plug/relay-1]
        """,
    "garage.yaml": """\
        kind: ev-zone/v1
        name: garage
        mode: auto-solar
        stations: [cp-01, cp-02]
        phases: auto
        limits: {max_power: 22 kW}
        """,
}


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "house"
    place.mkdir()
    (place / "site.yaml").write_text(SITE)
    for name, text in POLICIES.items():
        (place / name).write_text(dedent(text))
    return place


def config(folder, device):
    return next(entry.config for entry in load(folder).devices if entry.name == device)


async def test_the_copy_names_free_ports_and_the_real_drivers_find_everything_there(folder, tmp_path):
    emulation = Emulation(load(folder), folder, HandClock())
    await emulation.open()
    (tmp_path / "copies").mkdir()
    copy = addresses.copied(folder, tmp_path / "copies", emulation.changed)
    grid = await MODBUS.open("grid-meter", config(copy, "grid-meter"), WatchClock(), DictMemory())
    board = await MODBUS.open("cellar", config(copy, "cellar"), WatchClock(), DictMemory())
    plug = await SHELLY.open("plug", config(copy, "plug"), WatchClock(), DictMemory())
    roof = await SHELLY.open("roof", config(copy, "roof"), WatchClock(), DictMemory())
    attic = await MODBUS.open("attic", config(copy, "attic"), WatchClock(), DictMemory())
    try:
        await attic.relays["relay-4"].set(True, valid_for_s=None)
        assert emulation.world.is_closed("attic/relay-4")
        before = await grid.meters["meter"].read()
        await board.relays["relay-1"].set(True, valid_for_s=60.0)
        await plug.relays["relay-1"].set(True, valid_for_s=60.0)
        after = await grid.meters["meter"].read()
        assert after["power_w"] - before["power_w"] == pytest.approx(3400.0)
        assert after["power_l1_w"] - before["power_l1_w"] == pytest.approx(3000.0 + 400.0 / 3)
        assert await plug.relays["relay-1"].read() is True
        assert (await plug.meters["power-1"].read())["power_w"] == 400.0
        assert set(await roof.meters["meter"].read()) == {"power_w", "current_l1_a", "current_l2_a", "current_l3_a"}
        assert emulation.world.contacts["plug/relay-1"].until is not None  # armed by toggle_after
    finally:
        for device in (grid, board, plug, roof, attic):
            await device.close()
        await emulation.close()
    assert [what.split(":")[0] for what in emulation.missing] == ["old"]
    text = (copy / "site.yaml").read_text()
    assert "# in the cellar" in text
    assert "192.0.2" not in text
    assert (folder / "site.yaml").read_text() == SITE


async def test_a_device_on_loopback_is_served_where_it_says_and_a_taken_port_is_told(folder):
    keeper = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = keeper.sockets[0].getsockname()[1]
    (folder / "site.yaml").write_text(SITE.replace("192.0.2.20:502", f"127.0.0.1:{port}"))
    with pytest.raises(UsageError, match=f"127.0.0.1:{port} is taken"):
        await Emulation(load(folder), folder, HandClock()).open()
    keeper.close()
    await keeper.wait_closed()
    emulation = Emulation(load(folder), folder, HandClock())
    await emulation.open()
    assert ("grid-meter", "tcp") not in emulation.changed
    assert set(emulation.changed) == {("roof", "host"), ("plug", "host"), ("attic", "rtu_over_tcp")}
    await emulation.close()


async def test_stations_call_their_gateway_and_a_vehicle_comes_once_they_were_there(folder):
    async with served(station_entry("cp-01"), station_entry("cp-02", versions=("2.0.1",))) as (system, _ear):
        address = system.url.removeprefix("ws://").removesuffix("/ocpp/")
        (folder / "site.yaml").write_text(SITE.replace("127.0.0.1:0", address))
        emulation = Emulation(load(folder), folder, WatchClock())
        await emulation.open()
        living = asyncio.create_task(emulation.live())
        parked = emulation.world.stations["cp-01"]
        try:
            assert parked.point.status() == "Available"
            await until(lambda: parked.point.power_w() > 0.0, WatchClock(), 5.0)
            assert set(system.links) == {"cp-01", "cp-02"}
            seen = emulation.world.signals("grid")
            alone = emulation.world._sky.base_w(0.0)
            assert seen["power_l2_w"] > alone  # its L1 is on the grid's L2
            assert parked.lines == (2, 3, 1)
        finally:
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)
            await emulation.close()


def scenario(folder, **more):
    text = ["kind: scenario/v1", "tape: day.csv", *(f"{key}: {value}" for key, value in more.items())]
    (folder / "day.csv").write_text(
        "time,pv_w,base_load_w\n" + "".join(f"2026-06-01T{h:02}:00:00Z,{h * 100},500\n" for h in range(24))
    )
    (folder / "day.scenario.yaml").write_text("\n".join(text) + "\n")
    return scenarios.load(folder / "day.scenario.yaml")


def test_a_recording_is_played_from_now_and_again_when_it_ends(folder):
    clock = HandClock()  # 08:00 UTC
    emulation = Emulation(load(folder), folder, clock, speed=2.0, scenario=scenario(folder))
    seen = []
    for _ in range(5):
        seen.append((emulation.world.signals("pv")["power_w"], round(emulation.world.signals("grid")["power_w"])))
        clock.wall, clock.mono = clock.wall + 3600.0 * 2, clock.mono + 3600.0 * 2
    assert [pv_w for pv_w, _ in seen] == pytest.approx([800.0, 1200.0, 1600.0, 2000.0, 0.0])
    assert seen[0][1] == -300


class Counter:
    """A point that remembers who came and went."""

    station = SimpleNamespace(booted=True)

    def __init__(self):
        self.seen = []

    def vehicle(self, connector):
        return None

    def plug(self, vehicle, connector):
        self.seen.append((vehicle.kind.phases, vehicle.kind.min_current_a, vehicle.missing_wh))

    def unplug(self, connector):
        self.seen.append("gone")

    def badge(self, tag, connector):
        self.seen.append(tag)


def come_and_go(folder, hours, **more):
    """Play a scenario at double speed and return what happens in each hour of the recording from 08:00 on."""
    clock, point = HandClock(), Counter()
    emulation = Emulation(load(folder), folder, clock, speed=2.0, scenario=scenario(folder, **more))
    emulation.world.stations["cp-01"] = Parked(point=point)
    comings, happened = emulation._fleet.go(), []
    emulation._fleet._badges["cp-01"] = "04AA"
    for _ in range(hours):
        comings.look()
        happened.append(point.seen)
        point.seen = []
        clock.wall, clock.mono = clock.wall + 1800.0, clock.mono + 1800.0
    return happened


def test_recorded_sessions_come_and_go_and_want_less_where_time_is_quick(folder):
    (folder / "who.csv").write_text(
        "station,arrival,departure,energy_kwh,phases\n"
        "cp-01,2026-06-01T08:30:00Z,2026-06-01T11:00:00Z,6,1\n"
        "cp-01,2026-06-01T12:00:00Z,2026-06-01T13:00:00Z,4,\n"
    )
    seen = come_and_go(
        folder, 6, sessions="{file: who.csv}", vehicles="{default: {phases: 2}, cp-01: {min_current: 8 A}}"
    )
    assert seen == [[], [(1, 8.0, 3000.0), "04AA"], [], ["gone"], [(2, 8.0, 2000.0), "04AA"], ["gone"]]


def test_without_sessions_somebody_comes_at_once_for_eight_hours_a_day(folder):
    seen = come_and_go(folder, 26)
    assert seen[0] == [(3, 6.0, 10000.0), "04AA"]
    assert seen[8] == ["gone"]
    assert seen[24] == [(3, 6.0, 10000.0), "04AA"]
    assert sum(map(bool, seen)) == 3


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({}, Faults()),
        (
            {"floor": "0 A", "suspended_evse": "2 min", "boot_delay": "never"},
            Faults(floor_a=0.0, suspended_evse_s=120.0, boot_delay_s=None),
        ),
        (
            {"steps": ["6 A", "13 A"], "units": ["W"], "measures": ["power"]},
            Faults(steps_a=(6.0, 13.0), units=("W",), measures=("power",)),
        ),
        ({"clock_behind": "3 h"}, Faults(clock_off_s=-10800.0)),
        ({"max_stack": 0, "junk": True, "rejects": ["stack-1"]}, Faults(max_stack=0, junk=True, rejects=("stack-1",))),
    ],
)
def test_faults_are_read_as_they_are_written(folder, written, expected):
    played = scenario(folder, stations=json.dumps({"cp-01": {"faults": written}}))
    assert faults(played.stations["cp-01"]["faults"]) == expected


async def test_a_scenario_for_a_station_that_is_not_there_is_told(folder):
    emulation = Emulation(load(folder), folder, HandClock(), scenario=scenario(folder, stations="{cp-1: {}}"))
    with pytest.raises(UsageError, match="a station cp-1; this site has cp-01"):
        await emulation.open()


def test_every_fault_can_be_written():
    schema = json.loads((Path(noonward.__file__).parents[2] / "schemas" / "scenario.v1.json").read_text())
    fields = {f.name.removesuffix("_a").removesuffix("_s") for f in dataclasses.fields(Faults)} - {"clock_off"}
    assert set(schema["$defs"]["faults"]["properties"]) - {"clock_ahead", "clock_behind"} == fields


def test_odd_vehicles_are_read_as_they_are_written(folder):
    odd = {
        "phases": 2, "min_current": "8 A", "start_current": "9 A", "max_current": "20 A", "start_delay": "5 s",
        "ramp": "40 s", "share": 0.9, "excess": "0.1 A", "modulates": False, "taper": "2 kWh", "sleeps_after": "4 h",
        "wakes": False, "locks_after": 10,
    }  # fmt: skip
    schema = json.loads((Path(noonward.__file__).parents[2] / "schemas" / "scenario.v1.json").read_text())
    assert set(schema["$defs"]["vehicle"]["properties"]) == set(odd)
    played = scenario(folder, vehicles=json.dumps({"default": odd}))
    assert VehicleKind(**played.vehicles["default"]) == VehicleKind(
        phases=2, min_current_a=8.0, start_current_a=9.0, max_current_a=20.0, start_delay_s=5.0, ramp_s=40.0, share=0.9,
        excess_a=0.1, modulates=False, taper_wh=2000.0, sleeps_after_s=14400.0, wakes=False, locks_after=10,
    )  # fmt: skip
