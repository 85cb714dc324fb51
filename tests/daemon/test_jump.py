"""Edge case 57: durations are what they were, whatever the clock on the wall does."""

from dataclasses import fields, is_dataclass

import pytest

from noonward.core.detect import TestCharge
from noonward.core.model import (
    ChargeNow,
    Inputs,
    Lease,
    LimitSeen,
    MachineState,
    Mode,
    Need,
    Override,
    Sample,
    Session,
    State,
    Station,
    StationState,
    ZoneState,
)
from noonward.core.modulate import Coverage, Target
from noonward.core.outstanding import Promise
from noonward.daemon import jump
from noonward.daemon.store import Stamp

STATE = State(
    machines={
        "boiler": MachineState(state="on", changed_at=100.0, on_since=101.0, off_since=None, short_since=150.0),
        "pump": MachineState(),
    },
    leases={"r/1": Lease(closed=True, at=100.0)},
)


def test_shift_moves_moments_and_leaves_ever_alone():
    moved = jump.shift(STATE, 1000.0)
    assert moved.machines["boiler"] == MachineState(
        state="on", changed_at=1100.0, on_since=1101.0, off_since=None, short_since=1150.0
    )
    assert moved.machines["pump"] == MachineState()
    assert moved.leases["r/1"].at == 1100.0
    assert jump.shift(moved, -1000.0) == STATE


CAR = StationState(
    session=Session(state="charging", since=100.0, low_since=90.0, sample=Sample(at=120.0, power_w=7.0)),
    promise=Promise(sent_at=110.0, accepted_at=111.0, until=710.0, drawn_at=120.0),
    test=TestCharge(limit_a=8.0, set_at=100.0, begun_at=100.0, room_a=16.0, energy=(105.0, 7.0)),
    plugged_at=50.0,
    wished_at=60.0,
)


def test_zones_and_cars_move_along_and_what_never_was_stays():
    zone = ZoneState(state="solar", changed_at=100.0, coverage=Coverage(vehicles=1, short_since=90.0))
    before = State(zones={"garage": zone, "attic": ZoneState()}, stations={"cp-01": CAR, "cp-02": StationState()})
    moved = jump.shift(before, 1000.0)
    assert moved.zones["garage"] == ZoneState(
        state="solar", changed_at=1100.0, coverage=Coverage(vehicles=1, short_since=1090.0)
    )
    assert (moved.zones["attic"], moved.stations["cp-02"]) == (ZoneState(), StationState())
    car = moved.stations["cp-01"]
    assert (car.session.since, car.session.low_since, car.session.sample) == (
        1100.0,
        1090.0,
        Sample(at=1120.0, power_w=7.0),
    )
    assert (car.promise.sent_at, car.promise.accepted_at, car.promise.until, car.promise.drawn_at) == (
        1110.0,
        1111.0,
        1710.0,
        1120.0,
    )
    assert (car.test.set_at, car.test.energy, car.test.newest) == (1100.0, (1105.0, 7.0), None)
    assert (car.plugged_at, car.unplugged_at, car.wished_at) == (1050.0, 0.0, 1060.0)
    assert jump.shift(moved, -1000.0) == before


def test_what_a_person_set_for_a_vehicle_stays_its_vehicles_and_ends_by_the_wall():
    wish = Inputs(
        charge_now={"cp-01": ChargeNow(at=100.0, until=900.0)},
        needs={"cp-01": Need(at=100.0, energy_wh=5.0, departure=900.0)},
    )
    assert jump.shift_wishes({"garage": wish}, 50.0)["garage"] == Inputs(
        charge_now={"cp-01": ChargeNow(at=150.0, until=900.0)},
        needs={"cp-01": Need(at=150.0, energy_wh=5.0, departure=900.0)},
    )


BY_THE_WALL = {(ChargeNow, "until"), (Need, "departure")}
RECORDS = (
    *(MachineState, Lease, ZoneState, Target, Coverage, StationState, Session, Promise, TestCharge),
    *(Station, Sample, LimitSeen, ChargeNow, Need),
)


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_no_moment_is_forgotten(kind):
    known = {*jump._MOMENTS[kind], *jump._PAIRS.get(kind, ())}
    moments = {f.name for f in fields(kind) if "Instant" in f.type and (kind, f.name) not in BY_THE_WALL}
    assert known == moments
    names = {record.__name__: record for record in RECORDS}
    parts = {f.name for f in fields(kind) if f.type.removesuffix(" | None") in names}
    assert set(jump._PARTS.get(kind, ())) == parts
    assert is_dataclass(kind)


def test_boosts_are_durations_and_overrides_end_by_the_wall():
    override = Override(mode=Mode.TIMER, until=500.0)
    wishes = {"a": Inputs(boost_until=500.0, override=override), "b": Inputs(switch_on=True)}
    assert jump.shift_wishes(wishes, 10.0) == {
        "a": Inputs(boost_until=510.0, override=override),
        "b": Inputs(switch_on=True),
    }


@pytest.mark.parametrize(
    ("now", "monotonic_s", "boot", "slip"),
    [
        (1060.0, 560.0, "x", 0.0),  # a minute later, as it should be
        (1060.4, 560.0, "x", 0.0),  # drift
        (4660.0, 560.0, "x", 3600.0),  # an hour forward within a minute
        (60.0, 560.0, "x", -1000.0),  # back
        (9000.0, 5.0, "y", 0.0),  # another boot: the wall clock is all there is
        (400.0, 5.0, "y", -600.0),  # another boot, before the moment of saving: no time passed
    ],
)
def test_slip_while_nobody_looked(now, monotonic_s, boot, slip):
    stamp = Stamp(at=1000.0, monotonic_s=500.0, boot_id="x", site="s")
    assert jump.slipped_s(stamp, now, monotonic_s, boot) == pytest.approx(slip)


def test_delays_begin_anew_and_nothing_else_does():
    fresh = jump.without_delays(STATE)
    assert fresh.machines["boiler"].short_since is None
    assert fresh.machines["boiler"].on_since == 101.0
    assert fresh.machines["pump"] is STATE.machines["pump"]


def test_the_delays_of_zones_begin_anew_and_their_cars_are_kept():
    zone = ZoneState(state="solar", coverage=Coverage(vehicles=2, enough_since=5.0, short_since=None))
    fresh = jump.without_delays(State(zones={"garage": zone}, stations={"cp-01": CAR}))
    assert fresh.zones["garage"] == ZoneState(state="solar", coverage=Coverage(vehicles=2))
    assert fresh.stations["cp-01"] is CAR
