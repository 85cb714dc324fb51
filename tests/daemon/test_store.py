"""state.db: what is committed at once, what waits, and what comes back."""

import sqlite3
from dataclasses import replace

import pytest

from noonward.core.detect import Found
from noonward.core.model import (
    ChargeNow,
    Inputs,
    Lease,
    MachineState,
    Mode,
    Need,
    Override,
    ReasonCode,
    RelayState,
    Sample,
    Session,
    State,
    StationState,
    ZoneState,
)
from noonward.core.modulate import Coverage, Target
from noonward.core.outstanding import Promise
from noonward.daemon.store import Stamp, StateStore
from noonward.errors import StateError

STAMP = Stamp(at=1000.0, monotonic_s=10.0, boot_id="b", site="s")
MACHINE = MachineState(
    state="stage-2",
    changed_at=900.0,
    before_w=3000.0,
    cause=ReasonCode.TIMER,
    on_since=901.0,
    off_since=None,
    enough_since=950.0,
    short_since=960.0,
    lost=True,
    refused_since=970.0,
    rest_until=1100.0,
    starts=3,
)
STATE = State(machines={"a": MACHINE, "b": MachineState()}, leases={"r/1": Lease(closed=True, at=900.0)})
SEEN = {"r/1": RelayState(True, 905.0), "r/2": RelayState(None, 905.0)}


CAR = StationState(
    session=Session(state="charging", since=900.0, drew_wh=12.0, sample=Sample(at=990.0, current_a={"L1": 6.0})),
    promise=Promise(granted_a=6.0, sent_at=900.0, accepted_at=901.0, until=1500.0, holds_a=6.0),
    found=Found(phases=1, lines=("L1",), how="currents"),
    plugged_at=800.0,
    unplugged_at=700.0,
    wished_at=810.0,
)
ZONE = ZoneState(state="solar", changed_at=900.0, cause=ReasonCode.SURPLUS, coverage=Coverage(vehicles=1), starts=2)
GARAGE = State(zones={"garage": ZONE}, stations={"cp-01": CAR})


def car(**change):
    return replace(GARAGE, stations={"cp-01": replace(CAR, **change)})


def zone(**change):
    return replace(GARAGE, zones={"garage": replace(ZONE, **change)})


@pytest.fixture
def store(tmp_path):
    store = StateStore(tmp_path / "state.db")
    store.open("s", 0.0)
    yield store
    store.close()


def changed(**change):
    return replace(STATE, machines={**STATE.machines, "a": replace(MACHINE, **change)})


@pytest.mark.parametrize(
    ("state", "seen", "at_once"),
    [
        (STATE, SEEN, False),
        (changed(state="off"), SEEN, True),
        (changed(changed_at=1.0), SEEN, True),
        (changed(cause=None), SEEN, True),
        (changed(on_since=902.0), SEEN, True),
        (changed(off_since=5.0), SEEN, True),
        (changed(lost=False), SEEN, True),
        (changed(rest_until=None), SEEN, True),
        (changed(starts=4), SEEN, True),
        (changed(enough_since=None), SEEN, False),
        (changed(short_since=None), SEEN, False),
        (changed(refused_since=None), SEEN, False),
        (replace(STATE, machines={"a": MACHINE}), SEEN, True),
        (replace(STATE, machines={**STATE.machines, "c": MachineState()}), SEEN, True),
        (replace(STATE, leases={"r/1": Lease(closed=True, at=990.0)}), SEEN, False),
        (replace(STATE, leases={"r/1": Lease(closed=False, at=900.0)}), SEEN, True),
        (replace(STATE, leases={}), SEEN, True),
        (STATE, {**SEEN, "r/1": RelayState(True, 999.0)}, False),
        (STATE, {**SEEN, "r/1": RelayState(False, 905.0)}, True),
        (STATE, {**SEEN, "r/1": RelayState(None, 905.0)}, True),
        (STATE, {**SEEN, "r/3": RelayState(False, 905.0)}, True),
    ],
)
def test_what_is_committed_at_once(store, state, seen, at_once):
    """Edge case 64: flash is written when something moved, not when time passed."""
    assert store.pending(STATE, SEEN)
    store.save(STATE, SEEN, STAMP)
    assert store.pending(state, seen) is at_once
    store.save(state, seen, STAMP)
    assert not store.pending(state, seen)


def test_what_was_saved_comes_back_whole(store, tmp_path):
    store.save(STATE, SEEN, STAMP)
    wishes = {
        "a": Inputs(switch_on=True, boost_until=5.0, override=Override(mode=Mode.TIMER, until=9.0, by="x", reason="y"))
    }
    store.save_inputs({"b": Inputs(switch_on=True)})
    store.save_inputs(wishes)
    moved = replace(STATE, machines={"a": MACHINE}, leases={"r/1": Lease(closed=True, at=990.0)})
    store.save(moved, {"r/1": SEEN["r/1"]}, replace(STAMP, at=2000.0))
    store.close()
    again = StateStore(tmp_path / "state.db")
    saved = again.open("s", 0.0)
    assert (saved.state, saved.inputs, saved.stamp, saved.aside) == (moved, wishes, replace(STAMP, at=2000.0), None)
    assert not again.pending(moved, {"r/1": SEEN["r/1"]})
    again.close()


def test_full_durability_is_asked_for(store):
    assert store._db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert store._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_bit_that_fell_over_is_found_though_every_row_can_be_read(store, tmp_path):
    store.save(replace(STATE, machines={"aaaa": MACHINE, "bbbb": MachineState()}), SEEN, STAMP)
    store.close()
    path = tmp_path / "state.db"
    data = path.read_bytes()
    assert data.count(b"aaaa") == 1
    path.write_bytes(data.replace(b"aaaa", b"zaaa"))
    again = StateStore(path)
    saved = again.open("s", 77.0)
    assert saved.aside is not None
    assert "state.db.aside-77" in saved.aside
    assert saved.state == State()
    again.close()


def test_what_an_older_or_newer_engine_knew_is_read_as_far_as_it_is_known(store, tmp_path):
    store.save(STATE, SEEN, STAMP)
    store.close()
    db = sqlite3.connect(tmp_path / "state.db")
    db.execute("""UPDATE machines SET memory = '{"state": "on", "invented_later": 1}' WHERE policy = 'a'""")
    db.commit()
    db.close()
    again = StateStore(tmp_path / "state.db")
    assert again.open("s", 0.0).state.machines["a"] == MachineState(state="on")
    again.close()


def test_a_failed_save_is_rolled_back_and_said(store):
    store.save(STATE, SEEN, STAMP)
    store._db.execute("CREATE TRIGGER full BEFORE INSERT ON machines BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
    with pytest.raises(StateError, match="disk is full"):
        store.save(changed(state="off"), SEEN, STAMP)
    store._db.execute("DROP TRIGGER full")
    assert store.pending(changed(state="off"), SEEN), "it is still to be saved"
    store.save(changed(state="off"), SEEN, STAMP)


def test_a_closed_store_says_so(tmp_path):
    with pytest.raises(StateError, match="is not open"):
        StateStore(tmp_path / "x.db").save(STATE, SEEN, STAMP)


@pytest.mark.parametrize(
    ("state", "at_once"),
    [
        (GARAGE, False),
        (zone(state="off"), True),
        (zone(cause=None), True),
        (zone(starts=3), True),
        (zone(gave_way=True), True),
        (zone(target=Target(power_w=1.0)), False),
        (zone(coverage=Coverage(vehicles=1, short_since=990.0)), False),
        (replace(GARAGE, zones={}), True),
        (car(session=replace(CAR.session, state="paused")), True),
        (car(session=replace(CAR.session, attempts=1)), True),
        (car(session=replace(CAR.session, drew_wh=13.0)), False),
        (car(promise=replace(CAR.promise, granted_a=10.0, holds_a=10.0)), True),
        (car(promise=replace(CAR.promise, sent_at=960.0, accepted_at=None)), False),
        (car(promise=replace(CAR.promise, drawn_a=5.0)), False),
        (car(found=None), True),
        (car(plugged_at=None), True),
        (car(unplugged_at=995.0), True),
        (car(booted_at=995.0), True),
        (car(wished_at=995.0), True),
        (car(needed_at=995.0), True),
        (car(turn_since=995.0), True),
        (car(forced=True), True),
        (car(moved_at=995.0), False),
        (replace(GARAGE, stations={}), True),
        (replace(GARAGE, stations={"cp-01": CAR, "cp-02": StationState()}), True),
    ],
)
def test_what_of_a_garage_a_power_cut_must_not_take(store, state, at_once):
    store.save(GARAGE, {}, STAMP)
    assert store.pending(state, {}) is at_once


def test_zones_and_cars_come_back_as_they_were(store):
    store.save(GARAGE, {}, STAMP)
    store.save(car(found=None), {}, STAMP)
    again = StateStore(store.path)
    assert again.open("s", 0.0).state == car(found=None)
    assert not again.pending(car(found=None), {})
    again.save(State(), {}, STAMP)
    again.close()
    assert again.open("s", 0.0).state == State()
    again.close()


def test_wishes_for_stations_come_back(store):
    wish = Inputs(
        charge_now={"cp-01": ChargeNow(at=5.0, energy_wh=9.0, by="anna")},
        needs={"cp-02": Need(at=5.0, energy_wh=9.0, departure=99.0, by="anna")},
    )
    store.save_inputs({"garage": wish})
    again = StateStore(store.path)
    assert again.open("s", 0.0).inputs == {"garage": wish}
    again.close()
