"""State, wishes and observations as JSON and back."""

import json

import pytest

from noonward import record
from noonward.core.detect import Found, TestCharge
from noonward.core.model import (
    ChargeNow,
    Forecast,
    Got,
    Inputs,
    Lease,
    LimitSeen,
    MachineState,
    Mode,
    Need,
    Observation,
    Override,
    Past,
    Planned,
    Reading,
    ReasonCode,
    RelayState,
    Sample,
    Session,
    SetLimit,
    SetRelay,
    State,
    Station,
    StationState,
    Status,
    Stayed,
    ZoneState,
)
from noonward.core.modulate import Coverage, Target
from noonward.core.outstanding import Promise
from noonward.core.past import Running

FULL = Observation(
    forecast=Forecast(at=1.0, start=2.0, step_s=900.0, pv_w=(1.0, 2.0)),
    grid_w=Reading(-1500.25, 10.0),
    pv_w=Reading(3000.0, 11.0),
    battery_w=Reading(-1.0, 12.0),
    battery_soc=Reading(0.5, 12.0),
    grid_a=(Reading(1.0, 10.0), None, Reading(-3.0, 10.0)),
    draws_w={"a": Reading(1.0, 9.0)},
    relays={"d/relay-1": RelayState(True, 8.0), "d/relay-2": RelayState(None, 8.0)},
    inputs={
        "a": Inputs(switch_on=True, boost_until=7.0, override=Override(mode=Mode.TIMER, until=None, by="x")),
        "b": Inputs(),
        "zone": Inputs(
            charge_now={"cp": ChargeNow(at=1.0, until=2.0, energy_wh=3.0, by="y"), "other": ChargeNow(at=1.0)},
            needs={"cp": Need(at=1.0, energy_wh=2.0, departure=3.0, by="z")},
            wakes={"cp": 4.0},
        ),
    },
    stations={
        "cp": Station(
            plugged=True,
            plugged_at=1.0,
            status=Status.SUSPENDED_EVSE,
            online=False,
            id_tag="badge",
            sample=Sample(at=2.0, power_w=3.0, current_a={"L1": 4.0}, energy_wh=5.0),
            accepted=LimitSeen(current_a=6.0, at=7.0),
            booted_at=8.0,
        ),
        "other": Station(),
    },
    dim=True,
    clock_trusted=False,
    power_back_at=5.0,
    started_at=6.0,
)


@pytest.mark.parametrize("observation", [FULL, Observation(), Observation(grid_a=(None, None, None))])
def test_an_observation_comes_back_whole(observation):
    assert record.unflatten(json.loads(json.dumps(record.flatten(observation)))) == observation


def test_what_was_learnt_comes_back():
    state = State(
        past=Past(
            end=7, pv_w=(1.0, None), load_w=(2.0, None), clear_w=(5.0,), running=Running(7, 6300.0, 3.0, 4.0, 5.0)
        ),
        got={"boiler": Got(start=1.0, wh=2.0, w=3.0, at=4.0, full_since=5.0, full=True)},
        plans={"boiler": Planned(coverage=0.4, at=1.0, by=2.0)},
        stays={"cp-01": (Stayed(plugged_at=1.0, unplugged_at=2.0, drew_wh=3.0, drew_w=5.0, takes_w=4.0),)},
    )
    assert record.decode_state(json.loads(json.dumps(record.encode_state(state)))) == state


def test_every_field_of_an_observation_is_written():
    """A field that someone adds and forgets here would be missing in every journal."""
    from dataclasses import fields

    named = {key.partition("/")[0] for key in record.flatten(FULL)}
    assert named == {field.name for field in fields(Observation)}


def test_every_field_of_a_machine_comes_back():
    machine = MachineState(
        state="stage-2",
        changed_at=1.0,
        before_w=2.0,
        cause=ReasonCode.TIMER,
        on_since=3.0,
        off_since=None,
        enough_since=4.0,
        short_since=5.0,
        lost=True,
        refused_since=6.0,
        rest_until=7.0,
        shed=ReasonCode.FUSE,
        starts=8,
    )
    assert all(getattr(machine, name) != default for name, default in record._defaults(MachineState)), (
        "none at its default"
    )
    state = State(machines={"a": machine, "b": MachineState()}, leases={"r": Lease(closed=True, at=9.0)})
    assert record.decode_state(json.loads(json.dumps(record.encode_state(state)))) == state
    assert record.encode_state(state)["machines"]["b"] == {}


def test_every_field_of_a_station_and_a_zone_comes_back():
    sample = Sample(at=1.0, power_w=2.0, current_a={"N": 3.0}, energy_wh=4.0)
    memory = StationState(
        session=Session(
            state="charging",
            since=1.0,
            offered_since=2.0,
            low_since=3.0,
            current_since=4.0,
            sample=sample,
            drawn_w=5.0,
            drew_wh=6.0,
            attempts=7,
            starts=8,
        ),
        promise=Promise(
            max_a=16.0,
            safe_a=0.0,
            offline_a=9.0,
            window_s=60.0,
            granted_a=6.0,
            sent_at=1.0,
            accepted_at=2.0,
            until=3.0,
            holds_a=4.0,
            online=False,
            misses=5,
            drawn_a=6.0,
            drawn_at=7.0,
        ),
        test=TestCharge(
            limit_a=8.0,
            set_at=1.0,
            begun_at=2.0,
            room_a=3.0,
            seen_at=4.0,
            lines=("L1",),
            power_w=5.0,
            first=(6.0, 7.0),
            energy=(8.0, 9.0),
            newest=(10.0, 11.0),
        ),
        found=Found(phases=2, lines=("L1", "L2"), how="currents"),
        plugged_at=1.0,
        unplugged_at=2.0,
        booted_at=3.0,
        queued_at=4.0,
        raised_at=5.0,
        moved_at=5.0,
        before_w=5.0,
        least_w=5.0,
        turn_since=5.0,
        needed_at=5.0,
        needed_wh=5.0,
        forced=True,
        urgent_at=5.5,
        drew_w=3700.0,
        takes_w=3680.0,
        wished_at=6.0,
        wished_wh=7.0,
    )
    zone = ZoneState(
        state="solar",
        changed_at=1.0,
        cause=ReasonCode.SURPLUS,
        target=Target(power_w=1.0, before_w=2.0, changed_at=3.0),
        coverage=Coverage(vehicles=1, enough_since=2.0, short_since=3.0),
        gave_way=True,
        starts=4,
    )
    for whole in (memory, memory.session, memory.promise, memory.test, zone, zone.target, zone.coverage):
        for name, default in record._defaults(type(whole)):
            assert getattr(whole, name) != default, f"{type(whole).__name__}.{name} is at its default"
    state = State(
        zones={"z": zone, "y": ZoneState()},
        stations={"cp": memory, "dp": StationState(), "ep": StationState(found=Found(phases=None, how="unknown"))},
    )
    assert record.decode_state(json.loads(json.dumps(record.encode_state(state)))) == state
    old = {"version": 1, "machines": {}, "leases": {}}
    assert record.decode_state(old) == State(), "what an older engine wrote knows no stations"


def test_changes_name_what_is_new_different_and_gone():
    before, after = {"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 5, "d": 4}
    assert record.changes(before, after) == ({"b": 5, "d": 4}, ["c"])
    assert record.changes(after, after) == ({}, [])


def test_commands_are_told_apart_by_their_form():
    relay = SetRelay(relay="d/relay-1", closed=True, valid_for_s=120.0)
    limit = SetLimit(station="cp-01", limit_a=0.0, at=5.0, safe_a=6.0, window_s=600.0)
    assert record.encode_command(relay) == ["d/relay-1", True, 120.0]
    assert record.encode_command(limit) == {
        "station": "cp-01", "limit_a": 0.0, "at": 5.0, "safe_a": 6.0, "window_s": 600.0,
    }  # fmt: skip
