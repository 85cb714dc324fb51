"""The shortcut through minutes that change nothing: when it is taken, when not, and that it never answers otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from noonward.core.calm import Steps
from noonward.core.model import (
    BatteryRule,
    Grid,
    Inputs,
    LimitSeen,
    Mode,
    Observation,
    Override,
    Pace,
    Reading,
    ReasonCode,
    RelayState,
    Requirement,
    Session,
    Station,
    StationInfo,
    StationState,
    Zone,
    ZoneState,
)
from noonward.core.outstanding import Promise
from noonward.core.past import SLOT_S, SLOTS, Past, Running
from noonward.core.step import step
from noonward.core.timers import Cron
from support.world import appliance, at_rest, site

NOON = 1_780_308_000.0
LATER = NOON + 5.0
AGO = NOON - 3600.0
NOBODY: dict[str, Inputs] = {}
SUN = {"level": 1, "cause": ReasonCode.SURPLUS}
TIMER = {"level": 1, "cause": ReasonCode.TIMER}
ALWAYS = {"level": 1, "cause": ReasonCode.ALWAYS_ON}


def told(outcome) -> tuple:
    """Return everything that an outcome says."""
    decisions = [(d.policy, d.wanted, d.power_w, d.code, d.row, d.because) for d in outcome.decisions]
    return outcome.state, outcome.commands, outcome.wake_at, decisions


def second_step(
    the_site, before: dict, after: dict, *, running=None, remembered=None, in_s=5.0, same_state=True
) -> bool:
    """Take two steps, hold the second to ``step``, and return whether it was a shortcut.

    ``before`` and ``after`` are fields of the observation; ``grid_w`` is a number, read in the instant of the step.
    """
    state, relays = at_rest(the_site, NOON, **(running or {}))
    state = replace(state, **(remembered or {}))
    steps = Steps(the_site)

    def observation(fields: dict, at: float) -> Observation:
        fields = {"relays": relays, "inputs": NOBODY, "grid_w": 0.0, **fields}
        if isinstance(fields["grid_w"], float):
            fields["grid_w"] = Reading(fields["grid_w"], at)
        return Observation(**fields)

    seen = observation(before, NOON)
    first = steps(state, seen, NOON)
    assert told(first) == told(step(the_site, state, seen, NOON))
    state, now = first.state if same_state else replace(first.state), NOON + in_s
    seen = observation({**before, **after}, now)
    short = steps(state, seen, now)
    taken = not short.decisions.verdicts
    assert told(short) == told(step(the_site, state, seen, now))
    return taken


BOILER = {"min_on_s": 0.0, "min_off_s": 0.0}
ONE = site(appliance(**BOILER))
STAGED = site(appliance(stages=(1000.0, 3000.0), **BOILER))
THREE = site(appliance(stages=(1000.0, 3000.0, 6000.0), **BOILER))


@pytest.mark.parametrize(
    ("the_site", "state", "grid_w", "band"),
    [
        (ONE, 0, 0.0, (-3000.0, None)),  # starts at 3 kW of export
        (ONE, SUN, 200.0, (None, 1500.0)),
        (ONE, SUN, -500.0, (None, 1500.0)),
        (ONE, TIMER, -500.0, (None, 0.0)),  # up to 3 kW of surplus it is covered, as what a timer began must be
        (STAGED, 0, 0.0, (-1000.0, None)),
        (STAGED, SUN, 100.0, (-2000.0, 500.0)),
        (STAGED, TIMER, -500.0, (-2000.0, 0.0)),
        (STAGED, {**SUN, "level": 2}, 500.0, (None, 1000.0)),
        (STAGED, {**TIMER, "level": 2}, -500.0, (None, 0.0)),
        (THREE, 0, 0.0, (-1000.0, None)),  # only the thresholds of the next stage and of its own count
        (THREE, {**SUN, "level": 2}, -500.0, (-3000.0, 1000.0)),
        (THREE, {**TIMER, "level": 2}, -500.0, (-3000.0, 0.0)),
        (THREE, {**SUN, "level": 3}, 500.0, (None, 1500.0)),
    ],
)
def test_taken_between_the_thresholds_and_nowhere_else(the_site, state, grid_w, band):
    running, (low, high) = {"boiler": state}, band
    for watts, inside in (
        (grid_w, True),
        *((low + d, d > 0.0) for d in (-100.0, -0.01, 0.01, 100.0) if low is not None),
        *((high + d, d < 0.0) for d in (-100.0, -0.01, 0.01, 100.0) if high is not None),
    ):
        taken = second_step(the_site, {"grid_w": grid_w}, {"grid_w": watts}, running=running)
        assert taken == inside, f"{watts} W"
    for far, open_end in ((-9e4, low is None), (9e4, high is None)):
        assert second_step(the_site, {"grid_w": grid_w}, {"grid_w": far}, running=running) == open_end
    for edge in (low, high):
        if edge is not None:  # at the very threshold only equality with the full step is promised
            second_step(the_site, {"grid_w": grid_w}, {"grid_w": edge}, running=running)


DRAW = {"boiler": Reading(10.0, NOON)}

CHANGES = {
    "nothing": ({}, {}, True),
    "another value": ({}, {"grid_w": 400.0}, True),
    "no reading": ({}, {"grid_w": None}, False),
    "an old reading": ({}, {"grid_w": Reading(0.0, LATER - 15.0)}, False),
    "a reading that is young enough": ({}, {"grid_w": Reading(0.0, LATER - 14.9)}, True),
    "relays read again": ({}, {"relays": {"boiler/relay-1": RelayState(False, LATER)}}, False),
    "a contact closed by a foreign hand": ({}, {"relays": {"boiler/relay-1": RelayState(True, LATER)}}, False),
    "a wish": ({}, {"inputs": {"boiler": Inputs(boost_until=LATER + 60.0)}}, False),
    "an override": ({}, {"inputs": {"boiler": Inputs(override=Override(mode=Mode.ALWAYS_ON))}}, False),
    "a battery": ({}, {"battery_w": Reading(-4000.0, LATER)}, False),
    "a battery all the time": ({"battery_w": Reading(-10.0, NOON)}, {}, False),
    "dimming": ({}, {"dim": True}, False),
    "the clock": ({}, {"clock_trusted": False}, False),
    "the power was away": ({}, {"power_back_at": LATER}, False),
    "a meter that tells its phases": ({}, {"grid_a": (Reading(0.0, LATER),) * 3}, False),
    "the same draw": ({"draws_w": DRAW}, {"draws_w": {"boiler": Reading(10.0, LATER)}}, True),
    "another draw": ({"draws_w": DRAW}, {"draws_w": {"boiler": Reading(11.0, LATER)}}, False),
    "a draw of another instant": ({"draws_w": DRAW}, {"draws_w": {"boiler": Reading(10.0, LATER - 1.0)}}, False),
    "a draw of another instant before": (
        {"draws_w": {"boiler": Reading(10.0, NOON - 1.0)}},
        {"draws_w": {"boiler": Reading(10.0, LATER)}},
        False,
    ),
    "one draw more": (
        {"draws_w": DRAW},
        {"draws_w": {"boiler": Reading(10.0, LATER), "b": Reading(0.0, LATER)}},
        False,
    ),
    "one draw less": ({"draws_w": DRAW}, {"draws_w": {}}, False),
    "the draw of someone else": ({"draws_w": DRAW}, {"draws_w": {"b": Reading(10.0, LATER)}}, False),
}


@pytest.mark.parametrize(("before", "after", "taken"), CHANGES.values(), ids=list(CHANGES))
def test_taken_only_where_nothing_but_the_grid_reading_differs(before, after, taken):
    assert second_step(ONE, before, after) == taken


def test_not_taken_for_another_state():
    assert not second_step(ONE, {}, {}, same_state=False)


@pytest.mark.parametrize(
    ("policy", "state", "before"),
    [
        ({}, {"enough_since": NOON - 3600.0}, {"grid_w": -4000.0}),  # it starts: commands, another state
        ({}, 0, {"grid_w": -4000.0}),  # its delay begins
        ({}, 0, {"grid_w": None}),
        ({}, {**SUN, "changed_at": NOON - 1.0, "on_since": NOON - 1.0}, {"grid_w": 0.0}),  # not seen yet
        ({}, 0, {"grid_w": Reading(0.0, NOON - 60.0)}),  # held
    ],
    ids=["starts", "delay begins", "no reading", "not seen yet", "held"],
)
def test_not_taken_after_a_step_that_left_something_open(policy, state, before):
    the_site = site(appliance(**{**BOILER, **policy}))
    assert not second_step(the_site, before, {"grid_w": 10.0}, running={"boiler": state})


def test_not_taken_while_one_waits_for_another_to_go():
    first = appliance("first", 3000.0, priority=1)
    second = appliance("second", 2000.0, priority=2, min_on_s=0.0)
    waiting = {"enough_since": NOON - 3600.0}
    falling = {"level": 0, "changed_at": NOON - 1.0, "off_since": NOON - 1.0, "before_w": 2000.0}
    running = {"first": waiting, "second": falling}
    assert not second_step(site(first, second), {"grid_w": -1500.0}, {}, running=running)


def test_a_silent_meter_is_no_matter_where_nobody_looks_at_the_sun():
    """It is not taken on an old reading, but what it says is the same."""
    the_site = site(appliance(mode=Mode.ALWAYS_OFF))
    old = Reading(0.0, NOON - 60.0)
    assert second_step(the_site, {"grid_w": old}, {"grid_w": 0.0})
    assert not second_step(the_site, {"grid_w": old}, {"grid_w": old})


@pytest.mark.parametrize(("in_s", "taken"), [(99.0, True), (100.0, False), (101.0, False)])
def test_not_taken_once_something_that_runs_is_over(in_s, taken):
    the_site = site(appliance(min_off_s=3700.0))
    assert second_step(the_site, {}, {}, in_s=in_s) == taken
    for ends in ((3700.0, 3800.0), (3800.0, 3700.0)):
        both = site(*(appliance(n, min_off_s=s) for n, s in zip(("a", "b"), ends, strict=True)))
        assert second_step(both, {}, {}, in_s=in_s) == taken, "the first to end"


def test_two_policies_narrow_the_band_together():
    a, b = appliance("a", 1000.0, priority=1, **BOILER), appliance("b", 2000.0, priority=2, **BOILER)
    for watts, taken in ((0.0, True), (-999.0, True), (-1001.0, False), (-2001.0, False), (9e3, True)):
        assert second_step(site(a, b), {}, {"grid_w": watts}) == taken, watts
    manual = appliance("c", 10.0, mode=Mode.MANUAL, priority=3)
    assert second_step(site(a, manual), {}, {"grid_w": -500.0})
    assert second_step(site(manual), {}, {"grid_w": -9e3}), "its threshold is no matter"
    assert not second_step(site(replace(manual, priority=0), a), {}, {"grid_w": -1001.0}), "but that of others is"


# --- beside the envelope ---------------------------------------------------------------------------------------------


def amperes(*values: float, at: float) -> tuple[Reading, ...]:
    return tuple(Reading(v, at) for v in values)


def phases(a: float, b: float, c: float, *, at=LATER) -> dict:
    return {"grid_a": amperes(a, b, c, at=at)}


FIRST = {"grid_a": amperes(5.0, 5.0, 5.0, at=NOON)}


@pytest.mark.parametrize(
    ("state", "after", "taken"),
    [
        (ALWAYS, phases(5.0, 5.0, 5.0), True),
        (ALWAYS, phases(24.9, 5.0, 5.0), True),
        (ALWAYS, phases(25.1, 5.0, 5.0), False),  # it must go now
        (ALWAYS, phases(5.0, 25.1, 5.0), False),
        (ALWAYS, phases(-9.0, -9.0, -9.0), True),
        (0, phases(5.0, 5.0, 5.0), True),
        (0, phases(11.9, 5.0, 5.0), True),  # 13.04 A more still fit below 25
        (0, phases(12.0, 5.0, 5.0), False),  # and no longer
        (0, phases(5.0, 24.9, 5.0), True),
        (ALWAYS, phases(5.0, 5.0, 5.0, at=LATER - 1.0), False),  # of another instant than the grid reading
        (ALWAYS, {"grid_a": (Reading(5.0, LATER), None, Reading(5.0, LATER))}, False),
        (ALWAYS, {"grid_a": ()}, False),
    ],
)
def test_taken_within_the_fuse(state, after, taken):
    mode = Mode.ALWAYS_ON if state else Mode.MANUAL
    the_site = site(appliance(mode=mode, phases=(1,), min_on_s=0.0), grid=Grid(fuse_a=25.0))
    assert second_step(the_site, FIRST, after, running={"boiler": state}) == taken


def test_taken_on_the_far_side_of_a_limit_too():
    """A start that does not fit goes on not fitting."""
    the_site = site(appliance(mode=Mode.MANUAL, phases=(1,)), grid=Grid(fuse_a=25.0))
    full = {"grid_a": amperes(15.0, 5.0, 5.0, at=NOON)}
    assert second_step(the_site, full, phases(24.0, 5.0, 5.0))
    assert second_step(the_site, full, phases(12.0, 5.0, 5.0))
    assert not second_step(the_site, full, phases(11.9, 5.0, 5.0))


@pytest.mark.parametrize(
    ("state", "before_w", "after_w", "taken"),
    [
        (ALWAYS, 1000.0, 4999.0, True),
        (ALWAYS, 1000.0, 5001.0, False),
        (0, 1000.0, 1999.0, True),
        (0, 1000.0, 2001.0, False),
        (0, 3000.0, 1999.0, False),
        (0, 3000.0, 2001.0, True),
        (0, 5001.0, 5001.0, False),  # passed by others: nothing is promised
    ],
)
def test_taken_within_the_import_cap(state, before_w, after_w, taken):
    mode = Mode.ALWAYS_ON if state else Mode.MANUAL
    the_site = site(appliance(mode=mode, min_on_s=0.0), grid=Grid(import_cap_w=5000.0))
    found = second_step(the_site, {"grid_w": before_w}, {"grid_w": after_w}, running={"boiler": state})
    assert found == taken


@pytest.mark.parametrize(
    ("grid", "before", "taken"),
    [
        ({"fuse_a": 25.0, "phases": 1}, {}, False),  # amperes made of watts: left to the full step
        ({"fuse_a": 25.0, "phases": 1}, {"grid_a": amperes(5.0, at=NOON)}, True),
        ({"fuse_a": 25.0}, {"grid_a": amperes(5.0, 5.0, 5.0, at=NOON - 1.0)}, False),
        ({"fuse_a": 25.0}, {"grid_a": (None, *amperes(5.0, 5.0, at=NOON))}, False),
        ({"fuse_a": 60.0}, {}, True),  # nothing is measured: declared numbers do not change
    ],
)
def test_which_readings_the_envelope_needs_for_it(grid, before, taken):
    the_site = site(appliance(mode=Mode.ALWAYS_ON, phases=(1,), min_on_s=0.0), grid=Grid(**grid))
    count = len(before.get("grid_a", ()))
    after = {"grid_a": amperes(*[6.0] * count, at=LATER)} if count else {}
    assert second_step(the_site, before, after, running={"boiler": ALWAYS}) == taken


def test_taken_while_dimmed_and_beside_a_measured_limit():
    the_site = site(appliance(mode=Mode.ALWAYS_ON, min_on_s=0.0), dim_cap_w=4200.0, grid=Grid(import_cap_w=5000.0))
    seen = {"dim": True, "grid_w": 3000.0}
    assert second_step(the_site, seen, {"grid_w": 3500.0}, running={"boiler": ALWAYS})
    assert not second_step(the_site, seen, {"grid_w": 5500.0}, running={"boiler": ALWAYS})


def test_a_battery_rule_without_a_battery_is_no_hindrance():
    assert second_step(site(appliance(**BOILER), battery=BatteryRule(priority=200)), {}, {"grid_w": 100.0})


@pytest.mark.parametrize(("grid_w", "taken"), [(-3000.0, True), (-4100.0, True), (-4200.0, False)])
def test_a_vehicle_that_takes_nothing_is_carried_by_what_is_left_over_alone(grid_w, taken):
    """What the boiler below it draws is not taken for a vehicle that has enough: 4140 W must be left over."""
    garage = Zone(
        name="garage", mode=Mode.AUTO_SOLAR, priority=10, stations=("cp",), phases=3, max_power_w=11_040.0,
        min_current_a=6.0,
    )  # fmt: skip
    the_site = site(appliance(**BOILER), zones=(garage,), stations={"cp": StationInfo(max_a=16.0, window_s=1e9)})
    told_to_wait = Promise(
        max_a=16.0, window_s=1e9, granted_a=0.0, sent_at=AGO, accepted_at=AGO, until=NOON + 1e9, holds_a=0.0
    )  # fmt: skip
    cp = StationState(session=Session(state="satisfied", since=AGO, starts=1), promise=told_to_wait, plugged_at=AGO)
    seen = Station(plugged=True, plugged_at=AGO, accepted=LimitSeen(current_a=0.0, at=AGO))
    remembered = {"stations": {"cp": cp}, "zones": {"garage": ZoneState(state="off", changed_at=AGO)}}
    before = {"grid_w": -2000.0, "stations": {"cp": seen}}
    found = second_step(the_site, before, {"grid_w": grid_w}, running={"boiler": SUN}, remembered=remembered)
    assert found == taken


def test_three_steps_and_more():
    """The shortcut does not wear out, and ends where the readings leave the band."""
    steps, (state, relays) = Steps(ONE), at_rest(ONE, NOON)
    taken = []
    for k, watts in enumerate((0.0, 10.0, -10.0, 500.0, -3000.0, -3000.0)):
        now = NOON + 60.0 * k
        seen = Observation(relays=relays, inputs=NOBODY, grid_w=Reading(watts, now))
        full, short = step(ONE, state, seen, now), steps(state, seen, now)
        assert told(short) == told(full)
        taken.append(not short.decisions.verdicts)
        state = short.state
    assert taken == [False, True, True, True, False, False]


def test_a_new_day_has_a_clear_sky_of_its_own_and_may_plan_earlier():
    """What was dark after midnight (UTC) so far has brought sun on the day that ends."""
    begin = (NOON // 86_400.0 + 1.0) * 86_400.0 - 600.0
    end = int(begin // SLOT_S)
    seen_w = tuple(3000.0 if 1 <= k % SLOTS < 40 else 0.0 for k in range(end - 3 * SLOTS, end))
    clear_w = tuple(3000.0 if 32 <= k < 72 else 1.0 for k in range(SLOTS))
    past = Past(end=end, pv_w=seen_w, load_w=(0.0,) * len(seen_w), clear_w=clear_w, running=Running(end, begin))
    every_day = tuple(range(1, 32)), tuple(range(1, 13)), tuple(range(7))
    need = Requirement(energy_wh=3000.0, by=Cron((0,), (20,), *every_day, False, True, True), timezone="Etc/GMT-2")
    the_site = site(appliance(plan=Pace.NORMAL, need=need, **BOILER))
    state, relays = at_rest(the_site, begin)
    steps, state, plans = Steps(the_site), replace(state, past=past), []
    for minute in (0, 1, 10, 11, 24, 25, 26):
        now = begin + 60.0 * minute
        seen = Observation(relays=relays, inputs=NOBODY, grid_w=Reading(500.0, now))
        full, short = step(the_site, state, seen, now), steps(state, seen, now)
        assert short.state.plans == full.state.plans
        plans.append(full.state.plans["boiler"].at)
        state = short.state
    assert plans == [begin] * 2 + [begin + 600.0] * 3 + [begin + 1500.0] * 2
