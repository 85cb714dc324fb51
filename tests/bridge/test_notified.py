"""What a building must tell: a vehicle that sleeps, a need at risk, a silent device, an envelope that holds: once each."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from noonward.bridge.noticing import Noticing
from noonward.core.model import Status
from noonward.views.board import Board
from support.clock import LeapClock
from support.house import BOILER, GARAGE, GARAGE_SITE, SITE, House, running, write

CAPPED = SITE.replace("frozen_after: 10 min}", "frozen_after: 10 min, import_cap: 2 kW}")


@asynccontextmanager
async def told_of(tmp_path, house=None, **files):
    """A house, and what it told: (code, subject, whether it began)."""
    house = house or House()
    async with running(house, write(tmp_path / "site", **files), tmp_path / "state") as daemon:
        noticing, told = Noticing(daemon, Board(), daemon.memory("notices")), []

        def hear(one):
            about = one.about.device or one.about.station or one.about.policy
            told.append((one.code, about, one.over_at is None))

        noticing.listen(hear)
        task = asyncio.create_task(noticing.run())
        try:
            yield house, told
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def of(told, code):
    return [(subject, begun) for one, subject, begun in told if one == code]


async def test_a_device_that_does_not_answer(tmp_path):
    async with told_of(tmp_path) as (house, told):
        house.relays["attic/relay-1"].away = True
        await house.clock.run(1800)
        assert of(told, "device-silent") == [("attic", True)]
        house.relays["attic/relay-1"].away = False
        await house.clock.run(600)
        assert of(told, "device-silent") == [("attic", True), ("attic", False)]


async def test_stations_that_never_came_and_that_are_lost(tmp_path):
    async with told_of(tmp_path, site=GARAGE_SITE, garage=GARAGE) as (house, told):
        house.stations["cp-02"].says()
        await house.clock.run(600)
        assert of(told, "station-away") == [("cp-01", True)]
        house.stations["cp-01"].says()
        house.stations["cp-02"].says(online=False)
        await house.clock.run(600)
        assert sorted(of(told, "station-away")) == [("cp-01", False), ("cp-01", True), ("cp-02", True)]
        assert of(told, "device-silent") == []


async def test_a_restart_neither_clears_nor_repeats_a_station_that_is_lost(tmp_path):
    house = House()
    async with told_of(tmp_path, house, site=GARAGE_SITE, garage=GARAGE) as (_, told):
        house.stations["cp-01"].says()
        house.stations["cp-02"].says()
        await house.clock.run(60)
        house.stations["cp-02"].says(online=False)
        await house.clock.run(600)
        assert of(told, "station-away") == [("cp-02", True)]
    async with told_of(tmp_path, house, site=GARAGE_SITE, garage=GARAGE) as (_, told):
        await house.clock.run(600)
        assert of(told, "station-away") == []
        house.stations["cp-02"].says()
        await house.clock.run(600)
        assert of(told, "station-away") == [("cp-02", False)]


async def test_an_envelope_that_holds_a_load_back(tmp_path):
    boiler = BOILER.replace("auto-solar", "always-on")
    async with told_of(tmp_path, site=CAPPED, boiler=boiler) as (house, told):
        await house.clock.run(1800)
        assert of(told, "import-cap-holds") == [("boiler", True)]
        house.pv_w = 6000.0
        await house.clock.run(1800)
        assert of(told, "import-cap-holds") == [("boiler", True), ("boiler", False)]


async def test_a_need_that_cannot_be_met_any_more(tmp_path):
    """A cap of the site holds the boiler back beyond the latest moment at which it would have to start."""
    need = 'need: {energy: 9 kWh, by: "0 4 * * *"}\n'
    house = House(clock=LeapClock(datetime(2026, 5, 28, 23, 50, tzinfo=UTC).timestamp()))
    async with told_of(tmp_path, house, site=CAPPED, boiler=BOILER + need) as (house, told):
        await house.clock.run(2 * 3600)
        assert of(told, "need-at-risk") == [("boiler", True)]
        await house.clock.run(4 * 3600)  # it is missed by then: no risk any more
        assert of(told, "need-at-risk") == [("boiler", True), ("boiler", False)]
        assert of(told, "need-missed")[0] == ("boiler", True)


@pytest.mark.parametrize("unplugged", [True, False])
async def test_a_vehicle_that_sleeps(tmp_path, unplugged):
    garage = GARAGE.replace("auto-solar", "always-on")
    async with told_of(tmp_path, site=GARAGE_SITE, garage=garage) as (house, told):
        one = house.stations["cp-01"]
        one.says(plugged=False, status=Status.AVAILABLE)
        await house.drive(30)
        one.plug()
        one.takes_a = 0.0
        one.says(status=Status.SUSPENDED_EV)
        await house.drive(3600)
        slept = [
            (subject, begun) for code, subject, begun in told if code in {"vehicle-asleep", "vehicle-needs-driver"}
        ]
        assert slept, told
        assert slept[0] == ("cp-01", True)
        assert of(told, "vehicle-asleep").count(("cp-01", True)) == 1
        assert of(told, "vehicle-needs-driver").count(("cp-01", True)) <= 1
        if unplugged:
            one.unplug()
        else:
            one.takes_a = 16.0
        await house.drive(1800)
        for code in ("vehicle-asleep", "vehicle-needs-driver"):
            began, over = of(told, code).count(("cp-01", True)), of(told, code).count(("cp-01", False))
            assert began == over <= 1, (code, told)
