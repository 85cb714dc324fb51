"""A journal of a site with charging stations, played again."""

import json

import pytest

from noonward.core.model import State
from noonward.daemon.journal import Journal, append
from noonward.lab import trial as module
from noonward.lab.replay import Lines, replay
from noonward.lab.trial import Touched, Trial
from noonward.policy.load import load
from noonward.policy.moment import instant

START = instant("2026-06-01 11:00", "Europe/Zurich")
FILES = {
    "site.yaml": """\
kind: site/v1
name: house
timezone: Europe/Zurich
grid: {meter: grid-meter}
devices:
  grid-meter: {driver: memory, meter: grid}
  chargers: {driver: memory, stations: {cp-01: {}, cp-02: {}}}
""",
    "garage.yaml": """\
kind: ev-zone/v1
name: garage
mode: auto-solar
stations: [cp-01, cp-02]
phases: auto
limits: {max_power: 22 kW}
""",
}
STEPS = (
    {"surplus": 9000.0, "stations": {"cp-01": {"plugged": True}}},
    {"stations": {"cp-02": {"plugged": True, "phases": 1}}},
    {"charge_now": "cp-02"},
    {"surplus": -2000.0, "stations": {"cp-01": {"plugged": False}}},
    {"meter": "silent"},
)


def written(folder, files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def journal(tmp_path, monkeypatch):
    """What the daemon would write of a day at a garage."""
    site = load(written(tmp_path / "policies", FILES)).site
    journal = Journal(tmp_path / "journal", "1.0")
    journal.begin("start", START, FILES, site.digest, State())
    step = module.step

    def noted(where, state, observation, now):
        outcome = step(where, state, observation, now)
        journal.step(now, observation, outcome)
        return outcome

    monkeypatch.setattr(module, "step", noted)
    world = Trial(site.zones[0], site, START, Touched())
    for k, given in enumerate(STEPS):
        world.give(given)
        world.play(START + 900.0 * (k + 1))
    journal.end("stop", world.now, world.state)
    append(*journal.take(world.now))
    return tmp_path / "journal"


def test_the_same_inputs_come_to_the_same_limits(journal):
    played = replay(journal)
    assert played.difference is None
    assert played.steps > 100
    (path,) = journal.iterdir()
    told = [one for line in Lines(path) for one in line.get("c", ())]
    assert {one["station"] for one in told} == {"cp-01", "cp-02"}
    limits = {one["limit_a"] for one in told}
    assert {0.0, 8.0} <= limits  # paused, tested
    assert max(limits) == 16.0  # charge-now: all that the station gives
    assert all(one["safe_a"] == 6.0 and one["window_s"] == 600.0 for one in told)
    assert {one.get("phases") for one in told} == {None, 1, 3}


def test_other_policies_and_the_first_limit_that_differs(journal, tmp_path):
    changed = {**FILES, "garage.yaml": FILES["garage.yaml"].replace("22 kW", "22 kW, min_current: 10 A")}
    difference = replay(journal, policies=written(tmp_path / "other", changed)).difference
    assert (difference.at, difference.what) == (START, "commands")
    assert [one["limit_a"] for one in difference.recorded] == [8.0]
    assert [one["limit_a"] for one in difference.replayed] == [10.0]
    assert set(difference.why) == {"garage"}


def test_a_limit_of_another_moment_is_a_difference(journal):
    """``at`` names the command that a station says it took, so it must be the same."""
    (path,) = journal.iterdir()
    lines = [json.dumps(line) for line in Lines(path)]
    place = next(k for k, line in enumerate(lines) if '"c"' in line)
    line = json.loads(lines[place])
    line["c"][0]["at"] += 1.0
    lines[place] = json.dumps(line)
    path.unlink()
    append(path, "\n".join(lines).encode())
    assert replay(journal).difference.what == "commands"
