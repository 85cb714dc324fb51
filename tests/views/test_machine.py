"""A policy's compiled machine as JSON: the same rows that decide, in the mode in force."""

import pytest

from noonward.core.model import Mode, Override, Reading, ReasonCode
from noonward.lab.diagram import table_of
from noonward.policy.language import Language, speaking
from noonward.views.machine import label, machine
from support.carpark import carpark
from support.fakeengine import NOON, FakeEngine, appliance

BOILER = appliance(mode=Mode.AUTO_SOLAR, file="policies/boiler.yaml", lines={"mode": 4, "surplus": 5})


def shown(*wanted, grid_w=0.0):
    return FakeEngine(*(wanted or (BOILER,))).see(grid_w=Reading(grid_w, NOON))


@pytest.mark.parametrize(
    "one", [BOILER, appliance(sg_ready=True), *carpark().loaded.site.zones], ids=lambda one: one.name
)
def test_every_row_is_told_once_in_order_of_precedence(one):
    engine = shown(one) if one.name != "garage" else carpark()
    told, table = machine(engine, one), table_of(one)
    rows = sorted([*told["transitions"], *told["stays"]], key=lambda row: row["row"])
    assert [(row["from"], row["to"], ReasonCode(row["why"])) for row in rows] == [
        (row.source, row.target, row.why) for row in table.rows
    ]
    assert all(row["from"] != row["to"] for row in told["transitions"])
    assert all(row["from"] == row["to"] for row in told["stays"])
    assert [state["id"] for state in told["states"]] == list(table.states)


def test_the_row_that_decided_is_lit_with_its_line():
    told = machine(shown(), BOILER)
    assert told["current"] == "off"
    row = next(row for row in told["stays"] if row["row"] == told["row"])
    assert (row["from"], row["why"], row["file"], row["line"]) == (
        "off",
        "too-little-surplus",
        "policies/boiler.yaml",
        5,
    )


async def test_it_is_that_of_the_mode_in_force():
    engine = shown()
    await engine.set_override("boiler", Override(mode=Mode.ALWAYS_ON))
    told = machine(engine, BOILER)
    assert (told["mode"], told["current"]) == ("always-on", "on")
    assert len(told["transitions"]) + len(told["stays"]) == len(table_of(BOILER, Mode.ALWAYS_ON).rows)


def test_before_the_first_step_nothing_is_lit():
    told = machine(FakeEngine(BOILER), BOILER)
    assert (told["current"], told["row"]) == (None, None)


@pytest.mark.parametrize("language", list(Language))
def test_every_state_has_a_name(language):
    states = ["off", "on", "stage-2", "normal", "recommended", "forced", "solar", "minimum", "full"]
    with speaking(language):
        names = [label(state) for state in states]
    assert all(names)
    assert len(set(names)) == len(names)
