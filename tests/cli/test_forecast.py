"""``noonward forecast``: against a real socket, a fake engine behind it; and what status says of needs."""

import json
import sys
from io import BytesIO, TextIOWrapper

import pytest

from noonward.core.model import Got, Pace, Past
from noonward.core.needs import Requirement
from noonward.core.past import SLOTS
from noonward.policy.cron import parse
from support.console import noonward
from support.fakeengine import NOON, FakeEngine, appliance
from support.served import served

NEED = Requirement(energy_wh=6000.0, by=parse("0 20 * * *"), timezone="Europe/Zurich")
CSV = "time,pv_w\n2026-06-01T12:00+02:00,1000\n2026-06-01T10:15Z,1200.5\n2026-06-01T12:30+02:00,0\n"
BODY = {"start": "2026-06-01T12:00", "step_s": 900, "pv_w": [1000, 1200.5, 0]}
POWERS = (1000.0, 1200.5, 0.0)


@pytest.fixture
def engine(tmp_path):
    with served(FakeEngine(appliance(need=NEED, plan=Pace.CALM)).see(), tmp_path) as one:
        yield one


@pytest.fixture
def run(tmp_path):
    return lambda *arguments: noonward(*arguments, "--state", tmp_path)


@pytest.fixture
def typed(monkeypatch):
    return lambda text: monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(text.encode()), encoding="utf-8"))


@pytest.mark.parametrize(("name", "text"), [("a.csv", CSV), ("a.json", json.dumps(BODY)), ("forecast", CSV)])
def test_a_file(engine, run, tmp_path, name, text):
    (tmp_path / name).write_text(text)
    answer = run("forecast", tmp_path / name)
    assert (answer.code, answer.err) == (0, "")
    assert (engine.forecast.start, engine.forecast.step_s, engine.forecast.pv_w) == (NOON, 900.0, POWERS)
    assert answer.out == (
        "Plans go by a forecast from outside, given 0 s ago, until 12:45. "
        "It expects 0.55 kWh from 2026-06-01T12:00:00+02:00 on.\n"
    )


@pytest.mark.parametrize("text", [CSV, json.dumps(BODY), f"\n  {json.dumps(BODY)}"])
def test_standard_input(engine, run, typed, text):
    typed(text)
    assert run("forecast", "-").code == 0
    assert engine.forecast.pv_w == POWERS


def test_clear(engine, run, typed):
    typed(CSV)
    run("forecast", "-")
    answer = run("forecast", "clear")
    assert (answer.code, answer.out) == (
        0,
        "No forecast from outside is in force: plans go by the site's own days.\n",
    )
    assert engine.forecast is None


REFUSED = [
    ("time\n2026-06-01T12:00Z\n", ":1: no column pv_w (the array's mean production in watts); the columns are: time"),
    ("time,pv_w\n2026-06-01T12:00,5\n2026-06-01T12:15,5\n", ":2: '2026-06-01T12:00' has no offset; write Z for UTC"),
    (
        CSV.replace("1200.5", ""),
        ": nothing is said of the interval at 2026-06-01T10:15:00Z; a forecast has a value for",
    ),
    (CSV.replace("1200.5", "much"), ":3: pv_w: 'much' is not a number"),
    ('{"start": 1,', ": not JSON: "),
    ("[1, 2]", ': a forecast is {"start": "2026-06-01T12:00Z", "step_s": 900, "pv_w": [1200, 1350]}'),
]


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_what_is_no_forecast_is_refused_with_its_place(engine, run, typed, tmp_path, text, words):
    typed(text)
    answer = run("forecast", "-")
    assert answer.code == 2
    assert answer.err.startswith(f"noonward: standard input{words}")
    path = tmp_path / ("bad.json" if text.startswith(("{", "[")) else "bad.csv")
    path.write_text(text)
    answer = run("forecast", path)
    assert answer.code == 2
    assert answer.err.startswith(f"noonward: {path}{words}")
    assert engine.forecast is None


def test_what_the_daemon_refuses_is_said_as_it_says_it(engine, run, typed):
    typed(json.dumps({**BODY, "step_s": 1}))
    answer = run("forecast", "-")
    assert answer.code == 2
    assert answer.err == "noonward: step_s must be from 60 (a minute) to 21600 (six hours), not 1\n"


@pytest.mark.parametrize("name", ["gone.csv", "gone.json"])
def test_a_file_that_is_not_there(engine, run, tmp_path, name):
    answer = run("forecast", tmp_path / name)
    assert answer.code == 2
    assert answer.err == f"noonward: {tmp_path / name}: No such file or directory\n"


def test_status_shows_the_need_the_plan_and_what_it_goes_by(tmp_path, run, typed):
    engine = FakeEngine(appliance(need=NEED, plan=Pace.CALM), appliance("pump", priority=200))
    got = Got(start=NOON - 12 * 3600.0, wh=4200.0, at=NOON)
    engine.state = type(engine.state)(past=Past(pv_w=(1.0,) * 3 * SLOTS), got={"boiler": got})
    with served(engine, tmp_path):
        typed(CSV)
        assert run("forecast", "-").code != 0, "the engine has not taken a step yet"
        engine.stepped_at = NOON
        typed(CSV)
        assert run("forecast", "-").code == 0
        lines = run("status").out.splitlines()
    assert lines[3:5] == [
        "· Has learnt 3 of 14 days of this site.",
        "· Plans go by a forecast from outside, given 0 s ago, until 12:45.",
    ]
    rows = [" ".join(line.split()) for line in lines]
    assert "need open 4.2 kWh of 6 kWh, 1.8 kWh missing by 20:00" in rows
    assert "plan calm has not learnt yet; starts at 50 % from the sun, stops below 20 %" in rows


@pytest.mark.parametrize(
    ("wh", "after_s", "word"),
    [(6000.0, 0.0, "met"), (0.0, 7 * 3600.0, "at risk"), (0.0, 8 * 3600.0, "missed")],
)
def test_status_says_how_a_need_stands(tmp_path, run, wh, after_s, word):
    engine = FakeEngine(appliance(need=NEED))
    engine.state = type(engine.state)(got={"boiler": Got(start=NOON - 12 * 3600.0, wh=wh, at=NOON)})
    engine.clock.at += after_s
    with served(engine, tmp_path):
        (line,) = (line for line in run("status").out.splitlines() if line.startswith("  need"))
    assert word in line
