"""The living example house of the memory driver."""

from __future__ import annotations

import pytest

from noonward.errors import Unavailable
from noonward_drivers.memory import MemoryDriver
from noonward_drivers.memory.config import read
from support.dict_memory import DictMemory
from support.hand_clock import HandClock

GRID = {"meter": "grid", "noise": "0 W"}
PV = {"meter": "pv", "peak": "8 kWp", "sky": "clear"}
BOARD = {
    "relays": {
        "relay-1": {"power": "3 kW", "plant": "tank", "phases": ["L1"]},
        "relay-2": {"power": "2 kW", "plant": "heat-pump"},
        "relay-3": {"power": "3 kW", "load": "boiler", "plant": "tank"},
        "relay-4": {"power": "3 kW", "load": "boiler"},
        "relay-5": {"power": "2 kW", "plant": "quota", "energy": "1 kWh"},
        "relay-6": {"power": "400 W", "phases": ["L2", "L3"]},
    },
    "inputs": {"input-1": "open", "input-2": "closed", "input-3": "broken"},
}


class House:
    """A driver, a clock and opened devices."""

    def __init__(self):
        self.driver, self.clock, self.devices = MemoryDriver(), HandClock(), {}

    async def open(self, **entries):
        for name, config in entries.items():
            self.devices[name] = await self.driver.open(name, config, self.clock, DictMemory())

    async def power_w(self, name, channel="meter"):
        return (await self.devices[name].meters[channel].read())["power_w"]

    async def set(self, relay, closed=True, lease_s=None):
        await self.devices["board"].relays[relay].set(closed, valid_for_s=lease_s)

    async def later(self, seconds):
        await self.clock.sleep(seconds)


@pytest.fixture
async def house():
    made = House()
    await made.open(grid=GRID, pv=PV, board=BOARD)
    return made


async def test_what_loads_draw_is_seen_at_the_grid_connection(house):
    quiet_w = await house.power_w("grid")
    await house.set("relay-1")
    await house.set("relay-6")
    assert await house.power_w("grid") == pytest.approx(quiet_w + 3400.0)
    assert await house.power_w("board", "power-1") == 3000.0
    assert await house.power_w("board", "power-6") == 400.0
    await house.set("relay-1", closed=False)
    assert await house.power_w("grid") == pytest.approx(quiet_w + 400.0)


async def test_production_is_seen_at_the_grid_connection():
    with_sun, without = House(), House()
    await with_sun.open(grid=GRID, pv=PV)
    await without.open(grid=GRID)
    assert await with_sun.power_w("pv") > 1000.0
    assert await with_sun.power_w("grid") == pytest.approx(await without.power_w("grid") - await with_sun.power_w("pv"))


async def test_phases_carry_what_hangs_on_them(house):
    before = await house.devices["grid"].meters["meter"].read()
    await house.set("relay-1")
    await house.set("relay-6")
    after = await house.devices["grid"].meters["meter"].read()
    rise_a = [after[f"current_l{k}_a"] - before[f"current_l{k}_a"] for k in (1, 2, 3)]
    assert rise_a == pytest.approx([3000.0 / 230.0, 200.0 / 230.0, 200.0 / 230.0])
    assert sum(after[f"current_l{k}_a"] for k in (1, 2, 3)) * 230.0 == pytest.approx(after["power_w"])


async def test_two_relays_feed_one_load(house):
    assert await house.power_w("board", "power-3") == 0.0
    await house.set("relay-3")
    assert [await house.power_w("board", f"power-{k}") for k in (3, 4)] == [3000.0, 3000.0]
    await house.set("relay-4")
    assert await house.power_w("board", "power-3") == 6000.0


async def test_a_tank_gets_warm_and_draws_nothing_behind_its_closed_relay(house):
    """Edge case 44."""
    await house.set("relay-1")
    drawn = []
    for _ in range(180):
        await house.later(60.0)
        drawn.append(await house.power_w("board", "power-1"))
    assert drawn[0] == 3000.0
    assert drawn[-1] == 0.0
    assert 60 <= sum(power_w > 0 for power_w in drawn) <= 120, "300 l from 48 to 60 °C at 3 kW take about 84 min"
    assert await house.devices["board"].relays["relay-1"].read() is True


async def test_a_quota_is_used_up_by_being_on_whoever_looks(house):
    await house.set("relay-5")
    await house.later(3600.0)
    assert await house.power_w("board", "power-5") == 0.0
    await house.later(24 * 3600.0)
    await house.set("relay-5", closed=False)
    await house.later(24 * 3600.0)
    await house.set("relay-5")
    assert await house.power_w("board", "power-5") == 2000.0, "a new day, a new need"


async def test_a_heat_pump_is_offered_power_and_runs_up(house):
    await house.set("relay-2")
    first_w = await house.power_w("board", "power-2")
    await house.later(120.0)
    assert 0.0 < first_w < 100.0
    assert await house.power_w("board", "power-2") == 2000.0


async def test_the_dead_man_opens_at_its_moment_even_if_nobody_looks(house):
    """Edge case 63: what was drawn until then is what a lease lasts, not what the pause between two looks lasts."""
    await house.set("relay-5", lease_s=600.0)
    await house.later(7200.0)
    assert await house.devices["board"].relays["relay-5"].read() is False
    await house.set("relay-5")
    await house.later(1190.0)  # 2 kW · (600 + 1190) s = 994 Wh of 1000
    assert await house.power_w("board", "power-5") == 2000.0
    await house.later(20.0)
    assert await house.power_w("board", "power-5") == 0.0


async def test_inputs_stand_as_written_and_a_broken_one_does_not_answer(house):
    inputs = house.devices["board"].inputs
    assert (await inputs["input-1"].read(), await inputs["input-2"].read()) == (False, True)
    with pytest.raises(Unavailable, match="broken"):
        await inputs["input-3"].read()


async def test_the_wall_clock_may_jump_and_no_plant_notices(house):
    """Edge case 57."""
    await house.set("relay-1", lease_s=120.0)
    house.clock.wall += 3 * 3600.0
    assert await house.devices["board"].relays["relay-1"].read() is True
    house.clock.wall -= 6 * 3600.0
    await house.later(119.0)
    assert await house.devices["board"].relays["relay-1"].read() is True
    await house.later(2.0)
    assert await house.devices["board"].relays["relay-1"].read() is False


async def test_the_grid_meter_is_as_late_as_its_entry_says():
    house = House()
    await house.open(grid=GRID | {"lag": "10 s"}, board=BOARD)
    before_w = await house.power_w("grid")
    await house.set("relay-1")
    await house.later(5.0)
    assert await house.power_w("grid") == pytest.approx(before_w, abs=100.0)
    await house.later(11.0)
    assert await house.power_w("grid") == pytest.approx(before_w + 3000.0, abs=100.0)


async def test_noise_is_there_unless_it_is_turned_off():
    house = House()
    await house.open(grid={"meter": "grid"})
    one = await house.power_w("grid")
    await house.later(0.001)
    assert await house.power_w("grid") != one


async def test_a_quick_sun_begins_at_ten_and_goes_round_in_its_day():
    house = House()
    house.clock.wall = 1767225600.0  # the first of January, midnight
    await house.open(pv={"meter": "pv", "sky": "clear", "day": "2 h"})
    seen = []
    for _ in range(24):
        seen.append(await house.power_w("pv"))
        await house.later(300.0)
    assert seen[0] > 5000.0
    assert max(seen[:3]) == max(seen), "noon comes ten minutes later"
    assert min(seen[7:16]) == 0.0, "and a night follows"
    assert seen[23] > 4000.0


async def test_a_reload_keeps_contacts_and_warmth_of_what_did_not_change(house):
    """Edge case 65."""
    await house.set("relay-1", lease_s=600.0)
    await house.set("relay-6")
    await house.later(300.0)
    living = house.driver.house(house.clock)
    living.settle()
    warm_c = living._loads["board/relay-1"].plant.temperature_c
    changed = {"relays": {k: v for k, v in BOARD["relays"].items() if k != "relay-6"}, "inputs": {}}
    changed["relays"] |= {"relay-5": {"power": "1 kW"}}
    again = await house.driver.open("board", changed, house.clock, DictMemory())
    await house.devices["board"].close()
    assert house.driver.house(house.clock) is living, "as long as someone is in it, a house lives on"
    assert await again.relays["relay-1"].read() is True
    assert living._loads["board/relay-1"].plant.temperature_c == warm_c > 48.0
    assert "board/relay-6" not in living._loads
    await house.later(301.0)
    assert await again.relays["relay-1"].read() is False, "its lease went on"


async def test_houses_do_not_see_each_other():
    house = House()
    await house.open(grid=GRID, board=BOARD | {"house": "next door"})
    before_w = await house.power_w("grid")
    await house.set("relay-1")
    assert await house.power_w("grid") == before_w


async def test_the_last_to_leave_lets_the_house_go(house):
    for device in house.devices.values():
        await device.close()
        await device.close()
    assert house.driver._houses == {}


@pytest.mark.parametrize(
    ("written", "seconds"), [("2 min", 120.0), ("1 h 30 min", 5400.0), ("45 s", 45.0), ("0 s", None)]
)
def test_durations_are_read_as_written(written, seconds):
    assert read({"meter": "grid", "dead_man": written}).dead_man_s == seconds


@pytest.mark.parametrize(
    "written", ["2", "2 minutes", "two min", "2 kW", "min", "2 min!", "-2 min", "1 kW 2 W", 120, None]
)
def test_what_is_not_a_duration_is_refused(written):
    fault = MemoryDriver().describe({"meter": "grid", "dead_man": written})
    assert "is not a duration" in fault.message


def test_two_relays_cannot_both_say_what_their_load_is():
    relays = {f"relay-{k}": {"power": "3 kW", "load": "boiler", "plant": "tank"} for k in (1, 2)}
    fault = MemoryDriver().describe({"relays": relays})
    assert fault.path == ("relays",)
    assert 'both say what load "boiler" is' in fault.message
