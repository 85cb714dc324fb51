"""A zone in which all goes on as it is: when that is seen, and what ends it. That it answers no otherwise than a full
step is held in tests/lab/test_shortcuts.py."""

from dataclasses import replace

import pytest

from noonward.core.calm import Steps
from noonward.core.model import (
    Grid,
    Inputs,
    LimitSeen,
    Mode,
    Need,
    Observation,
    Pace,
    Reading,
    ReasonCode,
    Requirement,
    Sample,
    Session,
    Site,
    State,
    Station,
    StationInfo,
    StationState,
    Status,
    Zone,
    ZoneState,
)
from noonward.core.modulate import Coverage, Target
from noonward.core.outstanding import Promise
from noonward.core.step import step

NOON = 1_780_308_000.0
LONG_AGO = NOON - 3600.0
W = 690.0
"""An ampere on three phases."""

ZONE = Zone(
    name="garage",
    mode=Mode.AUTO_SOLAR,
    priority=10,
    stations=("cp",),
    phases=3,
    max_power_w=11_040.0,
    min_current_a=6.0,
    on_above=1.0,
    off_below=0.5,
    min_on_s=600.0,
    stale_after_s=120.0,
)
SITE = Site(
    name="made",
    zones=(ZONE,),
    stations={"cp": StationInfo(max_a=16.0, window_s=1e9)},
    grid=Grid(phases=3, every_s=60.0),
)
INPUTS: dict[str, Inputs] = {}
RELAYS: dict[str, object] = {}


def sample(at, amperes, wh):
    return Sample(at=at, power_w=amperes * W, current_a={"L1": amperes, "L2": amperes, "L3": amperes}, energy_wh=wh)


def seen(at, amperes=6.0, wh=5000.0, grid_w=0.0, **more):
    """Return what a step sees while a vehicle charges at so many amperes."""
    station = Station(
        plugged=True,
        plugged_at=LONG_AGO,
        status=Status.CHARGING,
        sample=sample(at, amperes, wh),
        accepted=LimitSeen(current_a=more.pop("limit_a", 6.0), at=LONG_AGO),
    )
    fields = {
        "inputs": INPUTS,
        "relays": RELAYS,
        "draws_w": RELAYS,
        "grid_w": Reading(grid_w, at),
        "stations": {"cp": replace(station, **more)},
    }
    return Observation(**fields)


def charging(amperes=6.0, zone="solar", **more):
    """Return a state in which that has gone on for an hour."""
    session = Session(
        state="charging",
        since=LONG_AGO,
        offered_since=LONG_AGO,
        current_since=LONG_AGO,
        sample=sample(NOON - 60.0, amperes, 4900.0),
        drawn_w=amperes * W,
        drew_wh=4900.0,
        starts=1,
    )
    promise = Promise(
        max_a=16.0,
        window_s=1e9,
        granted_a=min(amperes, 16.0),
        sent_at=LONG_AGO,
        accepted_at=LONG_AGO,
        until=LONG_AGO + 1e9,
        holds_a=min(amperes, 16.0),
        drawn_a=amperes,
        drawn_at=NOON - 60.0,
    )
    station = StationState(
        session=session,
        promise=promise,
        plugged_at=LONG_AGO,
        queued_at=LONG_AGO,
        moved_at=LONG_AGO,
        raised_at=LONG_AGO,
        turn_since=LONG_AGO,
        drew_w=amperes * W,
        **more,
    )
    sun = zone == "solar"
    memory = ZoneState(
        state=zone,
        changed_at=LONG_AGO,
        cause=ReasonCode.SURPLUS if sun else None,
        target=Target(power_w=amperes * W, changed_at=LONG_AGO) if sun else Target(),
        coverage=Coverage(vehicles=1) if sun else Coverage(),
    )
    return State(zones={"garage": memory}, stations={"cp": station})


def second(site, state, before, after):
    """Take two steps, hold the second to a full one, and return whether it was passed over."""
    steps, (first_at, then_at) = Steps(site), (before.grid_w.at, after.grid_w.at)
    first = steps(state, before, first_at)
    assert not first.commands
    short, full = steps(first.state, after, then_at), step(site, first.state, after, then_at)
    same = replace(short.state, past=full.state.past)  # what was seen of the day is counted with the next full step
    assert (same, short.commands, short.wake_at) == (full.state, full.commands, full.wake_at)
    told = [
        [(d.wanted, d.code, d.because, [s.why for s in d.stations]) for d in one.decisions] for one in (short, full)
    ]
    assert told[0] == told[1]
    return not short.decisions.verdicts


GOES_ON = [  # amperes, grid then; another reading, whether it is passed over
    (6.0, 1000.0, 500.0, True),  # at the minimum, below which the sun may go …
    (6.0, 1000.0, 2000.0, True),
    (6.0, 1000.0, 2080.0, False),  # … down to half of it
    (6.0, 1000.0, -10.0, False),  # more than it takes is kept from others
    (10.0, -100.0, -200.0, True),  # a little more than it takes is not worth a step
    (10.0, -100.0, -10.0, True),
    (10.0, 0.0, -10.0, True),  # or just what it takes
    (10.0, -100.0, 10.0, False),  # less is followed at once
    (10.0, -100.0, -360.0, False),
    (16.0, -500.0, -9000.0, True),  # at the most there is
    (16.0, -500.0, -10.0, True),
    (16.0, -500.0, 10.0, False),
]


@pytest.mark.parametrize(("amperes", "grid_w", "then_w", "passed"), GOES_ON)
def test_between_these_readings_nothing_moves(amperes, grid_w, then_w, passed):
    before = seen(NOON, amperes, 5000.0, grid_w, limit_a=amperes)
    after = seen(NOON + 60.0, amperes, 5069.0, then_w, limit_a=amperes)
    assert second(SITE, charging(amperes), before, after) is passed


RAISED = [  # s ago, lag of the meter, what it draws of 6 A, s to the next step, whether that is passed over
    (60.0, 60.0, 6.0, 60.0, True),  # its sample shows all, though the reading alone would not yet
    (60.0, 60.0, 6.0, 15.0, True),  # nor is more to be seen when it would
    (60.0, 60.0, 5.8, 15.0, False),  # it may still rise
    (75.0, 60.0, 5.8, 45.0, True),
    (30.0, 0.0, 6.0, 20.0, True),
    (30.0, 0.0, 5.0, 20.0, False),  # what it settles at is not known yet …
    (60.0, 0.0, 5.0, 20.0, True),  # … but now
    (30.0, 0.0, 6.0, 60.0, False),
    (8.0, 0.0, 6.0, 1.0, False),  # its phases are not counted yet
]


@pytest.mark.parametrize(("ago_s", "lag_s", "amperes", "then_s", "passed"), RAISED)
def test_a_vehicle_that_was_given_more_is_waited_for_until_it_has_that(ago_s, lag_s, amperes, then_s, passed):
    site = replace(SITE, grid=replace(SITE.grid, lag_s=lag_s))
    state = charging()
    station = replace(state.stations["cp"], moved_at=NOON - ago_s, raised_at=NOON - ago_s)
    state = replace(state, stations={"cp": station})
    before = seen(NOON, amperes, 5000.0, 1000.0)
    after = seen(NOON + then_s, amperes, 5000.0 + amperes * W * then_s / 3600.0, 1000.0)
    assert second(site, state, before, after) is passed


def test_nothing_is_passed_over_that_would_wake():
    site = replace(SITE, grid=replace(SITE.grid, lag_s=60.0))
    state = charging()
    state = replace(state, stations={"cp": replace(state.stations["cp"], moved_at=NOON - 60.0, raised_at=NOON - 60.0)})
    steps = Steps(site)
    outcome = steps(state, seen(NOON, grid_w=1000.0), NOON)
    lull = steps.lull(outcome.state)
    assert lull is not None
    assert lull.until == outcome.wake_at == NOON + 15.0


MIN_ON = [  # s to the next step, grid then, whether it is passed over
    (60.0, 5000.0, True),
    (119.0, 10.0, True),
    (60.0, -10.0, False),  # the sun carries it
    (480.0, 5000.0, False),  # it is over
]


@pytest.mark.parametrize(("then_s", "then_w", "passed"), MIN_ON)
def test_min_on_holds_a_vehicle_until_it_ends(then_s, then_w, passed):
    site = replace(SITE, grid=replace(SITE.grid, every_s=600.0))
    state = charging(zone="minimum")
    station = state.stations["cp"]
    station = replace(station, session=replace(station.session, current_since=NOON - 120.0))
    state = replace(state, stations={"cp": station})
    after = seen(NOON + then_s, wh=5000.0 + 1.15 * then_s, grid_w=then_w)
    assert second(site, state, seen(NOON, grid_w=1000.0), after) is passed


def paused(moved_s):
    """Return a state in which a vehicle waits that was paused so long ago."""
    state = charging(zone="off")
    station, was = state.stations["cp"], state.stations["cp"].session.sample
    session = replace(
        station.session,
        state="paused",
        offered_since=None,
        current_since=None,
        sample=replace(was, power_w=0.0, current_a={}),
        drawn_w=0.0,
    )
    at = NOON - moved_s
    promise = replace(station.promise, granted_a=0.0, holds_a=0.0, sent_at=at, accepted_at=at, drawn_a=0.0)
    station = replace(station, session=session, promise=promise, moved_at=at, turn_since=None)
    return replace(state, stations={"cp": station})


WAITS = [  # paused s ago, what it takes, s to the next step, grid then, whether it is passed over
    (60.0, 0.0, 15.0, 1000.0, True),  # when the reading shows the pause
    (3600.0, 0.0, 121.0, 1000.0, True),  # when its sample is old
    (3600.0, 40.0, 121.0, 1000.0, False),  # what it took is then not known any more
    (60.0, 0.0, 15.0, -4130.0, True),
    (60.0, 0.0, 15.0, -4150.0, False),  # the sun would carry it
]


@pytest.mark.parametrize(("moved_s", "power_w", "then_s", "then_w", "passed"), WAITS)
def test_a_vehicle_that_waits_is_not_looked_at_in_vain(moved_s, power_w, then_s, then_w, passed):
    site = replace(SITE, grid=replace(SITE.grid, lag_s=60.0))
    measured = Sample(at=NOON, power_w=power_w, current_a={}, energy_wh=4900.0)
    before = seen(NOON, grid_w=1000.0, limit_a=0.0, sample=measured)
    after = replace(before, grid_w=Reading(then_w, NOON + then_s))
    assert second(site, paused(moved_s), before, after) is passed


TARGETS = [  # what it draws of 10 A, grid then, whether it is passed over
    (10.0, -60.0, True),  # it went down to 50 W more than what is drawn
    (10.0, -390.0, True),
    (10.0, -400.0, False),
    (10.0, -40.0, False),
    (9.8, -200.0, False),  # what it may still take is seen later
]


@pytest.mark.parametrize(("amperes", "then_w", "passed"), TARGETS)
def test_a_target_that_moves_and_moves_no_limit_is_kept(amperes, then_w, passed):
    state = charging(10.0)
    zone = replace(state.zones["garage"], target=Target(power_w=7100.0, changed_at=LONG_AGO))
    state = replace(state, zones={"garage": zone})
    before = seen(NOON, amperes, 5000.0, (amperes - 10.0) * W - 50.0, limit_a=10.0)
    after = seen(NOON + 60.0, amperes, 5115.0, then_w, limit_a=10.0)
    assert second(SITE, state, before, after) is passed


@pytest.mark.parametrize(("then_w", "passed"), [(-9000.0, True), (-6900.0, False)])
def test_the_target_of_who_takes_nothing_only_goes_down(then_w, passed):
    state = charging(0.0)
    station, zone = state.stations["cp"], state.zones["garage"]
    session = replace(station.session, state="satisfied", current_since=None, low_since=LONG_AGO)
    promise = replace(station.promise, granted_a=6.0, holds_a=6.0)
    state = replace(
        state,
        stations={"cp": replace(station, session=session, promise=promise)},
        zones={"garage": replace(zone, target=Target(power_w=7100.0, changed_at=LONG_AGO))},
    )
    assert second(SITE, state, seen(NOON, 0.0, grid_w=-6950.0), seen(NOON + 60.0, 0.0, grid_w=then_w)) is passed


ENDS = {
    "it draws something else": {"amperes": 5.8},
    "it has gone": {"plugged": False},
    "its status": {"status": Status.SUSPENDED_EV},
    "a badge": {"id_tag": "ANNA"},
    "it started anew": {"booted_at": NOON + 30.0},
    "no link": {"online": False},
    "no sample": {"sample": None},
    "an old sample": {"sample": sample(NOON - 61.0, 6.0, 5000.0)},
    "no register": {"sample": replace(sample(NOON + 60.0, 6.0, 5069.0), energy_wh=None)},
    "another instant than the grid's": {"sample": sample(NOON + 59.0, 6.0, 5069.0)},
}


@pytest.mark.parametrize("what", ENDS)
def test_what_ends_it(what):
    after = seen(NOON + 60.0, **{"wh": 5069.0, "grid_w": 1000.0} | ENDS[what])
    assert not second(SITE, charging(), seen(NOON, grid_w=1000.0), after)


NEEDS = [  # missing then, time left in h, whether the next minute is passed over
    (5000.0, 3.0, True),
    (60.0, 3.0, False),  # it has what it needs
    (11_040.0, 1.0 + 150.0 / 3600, False),  # forced by then
]


@pytest.mark.parametrize(("missing_wh", "left_h", "passed"), NEEDS)
@pytest.mark.parametrize("plan", [None, Pace.NORMAL])
def test_a_need_goes_down_with_it(missing_wh, left_h, passed, plan):
    need = Need(at=LONG_AGO, energy_wh=5000.0 + missing_wh, departure=NOON + left_h * 3600.0)
    inputs = {"garage": Inputs(needs={"cp": need})}
    site = replace(SITE, zones=(replace(ZONE, need=Requirement(from_user=True), plan=plan),))
    state = charging(needed_at=LONG_AGO)
    before = replace(seen(NOON, grid_w=1000.0), inputs=inputs)
    after = replace(seen(NOON + 60.0, wh=5069.0, grid_w=1000.0), inputs=inputs)
    assert second(site, state, before, after) is passed


def test_minute_after_minute_its_energy_is_counted():
    steps, state = Steps(SITE), charging()
    for minute in range(30):
        now = NOON + 60.0 * minute
        outcome = steps(state, seen(now, wh=5000.0 + 69.0 * minute, grid_w=1000.0), now)
        state = outcome.state
        assert bool(outcome.decisions.verdicts) == (minute == 0)
        assert outcome.wake_at is not None
        assert outcome.wake_at <= now + 120.0
    assert state.stations["cp"].session.drew_wh == pytest.approx(5000.0 + 69.0 * 29)


LULLS = [  # A, missing then, time left in h, how many minutes are passed over
    (6.0, None, 9.0, 599),
    (6.0, 11_040.0, 9.0, 58),  # done, if it took all that it can
    (6.0, 11_040.0, 1.5, 27),  # forced, if it drew nothing
    (6.0, 30.0, 9.0, 0),  # all but done
    (16.0, 11_040.0, 0.5, 29),  # forced already, until it leaves
    (16.0, 11_040.0, 0.99, 58),
    (16.4, 11_040.0, 0.99, 57),  # it takes more than it should, and is done earlier
    (16.4, 110_040.0, 9.96, 416),  # it is no longer forced, some day
]


@pytest.mark.parametrize(("amperes", "missing_wh", "left_h", "minutes"), LULLS)
def test_minutes_passed_over_are_as_if_taken_one_after_the_other(amperes, missing_wh, left_h, minutes):
    """What is said of a lull is on the safe side: some minutes more may be alike."""
    need = Need(at=LONG_AGO, energy_wh=5000.0 + (missing_wh or 0.0), departure=NOON + left_h * 3600.0)
    inputs = INPUTS if missing_wh is None else {"garage": Inputs(needs={"cp": need})}
    site = replace(SITE, zones=(replace(ZONE, need=Requirement(from_user=True)),))

    def at(minute):
        now, wh = NOON + 60.0 * minute, 5000.0 + amperes * W * minute / 60.0
        return replace(seen(now, amperes, wh, 1000.0, limit_a=min(amperes, 16.0)), inputs=inputs), now

    state = charging(amperes, "solar" if amperes < 16.0 else "off", needed_at=LONG_AGO, forced=amperes >= 16.0)
    by_step, at_once = Steps(site), Steps(site)
    one, other = by_step(state, *at(0)).state, at_once(state, *at(0)).state
    lull = at_once.lull(other)
    assert lull is not None
    assert list(lull.stands) == ["cp"]
    passed = max(0, min(599, int((lull.until - NOON) / 60.0) - 1))
    for minute in range(1, passed + 1):
        outcome = by_step(one, *at(minute))
        assert not outcome.decisions.verdicts
        assert outcome.wake_at >= at(minute + 1)[1]
        one = outcome.state
    if passed:
        each = [at(minute) for minute in range(1, passed + 1)]
        seen_wh = [o.stations["cp"].sample.energy_wh for o, _ in each]
        other = at_once.passed(other, [now for _, now in each], [1000.0] * passed, [0.0] * passed, {"cp": seen_wh})
    assert other.stations == one.stations
    assert passed == minutes


def test_what_a_vehicle_was_not_seen_to_draw_yet_is_noted_as_soon_as_a_full_step_would():
    """Its sample is a second too young to tell; that it is looked at in that second brings no newer one."""
    state = charging()
    state = replace(state, stations={"cp": replace(state.stations["cp"], raised_at=NOON - 59.0, drew_w=0.0)})
    before, after = seen(NOON, grid_w=1000.0), seen(NOON + 20.0, wh=5023.0, grid_w=1000.0)
    steps, seconds = Steps(SITE), ((before, NOON), (before, NOON + 1.0), (after, NOON + 20.0))
    short = full = state
    for observation, now in seconds:
        short, full = steps(short, observation, now).state, step(SITE, full, observation, now).state
        assert short.stations == full.stations
    assert full.stations["cp"].drew_w == 6.0 * W


def test_where_vehicles_wait_in_line_what_one_draws_moves_the_start_of_the_other():
    """One charges from the sun and leaves last, the other waits and has to be done before it."""
    needs = {name: Need(at=LONG_AGO, energy_wh=12_000.0, departure=NOON + 9000.0) for name in ("cp", "other")}
    inputs = {"garage": Inputs(needs=needs)}
    zone = replace(ZONE, stations=("cp", "other"), need=Requirement(from_user=True))
    site = replace(SITE, zones=(zone,), stations=dict.fromkeys(needs, SITE.stations["cp"]))
    state = charging(needed_at=LONG_AGO)
    waits = replace(paused(3600.0).stations["cp"], needed_at=LONG_AGO, queued_at=NOON)
    state = replace(state, stations={"cp": state.stations["cp"], "other": waits})

    def look(at, wh):
        one = seen(at, wh=wh, grid_w=1000.0)
        still = replace(
            one.stations["cp"],
            sample=Sample(at=NOON, power_w=0.0, current_a={}, energy_wh=4900.0),
            accepted=LimitSeen(current_a=0.0, at=LONG_AGO),
        )
        return replace(one, inputs=inputs, stations={**one.stations, "other": still})

    assert not second(site, state, look(NOON, 5000.0), look(NOON + 60.0, 5069.0))
    wide = replace(site, zones=(replace(zone, max_power_w=22_080.0),))
    assert second(wide, state, look(NOON, 5000.0), look(NOON + 60.0, 5069.0))
