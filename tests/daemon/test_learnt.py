"""What the engine has learnt in state.db: back to the digit, a row a quarter, and no more lost than what is spoilt."""

import sqlite3
from dataclasses import replace

import pytest

from noonward.core.model import Got, Past, Planned, State, Stayed
from noonward.core.past import DAYS, SLOT_S, SLOTS, Running
from noonward.daemon.store import Stamp, StateStore

END = 1_978_000
NOW = END * SLOT_S + 60.0
STAMP = Stamp(at=NOW, monotonic_s=10.0, boot_id="b", site="s")
PAST = Past(
    end=END,
    pv_w=(None, 1 / 3, 2e3),
    load_w=(None, -5.5, 400.0),
    clear_w=tuple(float(k) for k in range(SLOTS)),
    running=Running(END, NOW, 1e5, 2e4, 60.0),
)
GOT = Got(start=NOW - 3600.0, wh=1234.5, w=3000.0, at=NOW - 60.0, full_since=NOW - 30.0)
PLANNED = Planned(coverage=0.4, at=NOW - 60.0, by=NOW + 7200.0)
STAYS = (Stayed(plugged_at=NOW - 9e4, unplugged_at=NOW - 8e4, drew_wh=9e3),)
STATE = State(
    past=PAST, got={"boiler": GOT}, plans={"boiler": PLANNED, "cp-01": PLANNED}, stays={"cp-01": STAYS, "cp-02": STAYS}
)


@pytest.fixture
def store(tmp_path):
    store = StateStore(tmp_path / "state.db")
    store.open("s", 0.0)
    yield store
    store.close()


def again(store):
    """What a new process finds."""
    store.close()
    return store.open("s", 0.0)


def spoil(store, sql, *values):
    db = sqlite3.connect(store.path)
    db.execute(sql, values)
    db.commit()
    db.close()


def test_what_was_learnt_comes_back_to_the_digit(store):
    store.save(STATE, {}, STAMP)
    assert again(store).state == STATE
    gone = replace(STATE, past=replace(PAST, pv_w=PAST.pv_w[1:], load_w=PAST.load_w[1:]), got={}, plans={}, stays={})
    store.save(gone, {}, STAMP)
    assert again(store).state == gone


def test_all_days_come_back_and_today(store):
    slots = (DAYS + 1) * SLOTS - 1
    full = replace(PAST, pv_w=tuple(float(k) for k in range(slots)), load_w=(400.0,) * slots)
    store.save(replace(STATE, past=full), {}, STAMP)
    assert again(store).state.past == full


def test_nothing_learnt_is_nothing(store):
    store.save(State(), {}, STAMP)
    assert again(store).state == State()


def test_a_first_quarter_that_is_not_over_comes_back(store):
    first = State(past=Past(end=END, running=Running(END, NOW, 1.0, 2.0, 3.0)))
    store.save(first, {}, STAMP)
    assert again(store).state == first


@pytest.mark.parametrize(
    ("change", "at_once"),
    [
        ({}, False),
        ({"past": replace(PAST, running=Running(END, NOW + 5.0, 2e5, 3e4, 65.0))}, False),
        ({"past": replace(PAST, end=END + 1, pv_w=(*PAST.pv_w, 7.0), load_w=(*PAST.load_w, 7.0))}, False),
        ({"got": {"boiler": replace(GOT, wh=2000.0, w=0.0, at=NOW)}}, False),
        ({"plans": {}}, False),
        ({"stays": {"cp-01": STAYS}}, True),
        ({"stays": {"cp-01": (*STAYS, *STAYS), "cp-02": STAYS}}, True),
        ({"stays": {"cp-01": STAYS, "cp-02": (replace(STAYS[0]),)}}, False),
    ],
    ids=["nothing", "running", "slot", "got", "plans", "station gone", "left", "same anew"],
)
def test_what_is_learnt_waits_but_a_vehicle_that_leaves_does_not(store, change, at_once):
    """Edge case 64: flash is written when something moved, not when time passed."""
    store.save(STATE, {}, STAMP)
    assert store.pending(replace(STATE, **change), {}) is at_once


def test_a_commit_in_between_takes_what_was_drawn_and_who_left_along_and_nothing_else(store):
    store.save(STATE, {}, STAMP)
    moved = State(
        past=Past(end=END + 1, pv_w=(9.0,), load_w=(9.0,)),
        got={"boiler": replace(GOT, wh=2000.0, w=0.0)},
        plans={},
        stays={"cp-01": (*STAYS, *STAYS)},
    )
    store.save(moved, {}, STAMP, whole=False)
    assert again(store).state == replace(moved, past=PAST, plans=STATE.plans)
    store.save(moved, {}, replace(STAMP, at=NOW + SLOT_S))
    assert again(store).state.past == replace(moved.past, running=Running(END + 1, (END + 1) * SLOT_S))


def test_a_quarter_costs_a_row_and_not_the_whole_past(store):
    days = DAYS * SLOTS
    full = replace(PAST, pv_w=tuple(float(k) for k in range(days)), load_w=(400.0,) * days)
    store.save(replace(STATE, past=full), {}, STAMP)
    rows = store._db.total_changes
    later = Past(
        end=END + 1,
        pv_w=(*full.pv_w[1:], 3.0),
        load_w=(*full.load_w[1:], 4.0),
        clear_w=full.clear_w,
        running=Running(END + 1, NOW + SLOT_S),
    )
    store.save(replace(STATE, past=later), {}, replace(STAMP, at=NOW + SLOT_S))
    stamp, gone, come, running = 1, 1, 1, 1
    assert store._db.total_changes - rows == stamp + gone + come + running
    assert again(store).state.past == later


@pytest.mark.parametrize(
    ("sql", "lost", "left"),
    [
        ("UPDATE learnt SET said = '{' WHERE kind = 'got'", [("got", "boiler")], {"got": {}}),
        ("UPDATE learnt SET said = '{}' WHERE kind = 'got'", [("got", "boiler")], {"got": {}}),
        ("UPDATE learnt SET said = '7' WHERE kind = 'got'", [("got", "boiler")], {"got": {}}),
        (
            "UPDATE learnt SET said = replace(said, '1234', '1e999') WHERE kind = 'got'",
            [("got", "boiler")],
            {"got": {}},
        ),
        ("UPDATE learnt SET said = replace(said, '1234', 'x') WHERE kind = 'got'", [("got", "boiler")], {"got": {}}),
        ("UPDATE learnt SET said = '{\"wh\": \"x\"}' WHERE kind = 'got'", [("got", "boiler")], {"got": {}}),
        ("UPDATE learnt SET kind = 'gut' WHERE kind = 'got'", [("gut", "boiler")], {"got": {}}),
        (
            "UPDATE learnt SET said = '[' WHERE kind = 'plans' AND name = 'boiler'",
            [("plans", "boiler")],
            {"plans": {"cp-01": PLANNED}},
        ),
        (
            "UPDATE learnt SET said = '[[]]' WHERE kind = 'stays' AND name = 'cp-01'",
            [("stays", "cp-01")],
            {"stays": {"cp-02": STAYS}},
        ),
        (
            "UPDATE learnt SET said = replace(said, '1.0', '1,0') WHERE name = 'clear_w'",
            [("past", "clear_w")],
            {"past": replace(PAST, clear_w=())},
        ),
        (
            "UPDATE learnt SET said = '[1, 2]' WHERE name = 'running'",
            [("past", "running")],
            {"past": replace(PAST, running=Running(END, END * SLOT_S))},
        ),
        ("UPDATE past SET pv_w = 'x' WHERE slot = 1977998", [], {"past": replace(PAST, pv_w=(None, None, 2e3))}),
        ("UPDATE past SET pv_w = 1e300 WHERE slot = 1977998", [], {"past": replace(PAST, pv_w=(None, None, 2e3))}),
        (
            "UPDATE past SET slot = 9978999 WHERE slot = 1977999",
            [],
            {"past": replace(PAST, pv_w=(None, 1 / 3, None), load_w=(None, -5.5, None))},
        ),
    ],
)
def test_a_spoilt_row_costs_what_it_held_and_is_written_anew(store, sql, lost, left):
    store.save(STATE, {}, STAMP)
    spoil(store, sql)
    found = again(store)
    assert found.aside is None
    assert list(found.lost) == lost
    assert found.state == replace(STATE, **left)
    store.save(STATE, {}, STAMP)
    mended = again(store)
    assert list(mended.lost) == []
    assert mended.state == replace(
        STATE, past=replace(PAST, pv_w=mended.state.past.pv_w, load_w=mended.state.past.load_w)
    )


def test_a_file_of_before_anything_was_learnt_is_read(store):
    store.save(STATE, {}, STAMP)
    spoil(store, "DROP TABLE past")
    spoil(store, "DROP TABLE learnt")
    found = again(store)
    assert (found.state, found.aside) == (State(), None)
