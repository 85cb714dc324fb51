"""A gateway's journal as a recording: what was played comes back out of what the engine saw of it."""

import json
from dataclasses import replace

import pytest

from noonward.core.calm import Steps
from noonward.core.model import ChargeNow, Inputs, Past, State
from noonward.daemon.journal import Journal, append
from noonward.errors import UsageError
from noonward.lab import journaled, scenario, simulate
from noonward.lab.game import new_game
from noonward.lab.recording import iso
from noonward.lab.replay import Lines
from noonward.lab.score import score
from noonward.lab.sessions import load as load_sessions
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
GARAGE = """\
kind: ev-zone/v1
name: garage
mode: auto-solar
priority: 10
stations: [cp-01]
phases: 3
limits: {max_power: 11.04 kW}
need: {from: user}
"""
SCENARIO = """\
kind: scenario/v1
tape: tape.csv
meter: {lag: 0 s, every: 30 s}
plants: {heater: {model: quota, energy: 3 kWh}}
sessions: {file: sessions.csv}
"""
START = 1_591_048_800.0  # 2020-06-02T00:00+02:00
DAY_S = 86_400.0


def power(hour):
    return round(max(0.0, 7000 * (1 - ((hour - 13) / 6.5) ** 2))), 300 + int(hour) % 5 * 40


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A folder of policies, a scenario of one day and a quarter, and the journal that a gateway would have kept."""
    folder = tmp_path_factory.mktemp("house")
    files = {"site.yaml": SITE, "heater.yaml": HEATER, "garage.yaml": GARAGE}
    write(folder / "policies", files)
    rows = [(iso(START + 60 * i), *power(i / 60 % 24)) for i in range(30 * 60)]
    (folder / "tape.csv").write_text("time,pv_w,base_load_w\n" + "".join(f"{t},{pv},{base}\n" for t, pv, base in rows))
    (folder / "sessions.csv").write_text(
        "station,user,arrival,departure,energy_kwh,requested_kwh\n"
        "cp-01,badge-1,2020-06-02T09:30+02:00,2020-06-02T15:00+02:00,8,9\n"
    )
    (folder / "scenario.yaml").write_text(SCENARIO)
    played = scenario.load(folder / "scenario.yaml")
    site = load(folder / "policies").site
    game = new_game(site, played, load_tape(played.tape))
    journal = Journal(folder / "journal", "1.0")
    journal.begin("start", START, files, site.digest, State())
    told = ChargeNow(at=START, by="x")  # of no consequence here; it must only not be mistaken for a need

    def engine(site):
        step = Steps(site)

        def noting(state, observation, now):
            outcome = step(state, observation, now)
            inputs = observation.inputs.get("garage", Inputs())
            journal.step(
                now, replace(observation, inputs={"garage": replace(inputs, charge_now={"cp-01": told})}), outcome
            )
            return outcome

        return noting

    run = simulate.play(game, None, engine)
    journal.end("stop", START + 30 * 3600, None)
    append(*journal.take(START))
    return folder, run


def test_power_and_needs_of_yesterday(house):
    folder, run = house
    found = journaled.read(folder / "journal")
    assert (found.timezone, found.start, len(found.pv_w)) == ("Europe/Zurich", START, 1440)
    tape = run.game.tape
    for seen, true in ((found.pv_w, tape.pv_w), (found.base_load_w, tape.base_load_w)):
        off = [abs(a - b) for a, b in zip(seen, true, strict=False)]
        assert sorted(off)[len(off) * 95 // 100] < 30.0  # a sample stands for half a minute
        assert sum(off) / len(off) < 40.0
    assert found.energy_wh == {"heater": pytest.approx(3000.0, rel=0.02)}
    (stay,) = found.stays
    assert (stay.station, stay.user, stay.phases) == ("cp-01", "BADGE-1", 3)
    assert (stay.arrival, stay.departure) == (START + 9.5 * 3600, START + 15 * 3600)
    assert stay.energy_wh == pytest.approx(8000.0, rel=0.02)
    assert (stay.requested_wh, stay.estimated_departure) == (9000.0, START + 15 * 3600)
    assert found.learnt == State()


def test_the_rest_of_the_next_day_and_what_a_car_took_in_part_of_its_stay(house):
    folder, _ = house
    middle = START + 10.25 * 3600
    found = journaled.read(folder / "journal", middle, START + 30 * 3600)
    assert (found.start, len(found.pv_w)) == (middle, 19.75 * 60)
    whole = journaled.read(folder / "journal").stays[0]
    before = journaled.read(folder / "journal", START, middle).stays[0]
    (after,) = found.stays
    assert before.energy_wh + after.energy_wh == pytest.approx(whole.energy_wh)
    assert 0.0 < after.energy_wh < whole.energy_wh
    assert (after.requested_wh, before.requested_wh) == (None, 9000.0)  # it was asked for from the arrival on
    assert found.energy_wh == {}  # the heater had its energy by then


def test_files_that_play_like_the_day(house, tmp_path):
    """The same policies on the day as their gateway saw it do much what they did on the day itself."""
    folder, run = house
    path = journaled.write(journaled.read(folder / "journal"), tmp_path / "yesterday")
    played = scenario.load(path)
    tape = load_tape(played.tape)
    again = score(simulate.play(new_game(run.game.site, played, tape)))
    day = replace(run.game, tape=run.game.tape.between(None, START + DAY_S))
    true = score(simulate.play(replace(day, net_w=day.tape.net_w())))
    assert again["base_load_kwh"] == pytest.approx(true["base_load_kwh"], rel=0.02)
    assert again["pv_kwh"] == pytest.approx(true["pv_kwh"], rel=0.01)
    for name in ("heater", "garage"):
        assert again["policies"][name]["energy_kwh"] == pytest.approx(true["policies"][name]["energy_kwh"], rel=0.03)
    assert again["import_kwh"] == pytest.approx(true["import_kwh"], rel=0.1)
    (stay,) = load_sessions(played.sessions.file)
    assert stay == replace(journaled.read(folder / "journal").stays[0], energy_wh=stay.energy_wh)


def segment(folder, site_files, steps, at=START, state=None, end=None):
    """Write a segment of steps, each a moment and what is seen from then on."""
    lines = [{"format": 1, "why": "start", "at": at, "engine": "1.0", "digest": "", "files": site_files,
              "state": {"version": 1, "machines": {}, "leases": {}} | (state or {})}]  # fmt: skip
    lines += [{"t": t, "o": {"dim": False, "clock_trusted": True} | seen} for t, seen in steps]
    lines += [] if end is None else [{"end": "stop", "t": end, "state": None}]
    folder.mkdir(exist_ok=True)
    append(folder / f"{at:.0f}-start.jsonl.gz", "".join(json.dumps(line) + "\n" for line in lines).encode())


FILES = {"site.yaml": SITE, "heater.yaml": HEATER}


def test_what_is_unknown(tmp_path):
    """A silent meter, a stopped gateway, a relay that nobody metered, a site without PV."""
    steps = [(START + 10 * k, {"grid_w": [900.0, START + 10 * k]}) for k in range(60)]
    steps += [(START + 10 * k, {"relays/cellar/relay-4": [True, START + 300]}) for k in range(60, 120)]  # meter silent
    steps += [(START + 1200, {"grid_w": [2900.0, START + 1200]})]  # the last step: holds for five minutes
    segment(tmp_path / "j", FILES, steps)
    found = journaled.read(tmp_path / "j", START, START + 3600)
    assert not found.has_pv
    assert found.base_load_w[:10] == [900.0] * 10
    assert found.base_load_w[12:20] == [None] * 8
    assert found.base_load_w[20:] == [None] * 40  # nothing follows the last step, so it holds for nothing
    assert found.energy_wh == {"heater": pytest.approx(2000.0 * (1200 - 600) / 3600)}


def test_a_metered_load_draws_what_its_meter_says_while_its_contact_is_closed(tmp_path):
    files = {**FILES, "heater.yaml": HEATER}
    steps = [
        (
            START + 10 * k,
            {
                "grid_w": [2000.0, START + 10 * k],
                "pv_w": [500.0, START + 10 * k],
                "draws_w/heater": [1200.0, START + 10 * k],
                "relays/cellar/relay-4": [k < 90, START],
            },
        )
        for k in range(181)
    ]
    segment(tmp_path / "j", files, steps, end=START + 1810)
    found = journaled.read(tmp_path / "j", START, START + 1800)
    assert set(found.pv_w) == {500.0}
    assert found.base_load_w == [1300.0] * 15 + [2500.0] * 15
    assert found.energy_wh == {"heater": pytest.approx(1200.0 * 900 / 3600)}


def test_what_was_learnt_by_the_beginning_goes_along(tmp_path):
    steps, later = ([(at + 10 * k, {"grid_w": [900.0, at + 10 * k]}) for k in range(30)] for at in (START, START + 600))
    past = {"past": {"end": 7, "pv_w": [1.0], "load_w": [2.0]}}
    segment(tmp_path / "j", FILES, steps, state=past)
    segment(tmp_path / "j", FILES, later, at=START + 600, state={"past": {"end": 9}})
    assert journaled.read(tmp_path / "j", START, START + 900).learnt.past.end == 7
    assert journaled.read(tmp_path / "j", START + 660, START + 900).learnt.past.end == 9


def test_a_vehicle_that_never_left(tmp_path):
    files = {"site.yaml": SITE, "garage.yaml": GARAGE}
    steps = [
        (
            START + 10 * k,
            {
                "grid_w": [9000.0, START + 10 * k],
                "stations/cp-01": {
                    "plugged": True,
                    "plugged_at": START,
                    "sample": {
                        "at": START + 10 * k,
                        "power_w": 7000.0,
                        "energy_wh": 500.0 + 7000.0 * k / 360,
                        "current_a": {"L1": 30.4, "N": 30.4},
                    },
                },
            },
        )
        for k in range(361)
    ]
    segment(tmp_path / "j", files, steps, end=START + 3600)
    found = journaled.read(tmp_path / "j", START, START + 3600)
    (stay,) = found.stays
    assert (stay.departure, stay.phases, stay.max_current_a) == (START + 3600, 1, 30.0)
    assert stay.energy_wh == pytest.approx(7000.0, rel=0.01)
    assert found.base_load_w == [pytest.approx(2000.0)] * 60


@pytest.mark.parametrize(
    ("span", "message"),
    [
        ((START - DAY_S, START), "nothing is known between 2020-05-31T22:00:00Z and 2020-06-01T22:00:00Z"),
        ((None, None), "nothing is known"),  # it holds no whole day
    ],
)
def test_a_time_that_the_journal_does_not_know(tmp_path, span, message):
    segment(tmp_path / "j", FILES, [(START + 10 * k, {"grid_w": [900.0, START + 10 * k]}) for k in range(30)])
    with pytest.raises(UsageError, match=message) as caught:
        journaled.read(tmp_path / "j", *span)
    assert "choose with --from and --to" in str(caught.value)


def test_no_journal(tmp_path):
    with pytest.raises(UsageError, match="no journal in"):
        journaled.read(tmp_path)
    (tmp_path / "x.jsonl.gz").write_bytes(b"no")
    with pytest.raises(UsageError, match="is no journal"):
        journaled.read(tmp_path)
    segment(tmp_path / "empty", FILES, [])
    with pytest.raises(UsageError, match="the journal holds no readings"):
        journaled.read(tmp_path / "empty")
    assert list(Lines(next((tmp_path / "empty").iterdir())))


def test_loads_that_nobody_has_any_more_are_left_out(house):
    folder, run = house
    found = journaled.read(folder / "journal")
    site = run.game.site
    assert journaled.fitted(found, site) == found
    without = journaled.fitted(found, replace(site, appliances=()), replace(site, zones=()))
    assert without == found  # one of the two has each
    bare = journaled.fitted(found, replace(site, appliances=(), zones=()))
    assert (bare.energy_wh, bare.stays) == ({}, ())


def test_the_engine_begins_with_what_was_learnt(house):
    _, run = house
    learnt = State(past=Past(end=int(START // 900), pv_w=(1.0,) * 96, load_w=(2.0,) * 96))
    seen = []

    def engine(site):
        step = Steps(site)
        return lambda state, *rest: seen.append(state) or step(state, *rest)

    day = run.game.tape.between(None, START + 3600)
    simulate.play(replace(run.game, tape=day, net_w=day.net_w(), learnt=learnt), None, engine)
    assert seen[0].past == learnt.past
