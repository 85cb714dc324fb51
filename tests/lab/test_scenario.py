from pathlib import Path

import pytest

from noonward.errors import PolicyError, UsageError
from noonward.lab import scenario
from noonward.lab.scenario import HeatPumpSpec, MeterSpec, Often, QuotaSpec, SessionsSpec, TankSpec
from noonward.plant.battery import BatteryKind
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
  pump: {model: heat-pump, heat: 1.5 kW}
  big-pump:
    {model: heat-pump, draw: tapes/heat.csv, buffer: 500 l, normal: 35 °C, raised: 45 °C, forced: 60 °C, cop: 4,
     start_up: 30 s, min_run: 20 min, lockout: 5 min}
battery: {capacity: 10 kWh, power: 5 kW, efficiency: 92 %, min_soc: 5 %, soc: 20 %}
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
        "pump": HeatPumpSpec(heat_w=1500.0),
        "big-pump": HeatPumpSpec(
            draw=tmp_path / "tapes/heat.csv",
            buffer_l=500.0,
            normal_c=35.0,
            raised_c=45.0,
            forced_c=60.0,
            cop=4.0,
            start_up_s=30.0,
            min_run_s=1200.0,
            lockout_s=300.0,
        ),
    }
    assert found.battery == BatteryKind(
        capacity_wh=10_000.0, charge_w=5000.0, discharge_w=5000.0, efficiency=0.92, min_soc=0.05, soc=0.2
    )
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
    assert (found.pv_scale, found.meter, found.plants, found.battery, found.sessions, found.vehicles) == (
        1.0,
        MeterSpec(),
        {},
        None,
        None,
        {},
    )


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("{share: 2 %}", Often(share=0.02, lasts_s=600.0)),
        ("{share: 0.5 %, each: 1 h}", Often(share=0.005, lasts_s=3600.0)),
        ("[]", ()),
        (
            '[{at: "2020-06-01T02:00+02:00", for: 5 min}, {at: "2020-05-31T23:00:30Z", for: 1 d}]',
            ((1_590_969_600.0, 300.0), (1_590_966_030.0, 86_400.0)),
        ),
    ],
)
@pytest.mark.parametrize("key", ["gaps", "freezes"])
def test_faults_of_the_meter(tmp_path, key, written, found):
    meter = read(tmp_path, f"kind: scenario/v1\ntape: x.csv\nmeter: {{{key}: {written}}}\n").meter
    assert meter == MeterSpec(**{key: found})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('meter: {gaps: [{at: "2020-02-30T02:00Z", for: 5 min}]}', "'2020-02-30T02:00Z' is not a time"),
        ("battery: {capacity: 0 kWh, power: 5 kW}", "the scenario's battery: .* capacity above 0"),
        ("battery: {capacity: 1 kWh, power: 5 kW, efficiency: 0 %}", "the scenario's battery: .* efficiency"),
        ("battery: {capacity: 1 kWh, power: 5 kW, soc: 120 %}", "the scenario's battery: .* charge"),
    ],
)
def test_numbers_that_cannot_be(tmp_path, text, message):
    with pytest.raises(UsageError, match=message):
        read(tmp_path, f"kind: scenario/v1\ntape: x.csv\n{text}\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind: scenario/v1\n", "tape"),
        ("kind: scenario/v1\ntape: x.csv\nplants: {a: {model: quota, energy: 6}}\n", "6 has no unit"),
        ("kind: scenario/v1\ntape: x.csv\nplants: {a: {model: quota, energy: 6 kWh, by: '20:00'}}\n", "five fields"),
        ("kind: scenario/v1\ntape: x.csv\ntapes: y.csv\n", "tapes"),
        ("kind: scenario/v1\ntape: x.csv\nmeter: {gaps: [{at: 2020-06-01T02:00, for: 5 min}]}\n", "{share: 2 %"),
        ("kind: scenario/v1\ntape: x.csv\nplants: {a: {model: heat-pump}}\n", "either heat"),
        ("kind: scenario/v1\ntape: x.csv\nplants: {a: {model: heat-pump, heat: 1 kW, draw: x}}\n", "either heat"),
        ("kind: scenario/v1\ntape: x.csv\nbattery: {capacity: 5 kWh}\n", "power"),
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
