"""An emulated charge point on a real websocket, with our own central system and its schemas on the other end."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest
from websockets.exceptions import InvalidStatus

from noonward.emulate import ChargePoint, Faults, VehicleKind
from noonward_drivers.ocpp import facade
from noonward_drivers.ocpp.facade import Limit, RemoteStart, SetDefaultLimit, SetLimit, Token, Trigger
from noonward_drivers.ocpp.faults import TimedOut
from support.benches import until
from support.clock import LeapClock
from support.hand_clock import HandClock
from support.ocpp_station import WatchClock, entry, served

NO_LIMIT = Limit(current_a=32.0)


@asynccontextmanager
async def plugged_in(version="1.6", faults=None, kind=None, **more):
    """A charge point under a hand clock, connected and booted; the central system; what it heard."""
    async with served(entry("cp-01", versions=("2.0.1", "1.6"))) as (system, ear):
        clock = HandClock()
        cp = ChargePoint("cp-01", version=version, faults=faults, clock=clock, live=False, reconnect_s=None, **more)
        await cp.connect(system.url)
        await cp.idle()
        if kind is not None:
            cp.plug(kind)
            await cp.idle()
        try:
            yield cp, clock, ear
            assert cp.errors == []  # what it says fits the schemas of its version
        finally:
            await cp.close()


async def lives(cp, clock, seconds):
    await clock.sleep(seconds)
    cp.live()
    await cp.idle()


async def soon(holds):
    """Wait until sockets have carried what is under way."""
    await until(holds, WatchClock(), 3.0)


def running(cp):
    return cp.station.connectors[0].transaction.id


def limit(cp, clock, amps, *, safe=6.0, window_s=600, phases=None, **more):
    return SetLimit(
        connector=1, transaction=running(cp), limit=Limit(current_a=amps, phases=phases),
        safe=Limit(current_a=safe, phases=phases), window_s=window_s, at=clock.now(), **more,
    )  # fmt: skip


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_it_boots_says_its_status_and_begins_when_a_vehicle_comes(version):
    async with plugged_in(version, kind=VehicleKind(phases=1)) as (cp, clock, ear):
        kinds = [type(event).__name__ for event in ear.events]
        assert kinds[0] == "Booted"
        assert "StatusChanged" in kinds
        assert kinds.count("TransactionStarted") == 1
        assert running(cp) is not None
        assert cp.currents_a() == (16.0, 0.0, 0.0)  # no profile at all: full power
        await lives(cp, clock, 120.0)
        cp.unplug()
        await cp.idle()
        assert isinstance(
            ear.events[-1] if version == "2.0.1" else ear.events[-2], facade.TransactionEnded | facade.StatusChanged
        )
        assert [type(event).__name__ for event in ear.events].count("TransactionEnded") == 1


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_it_obeys_a_limit_of_two_periods_and_falls_back_without_its_gateway(version):
    """Acceptance test 8, the station's half."""
    async with plugged_in(version, kind=VehicleKind(phases=3)) as (cp, clock, ear):
        link = ear.links[0]
        await link.do(SetDefaultLimit(connector=1, limit=Limit(current_a=7.0), at=clock.now()))
        assert cp.currents_a() == (7.0, 7.0, 7.0)
        await link.do(limit(cp, clock, 12.0, safe=6.0, window_s=300))
        assert cp.currents_a() == (12.0, 12.0, 12.0)
        await cp.cut()
        await clock.sleep(299.0)
        assert cp.currents_a() == (12.0, 12.0, 12.0)
        await clock.sleep(2.0)
        assert cp.currents_a() == (6.0, 6.0, 6.0)
        await clock.sleep(3600.0)
        assert cp.energy_wh() == pytest.approx(3 * 230.0 * (12.0 * 300 + 6.0 * 3601) / 3600.0, abs=3.0)


async def test_a_session_that_begins_without_a_gateway_gets_the_default_limit():
    """Acceptance test 9, the station's half."""
    async with plugged_in() as (cp, clock, ear):
        await ear.links[0].do(SetDefaultLimit(connector=1, limit=Limit(current_a=6.0), at=clock.now()))
        await cp.cut()
        cp.plug(VehicleKind(phases=1))
        assert cp.currents_a() == (6.0, 0.0, 0.0)


async def test_twenty_stations_for_an_hour_take_seconds():
    async with served(*(entry(f"cp-{n:02}") for n in range(20))) as (system, ear):
        clock = HandClock()
        points = [ChargePoint(f"cp-{n:02}", clock=clock, live=False, reconnect_s=None) for n in range(20)]
        for cp in points:
            await cp.connect(system.url)
            cp.plug(VehicleKind(phases=1 + 2 * (len(cp.station.id) % 2)))
        for _ in range(60):
            await clock.sleep(60.0)
            for cp in points:
                cp.live()
        await asyncio.gather(*(cp.idle() for cp in points))
        samples = [event for event in ear.events if isinstance(event, facade.MeterSamples)]
        assert len(samples) == 20 * 60
        for cp in points:
            await cp.close()


async def test_a_backlog_is_handed_in_with_true_timestamps():
    """Acceptance test 6, the station's half."""
    async with plugged_in(kind=VehicleKind(phases=1)) as (cp, clock, ear):
        await cp.cut()
        begun, heard = clock.now(), len(ear.events)
        await clock.sleep(300.0)
        cp.live()
        await cp._open()
        await cp.idle()
        late = [event for event in ear.events[heard:] if isinstance(event, facade.MeterSamples)]
        assert [round(event.samples[0].at - begun) for event in late] == [60, 120, 180, 240, 300]
        assert not [event for event in ear.events[heard:] if isinstance(event, facade.Booted | facade.StatusChanged)]


async def test_remote_start_with_a_profile():
    async with plugged_in(starts="remote", kind=VehicleKind(phases=3)) as (cp, clock, ear):
        assert cp.status() == "Preparing"
        profile = SetLimit(
            connector=1,
            transaction=None,
            limit=Limit(current_a=8.0),
            safe=Limit(current_a=6.0),
            window_s=600,
            at=clock.now(),
        )
        await ear.links[0].do(
            RemoteStart(connector=1, token=Token(id="APP-1", kind="Central"), remote_start=1, limit=profile)
        )
        await cp.idle()
        assert cp.currents_a() == (8.0, 8.0, 8.0)


async def test_a_mute_station_answers_after_a_reconnect_but_says_nothing_by_itself():
    async with plugged_in(faults=Faults(mute_s=30.0), kind=VehicleKind(phases=1)) as (cp, clock, ear):
        await cp.cut()
        await clock.sleep(60.0)
        await cp._open()
        heard = len(ear.events)
        await ear.links[-1].do(Trigger(topic="meter-values", connector=1))
        await asyncio.sleep(0.05)
        assert len(ear.events) == heard
        await lives(cp, clock, 31.0)
        assert len(ear.events) > heard


async def test_an_unanswered_request_stays_so():
    async with plugged_in(faults=Faults(unanswered=("TriggerMessage",))) as (cp, _clock, ear):
        with pytest.raises(TimedOut):
            await ear.links[0].do(Trigger(topic="heartbeat"), timeout_s=0.05)
        assert [action for _, action, _ in cp.asked] == ["TriggerMessage"]


async def test_junk_is_sent_and_the_link_stands():
    """Acceptance test 1."""
    async with plugged_in(faults=Faults(junk=True), kind=VehicleKind(phases=1)) as (cp, clock, ear):
        for _ in range(5):
            await lives(cp, clock, 60.0)
        assert cp.online
        assert len([event for event in ear.events if isinstance(event, facade.MeterSamples)]) == 5


@pytest.mark.parametrize(("bare", "refused"), [(True, None), (False, 400)])
async def test_a_station_without_a_subprotocol_is_let_in_where_its_entry_allows_it(bare, refused):
    """Acceptance test 20."""
    async with served(entry("cp-01", versions=("1.6",), bare=bare)) as (system, _ear):
        cp = ChargePoint("cp-01", clock=HandClock(), faults=Faults(no_subprotocol=True), live=False, reconnect_s=None)
        with suppress(InvalidStatus):
            await cp.connect(system.url)
        assert (cp.online, cp.refused) == (refused is None, refused)
        await cp.close()


async def test_a_key_opens_the_door_and_a_wrong_one_does_not():
    """Acceptance test 18, from outside."""
    async with served(entry("cp-01", security=1, key="0123456789abcdef")) as (system, _ear):
        for key, refused in ((None, 401), ("wrong", 401), ("0123456789abcdef", None)):
            cp = ChargePoint("cp-01", clock=HandClock(), key=key, live=False, reconnect_s=None)
            with suppress(InvalidStatus):
                await cp.connect(system.url)
            assert cp.refused == refused
            await cp.close()


async def test_it_comes_back_by_itself_and_a_restart_boots_again():
    async with served(entry("cp-01")) as (system, ear):
        clock = LeapClock()
        cp = ChargePoint("cp-01", clock=clock, reconnect_s=5.0)
        await cp.connect(system.url)
        await cp.idle()
        await cp.cut()
        assert not cp.online
        await clock.run(5.1)
        await soon(lambda: cp.online)
        assert sum(isinstance(event, facade.Booted) for event in ear.events) == 1
        await cp.reboot()
        await clock.run(5.1)
        await soon(lambda: sum(isinstance(event, facade.Booted) for event in ear.events) == 2)
        await cp.close()


async def test_a_gateway_that_is_away_is_tried_again():
    async with served(entry("cp-01")) as (system, _ear):
        url = system.url
        clock = LeapClock()
        cp = ChargePoint("cp-01", clock=clock, reconnect_s=5.0)
        await cp.connect(url)
    await soon(lambda: not cp.online)
    await clock.run(12.0)
    await asyncio.sleep(0.05)
    assert not cp.online
    await cp.close()


async def test_it_measures_when_it_is_asked():
    async with plugged_in(kind=VehicleKind(phases=1)) as (cp, clock, ear):
        await lives(cp, clock, 5.0)
        heard = len(ear.events)
        await ear.links[0].do(Trigger(topic="meter-values", connector=1))
        await cp.idle()
        assert isinstance(ear.events[heard], facade.MeterSamples)
        assert Faults() == cp.station.faults
