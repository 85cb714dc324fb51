"""state.db: what is committed at once, what waits, and what comes back."""

import sqlite3
from dataclasses import replace

import pytest

from noonward.core.model import Inputs, Lease, MachineState, Mode, Override, ReasonCode, RelayState, State
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
