"""What may be typed while a site is emulated, and what is told about a mistake."""

from __future__ import annotations

import pytest

from noonward.emulate import ChargePoint, VehicleKind
from noonward.emulate.console import HELP, Console, Mistake
from noonward.emulate.world import Parked, World
from support.hand_clock import HandClock

from .test_registers import Still


@pytest.fixture
def world():
    clock = HandClock()
    made = World(clock, Still())
    for name in ("cp-01", "cp-02"):
        made.stations[name] = Parked(point=ChargePoint(name, clock=clock, live=False, starts="badge"))
    return made


async def test_a_vehicle_comes_charges_by_a_badge_and_goes(world):
    console, point = Console(world), world.stations["cp-01"].point
    await console.do("plug cp-01 1\n")
    assert point.status() == "Preparing"
    point.station.local_list.add("04AA")
    await console.do("BADGE cp-01 04AA")
    assert point.currents_a() == (16.0, 0.0, 0.0)
    await console.do("reboot cp-01")
    assert point.power_w() == 0.0
    await console.do("cut cp-01")
    await console.do("unplug cp-01")
    assert point.status() == "Available"


async def test_a_door_wakes_a_vehicle(world):
    vehicle = world.stations["cp-02"].point.plug(VehicleKind())
    vehicle.asleep = True
    await Console(world).do("wake cp-02")
    assert not vehicle.asleep


async def test_a_contact_is_closed_and_opened(world):
    console = Console(world)
    assert await console.do("close cellar/input-1") == "cellar/input-1: closed"
    assert world.inputs == {"cellar/input-1": True}
    await console.do("open cellar/input-1")
    assert world.inputs == {"cellar/input-1": False}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("plugg cp-01", "plugg is not known here; type help"),
        ("plug", "plug which station? There is cp-01, cp-02"),
        ("plug cp-1", "plug which station?"),
        ("plug cp-01 4", "1, 2 or 3 phases, not 4"),
        ("badge cp-01", "badge is used otherwise"),
        ("unplug cp-01 now please", "unplug is used otherwise"),
        ("wake cp-01", "no vehicle is plugged in there"),
        ("close the door", "which contact?"),
    ],
)
async def test_a_mistake_is_told(world, line, words):
    with pytest.raises(Mistake) as told:
        await Console(world).do(line)
    assert words in str(told.value)


async def test_a_second_vehicle_does_not_fit(world):
    await Console(world).do("plug cp-01")
    with pytest.raises(Mistake, match="has a vehicle already"):
        await Console(world).do("plug cp-01")


async def test_help_and_nothing(world):
    assert await Console(world).do("help") == HELP
    assert await Console(world).do("   ") == ""
