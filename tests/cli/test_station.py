"""``noonward charge-now`` and ``need``: against a real socket, a fake engine behind it."""

import pytest

from noonward.core.model import Mode
from support.carpark import carpark
from support.console import noonward
from support.fakeengine import NOON
from support.served import served


@pytest.fixture
def engine(tmp_path):
    with served(carpark(), tmp_path) as one:
        yield one


@pytest.fixture
def run(tmp_path):
    return lambda *arguments: noonward(*arguments, "--state", tmp_path)


CHARGE_NOW = [
    ((), None, None),
    (("--until", "unplugged"), None, None),
    (("--until", "2h"), NOON + 7200, None),
    (("--until", "1 h 30 min"), NOON + 5400, None),
    (("--until", "10kWh"), None, 10_000.0),
    (("--until", "2026-06-01T18:00"), NOON + 6 * 3600, None),
]


@pytest.mark.parametrize(("options", "until", "energy_wh"), CHARGE_NOW)
def test_charge_now(engine, run, options, until, energy_wh):
    answer = run("charge-now", "cp-02", *options)
    assert (answer.code, answer.err) == (0, "")
    wish = engine.inputs["garage"].charge_now["cp-02"]
    assert (wish.at, wish.until, wish.energy_wh) == (NOON, until, energy_wh)
    assert answer.out.startswith("cp-02: Waiting: less is left")
    assert "\n  charge now " in answer.out
    ended = run("charge-now", "cp-02", "clear")
    assert ended.code == 0
    assert "charge now" not in ended.out
    assert "cp-02" not in engine.inputs["garage"].charge_now


def test_who_asks_is_told(engine, run, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "anna")
    assert "charge now until unplugged (anna)" in run("charge-now", "cp-02").out


NEED = [("10kWh", "2026-06-02T07:00", 10_000.0), ("10.5 kWh", "19 h", 10_500.0), ("7500 Wh", "19h", 7500.0)]


@pytest.mark.parametrize(("energy", "departure", "energy_wh"), NEED)
def test_a_need(engine, run, energy, departure, energy_wh):
    answer = run("need", "cp-01", "--energy", energy, "--departure", departure)
    assert (answer.code, answer.err) == (0, "")
    need = engine.inputs["garage"].needs["cp-01"]
    assert need.energy_wh == pytest.approx(energy_wh)
    assert need.departure == NOON + 19 * 3600
    assert "by Tue 07:00" in answer.out
    assert "needs" not in run("need", "cp-01", "clear").out
    assert "cp-01" not in engine.inputs["garage"].needs


NO = [
    (("charge-now", "none"), "there are cp-01, cp-02"),
    (("charge-now", "garage"), "there are cp-01, cp-02"),
    (("charge-now", "../site"), "There is nothing at"),
    (("charge-now", "cp-01", "--until", "10,5 kWh"), 'did you mean "10.5 kWh"?'),
    (("charge-now", "cp-01", "--until", "noon"), "is not a time: say 2026-06-01T18:00 (site time, Europe/Zurich)"),
    (("charge-now", "cp-01", "--until", "2026-06-01T11:00"), "over already"),
    (("charge-now", "cp-01", "--until", "0 kWh"), "more than 0"),
    (("need", "cp-01", "--energy", "10kWh", "--departure", "1,5 h"), 'did you mean "1.5 h"?'),
    (("need", "cp-01", "--energy", "0 kWh", "--departure", "8 h"), "more than 0"),
    (("need", "none", "--energy", "10kWh", "--departure", "8 h"), "there are cp-01, cp-02"),
]


@pytest.mark.parametrize(("arguments", "words"), NO)
def test_a_no_comes_with_the_daemon_s_reason(engine, run, arguments, words):
    answer = run(*arguments)
    assert answer.code == 2
    assert words in answer.err
    assert answer.out == ""
    assert engine.said == []


def test_a_zone_that_does_not_allow_it(tmp_path, run):
    with served(carpark(Mode.ALWAYS_OFF), tmp_path):
        assert run("charge-now", "cp-01").code == 2


USAGE = [
    (("charge-now",), "STATION"),
    (("charge-now", "cp-01", "stop"), "'clear'"),
    (("charge-now", "cp-01", "clear", "--until", "2h"), "clear takes no --until"),
    (("need", "cp-01"), "say --energy and --departure, or clear"),
    (("need", "cp-01", "--energy", "10kWh"), "say --energy and --departure"),
    (("need", "cp-01", "clear", "--energy", "10kWh"), "clear takes neither"),
    (("need", "cp-01", "--energy", "10", "--departure", "8h"), "write the unit: 10 kWh"),
    (("need", "cp-01", "--energy", "10,5 kWh", "--departure", "8h"), 'did you mean "10.5 kWh"?'),
    (("need", "cp-01", "--energy", "10 kW", "--departure", "8h"), "is a power, but this is an energy"),
    (("need", "cp-01", "--energy", "", "--departure", "8h"), "is not an energy"),
]


@pytest.mark.parametrize(("arguments", "words"), USAGE)
def test_usage(run, arguments, words):
    answer = run(*arguments)
    assert answer.code == 2
    assert words in answer.err


def test_without_a_daemon_it_says_how_to_start_one(run):
    answer = run("charge-now", "cp-01")
    assert answer.code == 1
    assert "start one with “noonward run”" in answer.err


def test_diagnostics(engine, run):
    engine.logs = {"cp-02": "cp-02.zip", "cp-03": None}
    url = "ftp://user:secret@host/logs/"
    assert run("diagnostics", "cp-02", "--to", url).out == "cp-02 sends its log, as cp-02.zip\n"
    assert run("diagnostics", "cp-03", "--to", url).out == "cp-03 sends its log\n"
    assert engine.sent_to == [("cp-02", url), ("cp-03", url)]


@pytest.mark.parametrize(
    ("station", "url", "said"),
    [
        ("cp-01", "ftp://user:secret@host/", "cp-01 is not connected"),
        ("cp-99", "ftp://user:secret@host/", "cp-99"),
        ("cp-02", "secret", "an address of ftp, ftps, sftp, http or https"),
        ("cp-02", "file:///etc/secret", "an address of"),
        ("cp-02", "ftp://secret\n@host/", "an address of"),
    ],
)
def test_a_log_that_does_not_go(engine, run, station, url, said):
    engine.logs = {"cp-02": "x"}
    answer = run("diagnostics", station, "--to", url)
    assert answer.code != 0
    assert said in answer.err
    assert "secret" not in answer.err
    assert engine.sent_to == []
