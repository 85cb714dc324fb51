"""A garage on virtual time: the daemon, its real core, and cars that come, draw and leave."""

from __future__ import annotations

import contextlib
import itertools
import json
import sqlite3

import pytest

from noonward.core.model import Mode, Override, Status
from noonward.daemon.engine import UNPLUGGED, ModeConflict, UnknownStation
from noonward.daemon.notify import Notifier
from noonward.errors import Unsupported
from noonward.ports import Device
from support.house import GARAGE, GARAGE_SITE, House, advance, build, running, write


@pytest.fixture
def house():
    return House(pv_w=5400.0)


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "policies", site=GARAGE_SITE, garage=GARAGE, boiler="", pump="")


async def charging(house, seconds=300.0, **more):
    """A car on cp-01 that has been charging for a while; cp-02 is free."""
    await house.clock.run(1.0)
    for one in house.stations.values():
        one.says(plugged=False, status=Status.AVAILABLE)
    house.stations["cp-01"].plug(1, **more)
    await house.drive(seconds)
    assert house.stations["cp-01"].drawn_a() > 6.0


def told(house, name="cp-01"):
    return [command.limit_a for _, command in house.stations[name].limits]


def decision(daemon, name="cp-01"):
    (zone,) = daemon.outcome.decisions
    return next(one for one in zone.stations if one.station == name)


def wishes(state):
    with contextlib.closing(sqlite3.connect(state / "state.db")) as db:
        return {policy: json.loads(wish) for policy, wish in db.execute("SELECT * FROM inputs")}


# --- what is told of it -------------------------------------------------------------------------------------------------


async def test_the_sun_charges_a_car_and_it_is_told_and_written_down(house, folder, state, said, monkeypatch):
    lines = []
    monkeypatch.setattr(Notifier, "status", lambda _, line: lines.append(line))
    async with running(house, folder, state) as daemon:
        await charging(house)
        assert decision(daemon).state == "charging"
        records = [record for record in await daemon.decisions("garage") if record.station == "cp-01"]
        newest = records[0]
        assert (newest.before, newest.after, newest.code) == ("offered", "charging", "surplus")
        assert newest.facts["limit_a"] >= 6.0
        assert "garage.yaml" in newest.where
        assert all(after.before == before.after for after, before in itertools.pairwise(records))
        zone = next(record for record in await daemon.decisions("garage") if record.station is None)
        assert (zone.before, zone.after) == ("off", "solar")
        assert any(line.startswith("garage, cp-01, charging: ") for line in said("decision"))
        assert any(line.startswith("garage, solar: ") for line in said("decision"))
        assert lines[-1] == "1 policies; on: garage; 1 of 2 stations charging"
        written = len(await daemon.decisions("garage"))
        await house.drive(600)
        assert len(await daemon.decisions("garage")) == written, "a new limit alone is no new decision"


# --- stop and go --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("killed", [True, False])
async def test_a_daemon_that_is_back_within_the_lease_goes_on_and_no_limit_jumps(house, folder, state, killed):
    """Acceptance test 8."""
    first = build(house, folder, state)
    await advance(house.clock, first.start())
    await charging(house)
    car = house.stations["cp-01"]
    before, memory, drawn_a = told(house), first.state.stations["cp-01"], car.drawn_a()
    if killed:
        first._task.cancel()
        first._loop = None
    else:
        await advance(house.clock, first.stop(for_good=False))
    await house.clock.run(20.0)
    car.limits.clear()
    car.told = car.told.__class__(plugged=True, plugged_at=memory.plugged_at, online=False)  # what a driver keeps
    async with running(house, folder, state) as daemon:
        kept = daemon.state.stations["cp-01"]
        assert (kept.found, kept.plugged_at, kept.session.state) == (memory.found, memory.plugged_at, "charging")
        assert kept.found.phases == 1
        await house.clock.run(5.0)
        car.says()
        await house.drive(120.0)
        assert set(told(house)) == {before[-1]}, "sent again, as it was"
        assert car.drawn_a() == drawn_a
        after = daemon.state.stations["cp-01"]
        assert (after.session.state, after.plugged_at, after.found) == ("charging", memory.plugged_at, memory.found)
        assert after.session.starts == memory.session.starts, "the same session"
        assert decision(daemon).state == "charging"
    if killed:
        await first._wiring.close()


async def test_what_people_set_stands_after_a_kill(house, folder, state):
    first = build(house, folder, state)
    await advance(house.clock, first.start())
    await house.clock.run(1.0)
    await first.set_charge_now("cp-01", until=UNPLUGGED, energy_wh=None, by="anna")
    await first.set_need("cp-02", energy_wh=8000.0, departure=house.clock.now() + 7200.0, by="ben")
    await first.set_override("garage", Override(mode=Mode.TIMER, by="anna"))
    before = dict(first.inputs)
    first._task.cancel()
    async with running(house, folder, state) as daemon:
        assert daemon.inputs == before
        assert daemon.inputs["garage"].charge_now["cp-01"].by == "anna"
        assert daemon.observation.inputs == before
    await first._wiring.close()


# --- people -------------------------------------------------------------------------------------------------------------


async def test_charge_now_charges_in_the_dark_until_the_car_leaves_and_is_then_forgotten(house, folder, state, said):
    """Edge case 38."""
    house.pv_w = 0.0
    async with running(house, folder, state) as daemon:
        await house.clock.run(1.0)
        for one in house.stations.values():
            one.says(plugged=False, status=Status.AVAILABLE)
        await daemon.set_charge_now("cp-01", until=None, energy_wh=None, by="anna")
        assert wishes(state)["garage"]["charge_now"]["cp-01"]["by"] == "anna"
        car = house.stations["cp-01"]
        await house.drive(60.0)
        assert daemon.inputs["garage"].charge_now, "it waits for the next vehicle"
        car.plug(1)
        await house.drive(240.0)
        assert (decision(daemon).why.code.value, car.drawn_a()) == ("charge-now", 16.0)
        car.unplug()
        await house.clock.run(15.0)
        assert daemon.inputs == {}
        assert wishes(state) == {}
        car.plug(1)
        await house.drive(120.0)
        assert car.drawn_a() == 0.0, "the next car's owner wished nothing"
        assert any("cp-01 charges now, wished by anna" in line for line in said("charge-now"))


async def test_charge_now_for_an_energy_ends_with_it(house, folder, state):
    house.pv_w = 0.0
    async with running(house, folder, state) as daemon:
        await house.clock.run(1.0)
        car = house.stations["cp-01"]
        car.plug(1)
        await daemon.set_charge_now("cp-01", until=None, energy_wh=500.0, by="anna")
        await house.drive(1200.0)
        assert daemon.inputs == {}
        assert car.drawn_a() == 0.0
        assert 500.0 <= daemon.state.stations["cp-01"].session.drew_wh < 900.0


async def test_charge_now_taken_back_ends_at_once(house, folder, state):
    house.pv_w = 0.0
    async with running(house, folder, state) as daemon:
        await house.clock.run(1.0)
        car = house.stations["cp-01"]
        car.plug(1)
        await daemon.set_charge_now("cp-01", until=None, energy_wh=None, by="anna")
        await house.drive(1200.0)
        assert car.drawn_a() == 16.0
        await daemon.clear_charge_now("cp-01")
        assert daemon.inputs == {}
        await house.drive(120.0)
        assert decision(daemon).why.code.value != "charge-now"


async def test_who_asks_for_what_cannot_be_is_told(house, folder, state):
    async with running(house, folder, state) as daemon:
        with pytest.raises(UnknownStation, match="cp-03"):  # declared, and in no zone
            await daemon.set_charge_now("cp-03", until=None, energy_wh=None, by="anna")
        await daemon.set_override("garage", Override(mode=Mode.ALWAYS_OFF, by="anna"))
        with pytest.raises(ModeConflict, match="always-off"):
            await daemon.set_need("cp-01", energy_wh=1.0, departure=house.clock.now() + 5, by="anna")
        await daemon.clear_need("cp-01")


async def test_listeners_hear_of_a_wish_under_the_name_of_the_zone(house, folder, state):
    heard = []

    class Ear:
        def publish(self, event):
            heard.append(event)

    async with running(house, folder, state) as daemon:
        daemon.subscribe(Ear())
        await daemon.set_need("cp-01", energy_wh=1.0, departure=house.clock.now() + 500, by="anna")
        assert [event["policy"] for event in heard if event["event"] == "inputs"] == ["garage"]
        await daemon.clear_need("cp-01")
        assert daemon.inputs == {}


# --- logs ---------------------------------------------------------------------------------------------------------------


async def test_a_log_is_asked_of_the_device_that_has_the_station(house, folder, state, monkeypatch):
    async def diagnostics(_, station, url):
        return f"{station} to {url}"

    async with running(house, folder, state) as daemon:
        with pytest.raises(Unsupported, match="cp-01 keeps no log"):
            await daemon.diagnostics("cp-01", "ftp://host/")
        with pytest.raises(UnknownStation):
            await daemon.diagnostics("cp-99", "ftp://host/")
        monkeypatch.setattr(Device, "diagnostics", diagnostics, raising=False)
        assert await daemon.diagnostics("cp-02", "ftp://host/") == "cp-02 to ftp://host/"
