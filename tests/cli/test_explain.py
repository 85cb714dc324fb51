"""``noonward explain``: why, which row, from which line, what would change it."""

from pathlib import Path

import pytest

from support.console import noonward

POLICIES = Path(__file__).parents[2] / "policies"


def explained(name, *options):
    result = noonward("explain", POLICIES, name, *options)
    assert result.code == 0, result.err
    return [" ".join(line.split()) for line in result.out.splitlines()]


def line_of(name, beginning):
    lines = (POLICIES / f"{name}.yaml").read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.strip().startswith(beginning))


@pytest.mark.parametrize(
    ("name", "options", "state", "code", "row", "key"),
    [
        ("boiler-cellar", "--at 2026-06-08T11:00 --surplus 3.5kW", "on", "surplus", "on stays: by surplus and carried", "surplus:"),
        ("boiler-cellar", "--at 2026-06-08T11:00", "off", "too-little-surplus", "off stays: no row above holds", "surplus:"),
        ("boiler-cellar", "--at 2026-06-08T05:00", "on", "timer", "on stays: window", "- {name: low tariff"),
        ("boiler-cellar", "--at 2026-06-07T12:00", "on", "timer", "on stays: window", "- {name: legionella"),
        ("boiler-cellar", "--at 2026-06-08T11:00 --meter silent", "off", "meter-stale", "off stays: stale", "fail_safe:"),
        ("boiler-cellar", "--at 2026-06-08T11:00 --mode always-on", "on", "always-on", "on stays", "mode:"),
        ("boiler-cellar", "--at 2026-06-08T05:00 --dim 2kW", "off", "dimmed", "off stays: window and dim full", "mode:"),
        ("heat-pump", "--at 2026-06-08T11:00 --surplus 2kW", "recommended", "surplus", "stays: by surplus and carried", "surplus:"),
        ("boiler-3ph", "--at 2026-06-08T11:00 --surplus 6kW", "stage-2", "surplus", "stage-2 stays", "surplus:"),
        ("laundry", "--at 2026-06-08T10:00", "off", "outside-window", "no row above holds", "- {name: weekdays"),
        ("pump", "--at 2026-06-08T10:00 --switch on", "on", "switch-on", "on stays: switch", "mode:"),
    ],
)  # fmt: skip
def test_why(name, options, state, code, row, key):
    lines = explained(name, *options.split())
    assert lines[0].startswith(f"{name} would be {state} at ")
    assert any(line.startswith(f"{code} ") for line in lines)
    (index,) = (n for n, line in enumerate(lines) if line.startswith("row "))
    assert row in lines[index]
    assert lines[index + 1] == f"{POLICIES}/{name}.yaml:{line_of(name, key)}"


def test_facts_and_outlook():
    lines = explained("boiler-cellar", "--at", "2026-06-08T21:00", "--surplus", "2.9 kW")
    assert "surplus_w = 2.9 kW" in lines
    assert "on_above_w = 3 kW" in lines
    assert any(line.startswith("22:30 its window “low tariff” opens") for line in lines)
    assert any(line.startswith("else Starts ") for line in lines)


def test_table_lists_every_row_with_its_place():
    lines = explained("pump", "--table")
    assert lines[0].split() == ["#", "state", "goes", "to", "because", "if", "all", "hold", "from"]
    mode = line_of("pump", "mode:")
    assert f"5 off on switch-on switch {POLICIES}/pump.yaml:{mode}" in lines
    assert len({line.split()[0] for line in lines[1:]}) == len(lines) - 1


def test_table_of_another_mode():
    assert not any("switch" in line for line in explained("pump", "--table", "--mode", "always-on"))


def test_graph():
    lines = explained("boiler-3ph", "--graph", "mermaid")
    assert lines[:4] == [
        "stateDiagram-v2",
        'state "stage-1" as stage_1',
        'state "stage-2" as stage_2',
        "[*] --> off",
    ]
    moves = {line.partition(":")[0] for line in lines[4:]}
    assert moves == {
        "off --> stage_1",
        "stage_1 --> off",
        "stage_1 --> stage_2",
        "stage_2 --> off",
        "stage_2 --> stage_1",
    }
    assert "surplus [enough, room, stage settled]" in next(line for line in lines if "stage_1 --> stage_2" in line)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("boiler",), "did you mean"),
        (("pump", "--at", "soon"), '"soon" is not a date and time'),
        (("pump", "--surplus", "3"), "--surplus: 3 has no unit"),
        (("pump", "--surplus", "3 min"), "is a duration"),
        (("pump", "--graph", "svg"), "svg"),
    ],
)
def test_usage(args, said):
    result = noonward("explain", POLICIES, *args)
    assert result.code == 2
    assert said in result.err


def test_an_ev_zone(tmp_path):
    (tmp_path / "site.yaml").write_text(
        "kind: site/v1\nname: s\ntimezone: UTC\ngrid: {meter: m}\ndevices:\n  m: {driver: memory, meter: grid}\n"
    )
    (tmp_path / "garage.yaml").write_text(
        "kind: ev-zone/v1\nname: garage\nmode: auto-solar\nstations: [cp-01]\nlimits: {max_power: 11 kW}\n"
    )
    result = noonward("explain", tmp_path, "garage")
    assert result.code == 2, result
    assert "garage is an EV zone" in result.err
