"""The table and the diagram are the compiled rows, no more and no less."""

import re

import pytest

from noonward.core.appliance import table_for
from noonward.core.model import Mode
from noonward.lab.diagram import as_mermaid, as_table, place
from support.testfiles import boiler, heater_3ph


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("appliance", [boiler(), heater_3ph()], ids=["one stage", "two stages"])
def test_the_diagram_has_every_move(appliance, mode):
    arrows = re.findall(r"^    (\w+) --> (\w+): (.*)$", as_mermaid(appliance, mode), re.MULTILINE)
    drawn = sorted((source, target, part) for source, target, label in arrows for part in label.split("<br/>"))
    rows = [row for row in table_for(appliance, mode).rows if row.source != row.target]
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
def test_the_table_has_every_row(mode):
    lines = as_table(heater_3ph(), mode).splitlines()
    rows = table_for(heater_3ph(), mode).rows
    assert len(lines) == len(rows) + 1
    for number, (line, row) in enumerate(zip(lines[1:], rows, strict=True)):
        cells = re.split(r" {2,}", line)
        assert cells[:2] == [str(number), row.source]
        assert cells[2] == ("stays" if row.source == row.target else row.target)
        assert cells[4] == (", ".join(row.guards) or "(always)")


def test_place():
    rows = {row.key: row for row in table_for(boiler()).rows}
    assert place(boiler(), rows["timers"]) == "boiler.yaml:7"
    assert place(boiler(lines={}), rows["timers"]) == "boiler.yaml (timers)"
