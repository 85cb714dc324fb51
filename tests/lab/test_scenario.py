from pathlib import Path

import pytest

from noonward.errors import PolicyError
from noonward.lab import scenario
from noonward.lab.scenario import MeterSpec, QuotaSpec, SessionsSpec, TankSpec
from noonward.policy import cron

WHOLE = """
kind: scenario/v1
tape: tapes/june.csv.gz
pv_scale: 0.4
sessions: {file: tapes/june-sessions.csv, station: cp-01}
meter: {lag: 10 s, every: 15 s, noise: 20 W}
plants:
  water-heater: {model: quota, energy: 6 kWh, by: "0 20 * * *", uncontrolled_from: "0 5 * * *", period: "0 12 * * *"}
  plain: {model: quota, energy: 500 Wh}
  tank: {model: tank, volume: 300 l, target: 55 °C, draw: tapes/draw.csv}
vehicles:
  default: {phases: 3}
  cp-01: {max_current: 32 A, min_current: 8 A, start_delay: 10 s, ramp: 5 s, sleeps_after: 4 h}
"""


def read(tmp_path, text):
    path = tmp_path / "june.scenario.yaml"
    path.write_text(text, encoding="utf-8")
    return scenario.load(path)


def test_every_key_is_read(tmp_path):
    found = read(tmp_path, WHOLE)
    assert found.tape == tmp_path / "tapes/june.csv.gz"
    assert found.pv_scale == 0.4
    assert found.meter == MeterSpec(lag_s=10.0, every_s=15.0, noise_w=20.0)
    assert found.plants == {
        "water-heater": QuotaSpec(
            energy_wh=6000.0,
            by=cron.parse("0 20 * * *"),
            uncontrolled_from=cron.parse("0 5 * * *"),
            period=cron.parse("0 12 * * *"),
        ),
        "plain": QuotaSpec(energy_wh=500.0),
        "tank": TankSpec(volume_l=300.0, target_c=55.0, draw=tmp_path / "tapes/draw.csv"),
    }
    assert found.sessions == SessionsSpec(file=tmp_path / "tapes/june-sessions.csv", station="cp-01")
    assert found.vehicles == {
        "default": {"phases": 3},
        "cp-01": {
            "max_current_a": 32.0,
            "min_current_a": 8.0,
            "start_delay_s": 10.0,
            "ramp_s": 5.0,
            "sleeps_after_s": 14400.0,
        },
    }


def test_defaults(tmp_path):
    found = read(tmp_path, "kind: scenario/v1\ntape: june.csv\n")
    assert (found.pv_scale, found.meter, found.plants, found.sessions, found.vehicles) == (
        1.0,
        MeterSpec(),
        {},
        None,
        {},
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind: scenario/v1\n", "tape"),
        ("kind: scenario/v1\ntape: x.csv\nplants: {a: {model: quota, energy: 6}}\n", "6 has no unit"),
        ("kind: scenario/v1\ntape: x.csv\nplants: {a: {model: quota, energy: 6 kWh, by: '20:00'}}\n", "five fields"),
        ("kind: scenario/v1\ntape: x.csv\ntapes: y.csv\n", "tapes"),
        ("kind: appliance/v1\nname: x\n", "this is not a scenario"),
        ("- a\n", "this is not a scenario"),
        ("kind: scenario/v1\ntape: [\n", "june.scenario.yaml"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, text, message):
    with pytest.raises(PolicyError) as error:
        read(tmp_path, text)
    assert message in str(error.value)
    assert error.value.problems


def test_a_file_that_is_not_there():
    with pytest.raises(PolicyError, match="there is no such file"):
        scenario.load(Path("nowhere/june.scenario.yaml"))
