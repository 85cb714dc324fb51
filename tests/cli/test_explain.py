"""``noonward explain``: why, which row, from which line, what would change it."""

import shutil
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
        ("heat-pump", "--at 2026-06-08T11:00 --surplus 1.6kW --past clear", "normal", "plan-waits", "stays: open", "plan:"),
        ("heat-pump", "--at 2026-06-08T11:00 --surplus 1.6kW --past overcast", "recommended", "surplus", "stays: by", "surplus:"),
        ("boiler-3ph", "--at 2026-06-08T19:30", "stage-2", "need-forced", "stage-2 stays", "need:"),
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


def test_a_plan_says_what_it_waits_for_and_when_it_must():
    lines = explained("heat-pump", "--at", "2026-06-08T11:00", "--surplus", "1.2 kW", "--past", "clear")
    (told,) = (line for line in lines if line.startswith("plan-waits "))
    assert told.startswith("plan-waits Waiting for better sun: 60 % covered, starts at ")
    assert told.endswith("it needs 5 kWh by 22:00.")
    assert any(line.startswith("19:28 it goes on for its need") for line in lines)
    assert any(line.startswith("else Starts once ") and line.endswith("every quarter of an hour.") for line in lines)


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


@pytest.mark.parametrize(
    ("options", "state", "code", "row", "key", "stations"),
    [
        ("--surplus 9kW", "solar", "surplus", "solar stays: carried and fresh", "surplus:",
         {"cp-01": "charging, offered 7 A on 3 phases", "cp-02": "charging, offered 6 A on 3 phases", "cp-03": "paused, offered nothing"}),
        ("--surplus 2.5kW --plugged cp-01 --phases 1", "solar", "surplus", "solar stays", "surplus:",
         {"cp-01": "charging, offered 10 A on 1 phase", "cp-02": "absent, offered nothing"}),
        ("--surplus 4.1kW --plugged cp-01", "off", "too-little-surplus", "off stays: no row above holds", "surplus:",
         {"cp-01": "paused, offered nothing"}),
        ("--plugged cp-02 --charge-now cp-02 --phases 2", "off", "charge-now", "off stays: charge-now", "charge_now:",
         {"cp-02": "charging, offered 32 A on 2 phases"}),
        ("--meter silent", "off", "meter-stale", "off stays: stale", "fail_safe:", {"cp-01": "paused, offered nothing"}),
        ("--mode always-off --charge-now cp-01", "off", "always-off", "off stays", "mode:", {"cp-01": "paused, offered nothing"}),
        ("--mode always-on --dim 4.2kW --plugged cp-01", "full", "always-on", "full stays", "mode:", {"cp-01": "charging, offered 6 A on 3 phases"}),
    ],
)  # fmt: skip
def test_why_a_zone_and_each_of_its_stations_is_as_it_is(options, state, code, row, key, stations):
    """Edge case 68."""
    lines = explained("garage", *options.split(), "--at", "2026-06-08T11:00")
    assert lines[0].startswith(f"garage would be {state} at ")
    assert any(line.startswith(f"{code} ") for line in lines)
    (index,) = (n for n, line in enumerate(lines) if line.startswith("row "))
    assert row in lines[index]
    assert lines[index + 1] == f"{POLICIES}/garage.yaml:{line_of('garage', key)}"
    assert {f"{name} {said}" for name, said in stations.items()} <= set(lines)
    assert all(lines[lines.index(f"{name} {said}") + 1].endswith(".") for name, said in stations.items())


def test_what_would_change_a_zone():
    given = "given surplus 3 kW, vehicles at cp-01, cp-02, cp-03 on 3 phases, since an hour before"
    assert explained("garage", "--surplus", "3 kW")[1] == given
    assert explained("garage", "--surplus", "3 kW")[-1].startswith("else A vehicle starts once its minimum, 6 A ")
    assert explained("garage", "--mode", "manual")[-1].startswith("else Follows its switch")


def test_where_a_vehicle_goes_by_its_plan_the_zone_names_no_thresholds_of_its_own(tmp_path):
    policies = shutil.copytree(POLICIES, tmp_path / "policies")
    zone = policies / "garage.yaml"
    zone.write_text(zone.read_text().replace("{from: user}", '{from: user, energy: 9 kWh, by: "0 20 * * *"}'))
    told = noonward("explain", policies, "garage", "--surplus", "5 kW", "--at", "2026-06-08T11:00").out
    assert told.startswith("garage would be solar at ")
    assert "On: the surplus covers 100 %, it goes on down to " in told
    assert "\n  else " not in told


def test_table_and_graph_of_a_zone():
    stations = line_of("garage", "stations:")
    assert f"1 off stays no-vehicle no vehicle {POLICIES}/garage.yaml:{stations}" in explained("garage", "--table")
    moves = {line.partition(":")[0] for line in explained("garage", "--graph", "mermaid", "--mode", "manual")[2:]}
    assert moves == {f"{a} --> {b}" for b in ("off", "full") for a in ("off", "solar", "minimum", "full") if a != b}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("garage", "--plugged", "cp-09"), 'garage has no station "cp-09"; it has cp-01, cp-02, cp-03'),
        (("garage", "--charge-now", "cp-1"), 'garage has no station "cp-1"'),
        (("pump", "--plugged", "cp-01"), "pump is an appliance: --plugged is for EV zones"),
        (("pump", "--phases", "3", "--plugged", "cp-01"), "--plugged and --phases are for EV zones"),
    ],
)
def test_options_that_do_not_fit_the_policy(options, message):
    result = noonward("explain", POLICIES, *options)
    assert result.code == 2, result
    assert message in result.err
