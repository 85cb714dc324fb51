"""``noonward simulate``."""

import json
import os
import pty
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from noonward.cli import progress, simulate
from noonward.errors import UsageError

POLICIES = Path(__file__).parents[2] / "policies"
JUNE = POLICIES / "scenarios/june.scenario.yaml"
TAPE = POLICIES / "scenarios/tapes/kingston-june-2020.csv.gz"


def run(*args):
    return CliRunner().invoke(simulate.command, [str(arg) for arg in args], catch_exceptions=True)


def test_the_example_site_plays_its_june():
    result = run(POLICIES, "--scenario", JUNE)
    assert result.exit_code == 0, result.output
    assert "house-12, policies: 2020-06-01 06:00 to 2020-07-01 06:00 (30 days in steps of 15 min)" in result.output
    assert "violations: none" in result.output
    assert "not played, no plant in the scenario: laundry, pump" in result.output
    for name in ("boiler-cellar", "heat-pump", "boiler-3ph"):
        assert name in result.output


@pytest.mark.parametrize("controller", simulate.CONTROLLERS)
def test_json_of_every_controller(controller):
    result = run(POLICIES, "--scenario", JUNE, "--json", "--controller", controller, "--to", "2020-06-04")
    found = json.loads(result.output)
    assert found["controller"] == controller
    assert found["import_uncontrolled_kwh"] > 20
    assert found["to"] == "2020-06-03T22:00:00Z"
    assert (found["import_kwh"] == found["import_uncontrolled_kwh"]) == (controller == "uncontrolled")


def test_out_writes_score_trace_and_a_day(tmp_path):
    out = tmp_path / "new" / "folder"
    result = run(POLICIES, "--scenario", JUNE, "--out", out, "--from", "2020-06-10", "--to", "2020-06-11")
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in out.iterdir()) == [
        "day-2020-06-10.svg",
        "report.html",
        "score.json",
        "trace.csv",
    ]
    assert json.loads((out / "score.json").read_text())["step_s"] == 900
    assert len((out / "trace.csv").read_text().splitlines()) == 97
    ET.fromstring((out / "day-2020-06-10.svg").read_text())  # noqa: S314 - our own file


def test_a_tape_alone_plays_every_policy_as_a_plain_load():
    result = run(POLICIES, "--tape", TAPE, "--to", "2020-06-03", "--json")
    found = json.loads(result.output)
    assert list(found["policies"]) == ["heat-pump", "boiler-cellar", "boiler-3ph", "laundry", "pump"]
    assert found["import_uncontrolled_kwh"] is None
    assert found["policies"]["pump"]["energy_kwh"] == 0.0  # manual, and its switch is off
    assert found["policies"]["laundry"]["energy_kwh"] == pytest.approx(2 * 2 * 3.5, abs=0.01)  # two weekdays


@pytest.fixture
def sessions(tmp_path):
    path = tmp_path / "sessions.csv"
    path.write_text(
        "station,user,arrival,departure,energy_kwh\n"
        "cp-01,ben,2020-06-01T08:00+02:00,2020-06-01T18:00+02:00,9\n"
        "cp-02,badge-04a1,2020-06-02T20:00+02:00,2020-06-03T07:00+02:00,6\n"
        "hotel,,2020-06-02T20:00+02:00,2020-06-03T07:00+02:00,6\n"
    )
    return path


def test_a_tape_with_sessions_plays_the_garage_too(sessions):
    result = run(POLICIES, "--tape", TAPE, "--sessions", sessions, "--to", "2020-06-04", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)["policies"]["garage"]
    assert {name: own["sessions"] for name, own in found["stations"].items()} == {"cp-01": 1, "cp-02": 1, "cp-03": 0}
    assert found["stations"]["cp-02"]["energy_kwh"] == pytest.approx(6.0, abs=0.01)  # always, by this badge
    said = run(POLICIES, "--tape", TAPE, "--sessions", sessions, "--to", "2020-06-04").output
    assert "not played, at stations that no EV zone has: hotel" in said


def test_out_has_columns_and_a_lane_for_each_station(sessions, tmp_path):
    out = tmp_path / "out"
    run(POLICIES, "--tape", TAPE, "--sessions", sessions, "--to", "2020-06-02", "--out", out)
    header = (out / "trace.csv").read_text().splitlines()[0]
    assert header.startswith("time,pv_w,base_load_w,grid_w,cp-01_w,cp-01_on_s,cp-02_w")
    assert "cp-01" in next(out.glob("*.svg")).read_text()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--scenario", JUNE, "--sessions", TAPE), "--sessions goes with --tape; a scenario names its sessions itself"),
        (("--tape", TAPE, "--sessions", TAPE), "no column arrival or arrival_utc"),
        ((), "give either --scenario FILE or --tape FILE"),
        (("--scenario", JUNE, "--tape", TAPE), "give either --scenario FILE or --tape FILE"),
        (("--tape", "nowhere.csv"), "nowhere.csv: No such file"),
        (("--tape", TAPE, "--controller", "uncontrolled"), "a tape alone does not know it"),
        (("--scenario", JUNE, "--from", "tomorrow"), '"tomorrow" is not a date and time'),
        (("--scenario", JUNE, "--from", "2021-01-01"), "nothing recorded between --from and --to"),
        (
            ("--scenario", JUNE, "--to", "2020-06-02", "--out", JUNE / "x"),
            "give a folder that can be written with --out",
        ),
    ],
)
def test_usage(args, message):
    result = run(POLICIES, *args)
    assert isinstance(result.exception, UsageError)
    assert message in str(result.exception)


def test_policies_that_do_not_load_are_said_with_carets(tmp_path):
    broken = tmp_path / "policies"
    shutil.copytree(POLICIES, broken)
    pump = broken / "pump.yaml"
    pump.write_text(pump.read_text().replace("mode: manual", "mode: manuell"))
    result = run(broken, "--scenario", JUNE)
    assert result.exit_code == 1
    assert "pump.yaml:" in result.output
    assert "^^^^^^^" in result.output


def test_perfect_foresight_in_a_process_of_its_own_is_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    monkeypatch.setattr(simulate, "LONG", 0)
    found = []
    for cores in ({0}, {0, 1}):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, cores=cores: cores)
        out = tmp_path / str(len(cores))
        found.append(run(POLICIES, "--scenario", JUNE, "--to", "2020-06-03", "--json", "--out", out).output)
        found[-1] += (out / "report.html").read_text()
    assert found[0] == found[1]
    assert json.loads(found[0].partition("<!")[0])["import_optimum_kwh"] > 0


def test_a_scenario_that_does_not_load_is_said_with_carets(tmp_path):
    path = tmp_path / "june.scenario.yaml"
    path.write_text("kind: scenario/v1\ntape: x.csv\npv_scal: 2\n")
    result = run(POLICIES, "--scenario", path)
    assert result.exit_code == 1
    assert 'did you mean "pv_scale"?' in result.output


def test_a_broken_law_is_a_finding(monkeypatch):
    honest = simulate.score
    monkeypatch.setattr(simulate, "score", lambda *args: honest(*args) | {"violations": {"min_on": 1}})
    result = run(POLICIES, "--scenario", JUNE, "--to", "2020-06-02")
    assert result.exit_code == 1
    assert "VIOLATIONS: 1 x min on" in result.output


SLOW = """
import sys, time
from noonward.cli import progress
progress.PATIENCE_S = 0.05
with progress.Bar(sys.argv[1], 100) as bar:
    for i in range(100):
        bar(i)
        time.sleep(0.01)
print("rich" in sys.modules)
"""


@pytest.mark.parametrize(
    ("what", "said"), [("policies", b"policies"), ("optimum", b"perfect foresight, kept for the next time")]
)
def test_a_bar_on_a_terminal_only(what, said):
    env = os.environ | {"TERM": "xterm"}
    slow = [sys.executable, "-c", SLOW, what]
    piped = subprocess.run(slow, capture_output=True, text=True, check=True, env=env)
    assert (piped.stdout, piped.stderr) == ("False\n", "")
    leader, follower = pty.openpty()
    try:
        shown = subprocess.run(slow, stdout=subprocess.PIPE, stderr=follower, text=True, check=True, env=env)
        assert shown.stdout == "True\n"
        assert said in os.read(leader, 100_000)
    finally:
        os.close(leader)
        os.close(follower)


def test_what_is_quick_shows_no_bar(monkeypatch):
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: True, raising=False)
    with progress.Bar("x", 10) as bar:
        bar(5)
        assert bar._shown is None


@pytest.mark.parametrize("controller", simulate.CONTROLLERS)
def test_every_score_says_how_much_of_the_possible_was_had(controller):
    result = run(POLICIES, "--scenario", JUNE, "--json", "--controller", controller, "--to", "2020-06-08")
    found = json.loads(result.output)
    possible = found["import_uncontrolled_kwh"] - found["import_optimum_kwh"]
    had = found["import_uncontrolled_kwh"] - found["import_kwh"] - found["unmet_kwh"]
    assert possible > 20
    assert found["captured"] == pytest.approx(had / possible, abs=2e-4)
    assert found["captured"] <= 1.0
    assert (found["captured"] == 1.0) == (controller == "optimum")
    assert (found["captured"] == 0.0) == (controller == "uncontrolled")
    assert found["import_bound_kwh"] is None


def test_the_optimum_is_held_to_its_bound():
    pytest.importorskip("highspy")
    result = run(POLICIES, "--scenario", JUNE, "--json", "--controller", "optimum", "--bound", "--to", "2020-06-08")
    found = json.loads(result.output)
    assert 0.0 < found["import_bound_kwh"] <= found["import_kwh"] == found["import_optimum_kwh"]
    told = run(POLICIES, "--scenario", JUNE, "--bound", "--to", "2020-06-08").output
    assert f"a proven bound of {found['import_bound_kwh']:.1f} kWh" in told


def test_a_tape_alone_has_no_optimum():
    result = run(POLICIES, "--tape", TAPE, "--json", "--to", "2020-06-03")
    found = json.loads(result.output)
    assert (found["import_optimum_kwh"], found["captured"]) == (None, None)
    for args in (["--controller", "optimum"], ["--bound"]):
        refused = run(POLICIES, "--tape", TAPE, "--to", "2020-06-03", *args)
        assert isinstance(refused.exception, UsageError)
        assert "the optimum cannot be computed: " in str(refused.exception)
        assert "have no need in the scenario that must be met by a deadline" in str(refused.exception)
