"""The whole daemon on virtual time, with devices that break: what it does, what it says, how it recovers."""

import asyncio
import itertools
import json
import math
import sqlite3
from functools import partial

import pytest

from noonward.core.model import Mode, Override
from noonward.daemon import journal, store, wiring
from noonward.daemon.engine import ModeConflict, UnknownPolicy
from noonward.daemon.store import StateStore
from noonward.errors import StateError, UsageError
from noonward.lab.replay import replay
from noonward.ports import Device
from support.house import BOILER, PUMP, SITE, advance, build, running, write

MIN = 60.0


def wanted(daemon, policy="boiler"):
    return next((d.wanted, d.code.value) for d in daemon.outcome.decisions if d.policy == policy)


async def sunny(house, daemon, seconds=3 * MIN):
    house.pv_w = 6000.0
    await house.clock.run(seconds)
    assert wanted(daemon)[0] == "on", "the scene is set: the boiler runs on surplus"


async def test_surplus_closes_the_relay_with_its_lease_and_refreshes_it(house, folder, state):
    async with running(house, folder, state) as daemon:
        relay = house.relays["cellar/relay-1"]
        assert relay.sets == [], "nothing is commanded that is as it should be"
        began = house.clock.now()
        await sunny(house, daemon)
        assert [closed for _, closed in relay.clicks] == [True]
        assert 60.0 <= relay.clicks[0][0] - began <= 75.0, "after on_delay, driven by wake_at"
        await house.clock.run(10 * MIN)
        times = [at for at, closed, valid in relay.sets if closed and valid == 120.0]
        assert len(times) == len(relay.sets)
        assert max(b - a for a, b in itertools.pairwise(times)) <= 41.0
        assert len(relay.clicks) == 1


async def test_wakes_when_time_alone_changes_something_not_at_the_next_reading(house, folder, state):
    write(folder, boiler=BOILER.replace("on_delay: 60 s", "on_delay: 62 s"))
    async with running(house, folder, state) as daemon:
        await sunny(house, daemon)
        clicked_at = house.relays["cellar/relay-1"].clicks[0][0]
        assert (clicked_at - 62.0 - daemon.started_at) % 5.0 == pytest.approx(0.0, abs=0.01)


async def test_reads_each_meter_at_its_own_pace_and_never_polls_the_policies(house, folder, state):
    steps = []

    def counting(*args):
        from noonward.core.step import step

        steps.append(args[3])
        return step(*args)

    async with running(house, folder, state, step=counting):
        before = house.meters["grid-meter"].reads, len(steps)
        await house.clock.run(100.0)
        assert house.meters["grid-meter"].reads - before[0] == 20
        assert len(steps) - before[1] <= 2 * 20 + 10 + 10, "a step for a reading, not for a tick"


@pytest.mark.parametrize(
    ("trouble", "recovery"),
    [
        ("silent", "truth"),
        ("nan", "truth"),
        ("none", "truth"),
        ("absurd", "truth"),
        ("frozen", "truth"),
        ("flipped", "truth"),
    ],
)
async def test_meter_trouble_ends_in_the_declared_state_is_said_once_and_recovers(
    house, folder, state, said, trouble, recovery
):
    """Edge case 5. Release: off after min-on, with a reading that no longer counts."""
    async with running(house, folder, state) as daemon:
        await sunny(house, daemon)
        meter = house.meters["grid-meter"]
        match trouble:
            case "silent":
                meter.away = True
            case "nan":
                meter.says = math.nan
            case "none":
                meter.says = None
            case "absurd":
                meter.says = -5e9
            case "frozen":
                meter.says = house.grid_w()
            case "flipped":
                house.pv_w = 500.0
                meter.says = "truth"
                house.grid_w = lambda: -(400.0 + 3000.0 - 500.0) + math.sin(house.clock.now())
        await house.clock.run(16 * MIN)
        assert len(said("outage")) == 1
        assert said("recovered") == []
        assert house.relays["cellar/relay-1"].closed, "min-on, 18 more minutes, is ended by no meter"
        await house.clock.run(6 * MIN)
        assert wanted(daemon) == ("off", "meter-stale")
        assert not house.relays["cellar/relay-1"].closed
        assert len(said("outage")) == 1, "said once, however long it lasts"
        meter.away, meter.says = False, recovery
        house.pv_w = 6000.0
        if trouble == "flipped":
            del house.grid_w
        await house.clock.run(3 * MIN)
        assert len(said("recovered")) == 1
        assert wanted(daemon)[0] == "on"


async def test_a_meter_that_is_lost_for_a_moment_is_not_an_outage(house, folder, state, said):
    async with running(house, folder, state) as daemon:
        await sunny(house, daemon)
        house.meters["grid-meter"].away = True
        await house.clock.run(5.0)
        house.meters["grid-meter"].away = False
        await house.clock.run(60.0)
        assert said("outage") == []


async def test_a_dead_device_blocks_nobody_else_and_its_command_arrives_when_it_is_back(house, folder, state, said):
    """Edge cases 47 and 49."""
    async with running(house, folder, state) as daemon:
        house.relays["cellar/relay-1"].away = True
        house.pv_w = 6000.0
        await house.clock.run(2 * MIN)
        assert house.relays["cellar/relay-1"].clicks == []
        await daemon.set_switch("pump", True, by="test")
        await house.clock.run(1.0)
        assert house.relays["attic/relay-1"].closed
        assert len(said("outage")) == 1
        assert daemon.state.machines["boiler"].on_since is None, "unconfirmed: min-on does not run"
        house.relays["cellar/relay-1"].away = False
        await house.clock.run(3 * MIN)
        assert house.relays["cellar/relay-1"].closed
        assert len(said("recovered")) == 1
        assert daemon.state.machines["boiler"].on_since is not None


@pytest.mark.parametrize(("fault", "event"), [("hangs", "device"), ("breaks", "driver-bug")])
async def test_a_device_that_cannot_be_closed_keeps_nobody_from_ending(
    house, folder, state, said, monkeypatch, fault, event
):
    monkeypatch.setattr(wiring, "CLOSE_S", 0.01)
    closed = []

    async def close(device):
        closed.append(device)
        if "relay-2" in device.relays:
            await asyncio.sleep(60.0 if fault == "hangs" else 1 / 0)

    monkeypatch.setattr(Device, "close", close)
    monkeypatch.setattr(house, "opens", Device)
    daemon = build(house, folder, state)
    await advance(house.clock, daemon.start())
    await daemon.stop(for_good=False)
    assert len(closed) == 4
    assert len(said(event)) == 1
    assert "cellar" in said(event)[0]


async def test_a_device_that_is_dead_at_start_delays_the_first_decision_by_no_more_than_the_wait(house, folder, state):
    async def never(self):
        await house.clock.sleep(1e9)

    await house.open("cellar", {"relays": {"relay-1": {"power": "3 kW"}}}, None, None)
    house.relays["cellar/relay-1"].read = lambda: never(None)
    began = house.clock.now()
    async with running(house, folder, state) as daemon:
        assert house.clock.now() - began <= 6.0
        assert wanted(daemon, "pump") == ("off", "switch-off")


async def test_adopts_a_relay_that_is_closed_at_start(house, folder, state):
    """Edge case 61."""
    write(folder, boiler=BOILER.replace("auto-solar", "always-on"))
    await house.open("cellar", {"relays": {"relay-1": {"power": "3 kW"}}}, None, None)
    house.relays["cellar/relay-1"].closed = True
    async with running(house, folder, state) as daemon:
        assert wanted(daemon) == ("on", "always-on")
        assert house.relays["cellar/relay-1"].clicks == []


async def test_a_module_that_restarted_is_noticed_without_any_command(house, folder, state):
    """Edge case 48: it has no dead-man, so nobody would speak to it for hours."""
    async with running(house, folder, state) as daemon:
        await daemon.set_switch("pump", True, by="anna")
        await house.clock.run(5 * MIN)
        relay = house.relays["attic/relay-1"]
        assert relay.closed
        commands = len(relay.sets)
        relay.closed = False
        await house.clock.run(2 * MIN)
        assert relay.closed
        assert len(relay.sets) > commands
        assert wanted(daemon, "pump") == ("on", "switch-on")


async def test_a_contact_that_does_not_move_is_not_believed(house, folder, state):
    """Edge cases 47 and 75: a command that is answered is no confirmation."""
    async with running(house, folder, state) as daemon:
        house.relays["attic/relay-1"].stuck = True
        await daemon.set_switch("pump", True, by="anna")
        await house.clock.run(3.0)
        assert house.relays["attic/relay-1"].sets
        assert daemon.observation.relays["attic/relay-1"].closed is False
        assert daemon.state.machines["pump"].on_since is None


async def test_state_is_saved_before_the_command_leaves(house, folder, state):
    """Edge case 62: what a crash right after the command leaves behind knows of it."""
    seen = []

    def look(relay, closed):
        db = sqlite3.connect(state / "state.db")
        seen.append((closed, dict(db.execute("SELECT relay, closed FROM leases"))))
        db.close()

    house.on_set = look
    async with running(house, folder, state) as daemon:
        await sunny(house, daemon)
    assert seen[0] == (True, {"cellar/relay-1": 1})


async def test_crash_between_saving_and_acting_ends_with_the_relay_as_saved(house, folder, state):
    """Edge case 62."""
    async with running(house, folder, state) as daemon:
        house.relays["cellar/relay-1"].away = True  # the command is saved and never arrives
        house.pv_w = 6000.0
        await house.clock.run(65.0)
        assert wanted(daemon)[0] == "on"
    house.relays["cellar/relay-1"].away = False
    async with running(house, folder, state) as daemon:
        assert daemon.state.machines["boiler"].state == "on"
        await house.clock.run(30.0)
        assert house.relays["cellar/relay-1"].closed
        assert len(house.relays["cellar/relay-1"].clicks) == 1


async def test_min_on_survives_a_restart(house, folder, state):
    """Edge case 43."""
    async with running(house, folder, state) as daemon:
        await sunny(house, daemon)
        on_since = daemon.state.machines["boiler"].on_since
    house.pv_w = 0.0
    async with running(house, folder, state) as daemon:
        assert daemon.state.machines["boiler"].on_since == on_since
        await house.clock.run(on_since + 20 * MIN - house.clock.now() - 10.0)
        assert house.relays["cellar/relay-1"].closed
        await house.clock.run(60.0)
        assert not house.relays["cellar/relay-1"].closed
        assert [closed for _, closed in house.relays["cellar/relay-1"].clicks] == [True, False]


@pytest.mark.parametrize(("away_s", "closes_after_s"), [(3.0, 60.0 - 40.0 - 3.0), (100.0, 60.0)])
async def test_delays_go_on_over_a_quick_restart_and_begin_anew_after_an_absence(
    house, folder, state, away_s, closes_after_s
):
    async with running(house, folder, state):
        house.pv_w = 6000.0
        await house.clock.run(40.0)
    await house.clock.run(away_s)
    async with running(house, folder, state):
        began = house.clock.now()
        await house.clock.run(90.0)
        assert house.relays["cellar/relay-1"].clicks[0][0] - began == pytest.approx(closes_after_s, abs=7.0)


async def test_switch_boost_and_override_are_durable_before_they_are_answered(house, folder, state):
    async with running(house, folder, state) as daemon:
        await daemon.set_switch("pump", True, by="anna")
        until = house.clock.now() + 600.0
        await daemon.set_override("boiler", Override(mode=Mode.ALWAYS_ON, until=until, by="anna"))
        db = sqlite3.connect(state / "state.db")
        kept = {policy: json.loads(wish) for policy, wish in db.execute("SELECT * FROM inputs")}
        db.close()
        assert kept["pump"] == {"switch_on": True}
        assert kept["boiler"]["override"] == {"mode": "always-on", "until": until, "by": "anna"}
    async with running(house, folder, state) as daemon:
        assert wanted(daemon, "pump") == ("on", "switch-on")
        assert wanted(daemon)[0] == "on"


async def test_two_who_set_something_at_once_both_get_it(house, folder, state):
    async with running(house, folder, state) as daemon:
        await asyncio.gather(
            daemon.set_switch("pump", True, by="anna"),
            daemon.set_boost("boiler", 600.0, by="berta"),
            daemon.set_override("boiler", Override(mode=Mode.ALWAYS_ON, by="carla")),
        )
        assert daemon.inputs["pump"].switch_on
        assert daemon.inputs["boiler"].boost_until is not None
        assert daemon.inputs["boiler"].override is not None


async def test_what_changes_all_the_time_is_saved_every_quarter_of_an_hour(house, folder, state):
    """Edge case 64."""

    def kept():
        db = sqlite3.connect(state / "state.db")
        (at,) = db.execute("SELECT at FROM leases WHERE relay = 'cellar/relay-1'").fetchone()
        db.close()
        return at

    async with running(house, folder, state) as daemon:
        await sunny(house, daemon)
        await house.clock.run(15 * MIN - house.clock.now() % (15 * MIN) + 30.0)
        first = kept()
        await house.clock.run(14 * MIN)
        assert kept() == first, "refreshed twenty times, written never"
        await house.clock.run(1 * MIN)
        assert kept() > first


async def test_an_override_that_expired_during_the_stop_is_not_applied_again(house, folder, state):
    """Edge case 61."""
    async with running(house, folder, state) as daemon:
        await daemon.set_override("pump", Override(mode=Mode.ALWAYS_ON, until=house.clock.now() + 600.0))
        await house.clock.run(30.0)
    await house.clock.run(601.0)
    async with running(house, folder, state) as daemon:
        assert daemon.inputs == {}
        assert wanted(daemon, "pump")[0] == "off"


async def test_an_override_that_expired_is_gone_from_the_file_too(house, folder, state):
    """Edge case 61: also when the clock stands in the past after a power cut."""
    async with running(house, folder, state) as daemon:
        await daemon.set_override("pump", Override(mode=Mode.ALWAYS_ON, until=house.clock.now() + 60.0))
        await house.clock.run(120.0)
        assert daemon.inputs == {}
    house.clock.jump(-86_400.0)
    house.clock.boot = "boot-2"
    async with running(house, folder, state) as daemon:
        assert daemon.inputs == {}


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda d: d.set_switch("boiler", True, by=""), ModeConflict),
        (lambda d: d.set_switch("nobody", True, by=""), UnknownPolicy),
        (lambda d: d.set_boost("pump", 60.0, by=""), ModeConflict),
        (lambda d: d.set_boost("boiler", -1.0, by=""), UsageError),
        (lambda d: d.set_override("boiler", Override(mode=Mode.TIMER, until=1.0)), UsageError),
        (lambda d: d.clear_override("nobody"), UnknownPolicy),
    ],
)
async def test_what_a_mode_does_not_allow_is_refused(house, folder, state, call, error):
    async with running(house, folder, state) as daemon:
        with pytest.raises(error):
            await call(daemon)
        assert daemon.inputs == {}


async def test_boost_under_always_off_is_refused_and_names_the_mode(house, folder, state):
    async with running(house, folder, state) as daemon:
        await daemon.set_override("boiler", Override(mode=Mode.ALWAYS_OFF))
        with pytest.raises(ModeConflict, match="always-off") as refused:
            await daemon.set_boost("boiler", 60.0, by="anna")
        assert refused.value.mode is Mode.ALWAYS_OFF
        await daemon.clear_override("boiler")
        await daemon.set_boost("boiler", 60.0, by="anna")
        await house.clock.run(1.0)
        assert wanted(daemon) == ("on", "boost")


async def test_what_cannot_be_saved_is_not_set(house, folder, state, monkeypatch):
    async with running(house, folder, state) as daemon:

        def full(*_):
            raise StateError("database or disk is full")

        monkeypatch.setattr(StateStore, "save_inputs", full)
        with pytest.raises(StateError):
            await daemon.set_switch("pump", True, by="anna")
        await house.clock.run(10.0)
        assert daemon.inputs == {}
        assert not house.relays["attic/relay-1"].closed


async def test_a_full_disk_is_said_once_and_stops_no_relay(house, folder, state, said, monkeypatch):
    async with running(house, folder, state) as daemon:

        def full(*_, **__):
            raise StateError("database or disk is full")

        with monkeypatch.context() as patch:
            patch.setattr(StateStore, "save", full)
            await sunny(house, daemon)
            assert house.relays["cellar/relay-1"].closed
            assert len(said("outage")) == 1
        await house.clock.run(1.0)
        await daemon.set_switch("pump", True, by="anna")
        await house.clock.run(1.0)
        assert len(said("recovered")) == 1


@pytest.mark.parametrize("damage", ["garbage", "page", "newer", "other-site"])
async def test_a_state_that_cannot_be_read_is_moved_aside_and_the_engine_starts_safe(
    house, folder, state, said, damage
):
    async with running(house, folder, state) as daemon:
        await daemon.set_switch("pump", True, by="anna")
        await house.clock.run(30.0)
    path = state / "state.db"
    if damage == "garbage":
        path.write_bytes(b"not a database at all, but long enough to look at" * 100)
    elif damage == "page":
        data = bytearray(path.read_bytes())
        data[4096 : 4096 + 2048] = b"\xff" * 2048
        path.write_bytes(data)
    else:
        db = sqlite3.connect(path)
        db.execute("PRAGMA user_version=99" if damage == "newer" else "UPDATE stamp SET site = 'house-99'")
        db.commit()
        db.close()
    async with running(house, folder, state) as daemon:
        assert len(said("state-lost")) == 1
        assert list(state.glob("state.db.aside-*"))
        assert daemon.inputs == {}
        assert wanted(daemon, "pump") == ("off", "switch-off")
        await house.clock.run(5.0)
        assert not house.relays["attic/relay-1"].closed


async def test_a_wall_clock_that_jumps_moves_no_duration(house, folder, state, said):
    """Edge case 57."""
    async with running(house, folder, state) as daemon:
        await sunny(house, daemon)
        relay = house.relays["cellar/relay-1"]
        closed_for = 3 * MIN - (relay.clicks[0][0] - (house.clock.now() - 3 * MIN))
        house.clock.jump(3 * 3600.0)
        house.pv_w = 0.0
        await house.clock.run(20 * MIN - closed_for - 10.0)
        assert relay.closed, "three hours on the wall are not twenty minutes"
        await house.clock.run(90.0)
        assert not relay.closed
        assert len(said("clock-jumped")) == 1
        house.clock.jump(-3 * 3600.0)
        house.pv_w = 6000.0
        await house.clock.run(3 * MIN)
        assert relay.closed
        assert len(said("clock-jumped")) == 2


async def test_a_step_that_raises_takes_loads_to_fail_safe_says_so_once_and_recovers(house, folder, state, said):
    broken, tried, events = False, [], []

    class Listener:
        publish = staticmethod(events.append)

    def fragile(*args):
        from noonward.core.step import step

        if broken:
            tried.append(house.clock.monotonic())
            raise ZeroDivisionError("a bug")
        return step(*args)

    write(
        folder,
        keeper=PUMP.replace("name: pump", "name: keeper")
        .replace("attic/relay-1", "cellar/relay-2")
        .replace("manual", "always-on")
        + "fail_safe: {then: keep}\n",
    )
    async with running(house, folder, state, step=fragile) as daemon:
        await sunny(house, daemon)
        broken = True
        leave = daemon.subscribe(Listener())
        await house.clock.run(9.0)
        assert [event["event"] for event in events] == ["step"], "who looks at the page is told"
        leave()
        assert not house.relays["cellar/relay-1"].closed
        assert house.relays["cellar/relay-2"].closed, "then: keep"
        assert daemon.fault == "ZeroDivisionError('a bug')"
        assert daemon.outcome is None
        kept = len(house.relays["cellar/relay-2"].sets)
        await house.clock.run(5 * MIN)
        assert len(house.relays["cellar/relay-2"].sets) - kept >= 5 * MIN / 40, "its lease is kept alive"
        assert len(said("engine-fault")) == 1
        waits = [b - a for a, b in itertools.pairwise(tried)]
        assert waits[:3] == pytest.approx([10.0, 20.0, 30.0], abs=0.1)
        assert max(waits) == pytest.approx(30.0, abs=0.1)
        broken = False
        await house.clock.run(3 * MIN)
        assert daemon.fault is None
        assert wanted(daemon)[0] == "on"
        assert [closed for _, closed in house.relays["cellar/relay-1"].clicks] == [True, False, True]
        assert house.relays["cellar/relay-2"].clicks == house.relays["cellar/relay-2"].clicks[:1]


async def test_a_driver_that_is_broken_is_an_outage_not_an_end(house, folder, state, said):
    async with running(house, folder, state) as daemon:

        async def bug():
            raise KeyError("registers")

        house.meters["grid-meter"].read = bug
        await house.clock.run(60.0)
        assert len(said("outage")) == 1
        await daemon.set_switch("pump", True, by="anna")
        await house.clock.run(1.0)
        assert house.relays["attic/relay-1"].closed


async def test_the_journal_replays_to_the_same_decisions(house, folder, state):
    """The law: daemon ≡ replay of its own journal, over outages, a jump, wishes and a restart."""
    async with running(house, folder, state) as daemon:
        await sunny(house, daemon)
        house.meters["grid-meter"].away = True
        await house.clock.run(4 * MIN)
        house.meters["grid-meter"].away = False
        await daemon.set_switch("pump", True, by="anna")
        await house.clock.run(3 * MIN)
        house.clock.jump(-500.0)
        house.pv_w = 0.0
        await house.clock.run(30 * MIN)
    async with running(house, folder, state) as daemon:
        await sunny(house, daemon)
    played = replay(state / "journal")
    assert played.difference is None
    assert played.segments == 3
    assert played.steps > 400, "not vacuous"
    clicks = house.relays["cellar/relay-1"].clicks
    assert [closed for _, closed in clicks] == [True, False, True]


async def test_a_journal_has_a_segment_a_day(house, folder, state, monkeypatch):
    monkeypatch.setattr(journal, "SEGMENT_S", 120.0)
    async with running(house, folder, state) as daemon:
        await sunny(house, daemon, 5 * MIN)
    played = replay(state / "journal")
    assert played.difference is None
    assert played.segments == 3


async def test_a_listener_that_raises_hears_no_more_and_stops_nothing(house, folder, state, said):
    class Broken:
        def publish(self, event):
            raise KeyError("portal")

    async with running(house, folder, state) as daemon:
        daemon.subscribe(Broken())
        await sunny(house, daemon)
        assert len(said("listener-bug")) == 1


async def test_a_hung_loop_reads_nothing_so_that_a_board_that_any_request_keeps_alive_lets_go(
    house, folder, state, monkeypatch
):
    """Edge case 67."""
    async with running(house, folder, state) as daemon:
        await sunny(house, daemon)
        hung = asyncio.Event()
        with monkeypatch.context() as patched:

            async def never(*_args, **_more):
                await hung.wait()

            patched.setattr(daemon._loop._archive, "save", never)
            await house.clock.run(2 * MIN)
            before = house.meters["grid-meter"].reads
            await house.clock.run(2 * MIN)
            assert house.meters["grid-meter"].reads == before
        hung.set()
        await house.clock.run(2 * MIN)
        assert house.meters["grid-meter"].reads > before, "and goes on when the loop does"


async def test_a_machine_that_cannot_keep_up_is_said_once(house, folder, state, said):
    """Edge case 60."""
    async with running(house, folder, state) as daemon:
        slept = house.clock.sleep

        async def late(seconds):
            await slept(seconds + 30.0)

        house.clock.sleep = late
        await house.clock.run(1 * MIN)
        assert len([line for line in said("outage") if line.startswith("engine")]) == 1
        house.clock.sleep = slept
        await house.clock.run(3 * MIN)
        assert len([line for line in said("recovered") if line.startswith("engine")]) == 1
        assert daemon.fault is None


async def test_a_state_that_somebody_else_has_open_is_not_thrown_away(house, folder, state, monkeypatch):
    async with running(house, folder, state):
        pass
    monkeypatch.setattr(store.sqlite3, "connect", partial(sqlite3.connect, timeout=0.1))
    db = sqlite3.connect(state / "state.db", isolation_level=None)
    db.execute("PRAGMA locking_mode=EXCLUSIVE")
    db.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(StateError, match="who else has it open"):
            async with running(house, folder, state):
                pass
        assert not list(state.glob("*.aside-*"))
    finally:
        db.execute("ROLLBACK")
        db.close()


async def test_other_policies_replay_to_a_difference(house, folder, state, tmp_path):
    async with running(house, folder, state) as daemon:
        await sunny(house, daemon)
    other = write(tmp_path / "other", boiler=BOILER.replace("on_delay: 60 s", "on_delay: 90 s"))
    difference = replay(state / "journal", policies=other).difference
    assert difference is not None
    assert difference.what == "decisions"
    assert difference.recorded["boiler"] == ["on", "surplus"]


async def test_decisions_are_recorded_with_before_after_reason_and_place(house, folder, state):
    async with running(house, folder, state) as daemon:
        await sunny(house, daemon)
        records = await daemon.decisions("boiler", limit=10)
        assert [(r.before, r.after) for r in records][-1] == ("", "off")
        turned_on = next(r for r in records if (r.before, r.after) == ("off", "on"))
        assert turned_on.code == "surplus"
        assert turned_on.where.endswith("boiler.yaml:6")
        assert turned_on.facts["surplus_w"] == pytest.approx(5600.0, abs=5.0)
        assert await daemon.decisions("pump", limit=1) != records[:1]


async def test_stop_for_good_opens_what_has_no_dead_man_and_would_stay_closed_unwatched(house, folder, state):
    timer = (
        PUMP.replace("name: pump", "name: heater").replace("manual", "auto-solar").replace("power: 1 kW", "power: 2 kW")
    )
    write(folder, pump=timer)
    async with running(house, folder, state, for_good=True):
        house.pv_w = 9000.0
        await house.clock.run(5 * MIN)
        assert house.relays["attic/relay-1"].closed
        assert house.relays["cellar/relay-1"].closed
    assert not house.relays["attic/relay-1"].closed, "nothing else would ever open it"
    assert house.relays["cellar/relay-1"].closed, "its dead-man opens it; a restart fits into the lease"
    assert replay(state / "journal").difference is None
    async with running(house, folder, state) as daemon:
        assert wanted(daemon, "heater")[0] == "off", "it knows that it opened it"
        assert wanted(daemon)[0] == "on"


async def test_stop_for_good_leaves_a_manual_load_as_its_owner_wants_it(house, folder, state):
    async with running(house, folder, state, for_good=True) as daemon:
        await daemon.set_switch("pump", True, by="anna")
        await house.clock.run(5.0)
    assert house.relays["attic/relay-1"].closed


async def test_events_reach_who_subscribed_until_they_leave(house, folder, state):
    events = []

    class Listener:
        def publish(self, event):
            events.append(event)

    async with running(house, folder, state) as daemon:
        leave = daemon.subscribe(Listener())
        await sunny(house, daemon)
        house.meters["grid-meter"].away = True
        await house.clock.run(20.0)
        assert {"boiler"} in [set(e["changed"]) for e in events if e["event"] == "step"]
        assert [(e["device"], e["ok"]) for e in events if e["event"] == "device"] == [("grid-meter", False)]
        leave()
        leave()
        known = len(events)
        await house.clock.run(20.0)
        assert len(events) == known


async def test_a_broken_dimming_input_counts_as_dimmed_with_evidence(house, folder, state, said):
    write(
        folder,
        site=SITE.replace("stagger: 0 s", "stagger: 0 s\ndim: {input: attic/input-1, cap: 2 kW}").replace(
            "attic: {driver: memory,", "attic: {driver: memory, inputs: {input-1: open},"
        ),
    )
    async with running(house, folder, state) as daemon:
        assert not daemon.observation.dim
        assert said("dimmed") == []
        house.inputs["attic/input-1"].away = True
        await house.clock.run(30.0)
        assert daemon.observation.dim
        assert len(said("dimmed")) == 1
        house.inputs["attic/input-1"].away = False
        await house.clock.run(30.0)
        assert not daemon.observation.dim
        assert len(said("dimmed")) == 2


async def test_two_state_folders_never_share_a_daemon_but_a_device_that_cannot_open_is_a_clear_error(
    house, folder, state
):
    house.refuses.add("attic")
    with pytest.raises(UsageError, match=r"device 'attic' cannot be opened: bad wiring"):
        async with running(house, folder, state):
            pass


async def test_power_back_after_another_boot_starts_staggered(house, folder, state):
    """Edge case 27."""
    write(
        folder, site=SITE.replace("stagger: 0 s", "stagger: 10 min"), boiler=BOILER.replace("auto-solar", "always-on")
    )
    async with running(house, folder, state):
        await house.clock.run(60.0)
    house.relays["cellar/relay-1"].closed = False
    house.clock.boot = "boot-2"
    async with running(house, folder, state) as daemon:
        assert daemon.observation.power_back_at == pytest.approx(house.clock.now() - 30.0, abs=1.0)


async def test_engine_sees_before_start(house, folder, state):
    async with running(house, folder, state, start=False) as daemon:
        assert daemon.outcome is None
        assert daemon.stepped_at is None
        assert daemon.observation.grid_w is None
        assert daemon.loaded.site.name == "test-house"
