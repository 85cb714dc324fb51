"""State, wishes and observations as JSON and back."""

import json

import pytest

from noonward import record
from noonward.core.model import (
    Inputs,
    Lease,
    MachineState,
    Mode,
    Observation,
    Override,
    Reading,
    ReasonCode,
    RelayState,
    SetLimit,
    SetRelay,
    State,
)

FULL = Observation(
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
    },
    dim=True,
    clock_trusted=False,
    power_back_at=5.0,
    started_at=6.0,
)


@pytest.mark.parametrize("observation", [FULL, Observation(), Observation(grid_a=(None, None, None))])
def test_an_observation_comes_back_whole(observation):
    assert record.unflatten(json.loads(json.dumps(record.flatten(observation)))) == observation


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
