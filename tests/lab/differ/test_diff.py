"""Two versions played on one recording: where they part, what it comes to, and what is not played at all."""

import csv
import json
import os
import threading
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noonward.core.calm import Steps
from noonward.core.model import SetLimit
from noonward.errors import PolicyError, UsageError
from noonward.lab import baselines, scenario, simulate
from noonward.lab.differ import diff, part, sides
from noonward.lab.differ.days import daily
from noonward.lab.differ.gate import parse
from noonward.lab.differ.match import games
from noonward.lab.game import new_game
from noonward.lab.optimum import optimum
from noonward.lab.recording import iso
from noonward.lab.score import score
from noonward.lab.tape import load_tape
from noonward.lab.versions import Version
from noonward.policy.load import load
from support.policyfolder import SITE, write

BARE = SITE.replace("fuse: 35 A, ", "")
"""Without a fuse to be watched, calm times are passed over."""

HEATER = """\
kind: appliance/v1
name: heater
mode: auto-solar
priority: 20
load: {power: 2 kW, min_on: 5 min}
relays: [cellar/relay-4]
"""
PUMP = """\
kind: appliance/v1
name: pump
mode: auto-solar
priority: 30
load: {power: 3 kW, min_on: 15 min}
relays: [cellar/relay-1]
"""
GARAGE = """\
kind: ev-zone/v1
name: garage
mode: auto-solar
priority: 10
stations: [cp-01]
phases: 3
limits: {max_power: 11.04 kW}
"""
HOUSE = {"heater.yaml": HEATER, "pump.yaml": PUMP, "garage.yaml": GARAGE}
SCENARIO = """\
kind: scenario/v1
tape: tape.csv
plants:
  heater: {model: quota, energy: 4 kWh, by: "0 20 * * *", uncontrolled_from: "0 5 * * *"}
  pump: {model: quota, energy: 5 kWh, by: "0 22 * * *"}
sessions: {file: sessions.csv}
"""
START = 1_591_048_800.0  # 2020-06-02T00:00+02:00
DAYS = 2


@pytest.fixture(scope="module")
def june(tmp_path_factory):
    """A scenario of two days with clouds and a car, at 5 min."""
    folder = tmp_path_factory.mktemp("june")
    with (folder / "tape.csv").open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["time", "pv_w", "base_load_w"])
        for i in range(DAYS * 288):
            hour = i % 288 / 12
            sun = max(0.0, 8000 * (1 - ((hour - 13) / 6.5) ** 2))
            rows.writerow([iso(START + 300 * i), round(sun * (0.3 if i % 7 in {2, 3} else 1.0)), 350 + i % 5 * 40])
    (folder / "sessions.csv").write_text(
        "station,arrival,departure,energy_kwh\n"
        "cp-01,2020-06-02T09:00+02:00,2020-06-02T17:00+02:00,14\n"
        "cp-01,2020-06-03T10:00+02:00,2020-06-03T16:00+02:00,9\n"
    )
    (folder / "june.scenario.yaml").write_text(SCENARIO)
    return folder / "june.scenario.yaml"


def version(folder, files):
    return Version(text=folder.name, folder=write(folder, files, BARE))


def tape(played, days=DAYS):
    return load_tape(played.tape).between(None, START + days * 86400)


def compared(tmp_path, june, old, new, *, gate=None, days=DAYS):
    """Compare two versions of the house, each given by the files that differ from it; None removes one."""
    versions = [
        version(tmp_path / name, {k: text for k, text in (HOUSE | files).items() if text})
        for name, files in (("old", old), ("new", new))
    ]
    played = scenario.load(june)
    return diff.diff(
        *versions,
        played,
        lambda _: tape(played, days),
        recording="june",
        gate=None if gate is None else parse(gate),
    )


EAGER = {"heater.yaml": HEATER + "surplus: {on_above: 60 %}\n"}


def test_numbers_are_those_of_two_runs(tmp_path, june):
    """Watching the runs changes nothing in them."""
    found = compared(tmp_path, june, {}, EAGER)
    played = scenario.load(june)
    for side in ("old", "new"):
        game = new_game(load(tmp_path / side).site, played, tape(played))
        alone = score(simulate.play(game), baselines.play("uncontrolled", game), optimum(game))
        assert found["behaviour"]["scores"][side] == alone
    totals = found["behaviour"]["totals"]
    assert 0.0 < totals["captured"]["old"] < 1.0
    assert totals["import"]["change"] == pytest.approx(totals["import"]["new"] - totals["import"]["old"])
    heater = found["behaviour"]["policies"]["heater"]
    assert heater["starts"]["old"] == found["behaviour"]["scores"]["old"]["policies"]["heater"]["starts"]
    assert json.loads(json.dumps(found)) == found


def test_where_they_part_and_why(tmp_path, june):
    parting = compared(tmp_path, june, {}, EAGER)["behaviour"]["parting"]
    (one,) = parting["policies"]
    assert one["policy"] == "heater"
    assert (one["old"]["state"], one["old"]["code"]) == ("off", "too-little-surplus")
    assert (one["new"]["state"], one["new"]["code"]) == ("on", "surplus")
    assert "it starts at 2 kW" in one["old"]["because"][0]
    assert (one["old"]["place"], one["new"]["place"]) == ("heater.yaml", "heater.yaml:7")
    surplus = one["new"]["because"][0].split(" of surplus")[0].removeprefix("On: ")
    assert surplus in one["old"]["because"][0]  # both look at the same sun
    assert parting["at"].startswith("2020-06-02T")


def every_step(game):
    """Play, and note for every instant what was wanted of each policy and station, and what was commanded."""
    said, commanded = {}, {}

    def engine(site):
        step = Steps(site)

        def noting(state, observation, now):
            outcome = step(state, observation, now)
            wants = {d.policy: (d.wanted, tuple(s.limit_a for s in d.stations)) for d in outcome.decisions}
            said.setdefault(now, []).append(wants)
            for c in outcome.commands:
                what = (c.station, c.limit_a) if isinstance(c, SetLimit) else (c.relay, c.closed)
                commanded.setdefault(now, []).append(what)
            return outcome

        return noting

    simulate.play(game, None, engine)
    return said, commanded


CHANGES = {
    "threshold": EAGER,
    "min-on": {"pump.yaml": PUMP.replace("15 min", "63 min")},
    "shorter": {"pump.yaml": PUMP.replace("15 min", "7 min")},
    "order": {"pump.yaml": PUMP.replace("30", "5")},
    "minimum": {"garage.yaml": GARAGE.replace("11.04 kW", "11.04 kW, min_current: 9 A")},
    "maximum": {"garage.yaml": GARAGE.replace("11.04 kW", "5 kW")},
    "delay": {"heater.yaml": HEATER + "surplus: {on_delay: 12 min}\n"},
    "mode": {"heater.yaml": HEATER.replace("auto-solar", "always-off")},
    "window": {  # opens at night, within an interval, while nothing else happens
        "heater.yaml": HEATER.replace("auto-solar", "auto-timer")
        + 'timers: [{name: early, start: "2 3 * * *", for: 25 min}]\n'
    },
}


@pytest.mark.parametrize(
    ("change", "back"), [*((change, False) for change in CHANGES), ("min-on", True), ("window", True), ("mode", True)]
)
def test_the_parting_is_the_first_step_that_differs(tmp_path, june, change, back):
    """Found by notes and a second play; here by looking at every step of both."""
    files = [{}, CHANGES[change]]
    found = compared(tmp_path, june, *(reversed(files) if back else files), days=1)
    played = scenario.load(june)
    (was, before), (now, after) = (
        every_step(new_game(load(tmp_path / side).site, played, tape(played, 1))) for side in ("old", "new")
    )
    at = next(t for t in sorted({*before, *after}) if before.get(t) != after.get(t))
    parting = found["behaviour"]["parting"]
    assert parting["at"] == iso(at)
    assert all(was[t] == now[t] for t in was if t < at and t in now)  # whoever was asked before said the same
    for one in parting["policies"]:
        assert (one["old"]["state"], [s["limit_a"] for s in one["old"]["stations"]]) != (
            one["new"]["state"],
            [s["limit_a"] for s in one["new"]["stations"]],
        )


def test_nothing_is_played_where_nothing_that_acts_has_changed(tmp_path, june, monkeypatch):
    def never(*_):
        raise AssertionError("played")

    monkeypatch.setattr(part.simulate, "play", never)
    monkeypatch.setattr(sides.baselines, "play", never)
    same = compared(tmp_path / "1", june, {}, {})
    assert (same["fails"], same["behaviour"]) == (False, None)
    for k, new in enumerate(
        [
            {"heater.yaml": HEATER + "description: hot\n"},
            {"heater.yaml": HEATER.replace("name: heater", "name: warm\nrenamed_from: heater")},
            {"more.yaml": HEATER.replace("heater", "laundry").replace("relay-4", "relay-2")},  # not in the scenario
        ]
    ):
        found = compared(tmp_path / f"2{k}", june, {}, new)
        assert (found["fails"], found["behaviour"]) == (True, None)
    with pytest.raises(AssertionError, match="played"):
        compared(tmp_path / "3", june, {}, EAGER)


def test_uncontrolled_is_played_once_where_the_loads_are_the_same(tmp_path, june, monkeypatch):
    honest, played = baselines.play, []
    monkeypatch.setattr(sides.baselines, "play", lambda name, *rest: played.append(name) or honest(name, *rest))
    found = compared(tmp_path / "1", june, {}, EAGER)
    assert played == ["uncontrolled"]
    assert len({found["behaviour"]["scores"][side]["import_uncontrolled_kwh"] for side in ("old", "new")}) == 1
    played.clear()
    compared(tmp_path / "2", june, {}, {"heater.yaml": HEATER.replace("2 kW", "1 kW")})
    assert played == ["uncontrolled"] * 2


@pytest.mark.parametrize(("name", "times"), [("threshold", 1), ("window", 1), ("min-on", 2), ("maximum", 2)])
def test_perfect_foresight_is_found_once_where_it_is_the_same(tmp_path, june, monkeypatch, name, times):
    found = []
    monkeypatch.setattr(sides, "optimum", lambda game, *_: found.append(game) or optimum(game))
    scores = compared(tmp_path, june, {}, CHANGES[name])["behaviour"]["scores"]
    assert len(found) == times
    for one in ("old", "new"):
        game = new_game(load(tmp_path / one).site, scenario.load(june), tape(scenario.load(june)))
        assert scores[one] == score(simulate.play(game), baselines.play("uncontrolled", game), optimum(game))


def test_a_renamed_policy_keeps_its_plant_and_its_column(tmp_path, june):
    renamed = HEATER.replace("name: heater", "name: warm\nrenamed_from: heater") + "surplus: {on_above: 60 %}\n"
    found = compared(tmp_path, june, {}, {"heater.yaml": renamed})
    assert set(found["behaviour"]["policies"]) == {"garage", "warm", "pump"}
    assert found["behaviour"]["policies"]["warm"]["energy_kwh"]["old"] > 0
    (one,) = found["behaviour"]["parting"]["policies"]
    assert (one["policy"], one["old"]["place"]) == ("warm", "heater.yaml")


@pytest.mark.parametrize("gone", ["heater.yaml", "garage.yaml"])
def test_what_only_one_version_has(tmp_path, june, gone):
    name = gone.removesuffix(".yaml")
    removed = compared(tmp_path / "1", june, {}, {gone: None})
    added = compared(tmp_path / "2", june, {gone: None}, {})
    for found, side in ((removed, "new"), (added, "old")):
        assert found["behaviour"]["policies"][name]["energy_kwh"][side] is None
        assert found["behaviour"]["policies"][name]["energy_kwh"]["change"] is None
        assert name in [policy["policy"] for policy in found["behaviour"]["parting"]["policies"]]
    assert removed["structure"]["policies"][-1] == {
        "name": name, "what": "removed", "was": None, "keys": [], "rows": []
    }  # fmt: skip


def test_a_plant_of_neither_is_refused(tmp_path, june):
    with pytest.raises(UsageError, match=r"the scenario has a plant for 'pump', but no appliance policy"):
        compared(tmp_path, june, {"pump.yaml": None}, {"pump.yaml": None, **EAGER})


def test_days(tmp_path, june):
    found = compared(tmp_path, june, {}, EAGER)
    played = scenario.load(june)
    runs = [simulate.play(new_game(load(tmp_path / side).site, played, tape(played))) for side in ("old", "new")]
    for run, side in zip(runs, ("old", "new"), strict=True):
        days, whole = daily(run), found["behaviour"]["scores"][side]
        assert [day.date for day in days] == ["2020-06-02", "2020-06-03"]
        assert sum(day.import_kwh for day in days) == pytest.approx(whole["import_kwh"], abs=2e-3)
        for name, own in whole["policies"].items():
            assert sum(day.policies[name] for day in days) == pytest.approx(own["energy_kwh"], abs=2e-3)
            assert sum(day.starts[name] for day in days) == own["starts"]
    listed = found["behaviour"]["days"]
    sizes = [abs(day["import_kwh"]) + sum(abs(own["energy_kwh"]) for own in day["policies"].values()) for day in listed]
    assert sizes == sorted(sizes, reverse=True)
    change = sum(day["import_kwh"] for day in listed)
    assert change == pytest.approx(found["behaviour"]["totals"]["import"]["change"], abs=2e-3)


@pytest.mark.parametrize(
    ("gate", "holds"), [("starts > +0 or starts < 0", True), ("violations > +0", False), (None, True)]
)
def test_what_fails(tmp_path, june, gate, holds):
    found = compared(tmp_path, june, {}, EAGER, gate=gate)
    assert found["fails"] is holds
    if gate is not None:
        assert found["fail_on"]["holds"] is holds
        assert [one["text"] for one in found["fail_on"]["conditions"]] == gate.split(" or ")


def test_no_difference_is_never_too_much(tmp_path, june):
    assert not compared(tmp_path / "1", june, {}, {}, gate="import < +1 kWh")["fails"]
    new = {"heater.yaml": HEATER + "description: hot\n"}
    assert not compared(tmp_path / "2", june, {}, new, gate="import < +1 kWh")["fails"]


@pytest.mark.parametrize("name", ["threshold", "window", "maximum"])
@pytest.mark.parametrize("shows", [False, True])
def test_both_at_once_are_what_they_are_one_after_the_other(tmp_path, june, monkeypatch, capfd, name, shows):
    """What is said too, which a report shows."""
    for folder, files in (("old", {}), ("new", CHANGES[name])):
        version(tmp_path / folder, HOUSE | files)
    played = scenario.load(june)
    both = games(*(load(tmp_path / k).site for k in ("old", "new")), played, tape(played, 2), {})
    found = []
    for cores in ({0}, {0, 1}):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, cores=cores: cores)
        monkeypatch.setattr(threading, "active_count", lambda: 1)
        monkeypatch.setattr(part, "LONG", 0)
        monkeypatch.setattr(sides, "LONG", 0)
        played_both = sides.play_both(*both, {}, shows=shows)
        parting = part.part(*both, *(one.notes for one in played_both))
        said = [
            [(d.policy, d.wanted, d.because, [s.why for s in d.stations]) for d in one]
            for one in (parting.old, parting.new)
        ]
        found.append(([one[:-1] for one in played_both], parting.at, said))
        if shows:
            runs, told = zip(*(one.shown for one in played_both), strict=True)
            assert [run.game for run in runs] == list(both)
            found[-1] += ([run.loads[0].draw_w for run in runs], [(one.policies, one.stations) for one in told])
    assert found[0] == found[1]
    assert capfd.readouterr().err == ""  # no process failed, which would be made good here


def test_a_version_that_does_not_load(tmp_path, june):
    with pytest.raises(PolicyError, match=r"new/heater\.yaml"):
        compared(tmp_path, june, {}, {"heater.yaml": HEATER.replace("2 kW", "2 kV")})


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.sampled_from(sorted(CHANGES)), max_size=3))
def test_a_version_beside_itself_is_no_difference(tmp_path_factory, june, names):
    files = {}
    for name in sorted(names):
        files |= CHANGES[name]
    folder = tmp_path_factory.mktemp("same")
    found = compared(folder, june, files, files)
    assert not found["fails"]
    assert (found["structure"], found["behaviour"]) == ({"policies": [], "site": []}, None)
    # and were it played all the same, it would never part from itself
    site = load(folder / "old").site
    played = scenario.load(june)
    both = games(site, replace(site), played, tape(played, 1), {})
    before, after = sides.play_both(*both, {})
    assert part.part(*both, before.notes, after.notes) is None
    assert before == after
