"""The six modes, overrides, boost, min-on and min-off, as policy-language promises them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from noonward.core.model import FailSafe, Inputs, Mode, Observation, Override, ReasonCode, RelayState, State
from noonward.core.step import step
from noonward.core.timers import Cron, Timer, Windows
from support.world import World, appliance, site

NOON = 1_780_308_000.0  # 2026-06-01 10:00 UTC, noon in Zurich


def cron(hour: int, minute: int = 0) -> Cron:
    return Cron((minute,), (hour,), tuple(range(1, 32)), tuple(range(1, 13)), tuple(range(7)), False, True, True)


def daily(start: int, stop: int) -> Windows:
    """A window from start to stop, UTC hours."""
    return Windows([Timer("tariff", cron(start), cron(stop), None, 1)], "UTC")


def world(mode: Mode, **changes) -> World:
    changes.setdefault("min_on_s", 0.0)
    return World(site(appliance(mode=mode, **changes)), now=NOON)


def test_auto_solar_starts_after_the_delay_and_not_before():
    w = world(Mode.AUTO_SOLAR)
    w.run(59, surplus_w=3000)
    assert (w.on(), w.why()) == (False, "on-delay")
    w.run(1)
    assert (w.on(), w.why()) == (True, "surplus")


def test_a_dip_starts_the_delay_anew():
    w = world(Mode.AUTO_SOLAR)
    w.run(50, surplus_w=3000)
    w.run(5, surplus_w=2999)
    assert w.why() == "too-little-surplus"
    w.run(59, surplus_w=3000)
    assert not w.on()
    w.run(1)
    assert w.on()


@pytest.mark.parametrize(
    ("surplus_w", "on"),
    [(3000, True), (1500, True), (1499, False), (0, False)],
    ids=["covered", "at off_below", "just short", "none"],
)
def test_hysteresis_of_a_surplus_run(surplus_w, on):
    w = world(Mode.AUTO_SOLAR)
    w.run(60, surplus_w=3000)
    w.run(60, surplus_w=surplus_w)
    assert w.on() is on


def test_min_on_holds_and_says_so_then_ends_to_the_second():
    w = world(Mode.AUTO_SOLAR, min_on_s=1200.0)
    w.run(60, surplus_w=3500)
    w.run(1199, surplus_w=-500)
    assert (w.on(), w.why()) == (True, "min-on")
    w.run(1)
    assert (w.on(), w.why()) == (False, "too-little-surplus")


def test_min_on_counts_from_the_confirmed_contact():
    """Edge case 75."""
    w = world(Mode.AUTO_SOLAR, min_on_s=600.0)
    w.dead.add("boiler/relay-1")
    w.run(60, surplus_w=3500)
    w.run(20)
    w.dead.clear()
    w.closed["boiler/relay-1"] = True
    w.run(0)
    assert w.state.machines["boiler"].on_since == NOON + 80
    w.run(599, surplus_w=-500)
    assert w.on()
    w.run(1)
    assert not w.on()


def test_min_off_holds_a_restart_back():
    w = world(Mode.AUTO_SOLAR, min_off_s=300.0)
    w.run(60, surplus_w=3500)
    w.run(60, surplus_w=-500)
    assert not w.on()
    w.run(299, surplus_w=3500)
    assert (w.on(), w.why()) == (False, "min-off")
    w.run(1)
    assert w.on()


def test_auto_timer_is_on_in_the_window_without_any_sun():
    w = world(Mode.AUTO_TIMER, windows=daily(11, 12))
    w.run(3599)
    assert (w.on(), w.why()) == (False, "too-little-surplus")
    assert {r.code.value for r in w.decision().because} == {"too-little-surplus", "outside-window"}
    w.run(1)
    assert (w.on(), w.why()) == (True, "timer")
    w.run(3600)
    assert not w.on()


@pytest.mark.parametrize(("surplus_w", "on"), [(3000, True), (2999, False), (1600, False)])
def test_the_end_of_a_window_asks_for_the_full_threshold(surplus_w, on):
    """Hysteresis never belongs to a timer's run, whatever the surplus did during it."""
    w = world(Mode.AUTO_TIMER, windows=daily(11, 12))
    w.run(3600)
    w.run(3600, surplus_w=surplus_w)
    assert w.on() is on
    if on:
        w.run(60, surplus_w=1600)
        assert w.on(), "now it is the surplus' own run, with its hysteresis"


def test_an_on_state_between_the_thresholds_does_not_outlive_its_window():
    """The fault that schema, lint and model checker passed: a heater that ran on from the grid for ever."""
    w = world(Mode.AUTO_TIMER, windows=daily(11, 12))
    w.run(60, surplus_w=3000)
    w.run(3540)
    w.run(3600, surplus_w=2000)
    assert (w.on(), w.why()) == (False, "too-little-surplus")


def test_timer_ignores_the_sun():
    w = world(Mode.TIMER, windows=daily(11, 12))
    w.run(3000, surplus_w=9000)
    assert (w.on(), w.why()) == (False, "outside-window")
    w.run(600)
    assert (w.on(), w.why()) == (True, "timer")
    w.run(3600)
    assert (w.on(), w.why()) == (False, "outside-window")


def test_windows_count_as_closed_until_the_clock_is_trusted():
    """Edge case 57."""
    w = world(Mode.TIMER, windows=daily(9, 12))
    w.fixed = {"clock_trusted": False}
    w.run(60)
    assert not w.on()
    w.fixed = {}
    w.run(0)
    assert w.on()


@pytest.mark.parametrize("mode", [Mode.ALWAYS_ON, Mode.ALWAYS_OFF])
def test_always(mode):
    w = world(mode)
    w.run(600, surplus_w=9000 if mode is Mode.ALWAYS_OFF else -9000)
    assert (w.on(), w.why()) == (mode is Mode.ALWAYS_ON, mode.value)


def test_manual_begins_off_and_follows_the_switch_at_once_min_on_or_not():
    w = world(Mode.MANUAL, min_on_s=1200.0)
    w.run(60)
    assert (w.on(), w.why()) == (False, "switch-off")
    w.set(switch_on=True)
    w.run(1)
    assert (w.on(), w.why()) == (True, "switch-on")
    w.set(switch_on=False)
    w.run(0)
    assert (w.on(), w.why()) == (False, "switch-off")


def test_always_off_by_override_ends_min_on_early_and_says_who():
    w = world(Mode.AUTO_SOLAR, min_on_s=1200.0)
    w.run(120, surplus_w=3500)
    w.set(override=Override(mode=Mode.ALWAYS_OFF, until=NOON + 600, by="anna", reason="repair"))
    w.run(0)
    assert not w.on()
    override = w.decision().because[1]
    assert (override.code, override.facts["by"]) == (ReasonCode.OVERRIDE, "anna")
    w.run(480)
    assert w.why() != "always-off"


def test_an_override_that_has_ended_is_not_in_force():
    """Edge case 61."""
    w = world(Mode.AUTO_SOLAR)
    w.set(override=Override(mode=Mode.ALWAYS_ON, until=NOON))
    w.run(0)
    assert (w.on(), w.why()) == (False, "too-little-surplus")


def test_an_overridden_run_is_not_ended_before_min_on():
    w = world(Mode.AUTO_SOLAR, min_on_s=1200.0)
    w.set(override=Override(mode=Mode.ALWAYS_ON, until=NOON + 300))
    w.run(300)
    assert (w.on(), w.why()) == (True, "min-on")
    w.run(900)
    assert not w.on()


@pytest.mark.parametrize(
    ("mode", "on"),
    [
        (Mode.AUTO_SOLAR, True),
        (Mode.AUTO_TIMER, True),
        (Mode.TIMER, True),
        (Mode.ALWAYS_ON, True),
        (Mode.ALWAYS_OFF, False),
        (Mode.MANUAL, False),
    ],
)
def test_boost_beats_every_mode_but_off(mode, on):
    w = world(mode, windows=daily(3, 4) if "timer" in mode.value else None)
    w.set(boost_until=NOON + 1800)
    w.run(1799)
    assert w.on() is on
    w.run(1)
    assert w.on() is (mode is Mode.ALWAYS_ON)


def test_a_meter_that_falls_silent_is_held_then_stale_then_released_after_min_on():
    """Edge cases 5, 8."""
    w = world(Mode.AUTO_SOLAR, min_on_s=600.0)
    w.run(60, surplus_w=3500)
    w.meter_silent_since = w.now
    w.run(14)
    assert w.why() == "surplus"
    w.run(1)
    assert (w.on(), w.why()) == (True, "meter-held")
    w.run(105)
    assert (w.on(), w.why()) == (True, "min-on"), "a stale meter is not a fault: min-on is kept"
    assert [r.code.value for r in w.decision().because] == ["min-on", "meter-stale"]
    w.run(480)
    assert (w.on(), w.why()) == (False, "meter-stale")


def test_held_starts_nothing_and_stops_nothing():
    w = world(Mode.AUTO_SOLAR, min_on_s=0.0)
    w.run(40, surplus_w=3500)
    w.meter_silent_since = w.now
    w.run(100)
    assert (w.on(), w.why()) == (False, "meter-held")


@pytest.mark.parametrize(
    ("then", "running", "after"),
    [
        (FailSafe.RELEASE, True, False),
        (FailSafe.RELEASE, False, False),
        (FailSafe.KEEP, True, True),
        (FailSafe.KEEP, False, False),
        (FailSafe.FORCE, True, True),
        (FailSafe.FORCE, False, True),
    ],
)
def test_fail_safe_of_a_solar_policy(then, running, after):
    w = world(Mode.AUTO_SOLAR, then=then)
    w.run(60, surplus_w=3500 if running else 0)
    assert w.on() is running
    w.meter_silent_since = w.now
    w.run(120)
    assert (w.on(), w.why()) == (after, "meter-stale")
    w.meter_silent_since = None
    w.run(60, surplus_w=-500)
    assert (w.on(), w.why()) == (False, "too-little-surplus"), "and recovers"


@pytest.mark.parametrize("mode", [Mode.TIMER, Mode.ALWAYS_ON, Mode.MANUAL])
def test_modes_without_sun_do_not_mind_a_silent_meter(mode):
    w = world(mode, windows=daily(9, 12) if mode is Mode.TIMER else None)
    w.set(switch_on=True)
    w.meter_silent_since = NOON
    w.run(3600)
    assert w.on()


def test_auto_timer_with_a_stale_meter_keeps_to_its_windows():
    w = world(Mode.AUTO_TIMER, windows=daily(11, 12))
    w.meter_silent_since = NOON
    w.run(3600)
    assert (w.on(), w.why()) == (True, "timer")
    w.run(3600)
    assert (w.on(), w.why()) == (False, "meter-stale")


def test_a_meter_that_has_not_answered_yet_is_held_after_a_start():
    """Edge case 61: a restart does not click a relay while the first reading is on its way."""
    a = appliance(min_on_s=0.0)
    w = World(site(a), now=NOON)
    w.run(60, surplus_w=3500)
    seen = {"boiler/relay-1": RelayState(True, NOON + 300)}
    outcome = step(w.site, w.state, Observation(relays=seen, started_at=NOON + 300), NOON + 300)
    assert (outcome.decisions[0].wanted, outcome.decisions[0].code.value, outcome.commands) == ("on", "meter-held", ())
    outcome = step(w.site, w.state, Observation(relays=seen, started_at=NOON + 300), NOON + 420)
    assert outcome.decisions[0].wanted == "off"


def test_stages_climb_and_fall_one_at_a_time_and_min_on_forbids_only_off():
    w = world(Mode.AUTO_SOLAR, stages=(3000.0, 6000.0), min_on_s=1200.0)
    w.run(60, surplus_w=7000)
    assert w.decision().wanted == "stage-1"
    w.run(59)
    assert w.decision().wanted == "stage-1"
    w.run(1)
    assert w.decision().wanted == "stage-2"
    w.run(60, surplus_w=4400)  # below 3000 + 50 % of 3000
    assert w.decision().wanted == "stage-1"
    w.run(600, surplus_w=0)
    assert (w.decision().wanted, w.why()) == ("stage-1", "min-on")
    w.run(600)
    assert w.decision().wanted == "off"


@pytest.mark.parametrize("mode", [Mode.ALWAYS_ON, Mode.MANUAL, Mode.TIMER])
def test_without_sun_on_means_the_highest_stage_one_relay_at_a_time(mode):
    w = world(mode, stages=(3000.0, 6000.0), windows=daily(9, 12) if mode is Mode.TIMER else None)
    w.set(switch_on=True)
    w.run(0)
    assert w.decision().wanted == "stage-1"
    w.run(10)
    assert w.decision().wanted == "stage-2"
    closings = [at for at, command in w.sent if command.closed]
    assert closings == [NOON, NOON + 2]


def test_a_contact_that_the_device_opened_ends_the_run_and_min_off_counts_from_there():
    """Edge cases 47, 63: the dead-man let go; the state follows the device."""
    w = world(Mode.ALWAYS_ON, min_off_s=300.0, min_on_s=600.0)
    w.run(60)
    w.closed["boiler/relay-1"] = False
    w.run(1)
    assert (w.on(), w.why()) == (False, "min-off")
    w.run(298)
    assert not w.on()
    w.run(1)
    assert w.on()


def test_a_manual_restart_after_the_gateway_was_lost_need_not_wait():
    w = world(Mode.MANUAL, min_off_s=300.0)
    w.set(switch_on=True)
    w.run(60)
    w.closed["boiler/relay-1"] = False
    w.run(1)
    assert w.on()


def test_after_a_power_cut_starts_are_staggered_by_name():
    """Edge case 27."""
    names = ["boiler", "laundry", "pump", "sauna"]
    w = World(site(*(appliance(n, mode=Mode.ALWAYS_ON) for n in names)), now=NOON)
    w.fixed = {"power_back_at": NOON}
    w.run(0)
    assert {w.why(n) for n in names} == {"dark-start"}
    w.run(60)
    starts = [at for at, command in w.sent if command.closed]
    assert len(starts) == len(set(starts)) == 4
    assert all(NOON < at < NOON + 60 for at in starts)


def test_adopts_a_running_relay_and_lets_min_on_count_from_now():
    """Edge case 61."""
    w = world(Mode.AUTO_SOLAR, min_on_s=600.0)
    w.closed["boiler/relay-1"] = True
    w.run(599, surplus_w=0)
    assert (w.on(), w.why()) == (True, "min-on")
    w.run(1)
    assert not w.on()


def test_an_unchanged_step_returns_the_same_state_object():
    w = world(Mode.AUTO_SOLAR)
    w.run(600)
    state = w.state
    w.run(600)
    assert w.state is state


def test_first_observation_with_nothing_known_commands_open_and_repeats_until_answered():
    s = site(appliance())
    outcome = step(s, State(), Observation(), NOON)
    assert [c.closed for c in outcome.commands] == [False]
    again = step(s, outcome.state, Observation(), NOON + 1)
    assert again.commands == ()
    assert step(s, outcome.state, Observation(), NOON + 10).commands == outcome.commands


def test_an_unanswered_command_says_so_after_a_while():
    w = world(Mode.ALWAYS_ON)
    w.dead.add("boiler/relay-1")
    w.run(29)
    assert [r.code.value for r in w.decision().because] == ["always-on"]
    w.run(1)
    assert [r.code.value for r in w.decision().because] == ["always-on", "not-answering"]


def test_inputs_default_to_off():
    assert Inputs() == replace(Inputs(), switch_on=False, boost_until=None, override=None)


def play(w: World, *segments: tuple[float, float]) -> World:
    """Let a day pass: (seconds, surplus) one after the other."""
    for seconds, surplus_w in segments:
        w.run(seconds, surplus_w=surplus_w)
    return w


@pytest.mark.parametrize(
    ("around_w", "starts"),
    [(3000.0, 0), (3100.0, 1), (1600.0, 0)],
    ids=["at on_above", "just above it", "at off_below"],
)
@pytest.mark.parametrize("delay_s", [0.0, 60.0])
def test_noise_makes_no_limit_cycle(around_w, starts, delay_s):
    """Edge cases 10, 11: ±100 W for two hours; the hysteresis of half the nominal power swallows it."""
    w = world(Mode.AUTO_SOLAR, on_delay_s=delay_s, off_delay_s=delay_s)
    play(w, *((10.0, around_w + (100.0 if k % 2 else -100.0)) for k in range(720)))
    if delay_s == 0.0 and around_w == 3000.0:
        starts = 1
    assert [closed for _, closed in w.switchings("boiler/relay-1")].count(True) == starts
    assert w.on() is bool(starts)


@pytest.mark.parametrize("cloud_s", [180.0, 300.0, 600.0])
def test_passing_clouds_switch_no_more_often_than_min_on_allows(cloud_s):
    """Edge case 14."""
    w = world(Mode.AUTO_SOLAR, min_on_s=1200.0)
    hours = 4
    play(w, *((cloud_s, 3500.0 if k % 2 else 0.0) for k in range(int(hours * 3600 / cloud_s))))
    changes = w.switchings("boiler/relay-1")
    closings = [at for at, closed in changes if closed]
    openings = [at for at, closed in changes if not closed and at > closings[0]]
    assert 2 <= len(closings) <= hours * 3600 / 1200
    assert all(off - on >= 1200.0 for on, off in zip(closings, openings, strict=False))


@pytest.mark.parametrize("every_s", [3.0, 15.0])
def test_how_often_it_is_asked_changes_nothing(every_s):
    """Edge cases 17, 60: delays go by elapsed time, never per step, whatever the number of loads."""
    names = ("a", "b", "c")
    day = ((300.0, 3500.0), (45.0, 0.0), (600.0, 6500.0), (615.0, 1200.0), (900.0, 9500.0), (600.0, -500.0))

    def sent(step_s: float | None) -> list:
        w = World(site(*(appliance(n, priority=k, min_on_s=300.0) for k, n in enumerate(names))), now=NOON)
        for seconds, surplus_w in day:
            if step_s is None:
                w.run(seconds, surplus_w=surplus_w)
                continue
            for _ in range(int(seconds / step_s)):
                w.run(step_s, surplus_w=surplus_w)
        return [(at - NOON, c.relay, c.closed) for at, c in w.sent]

    assert sent(every_s) == sent(None)
    assert len(sent(None)) > len(names)
