"""Copies of records with other values."""

import dataclasses

import pytest

from noonward.core.model import Lease, MachineState, Session, State, Station, StationState, ZoneState
from noonward.core.outstanding import Promise
from noonward.core.past import Past
from noonward.core.records import replace

RECORDS = [
    (MachineState(starts=3), {"state": "on", "on_since": 5.0}),
    (StationState(takes_w=3680.0), {"session": Session(drew_wh=7.0), "forced": True}),
    (Session(state="charging"), {"drew_wh": 1.5}),
    (Promise(granted_a=6.0), {"granted_a": None, "misses": 2}),
    (ZoneState(state="solar"), {"starts": 4}),
    (Station(plugged=True), {"plugged": None}),
    (State(), {"past": Past(end=3), "leases": {"r": Lease(closed=True, at=1.0)}}),
    (Past(end=7), {}),
]


@pytest.mark.parametrize(("record", "changes"), RECORDS)
def test_a_copy_is_what_the_standard_makes(record, changes):
    before = dataclasses.replace(record)
    copy = replace(record, **changes)
    assert copy == dataclasses.replace(record, **changes)
    assert type(copy) is type(record)
    assert copy is not record
    assert record == before


def test_a_field_that_is_not_there():
    with pytest.raises(AttributeError, match="colour"):
        replace(Session(), colour="red")
