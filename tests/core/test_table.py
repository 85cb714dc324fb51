"""Rows, their machine, and what the compiler of a table promises."""

from __future__ import annotations

from itertools import product

import pytest
from transitions import MachineError

from noonward.core.appliance import GUARDS, table_for
from noonward.core.model import FailSafe, Mode, Pace, ReasonCode, Requirement
from noonward.core.table import DOWN, OFF, ON, UP, Row, Table
from support.world import appliance

R = ReasonCode
NEED = Requirement(energy_wh=6000.0)
SHAPES = [
    (*shape, need, plan)
    for shape in product(Mode, FailSafe, [(3000.0,), (2000.0, 4000.0), (1000.0, 2000.0, 3000.0)], [None, 300.0])
    for need, plan in ((None, None), (NEED, None), (NEED, Pace.CALM))
]


def shape(mode, then, stages, refused, need, plan):
    return table_for(appliance(mode=mode, then=then, stages=stages, refused_after_s=refused, need=need, plan=plan))


@pytest.mark.parametrize(("mode", "then", "stages", "refused", "need", "plan"), SHAPES)
def test_every_state_is_reachable_left_and_never_without_an_answer(mode, then, stages, refused, need, plan):
    table = shape(mode, then, stages, refused, need, plan)
    moves = {(r.source, r.target) for r in table.rows if r.source != r.target}
    reached = {table.states[0]}
    while more := {t for s, t in moves if s in reached} - reached:
        reached |= more
    if mode is not Mode.ALWAYS_OFF:
        assert reached == set(table.states)
    for state in table.states[1:]:
        assert any(s == state for s, _ in moves), f"{state} is a trap"
    for state in table.states:
        last = [r for r in table.rows if r.source == state][-1]
        assert last.guards == (), f"the last row of {state} must always hold"


@pytest.mark.parametrize(("mode", "then", "stages", "refused", "need", "plan"), SHAPES)
def test_no_row_stands_in_the_shadow_of_an_earlier_one(mode, then, stages, refused, need, plan):
    rows = shape(mode, then, stages, refused, need, plan).rows
    for k, row in enumerate(rows):
        for earlier in rows[:k]:
            if earlier.source == row.source:
                assert not set(earlier.guards) <= set(row.guards), f"{earlier} hides {row}"


def test_every_guard_is_used_and_every_used_guard_exists():
    used = {g for args in SHAPES for row in shape(*args).rows for g in row.guards}
    assert used == set(GUARDS)


def test_moves_go_one_stage_up_and_never_past_the_top():
    table = Table(
        ("off", "stage-1", "stage-2"),
        [
            Row(OFF, UP, ("a",), R.SURPLUS),
            Row(ON, UP, ("a",), R.SURPLUS),
            Row(ON, DOWN, (), R.MIN_ON),
            Row(OFF, OFF, (), R.MIN_OFF),
        ],
        {"a": lambda s: s},
    )
    assert [(r.source, r.target) for r in table.rows] == [
        ("off", "stage-1"),
        ("off", "off"),
        ("stage-1", "stage-2"),
        ("stage-1", "off"),
        ("stage-2", "stage-1"),
    ]
    assert table.fire(table.first(0, True)) == 1
    assert table.fire(table.first(1, True)) == 2
    assert table.fire(table.first(2, True)) == 1
    assert table.fire(table.first(1, False)) == 0
    assert table.rows[table.first(0, False)].why is R.MIN_OFF


def test_a_hole_in_a_table_is_a_bug_that_says_where():
    table = Table(("off", "on"), [Row(OFF, UP, ("a",), R.SURPLUS)], {"a": lambda s: s})
    with pytest.raises(LookupError, match="'off'"):
        table.first(0, False)


def test_the_machine_refuses_a_row_that_does_not_start_where_it_stands():
    table = Table(("off", "on"), [Row(OFF, UP, (), R.SURPLUS), Row(ON, OFF, (), R.MIN_ON)], {})
    assert table.fire(0) == 1
    assert table.fire(1) == 0
    table.rows = (Row("on", "off", (), R.SURPLUS), table.rows[1])
    with pytest.raises(MachineError):
        table.fire(0)


def test_a_move_that_arrives_elsewhere_than_its_row_says_is_a_bug():
    table = Table(("off", "on"), [Row(OFF, UP, (), R.SURPLUS), Row(ON, OFF, (), R.MIN_ON)], {})
    table.rows = (Row("off", "off", (), R.SURPLUS), table.rows[1])
    with pytest.raises(RuntimeError, match="row 0 did not lead from 'off' to 'off'"):
        table.fire(0)


def test_a_misspelt_guard_is_found_when_the_table_is_made():
    with pytest.raises(KeyError):
        Table(("off", "on"), [Row(OFF, UP, ("surpluss",), R.SURPLUS)], GUARDS)


def test_policies_of_one_shape_share_a_table():
    assert table_for(appliance("a")) is table_for(appliance("b"))
    assert table_for(appliance("a"), Mode.TIMER) is table_for(appliance("b", mode=Mode.TIMER))
