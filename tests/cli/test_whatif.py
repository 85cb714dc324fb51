"""What-if on yesterday: ``noonward diff --journal`` and ``noonward replay --tape``."""

import json

import pytest
from click.testing import CliRunner

from noonward.cli import compare, diff, replay, simulate
from noonward.core.calm import Steps
from noonward.core.model import State
from noonward.daemon.journal import Journal, append
from noonward.errors import UsageError
from noonward.lab import scenario
from noonward.lab import simulate as closed_loop
from noonward.lab.game import new_game
from noonward.lab.recording import iso
from noonward.lab.tape import load_tape
from noonward.policy.load import load
from support.policyfolder import SITE, write

HEATER = """\
kind: appliance/v1
name: heater
mode: auto-solar
load: {power: 2 kW, min_on: 5 min}
relays: [cellar/relay-4]
"""
FILES = {"site.yaml": SITE, "heater.yaml": HEATER}
SCENARIO = """\
kind: scenario/v1
tape: tape.csv
meter: {lag: 0 s, every: 60 s}
plants: {heater: {model: quota, energy: 3 kWh}}
"""
START = 1_591_048_800.0  # 2020-06-02T00:00+02:00


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A folder with the policies that ran, ``old``, others, ``new``, and what their gateway noted of two days."""
    folder = tmp_path_factory.mktemp("house")
    write(folder / "old", FILES)
    write(folder / "new", {**FILES, "heater.yaml": HEATER + "surplus: {on_above: 50 %}\n"})
    rows = [
        (iso(START + 300 * i), round(max(0.0, 2600 * (1 - ((i / 12 % 24 - 13) / 6) ** 2))), 300) for i in range(50 * 12)
    ]
    (folder / "tape.csv").write_text("time,pv_w,base_load_w\n" + "".join(f"{t},{pv},{base}\n" for t, pv, base in rows))
    (folder / "scenario.yaml").write_text(SCENARIO)
    played = scenario.load(folder / "scenario.yaml")
    site = load(folder / "old").site
    journal = Journal(folder / "journal", "1.0")
    journal.begin("start", START, FILES, site.digest, State())

    def engine(site):
        step = Steps(site)

        def noting(state, observation, now):
            outcome = step(state, observation, now)
            journal.step(now, observation, outcome)
            return outcome

        return noting

    closed_loop.play(new_game(site, played, load_tape(played.tape)), None, engine)
    journal.end("stop", START + 50 * 3600, None)
    append(*journal.take(START))
    return folder


def run(command, *args):
    return CliRunner().invoke(command, [str(arg) for arg in args])


def test_other_policies_on_yesterday(house):
    args = (house / "old", house / "new", "--journal", house / "journal", "--format", "json")
    found = json.loads(run(diff.command, *args).output)
    assert (found["played"]["from"], found["played"]["to"]) == ("2020-06-02T22:00:00Z", "2020-06-03T22:00:00Z")
    heater = found["behaviour"]["policies"]["heater"]
    assert heater["energy_kwh"]["old"] == pytest.approx(3.0, abs=0.1)
    assert heater["energy_kwh"]["new"] == pytest.approx(3.0, abs=0.1)  # what it needed, earlier and with less sun
    assert heater["solar_kwh"]["change"] < 0
    assert found["behaviour"]["parting"]["policies"][0]["new"]["state"] == "on"
    assert found["recording"] == str(house / "journal")


def test_another_day_by_from_and_to(house):
    span = ("--from", "2020-06-02", "--to", "2020-06-02T18:00")
    args = (house / "old", house / "new", "--journal", house / "journal", *span, "--format", "json")
    found = json.loads(run(diff.command, *args).output)
    assert (found["played"]["from"], found["played"]["to"]) == ("2020-06-01T22:00:00Z", "2020-06-02T16:00:00Z")


def test_a_load_that_neither_version_has_is_left_out(house, tmp_path):
    other = HEATER.replace("name: heater", "name: laundry")
    write(tmp_path / "a", {**FILES, "heater.yaml": other})
    write(tmp_path / "b", {**FILES, "heater.yaml": other.replace("5 min", "6 min")})
    result = run(diff.command, tmp_path / "a", tmp_path / "b", "--journal", house / "journal")
    assert "load.min_on" in result.output
    assert "Both versions do the same in this scenario." in result.output


def test_the_files_are_a_scenario_for_every_command(house, tmp_path):
    result = run(replay.command, house / "journal", "--tape", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "1440 min from 2020-06-02T22:00:00+00:00, 1440 of them known; loads: 1, sessions: 0" in result.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["journal.scenario.yaml", "tape.csv"]
    path = tmp_path / "out/journal.scenario.yaml"
    played = run(simulate.command, house / "old", "--scenario", path, "--json")
    assert json.loads(played.output)["policies"]["heater"]["energy_kwh"] == pytest.approx(3.0, abs=0.1)
    assert "policies " in run(compare.command, house / "old", "--scenario", path).output


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "give either --scenario FILE or --journal DIR"),
        (("--journal", "j", "--scenario", "s"), "give either --scenario FILE or --journal DIR"),
        (("--journal", "nowhere"), "nowhere"),
        (("--journal", "{house}/journal", "--from", "2019-01-01", "--to", "2019-01-02"), "nothing is known between"),
        (("--journal", "{house}/journal", "--from", "soon"), '"soon" is not a date and time'),
    ],
)
def test_usage(house, args, message):
    result = run(diff.command, house / "old", house / "new", *(arg.format(house=house) for arg in args))
    assert isinstance(result.exception, UsageError)
    assert message in str(result.exception)
