"""Charging stations of the living house: cars that come and go, limits that lapse, currents at the grid connection."""

from __future__ import annotations

import asyncio

import jsonschema
import pytest

from noonward.core.model import LimitSeen, SetLimit, Status
from noonward.errors import Unavailable
from noonward.ports import ChargingStation, ConfigFault
from noonward_drivers.memory import MemoryDriver
from support.clock import LeapClock
from support.dict_memory import DictMemory
from support.hand_clock import HandClock

GRID = {"meter": "grid", "noise": "0 W"}
QUICK = {"meter": "pv", "peak": "8 kWp", "sky": "clear", "day": "2 h"}
ALWAYS = {"arrives": "00:00", "departs": "00:00", "energy": "50 kWh", "start_delay": "0 s", "ramp": "0 s"}
NOON = 1780300800.0 + (12.0 - 8.0 - 8.5 / 15.0) * 3600.0
"""Solar noon over the house on 2026-06-01."""


def garage(**vehicle):
    return {"stations": {"cp-01": {"vehicle": ALWAYS | vehicle}}}


class House:
    """A driver, a clock and opened devices."""

    def __init__(self, clock):
        self.driver, self.clock, self.devices = MemoryDriver(), clock, {}

    async def open(self, **entries):
        for name, config in entries.items():
            self.devices[name] = await self.driver.open(name, config, self.clock, DictMemory())

    def station(self, name="cp-01"):
        return self.devices["garage"].stations[name]

    async def limit(self, limit_a, *, safe_a=6.0, window_s=600.0, name="cp-01"):
        command = SetLimit(station=name, limit_a=limit_a, at=self.clock.now(), safe_a=safe_a, window_s=window_s)
        await self.station(name).limit(command)
        return command

    async def grid(self):
        return await self.devices["grid"].meters["meter"].read()

    async def drawn_w(self, after_s=20.0):
        await self.clock.sleep(after_s)
        return self.station().seen().sample.power_w


@pytest.fixture
async def house():
    made = House(HandClock(NOON))
    await made.open(grid=GRID, garage=garage())
    return made


async def test_it_is_a_charging_station_and_is_described_as_one(house):
    (channel,) = house.driver.describe(garage())
    assert (channel.kind, channel.name) == ("station", "cp-01")
    assert (channel.station.max_a, channel.station.safe_a, channel.station.window_s) == (16.0, 6.0, 600.0)
    assert channel.station.lines == (1, 2, 3)
    assert isinstance(house.station(), ChargingStation)


async def test_the_car_draws_what_it_may_and_the_grid_meter_sees_it(house):
    await house.limit(0.0)
    quiet = await house.grid()
    command = await house.limit(10.0)
    assert await house.drawn_w() == pytest.approx(6900.0)
    seen = house.station().seen()
    assert seen.accepted == LimitSeen(current_a=10.0, at=command.at)
    assert (seen.plugged, seen.status, seen.online) == (True, Status.CHARGING, True)
    assert seen.sample.current_a == pytest.approx({"L1": 10.0, "L2": 10.0, "L3": 10.0})
    loud = await house.grid()
    assert loud["power_w"] - quiet["power_w"] == pytest.approx(6900.0, abs=60.0)  # a kettle apart
    assert loud["current_l2_a"] - quiet["current_l2_a"] == pytest.approx(10.0, abs=0.3)


@pytest.mark.parametrize(
    ("limit_a", "power_w"), [(0.0, 0.0), (5.9, 0.0), (6.0, 4140.0), (16.0, 11040.0), (32.0, 11040.0)]
)
async def test_no_limit_lies_between_nothing_and_six_amperes_or_above_the_station(house, limit_a, power_w):
    await house.limit(limit_a)
    assert await house.drawn_w() == pytest.approx(power_w)


async def test_a_limit_that_nobody_renews_falls_to_the_safe_one_when_its_window_is_over(house):
    """Edge case 63, at the station."""
    await house.limit(16.0, safe_a=7.0, window_s=100.0)
    assert await house.drawn_w(90.0) == pytest.approx(11040.0)
    assert await house.drawn_w(20.0) == pytest.approx(4830.0)
    await house.limit(16.0, safe_a=0.0, window_s=100.0)
    assert await house.drawn_w(110.0) == 0.0


async def test_a_window_counts_from_the_moment_of_the_command(house):
    late = SetLimit(station="cp-01", limit_a=16.0, at=house.clock.now() - 90.0, safe_a=6.0, window_s=100.0)
    await house.station().limit(late)
    assert await house.drawn_w(9.0) <= 11040.0
    assert await house.drawn_w(20.0) == pytest.approx(4140.0)


async def test_it_begins_at_its_safe_current(house):
    assert await house.drawn_w() == pytest.approx(4140.0)


async def test_a_one_phase_car_loads_the_grid_phase_that_the_rotation_says():
    house = House(HandClock(NOON))
    config = garage(phases=1)
    config["stations"]["cp-01"]["rotation"] = ["L3", "L1", "L2"]
    await house.open(grid=GRID, garage=config)
    await house.limit(0.0)
    quiet = await house.grid()
    await house.limit(10.0)
    await house.clock.sleep(1.0)
    loud = await house.grid()
    rise_a = [loud[f"current_l{k}_a"] - quiet[f"current_l{k}_a"] for k in (1, 2, 3)]
    assert rise_a == pytest.approx([0.0, 0.0, 10.0], abs=0.3)
    await house.clock.sleep(10.0)
    assert house.station().seen().sample.current_a == pytest.approx({"L1": 10.0, "L2": 0.0, "L3": 0.0})


async def test_a_car_comes_and_goes_with_the_sun_and_each_visit_is_another_one():
    house = House(HandClock())
    await house.open(pv=QUICK, garage=garage(arrives="11:00", departs="15:00"))
    seen, now = [], house.clock.now()
    for _ in range(4 * 60 // 5):  # two quick days in looks of five minutes, which are an hour each
        station = house.station().seen()
        seen.append((station.plugged, station.plugged_at, station.status))
        await house.clock.sleep(300.0)
    assert seen[0] == (False, None, Status.AVAILABLE)
    assert [plugged for plugged, _, _ in seen[:24]] == [False] + [True] * 4 + [False] * 19
    assert seen[1][1] == pytest.approx(now + 300.0, abs=10.0)
    assert len({at for _, at, _ in seen if at is not None}) == 2


async def test_a_car_may_stay_overnight():
    house = House(HandClock())
    await house.open(pv=QUICK, garage=garage(arrives="18:00", departs="07:30"))
    plugged = []
    for _ in range(24):
        plugged.append(house.station().seen().plugged)
        await house.clock.sleep(300.0)
    assert plugged == [False] * 8 + [True] * 14 + [False] * 2  # from 10:00 on, an hour each


async def test_a_satisfied_car_stops_by_itself_and_a_visit_later_it_is_hungry_again():
    house = House(HandClock())
    await house.open(pv=QUICK, garage=garage(energy="1 kWh", arrives="10:00", departs="20:00"))
    await house.limit(16.0)
    assert await house.drawn_w() == pytest.approx(11040.0)
    assert await house.drawn_w(600.0) == 0.0
    assert house.station().seen().status is Status.SUSPENDED_EV
    assert house.station().seen().sample.energy_wh == pytest.approx(1000.0)
    await house.clock.sleep(7200.0 - 500.0)
    await house.limit(16.0)
    assert await house.drawn_w(60.0) == pytest.approx(11040.0)


async def test_a_car_that_has_slept_in_wakes_by_an_interruption():
    """Edge case 32."""
    house = House(HandClock(NOON))
    await house.open(garage=garage(sleeps_after="5 min"))
    await house.limit(0.0)
    assert house.station().seen().status is Status.SUSPENDED_EVSE
    await house.clock.sleep(300.0)
    await house.limit(10.0)
    assert await house.drawn_w(60.0) == 0.0
    assert house.station().seen().status is Status.SUSPENDED_EV
    await house.limit(0.0)
    await house.clock.sleep(15.0)
    await house.limit(10.0)
    assert await house.drawn_w() == pytest.approx(6900.0)


async def test_samples_are_taken_every_ten_seconds_whoever_looks(house):
    at = []
    for _ in range(30):
        at.append(house.station().seen().sample.at)
        await house.clock.sleep(1.0)
    assert len(set(at)) == 3
    assert max(at) - min(at) == pytest.approx(20.0)


async def test_a_pulled_cable_is_seen_and_the_limit_lapses_all_the_same(house):
    await house.limit(16.0, window_s=60.0)
    house.driver.house(house.clock).away.add("garage")
    assert house.station().seen().online is False
    with pytest.raises(Unavailable):
        await house.limit(8.0)
    assert await house.drawn_w(90.0) == pytest.approx(4140.0)


async def test_who_watches_is_told_of_a_limit_of_samples_and_of_nothing_after_close():
    clock = LeapClock(NOON)
    house = House(clock)
    await house.open(garage=garage())
    told = []
    house.station().watch(lambda: told.append(clock.now()))
    await house.limit(16.0)
    assert len(told) == 1
    await clock.run(61.0)
    assert 6 <= len(told) <= 8
    await house.devices["garage"].close()
    before = len(told)
    await clock.run(60.0)
    await asyncio.sleep(0)
    assert len(told) == before


async def test_a_reload_keeps_the_car_of_an_unchanged_station_and_replaces_a_changed_one(house):
    await house.limit(16.0)
    await house.clock.sleep(30.0)
    register_wh = house.station().seen().sample.energy_wh
    assert register_wh > 0.0
    await house.open(garage=garage())
    assert house.station().seen().sample.energy_wh >= register_wh
    await house.open(garage=garage(phases=1))
    assert house.station().seen().sample.energy_wh == 0.0


@pytest.mark.parametrize(
    ("config", "path", "words"),
    [
        ({"stations": {"cp 01": {}}}, ("stations", "cp 01"), "is not a station"),
        ({"stations": {"cp": {"vehicle": {"phase": 1}}}}, ("stations", "cp", "vehicle", "phase"), '"phases"'),
        ({"stations": {"cp": {"max_current": "16"}}}, ("stations", "cp", "max_current"), "16 A"),
        (
            {"stations": {"cp": {"vehicle": {"arrives": "8:00"}}}},
            ("stations", "cp", "vehicle", "arrives"),
            "time of day",
        ),
        ({"stations": {"cp": {"vehicle": {"wakes": "no"}}}}, ("stations", "cp", "vehicle", "wakes"), "true nor false"),
        (
            {"stations": {"cp": {"phases": 1, "rotation": ["L1", "L2"]}}},
            ("stations", "cp", "rotation"),
            "2 grid phases",
        ),
        ({"stations": {"cp": {"vehicle": "a car"}}}, ("stations", "cp", "vehicle"), "must be a mapping"),
    ],
)
def test_a_bad_station_is_told_what_is_wrong_and_where(config, path, words):
    fault = MemoryDriver().describe(config)
    assert isinstance(fault, ConfigFault)
    assert fault.path == path
    assert words in f"{fault.message} ({fault.hint})"


def test_the_schema_takes_what_describe_takes():
    station = {"max_current": "32 A", "rotation": ["L2", "L3", "L1"], "safe_current": "0 A", "window": "2 min"}
    vehicle = ALWAYS | {
        "badge": "04AA",
        "modulates": False,
        "wakes": False,
        "sleeps_after": "1 h",
        "min_current": "8 A",
    }
    config = {"stations": {"cp-01": station | {"vehicle": vehicle}, "cp-02": {}}}
    jsonschema.validate(config, MemoryDriver.schema, jsonschema.Draft202012Validator)
    assert len(MemoryDriver().describe(config)) == 2
