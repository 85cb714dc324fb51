"""Limits: from what the core grants to what a station holds, and what it falls to when nobody renews it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import pairwise

import pytest

from noonward.core.model import LimitSeen
from noonward.errors import DriverError, Rejected
from noonward_drivers.ocpp.faults import Disconnected, Superseded, TimedOut
from noonward_drivers.ocpp.held import Held
from support.dict_memory import DictMemory
from support.ocpp_model import FULL_A, model, rig

pytestmark = pytest.mark.asyncio

VERSIONS = ("1.6", "2.0.1")


# -- a limit and its end ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_limit_holds_and_falls_to_the_safe_one_by_itself(version):
    """Acceptance test 8, the station's part: the dead-man is inside the profile."""
    async with rig(version=version) as r:
        await r.begin()
        command = await r.limit(12.0)
        assert r.one.accepted == LimitSeen(current_a=12.0, at=command.at)
        assert r.station.drawn_a() == 12.0
        (profile,) = r.station.written()
        assert (profile["chargingProfileKind"], profile["stackLevel"]) == ("Absolute", 5)
        assert r.station.limits() == [[(0, 12.0), (660, 6.0)]]
        await r.disconnect()
        await r.clock.run(599)
        assert r.station.drawn_a() == 12.0
        await r.clock.run(2)
        assert r.station.drawn_a() == 6.0


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_begins_while_the_gateway_is_dead_begins_at_the_safe_limit(version):
    """Acceptance test 9."""
    async with rig(version=version) as r:
        await r.begin()
        await r.limit(16.0)
        await r.end()
        await r.disconnect()
        r.station.begin()
        assert r.station.drawn_a() == 6.0


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_pause_is_a_limit_of_0_and_keeps_the_transaction(version):
    async with rig(version=version) as r:
        await r.begin()
        await r.limit(12.0)
        command = await r.limit(0.0)
        assert (r.station.drawn_a(), r.one.accepted.at) == (0.0, command.at)
        assert not r.station.told("RemoteStopTransaction")
        assert not r.station.told("RequestStopTransaction")
        assert not r.station.told("ClearChargingProfile")


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_limit_waits_for_a_transaction_and_is_the_first_thing_that_it_hears(version):
    async with rig(version=version) as r:
        command = await r.limit(10.0)
        assert r.one.accepted is None
        assert not r.station.written()
        asked = len(r.station.asked)
        await r.begin()
        assert r.station.asked[asked][1] == "SetChargingProfile"
        assert r.station.drawn_a() == 10.0
        assert r.one.accepted == LimitSeen(current_a=10.0, at=command.at)


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_station_that_does_not_know_its_transaction_yet_is_told_again_in_the_same_form(version):
    async with rig(version=version, begins_slowly_s=1.0) as r:
        await r.limit(10.0)
        await r.begin()
        await r.clock.run(3)
        first, second = r.station.written()
        assert first == second
        assert r.station.drawn_a() == 10.0


async def test_a_limit_whose_window_is_over_is_not_brought_up_again():
    async with rig() as r:
        await r.limit(32.0)
        await r.clock.run(601)
        await r.begin()
        assert not r.station.written()
        assert r.station.drawn_a() == 6.0


async def test_a_vehicle_does_not_inherit_what_the_one_before_was_granted():
    async with rig() as r:
        await r.plug_in()
        await r.limit(32.0)
        r.one.plugged(False)
        r.one.plugged(True)
        await r.begin()
        assert r.station.drawn_a() == 6.0


@pytest.mark.parametrize("version", VERSIONS)
async def test_after_a_reconnect_what_is_wanted_is_told_without_boot_or_status(version):
    """Acceptance test 5: the limit that came while the link was away, and then renewals, as if nothing had been."""
    async with rig(version=version) as r:
        await r.begin()
        await r.limit(12.0)
        await r.disconnect()
        with pytest.raises(Disconnected):
            await r.limit(8.0)
        await r.clock.run(60)
        await r.connect()
        assert r.station.drawn_a() == 8.0
        assert r.one.accepted.current_a == 8.0
        await r.clock.run(300)
        await r.limit(8.0)
        assert len(r.station.written()) == 3


@pytest.mark.parametrize("version", VERSIONS)
async def test_after_a_restart_of_the_station_limits_are_written_anew(version):
    """Edge case 36: it reboots and loses its profiles."""
    async with rig(version=version, forgets=True) as r:
        await r.begin()
        await r.limit(12.0)
        r.one.booted()
        assert r.one.accepted is None
        await r.boot()
        assert r.station.drawn_a() == 12.0


async def test_a_station_whose_clock_is_off_falls_at_the_right_moment():
    """Edge case 37: by its own clock."""
    for error_s in (-7200.0, 7200.0):
        async with rig(clock_error_s=error_s) as r:
            r.one.clock_error(error_s)
            await r.begin()
            await r.limit(12.0)
            await r.clock.run(599)
            assert r.station.drawn_a() == 12.0
            await r.clock.run(2)
            assert r.station.drawn_a() == 6.0


@pytest.mark.parametrize("error_s", [-7200.0, 7200.0])
async def test_a_clock_that_is_found_to_be_off_has_everything_written_again(error_s):
    """Edge case 37: nothing of what it was told holds when it should."""
    async with rig(clock_error_s=error_s) as r:
        await r.begin()
        await r.limit(12.0)
        r.one.clock_error(error_s)
        await r.clock.settle()
        assert r.station.drawn_a() == 12.0
        r.one.clock_error(error_s + 5.0)  # it drifts: no reason to write
        await r.clock.settle()
        assert (len(r.station.written()), len(r.station.written("TxDefaultProfile"))) == (2, 2)


# -- how a limit is written ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_station_of_watts_charges_a_vehicle_of_one_phase(version):
    """Acceptance test 10."""
    keys = {"ChargingScheduleAllowedChargingRateUnit": "Power", "SmartChargingCtrlr.RateUnit": "W"}
    async with rig(version=version, units=("W",), settings=keys, car={"phases": 1}) as r:
        await r.begin()
        await r.limit(6.0, phases=1)
        (profile,) = r.station.written()
        schedule = profile["chargingSchedule"]
        schedule = schedule if version == "1.6" else schedule[0]
        assert schedule["chargingRateUnit"] == "W"
        assert schedule["chargingSchedulePeriod"][0] == {"startPeriod": 0, "limit": 1380.0, "numberPhases": 1}
        assert r.station.drawn_a() * 230.0 * r.station.phases == pytest.approx(1380.0)
        await r.clock.run(30)
        await r.limit(10.0, phases=3)
        assert r.station.drawn_a() == pytest.approx(10.0)
        await r.limit(10.0, phases=1)  # the vehicle turns out to use one: its watts are fewer
        assert len(r.station.written()) == 3


async def test_amperes_say_nothing_of_phases():
    """There are stations that switch phases by it."""
    async with rig() as r:
        await r.begin()
        await r.limit(6.0, phases=1)
        assert "numberPhases" not in r.station.written()[0]["chargingSchedule"]["chargingSchedulePeriod"][0]


SNAPPED = [(5.0, 0.0), (6.0, 6.0), (7.9, 6.0), (9.99, 8.0), (12.9, 10.0), (13.0, 13.0), (40.0, 16.0)]


@pytest.mark.parametrize(("granted_a", "held_a"), SNAPPED)
async def test_steps_are_snapped_down(granted_a, held_a):
    """Edge case 36: rounding by the station."""
    async with rig(profile=model(steps_a=(6, 8, 10, 13, 16))) as r:
        await r.begin()
        await r.limit(granted_a)
        assert r.station.limit_a() == held_a


async def test_what_is_compared_is_what_was_written():
    """Edge case 78: 12.9 A is 10 A on this station; that it holds 10 A is no reason to write, and 12 A drawn is too much."""
    async with rig(profile=model(steps_a=(6, 8, 10, 13, 16))) as r:
        await r.begin()
        await r.limit(12.9)
        await r.clock.run(40)
        command = await r.limit(10.4)
        assert len(r.station.written()) == 1
        assert r.one.accepted == LimitSeen(current_a=10.4, at=command.at)
        r.station.deaf_a = 12.0
        await r.watch(60)
        assert "accepted 10 A and draws 12.0 A" in r.one.trouble


async def test_no_station_is_told_more_than_its_maximum():
    async with rig(entry={"max_a": 16.0}) as r:
        await r.begin()
        await r.limit(32.0)
        assert r.station.limits() == [[(0, 16.0), (660, 6.0)]]


TAKES = [  # what a station insists on, and the purpose, kind and unit that it got
    ({}, ("TxProfile", "Absolute", "A")),
    ({"stacks": (0,)}, ("TxProfile", "Absolute", "A")),
    ({"units": ("W",)}, ("TxProfile", "Absolute", "W")),
    ({"kinds": ("Relative",)}, ("TxProfile", "Relative", "A")),
    ({"purposes": ("TxDefaultProfile",)}, ("TxDefaultProfile", "Absolute", "A")),
    ({"purposes": ("TxDefaultProfile",), "units": ("W",)}, ("TxDefaultProfile", "Absolute", "W")),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("takes", "form"), TAKES)
async def test_a_limit_is_written_as_the_station_takes_it_and_that_is_remembered(takes, form, version):
    memory = DictMemory()
    silent = {"ChargingScheduleAllowedChargingRateUnit": "", "SmartChargingCtrlr.RateUnit": ""}
    for first in (True, False):
        async with rig(version=version, memory=memory, settings=silent, **takes) as r:
            await r.begin()
            sent = len(r.station.told())
            await r.limit(9.0)
            assert r.station.drawn_a() == pytest.approx(9.0, abs=0.01)
            assert first or len(r.station.told()) == sent + 1
            last = r.station.told()[-1]
            profile = last.get("csChargingProfiles") or last["chargingProfile"]
            schedule = profile["chargingSchedule"] if version == "1.6" else profile["chargingSchedule"][0]
            assert (
                profile["chargingProfilePurpose"],
                profile["chargingProfileKind"],
                schedule["chargingRateUnit"],
            ) == form
            await r.clock.run(601)
            assert r.station.drawn_a() == pytest.approx(6.0, abs=0.01)


async def test_a_relative_limit_deep_in_a_session_still_holds_and_still_ends():
    """A Relative schedule counts from the start of the transaction: one of 600 s has long ended an hour into it."""
    async with rig(profile=model(profile_kind="Relative"), kinds=("Relative",)) as r:
        await r.begin()
        await r.clock.run(3600)
        await r.limit(12.0)
        assert r.station.limits() == [[(0, 12.0), (4200, 6.0)]]
        assert r.station.drawn_a() == 12.0
        await r.clock.run(601)
        assert r.station.drawn_a() == 6.0


async def test_a_station_of_one_period_gets_a_schedule_that_ends_over_its_default():
    async with rig(periods_max=1, settings={"ChargingScheduleMaxPeriods": "1"}) as r:
        await r.begin()
        await r.limit(12.0)
        (profile,) = r.station.written()
        assert profile["chargingSchedule"]["duration"] == 660
        assert r.station.drawn_a() == 12.0
        await r.clock.run(601)
        assert r.station.drawn_a() == 6.0


async def test_one_period_is_found_out_where_the_station_does_not_say_it():
    async with rig(periods_max=1) as r:
        await r.begin()
        await r.limit(12.0)
        assert r.station.drawn_a() == 12.0


async def test_a_limit_by_default_profile_goes_back_to_the_safe_one_after_the_transaction():
    async with rig(profile=model(purposes=("TxDefaultProfile",))) as r:
        await r.begin()
        await r.limit(16.0)
        assert r.station.drawn_a() == 16.0
        await r.end()
        r.station.begin()
        assert r.station.drawn_a() == 6.0


async def test_a_limit_of_the_whole_station_is_none_for_one_connector_of_two():
    async with rig(profile=model(purposes=("ChargePointMaxProfile",)), entry={"connectors": 2}) as r:
        await r.begin()
        with pytest.raises(Rejected, match="no purpose"):
            await r.limit(16.0)
        assert "takes no limit" in r.one.trouble


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_station_may_be_limited_as_a_whole_where_it_takes_nothing_else(version):
    purposes = ("ChargePointMaxProfile", "ChargingStationMaxProfile")
    async with rig(version=version, purposes=purposes) as r:
        await r.begin()
        await r.limit(9.0)
        assert r.station.drawn_a() == 9.0
        assert r.station.written(purposes[VERSIONS.index(version)])


async def test_a_station_that_takes_nothing_on_its_connector_is_limited_by_its_default():
    """Its maximum would not do: the default limit caps it."""
    async with rig(connectors=(0,)) as r:
        await r.begin()
        await r.limit(16.0)
        assert r.station.drawn_a() == 16.0
        await r.clock.run(601)
        assert r.station.drawn_a() == 6.0


async def test_old_profiles_are_cleared_first_where_the_model_wants_that():
    async with rig(profile=model(clear_first=True), full_until_cleared=True) as r:
        await r.begin()
        await r.limit(12.0)
        await r.limit(8.0)
        assert r.station.drawn_a() == 8.0


async def test_a_station_that_takes_nothing_is_not_asked_through_everything_every_time():
    async with rig(purposes=("TxDefaultProfile",), profile=model(purposes=("TxProfile",))) as r:
        await r.begin()
        with pytest.raises(Rejected):
            await r.limit(9.0)
        tried = len(r.station.written())
        assert tried == 1 + 24
        for _ in range(5):
            await r.clock.run(10)
            with pytest.raises(Rejected):
                await r.limit(9.0)
        assert len(r.station.written()) == tried + 5
        assert "takes no limit" in r.one.trouble
        r.station.faults.purposes = ("TxProfile",)
        await r.limit(9.0)
        assert r.one.trouble is None


# -- how often ----------------------------------------------------------------------------------------------------------


async def test_writes_are_rare_but_for_decreases():
    """Acceptance test 15, edge case 83: a limit every second, up and down, for ten minutes."""
    async with rig() as r:
        await r.begin()
        told = []
        for second in range(600):
            limit_a = 10.0 + (second * 7 % 60) / 10
            before = len(r.station.written())
            await r.limit(limit_a)
            if len(r.station.written()) > before:
                told.append((second, limit_a))
            await r.clock.run(1)
        assert told[0][0] == 0
        rises = [(at, a) for (_, was), (at, a) in pairwise(told) if a > was]
        since = [at - max(t for t, _ in told if t < at) for at, _ in rises]
        assert rises
        assert min(since) >= 30


async def test_an_unchanged_limit_counts_as_taken_and_is_renewed_when_half_of_its_window_is_over():
    async with rig() as r:
        await r.begin()
        await r.limit(12.0)
        for _ in range(29):
            await r.clock.run(10)
            command = await r.limit(12.0)
            assert r.one.accepted.at == command.at
        assert len(r.station.written()) == 1
        await r.clock.run(10)
        await r.limit(12.0)
        assert len(r.station.written()) == 2


WRITES = [  # held, wanted, seconds since it was written: whether it is covered, whether it has to wait
    (12.0, 12.0, 10, True, False),
    (12.0, 12.4, 10, True, False),
    (12.0, 12.6, 10, False, True),
    (12.0, 12.6, 31, False, False),
    (12.0, 11.9, 1, False, False),
    (12.0, 12.0, 300, False, False),
    (0.0, 0.0, 10, True, False),
    (0.0, 6.0, 1, False, False),
    (0.0, 0.4, 1, False, False),
    (6.0, 0.0, 1, False, False),
]


@pytest.mark.parametrize(("held_a", "wanted_a", "after_s", "covered", "waits"), WRITES)
async def test_when_a_limit_is_written(held_a, wanted_a, after_s, covered, waits):
    held = Held(limit_a=held_a, safe_a=6.0, window_s=600.0, at=1000.0, written_at=1000.0)
    assert held.covers(wanted_a, 6.0, 1000.0 + after_s) is covered
    assert covered or held.too_soon(wanted_a, 1000.0 + after_s) is waits
    assert not held.covers(wanted_a, 8.0, 1000.0 + after_s)


@pytest.mark.parametrize("jump_s", [-7200.0, 7200.0])
async def test_a_clock_that_is_set_keeps_no_limit_from_being_renewed(jump_s):
    async with rig() as r:
        await r.begin()
        await r.limit(10.0)
        r.clock.jump(jump_s)
        await r.limit(10.0)
        await r.clock.run(40)
        await r.limit(14.0)
        assert r.one.accepted.current_a == 14.0
        assert r.station.limits()[-1][0] == (0, 14.0)


async def test_an_increase_that_waits_is_written_when_it_is_said_again():
    async with rig() as r:
        await r.begin()
        await r.limit(10.0)
        await r.clock.run(10)
        await r.limit(14.0)
        assert (r.station.drawn_a(), r.one.accepted.current_a) == (10.0, 10.0)
        await r.clock.run(20)
        await r.limit(14.0)
        assert (r.station.drawn_a(), r.one.accepted.current_a) == (14.0, 14.0)


async def test_of_four_limits_for_a_slow_station_the_first_and_the_newest_are_sent():
    """Acceptance test 4: what is not on the wire is replaced, and nobody waits for long."""
    async with rig(entry={"timeout_s": 0.4}) as r:
        await r.begin()
        answers = []
        play, r.station.answer = r.station.answer, lambda action, payload: answers.append(play(action, payload))
        calls = []
        for limit_a in (16.0, 14.0, 12.0, 10.0):
            calls.append(asyncio.create_task(r.one.limit(r.command(limit_a))))
            await r.clock.settle()
        ident = next(iter(r.link.rpc._asked))
        r.station.answer = play
        r.wire.says([3, ident, answers[0]])
        done = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(one) for one in done] == [type(None), Superseded, Superseded, type(None)]
        assert [periods[0][1] for periods in r.station.limits()] == [16.0, 10.0]


async def test_limits_for_a_silent_station_all_end_within_one_time_out():
    """Acceptance test 4: four limits at once, one time-out, and not one more than the newest is sent."""
    async with rig(entry={"timeout_s": 0.2}) as r:
        await r.begin()
        r.station.faults.mute = True
        begun = asyncio.get_running_loop().time()
        calls = [r.one.limit(r.command(float(a))) for a in (16, 14, 12, 10)]
        done = await asyncio.gather(*calls, return_exceptions=True)
        assert asyncio.get_running_loop().time() - begun < 0.35
        assert all(isinstance(one, TimedOut | Superseded) for one in done)
        await asyncio.sleep(0.25)
        assert {periods[0][1] for periods in r.station.limits()} <= {16.0, 10.0}


async def test_a_limit_that_waits_for_its_turn_when_the_link_breaks_fails_at_once():
    async with rig(entry={"timeout_s": 2.0}) as r:
        await r.begin()
        r.station.faults.mute = True
        calls = []
        for limit_a in (16.0, 10.0):
            calls.append(asyncio.create_task(r.one.limit(r.command(limit_a))))
            await r.clock.settle()
        begun = asyncio.get_running_loop().time()
        await r.disconnect()
        done = await asyncio.gather(*calls, return_exceptions=True)
        assert asyncio.get_running_loop().time() - begun < 0.5
        assert [type(one) for one in done] == [Disconnected, Disconnected]


async def test_after_silence_nobody_knows_what_it_holds_and_it_is_told_again():
    async with rig(entry={"timeout_s": 0.05}) as r:
        await r.begin()
        await r.limit(12.0)
        r.station.faults.mute = True
        with pytest.raises(TimedOut):
            await r.limit(8.0)
        r.station.faults.mute = False
        await r.limit(12.0)
        assert len(r.station.written()) == 3


# -- pauses and resumes ---------------------------------------------------------------------------------------------------


async def test_a_station_that_ignores_the_first_limit_after_a_pause_is_told_twice():
    async with rig(profile=model(resend_after_resume=True), ignores_first_after_pause=False) as r:
        await r.begin()
        await r.limit(0.0)
        r.station.faults.ignores_first_after_pause = True
        await r.limit(10.0)
        assert r.station.drawn_a() == 0.0
        await r.clock.run(6)
        assert r.station.drawn_a() == 10.0
        assert len(r.station.written()) == 3


async def test_a_station_that_refuses_0_is_stopped_where_it_can_be_started_again():
    async with rig(profile=model(zero_limit=False), entry={"remote_start": True}, refuses_zero=True) as r:
        r.follow_station()
        await r.plug_in()
        await r.limit(10.0)
        await r.clock.settle()
        assert r.station.drawn_a() == 10.0
        command = await r.limit(0.0)
        assert r.station.drawn_a() == 0.0
        assert r.one.accepted == LimitSeen(current_a=0.0, at=command.at)
        await r.clock.run(60)
        await r.limit(10.0)
        await r.clock.settle()
        assert r.station.drawn_a() == 10.0
        assert r.one.trouble is None


@pytest.mark.parametrize("quirks", [{"zero_limit": False}, {}])
async def test_a_station_that_cannot_pause_is_held_low_and_people_are_told(quirks):
    """Whether the model is known for it or it is found out: 0 is refused by a station that took 10."""
    async with rig(profile=model(**quirks), refuses_zero=True) as r:
        await r.begin()
        await r.limit(10.0)
        for _ in range(3):
            with pytest.raises(Rejected, match="cannot pause"):
                await r.limit(0.0)
            await r.clock.run(10)
        assert r.station.drawn_a() == 6.0
        assert r.one.accepted.current_a == 10.0
        assert "held at 6 A" in r.one.trouble
        assert len(r.station.written()) <= 3
        await r.clock.run(30)
        await r.limit(10.0)
        assert r.one.trouble is None
        assert r.station.drawn_a() == 10.0


# -- beginning -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_station_that_waits_to_be_started_is_started_at_its_limit(version):
    async with rig(version=version, entry={"remote_start": True}) as r:
        r.follow_station()
        action = "RemoteStartTransaction" if version == "1.6" else "RequestStartTransaction"
        await r.limit(10.0)
        assert not r.station.told(action)  # nobody is plugged in
        await r.plug_in()
        await r.limit(5.0)
        assert not r.station.told(action)
        await r.limit(10.0)
        (start,) = r.station.told(action)
        profile = start["chargingProfile"]
        assert "transactionId" not in profile
        assert (profile["chargingProfilePurpose"], profile["chargingProfileKind"]) == ("TxProfile", "Absolute")
        assert r.station.drawn_a() == 10.0
        assert r.station.limits() == [[(0, 10.0), (660, 6.0)]]  # bound to the transaction as soon as it has an id


async def test_a_station_that_starts_by_itself_is_never_started():
    async with rig() as r:
        await r.plug_in()
        await r.limit(10.0)
        assert not r.station.told("RemoteStartTransaction")


@pytest.mark.parametrize("fault", [{"refuses_start": True}, {"starts_nothing": True}])
async def test_a_start_is_never_repeated_blindly(fault):
    """Edge case 80: a remote start can wedge a station; one try a plug-in, then a person has to act."""
    async with rig(entry={"remote_start": True}, **fault) as r:
        await r.plug_in()
        for _ in range(30):
            try:
                await r.limit(10.0)
            except DriverError:
                assert fault == {"refuses_start": True}
            await r.clock.run(10)
        assert len(r.station.told("RemoteStartTransaction")) == 1
        assert "plug" in r.one.trouble
        r.one.plugged(False)
        assert r.one.trouble is None
        await r.plug_in()
        with suppress(DriverError):
            await r.limit(10.0)
        assert len(r.station.told("RemoteStartTransaction")) == 2


async def test_a_session_that_somebody_ended_is_not_begun_again():
    async with rig(entry={"remote_start": True}) as r:
        r.follow_station()
        await r.plug_in()
        await r.limit(10.0)
        await r.clock.settle()
        await r.end()
        await r.clock.run(60)
        await r.limit(10.0)
        assert len(r.station.told("RemoteStartTransaction")) == 1


async def test_a_station_that_wants_the_plug_pulled_after_a_stop_is_told_of():
    async with rig(profile=model(replug_after_stop=True), entry={"remote_start": True}) as r:
        r.follow_station()
        await r.plug_in()
        await r.limit(10.0)
        await r.clock.settle()
        await r.end()
        await r.limit(10.0)
        assert "plug was pulled" in r.one.trouble


async def test_nothing_is_started_before_its_safe_default_stands():
    async with rig(entry={"remote_start": True}, connect=False) as r:
        await r.connect(commission=False)
        r.one.connected(r.link)
        await r.plug_in()
        await r.limit(10.0)
        actions = [action for _, action, _ in r.station.asked]
        assert actions.index("SetChargingProfile") < actions.index("RemoteStartTransaction")


# -- limits are never cleared to free a session ----------------------------------------------------------------------------


async def test_a_whole_session_clears_nothing():
    async with rig() as r:
        await r.plug_in()
        await r.begin()
        for limit_a in (6.0, 16.0, 0.0, 10.0, FULL_A, 0.0):
            await r.clock.run(40)
            await r.limit(limit_a)
        await r.end()
        assert not r.station.told("ClearChargingProfile")


async def test_what_is_let_go_of_ends_without_a_trace():
    async with rig() as r:
        await r.begin()
        r.station.faults.mute = True
        waiting = asyncio.create_task(r.one.limit(r.command(10.0)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await r.one.close()
        with pytest.raises(DriverError):
            await waiting
