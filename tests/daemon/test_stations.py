"""Charging stations in the daemon: what it sees of them, what it tells them, what it says of them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from dataclasses import replace

import pytest

from noonward.core.model import LimitSeen, Sample, SetLimit, Station, StationState, Status
from noonward.core.outstanding import Promise
from noonward.core.step import step as core_step
from support.clock import START
from support.house import GARAGE, GARAGE_SITE, SITE, FakeStation, House, advance, build, running, write


@pytest.fixture
def house():
    house = House()
    house.pv_w, house.base_w = 0.0, 400.0
    return house


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "policies", site=GARAGE_SITE, garage=GARAGE)


class Script:
    """A step that also gives orders, and remembers of stations what a test says."""

    def __init__(self):
        self.orders: list[SetLimit] = []
        self.remembers: dict[str, StationState] | None = None
        self.seen: list = []
        self.raises = None

    def __call__(self, site, state, observation, now):
        if self.raises is not None:
            raise self.raises
        self.seen.append(observation)
        outcome = core_step(replace(site, zones=()), state, observation, now)
        after = outcome.state
        if self.remembers is not None:
            after, self.remembers = replace(after, stations=self.remembers), None
        elif state.stations != after.stations:
            after = replace(after, stations=state.stations)
        orders, self.orders = tuple(self.orders), []
        return replace(outcome, state=after, commands=(*outcome.commands, *orders))


def limit(station="cp-01", limit_a=16.0, at=START, **more):
    return SetLimit(station=station, limit_a=limit_a, at=at, **{"safe_a": 6.0, "window_s": 600.0, **more})


def granted(limit_a, at=START, **more):
    promise = Promise(granted_a=limit_a, holds_a=limit_a, sent_at=at, accepted_at=at, until=at + 600.0)
    return StationState(promise=replace(promise, **more))


# --- seeing ------------------------------------------------------------------------------------------------------------


async def test_what_stations_tell_is_what_the_core_sees_and_only_of_those_that_a_zone_uses(house, folder, state):
    script = Script()
    async with running(house, folder, state, step=script) as daemon:
        assert daemon.observation.stations == {}, "never heard of"
        house.stations["cp-02"].says()
        house.stations["cp-01"].says(plugged=True, plugged_at=START, status=Status.PREPARING)
        house.stations["cp-03"].says(plugged=True)
        await house.clock.run(0.2)
        seen = script.seen[-1].stations
        assert seen["cp-01"] == Station(plugged=True, plugged_at=START, status=Status.PREPARING)
        assert seen.keys() == {"cp-01", "cp-02"}
        assert daemon.observation.stations == seen


async def test_stations_that_speak_in_the_same_moment_cost_one_step(house, folder, state):
    script = Script()
    async with running(house, folder, state, step=script):
        await house.clock.run(1.0)
        before = len(script.seen)
        for k in range(20):
            house.stations[f"cp-0{1 + k % 2}"].says(sample=Sample(at=START + k, power_w=1.0 * k))
        await house.clock.run(0.5)
        assert len(script.seen) == before + 1
        assert script.seen[-1].stations["cp-02"].sample.power_w == 19.0


@pytest.mark.parametrize(("takes_s", "least", "most"), [(0.0, 80, 110), (0.02, 20, 32), (0.3, 8, 17)])
async def test_steps_that_take_long_are_taken_less_often(house, folder, state, takes_s, least, most):
    script = Script()

    def slow(*given):
        house.clock.steady_s += takes_s
        return script(*given)

    async with running(house, folder, state, step=slow):
        house.stations["cp-01"].says()
        await house.clock.run(2.0)
        before, end, k = len(script.seen), house.clock.steady_s + 10.0, 0
        while house.clock.steady_s < end:
            k += 1
            house.stations["cp-01"].says(sample=Sample(at=START, power_w=float(k)))
            await house.clock.run(0.01)
        assert least <= len(script.seen) - before <= most, "meters wake it too"


async def test_a_driver_that_is_broken_leaves_its_station_away_and_the_others_decided_on(house, folder, state, said):
    script = Script()
    async with running(house, folder, state, step=script) as daemon:
        house.stations["cp-01"].says(plugged=True)
        await house.clock.run(1.0)
        house.stations["cp-01"].seen = lambda: 1 / 0
        house.stations["cp-01"].changed()
        house.stations["cp-02"].says(plugged=True)
        await house.clock.run(40.0)
        assert script.seen[-1].stations["cp-01"] == Station(plugged=True, online=False)
        assert script.seen[-1].stations["cp-02"].plugged
        assert daemon.fault is None
        assert "cp-01" in said("driver-bug")[0]


async def test_a_connection_that_is_lost_for_a_moment_is_none_for_the_core(house, folder, state):
    script = Script()
    async with running(house, folder, state, step=script) as daemon:
        one = house.stations["cp-01"]
        one.says(plugged=True)
        await house.clock.run(1.0)
        one.says(online=False)
        await house.clock.run(29.0)
        assert script.seen[-1].stations["cp-01"].online
        assert status(daemon).ok is False, "people are told the truth at once"
        await house.clock.run(15.0)
        assert not script.seen[-1].stations["cp-01"].online
        one.says()
        await house.clock.run(1.0)
        one.says(online=False)
        await house.clock.run(20.0)
        assert script.seen[-1].stations["cp-01"].online, "each time anew"


async def test_after_a_start_stations_have_longer_to_come_back(house, folder, state):
    script = Script()
    async with running(house, folder, state, step=script):
        house.stations["cp-01"].says(plugged=True)
        await house.clock.run(1.0)
    house.stations["cp-01"].told = Station(plugged=True, online=False)
    async with running(house, folder, state, step=script):
        await house.clock.run(85.0)
        assert script.seen[-1].stations["cp-01"].online
        await house.clock.run(15.0)
        assert not script.seen[-1].stations["cp-01"].online


# --- telling -----------------------------------------------------------------------------------------------------------


async def test_a_limit_goes_to_its_station_and_what_it_took_is_seen(house, folder, state):
    script = Script()
    async with running(house, folder, state, step=script) as daemon:
        house.stations["cp-02"].says()
        script.orders = [limit("cp-02", 10.0)]
        await house.clock.run(1.0)
        assert [command for _, command in house.stations["cp-02"].limits] == [limit("cp-02", 10.0)]
        assert house.stations["cp-01"].limits == []
        assert daemon.observation.stations["cp-02"].accepted == LimitSeen(current_a=10.0, at=START)


async def test_a_lower_limit_waits_neither_for_another_station_nor_for_an_older_limit(house, folder, state):
    script = Script()
    async with running(house, folder, state, step=script):
        for one in house.stations.values():
            one.says()
        house.stations["cp-01"].hangs = True
        script.orders = [limit("cp-01", 16.0), limit("cp-02", 16.0)]
        await house.clock.run(1.0)
        script.orders = [limit("cp-01", 6.0, START + 1), limit("cp-02", 6.0, START + 1)]
        house.stations["cp-02"].changed()
        await house.clock.run(0.5)
        for name in ("cp-01", "cp-02"):
            assert [command.limit_a for _, command in house.stations[name].limits] == [16.0, 6.0]
        assert house.stations["cp-01"].answered == []
        house.stations["cp-01"].hangs = False


async def test_a_station_of_no_device_is_passed_over(house, folder, state):
    script = Script()
    async with running(house, folder, state, step=script) as daemon:
        script.orders = [limit("nowhere")]
        await house.clock.run(10.0)
        assert daemon.fault is None


async def test_what_is_on_its_way_at_the_end_is_waited_for_but_not_for_ever(house, folder, state):
    script = Script()
    slow, dead = FakeStation(house, "cp-01", hangs=True), FakeStation(house, "cp-02", hangs=True)
    house.stations = {"cp-01": slow, "cp-02": dead}

    async def answer_in(seconds):
        await house.clock.sleep(seconds)
        slow.hangs = False

    async with running(house, folder, state, step=script):
        for one in (slow, dead):
            one.says()
        script.orders = [limit("cp-01"), limit("cp-02")]
        await house.clock.run(1.0)
        answering = asyncio.create_task(answer_in(3.0))
    await answering
    assert (slow.answered, dead.answered) == ([limit("cp-01")], [])


# --- how they are doing ------------------------------------------------------------------------------------------------


def status(daemon, station="cp-01"):
    return next(one for one in daemon.devices if one.channel == station)


async def test_a_station_that_goes_away_is_said_once_after_a_minute_and_once_when_it_is_back(
    house, folder, state, said
):
    async with running(house, folder, state, step=Script()) as daemon:
        house.stations["cp-02"].says()
        house.stations["cp-01"].says()
        await house.clock.run(1.0)
        assert (status(daemon).kind, status(daemon).ok, status(daemon).device) == ("station", True, "garage")
        house.stations["cp-01"].says(online=False)
        await house.clock.run(30.0)
        assert (status(daemon).ok, said("outage")) == (False, [])
        await house.clock.run(300.0)
        assert said("outage") == ["cp-01: is not connected"]
        assert (status(daemon).ok, status(daemon).last_error) == (False, "is not connected")
        assert status(daemon).away_since == pytest.approx(START + 1.0, abs=0.5)
        house.stations["cp-01"].says()
        await house.clock.run(1.0)
        assert status(daemon).away_since is None
        assert [line for line in said("recovered") if line.startswith("cp-01: well again")]
        assert status(daemon).ok is True


async def test_a_station_that_never_came_is_unknown_and_said_once_it_had_time_to_come_back(house, folder, state, said):
    async with running(house, folder, state, step=Script()) as daemon:
        house.stations["cp-02"].says()
        await house.clock.run(80.0)
        assert (status(daemon).ok, said("outage")) == (None, [])
        await house.clock.run(20.0)
        assert said("outage") == ["cp-01: has not connected yet"]
        assert (status(daemon).ok, status(daemon).away_since) == (False, START)


async def test_one_limit_refused_is_none_two_are_said_and_one_taken_ends_it(house, folder, state, said):
    script = Script()
    async with running(house, folder, state, step=script) as daemon:
        one = house.stations["cp-01"]
        house.stations["cp-02"].says()
        one.says()
        one.refuses = "SetChargingProfile: Rejected"
        for k in range(2):
            assert said("outage") == []
            script.orders = [limit(at=START + k)]
            one.changed()
            await house.clock.run(1.0)
        assert said("outage") == ["cp-01: does not take its limit: SetChargingProfile: Rejected"]
        assert status(daemon).ok is False
        one.refuses = None
        script.orders = [limit(at=START + 5)]
        one.changed()
        await house.clock.run(1.0)
        assert status(daemon).ok is True


async def test_the_trouble_of_a_driver_is_said_and_said_again_when_it_is_another(house, folder, state, said):
    async with running(house, folder, state, step=Script()) as daemon:
        one = house.stations["cp-01"]
        house.stations["cp-02"].says()
        for trouble in ("ignores its limit", "ignores its limit", "reports no current", None):
            one.trouble = trouble
            one.says()
            await house.clock.run(5.0)
            assert status(daemon).ok is (trouble is None)
        assert said("outage") == ["cp-01: ignores its limit", "cp-01: reports no current"]
        assert len(said("recovered")) == 1


# --- clocks ------------------------------------------------------------------------------------------------------------


async def test_what_stations_told_moves_with_a_clock_that_jumps_and_what_they_tell_then_does_not(house, folder, state):
    script = Script()
    async with running(house, folder, state, step=script):
        one = house.stations["cp-01"]
        one.says(
            plugged_at=START, sample=Sample(at=START + 1), accepted=LimitSeen(current_a=6, at=START), booted_at=0.0
        )
        script.remembers = {"cp-01": granted(6.0)}
        await house.clock.run(1.0)
        house.clock.jump(3600.0)
        one.changed()
        await house.clock.run(1.0)
        seen = script.seen[-1].stations["cp-01"]
        assert (seen.plugged_at, seen.sample.at) == (START + 3600, START + 3601)
        assert seen.accepted == LimitSeen(current_a=6, at=START + 3600)
        one.says(sample=Sample(at=START + 3602), accepted=LimitSeen(current_a=8, at=START + 3602))
        await house.clock.run(1.0)
        seen = script.seen[-1].stations["cp-01"]
        assert (seen.plugged_at, seen.sample.at, seen.accepted.at) == (START + 3600, START + 3602, START + 3602)


async def test_what_stations_remember_moves_with_a_clock_that_was_moved_while_the_daemon_was_away(house, folder, state):
    script = Script()
    async with running(house, folder, state, step=script):
        house.stations["cp-01"].says(plugged=True, plugged_at=START)
        script.remembers = {"cp-01": StationState(plugged_at=START)}
        await house.clock.run(1.0)
    house.clock.jump(-86_400.0)
    async with running(house, folder, state, step=script) as daemon:
        assert daemon.state.stations["cp-01"].plugged_at == START - 86_400
        assert daemon.observation.stations["cp-01"].plugged_at == START - 86_400, "the same vehicle"
        house.stations["cp-01"].says(sample=Sample(at=START - 86_390))
        await house.clock.run(1.0)
        assert daemon.observation.stations["cp-01"].plugged_at == START - 86_400


async def test_a_vehicle_is_still_the_same_when_the_clock_jumped_and_the_daemon_was_started_anew_since(
    house, folder, state
):
    script = Script()
    plugged_at = START
    async with running(house, folder, state, step=script):
        house.stations["cp-01"].says(plugged=True, plugged_at=plugged_at)
        script.remembers = {"cp-01": StationState(plugged_at=plugged_at)}
        await house.clock.run(1.0)
        for by_s in (9000.0, -500.0):
            house.clock.jump(by_s)
            await house.clock.run(11.0)
    for by_s in (0.0, 70.0, 0.0):
        house.clock.jump(by_s)
        async with running(house, folder, state, step=script) as daemon:
            await house.clock.run(1.0)
            seen = daemon.observation.stations["cp-01"].plugged_at
            assert seen == daemon.state.stations["cp-01"].plugged_at
    assert seen == plugged_at + 8570.0
    async with running(house, folder, state, step=script) as daemon:
        now = house.clock.now()
        house.stations["cp-01"].says(plugged_at=now)
        await house.clock.run(1.0)
        assert daemon.observation.stations["cp-01"].plugged_at == now, "another vehicle"


# --- memory ------------------------------------------------------------------------------------------------------------


async def test_a_limit_is_durable_before_it_goes_out_and_uncertain_after_a_kill(house, folder, state):
    script = Script()
    kept = []

    def on_limit(_station, command):
        with contextlib.closing(sqlite3.connect(state / "state.db")) as db:
            ((memory,),) = db.execute("SELECT memory FROM stations WHERE station = ?", (command.station,))
        kept.append(json.loads(memory)["promise"]["granted_a"])

    house.on_limit = on_limit
    async with running(house, folder, state, step=script):
        house.stations["cp-01"].says()
        script.remembers = {"cp-01": granted(16.0)}
        script.orders = [limit()]
        await house.clock.run(1.0)
        assert kept == [16.0]
        await house.clock.run(200.0)
        after = build(house, folder, state, step=Script())  # the first was never stopped
        await advance(house.clock, after.start())
        promise = after.state.stations["cp-01"].promise
        assert (promise.granted_a, promise.holds_a) == (16.0, 16.0)
        assert promise.sent_at == after.clock.now(), "it may have been renewed just before the kill"
        assert promise.accepted_at is None, "so it is sent again"
        await advance(house.clock, after.stop(for_good=False))


async def test_reopening_the_device_of_a_station_keeps_what_is_known_of_it(house, folder, state):
    script = Script()
    async with running(house, folder, state, step=script) as daemon:
        one = house.stations["cp-01"]
        one.says(plugged=True, plugged_at=START)
        script.remembers = {"cp-01": StationState(plugged_at=START + 60)}
        await house.clock.run(1.0)
        house.clock.jump(60.0)
        (folder / "site.yaml").write_text(GARAGE_SITE.replace("cp-03: {}", "cp-03: {max_current: 16 A}"))
        await advance(house.clock, daemon.reload())
        await house.clock.run(1.0)
        assert house.opened[-2:] == ["-garage", "garage"]
        assert daemon.observation.stations["cp-01"] == replace(one.told, plugged_at=START + 60)
        assert daemon.state.stations["cp-01"].plugged_at == START + 120


@pytest.mark.parametrize(
    "devices",
    [
        "yard: {driver: memory, stations: {cp-01: {}, cp-02: {}, cp-03: {}}}",
        "garage: {driver: memory, stations: {cp-02: {}, cp-03: {}}}\n  attic-2: {driver: memory, stations: {cp-01: {}}}",
        "a-first: {driver: memory, stations: {cp-01: {}}}\n  garage: {driver: memory, stations: {cp-02: {}, cp-03: {}}}",
    ],
)
@pytest.mark.parametrize("one_port", [True, False])
async def test_a_station_moves_to_another_device_and_its_session_goes_on(
    house, folder, state, said, monkeypatch, devices, one_port
):
    script = Script()
    async with running(house, folder, state, step=script) as daemon:
        one = house.stations["cp-01"]
        one.says(plugged=True, plugged_at=START)
        script.remembers = {"cp-01": granted(16.0)}
        await house.clock.run(1.0)
        house.exclusive = one_port
        (folder / "site.yaml").write_text(SITE + f"  {devices}\n")
        await advance(house.clock, daemon.reload())
        moved = one_port and "yard" not in devices and "garage" in devices
        if moved:  # two devices at once on one port are the folder's mistake
            assert daemon.problems
            assert "garage" in house.opened[-1], "as it was"
        else:
            assert daemon.problems == ()
        one.says(sample=Sample(at=START + 5, power_w=7.0))
        await house.clock.run(1.0)
        seen = daemon.observation.stations["cp-01"]
        assert (seen.online, seen.plugged_at, seen.sample.power_w) == (True, START, 7.0)
        script.orders = [limit()]
        one.changed()
        await house.clock.run(1.0)
        assert one.answered == [limit()]


async def test_a_station_that_leaves_the_site_is_no_longer_seen(house, folder, state, said):
    script = Script()
    async with running(house, folder, state, step=script) as daemon:
        for one in house.stations.values():
            one.says()
        await house.clock.run(1.0)
        house.stations["cp-02"].says(online=False)
        await house.clock.run(100.0)
        assert said("outage") == ["cp-02: is not connected"]
        (folder / "garage.yaml").write_text(GARAGE.replace(", cp-02", ", cp-03"))
        await advance(house.clock, daemon.reload())
        await house.clock.run(100.0)
        assert daemon.observation.stations.keys() == {"cp-01", "cp-03"}
        assert {one.channel for one in daemon.devices if one.kind == "station"} == {"cp-01", "cp-03"}


# --- nobody decides ----------------------------------------------------------------------------------------------------


async def test_a_fault_lowers_what_is_above_the_safe_limit_and_renews_nothing(house, folder, state):
    script = Script()
    async with running(house, folder, state, step=script) as daemon:
        for one in house.stations.values():
            one.says()
        script.remembers = {"cp-01": granted(16.0), "cp-02": granted(0.0)}
        await house.clock.run(1.0)
        script.raises = RuntimeError("boom")
        await house.clock.run(100.0)
        (at, told), *more = house.stations["cp-01"].limits
        assert (told.limit_a, told.safe_a, told.window_s, told.at, more) == (6.0, 6.0, 600.0, at, [])
        assert house.stations["cp-02"].limits == [], "a pause is not lifted by us"
        assert daemon.state.stations["cp-01"].promise.granted_a == 6.0
        assert daemon.state.stations["cp-01"].promise.holds_a == 16.0, "until it is seen to draw less"


@pytest.mark.parametrize(
    ("mode", "then", "lowered"),
    [
        ("auto-solar", "release", True),
        ("auto-solar", "keep", False),
        ("timer", "release", True),
        ("always-on", "release", False),
        ("manual", "release", False),
    ],
)
async def test_a_stop_for_good_lowers_to_the_safe_limit_what_nobody_wants_unwatched(
    house, tmp_path, state, said, mode, then, lowered
):
    timers = 'timers: [{start: "0 0 * * *", for: 24 h}]\n' if mode == "timer" else ""
    zone = GARAGE.replace("auto-solar", mode) + timers + f"fail_safe: {{then: {then}}}\n"
    folder = write(tmp_path / "policies", site=GARAGE_SITE, garage=zone)
    script = Script()
    async with running(house, folder, state, step=script, for_good=True):
        house.stations["cp-01"].says()
        script.remembers = {"cp-01": granted(16.0)}
        await house.clock.run(1.0)
    assert [command.limit_a for _, command in house.stations["cp-01"].limits] == ([6.0] if lowered else [])
    lines = said("release")
    assert any("cp-01 is lowered to 6 A" in line for line in lines) is lowered
    assert any("10 min at most and then fall to their safe limits by themselves" in line for line in lines)


async def test_a_stop_for_a_restart_tells_no_station_anything(house, folder, state):
    script = Script()
    async with running(house, folder, state, step=script, for_good=False):
        house.stations["cp-01"].says()
        script.remembers = {"cp-01": granted(16.0)}
        await house.clock.run(1.0)
    assert house.stations["cp-01"].limits == []
