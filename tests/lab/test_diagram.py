"""The table and the diagram are the compiled rows, no more and no less."""

import re

import pytest

from noonward.core.appliance import table_for
from noonward.core.model import Mode, Zone
from noonward.lab.diagram import as_mermaid, as_table, place, table_of
from support.testfiles import boiler, heater_3ph

GARAGE = Zone(
    name="garage",
    mode=Mode.AUTO_TIMER,
    stations=("cp-01",),
    phases=None,
    max_power_w=11_000.0,
    min_current_a=6.0,
    file="garage.yaml",
    lines={"mode": 3, "stations": 4},
)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("policy", [boiler(), heater_3ph(), GARAGE], ids=["one stage", "two stages", "zone"])
def test_the_diagram_has_every_move(policy, mode):
    arrows = re.findall(r"^    (\w+) --> (\w+): (.*)$", as_mermaid(policy, mode), re.MULTILINE)
    drawn = sorted((source, target, part) for source, target, label in arrows for part in label.split("<br/>"))
    rows = [row for row in table_of(policy, mode).rows if row.source != row.target]
    assert drawn == sorted(
        (
            row.source.replace("-", "_"),
            row.target.replace("-", "_"),
            f"{row.why.value} [{', '.join(row.guards)}]" if row.guards else row.why.value,
        )
        for row in rows
    )
    assert len({(source, target) for source, target, _ in arrows}) == len(arrows)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("policy", [heater_3ph(), GARAGE], ids=["two stages", "zone"])
def test_the_table_has_every_row(policy, mode):
    lines = as_table(policy, mode).splitlines()
    rows = table_of(policy, mode).rows
    assert len(lines) == len(rows) + 1
    for number, (line, row) in enumerate(zip(lines[1:], rows, strict=True)):
        cells = re.split(r" {2,}", line)
        assert cells[:2] == [str(number), row.source]
        assert cells[2] == ("stays" if row.source == row.target else row.target)
        assert cells[4] == (", ".join(row.guards) or "(always)")


def test_place():
    rows = {row.key: row for row in table_for(boiler()).rows}
    assert place(boiler(), rows["timers"]) == "boiler.yaml:7"
    zone = {row.key: row for row in table_of(GARAGE).rows}
    assert place(GARAGE, zone["stations"]) == "garage.yaml:4"
    assert place(GARAGE, zone["timers"]) == "garage.yaml (timers)"
    assert place(boiler(lines={}), rows["timers"]) == "boiler.yaml (timers)"
