import csv
import io

import pytest

from noonward.lab import simulate, trace
from noonward.lab.score import score
from noonward.lab.tape import load_tape
from support.games import game, job, load, quota, shipped, stay, tape, with_cars, zone


def rows(run):
    stream = io.StringIO()
    trace.write(run, stream)
    return list(csv.DictReader(io.StringIO(stream.getvalue())))


def test_the_trace_adds_up_to_the_score():
    run = simulate.play(job(shipped(3)))
    found, result = rows(run), score(run)
    assert len(found) == 3 * 96
    for name, own in result["policies"].items():
        assert sum(float(row[f"{name}_w"]) for row in found) / 4000 == pytest.approx(own["energy_kwh"], abs=0.01)
        assert sum(float(row[f"{name}_on_s"]) for row in found) / 3600 == pytest.approx(own["on_h"], abs=0.01)
        assert max(float(row[f"{name}_on_s"]) for row in found) == 900.0
    net = sum(float(row["grid_w"]) for row in found) / 4000
    assert net == pytest.approx(result["import_kwh"] - result["export_kwh"], abs=0.01)


def test_unknown_stays_empty_and_the_trace_is_a_tape_again(tmp_path):
    recording = tape([0.0, None, 3000.0, 3000.0], [100.0, 100.0, None, 100.0])
    run = simulate.play(game(recording, [load("heater", 2000.0)], {"heater": quota(6, by=20)}))
    assert [row["grid_w"] for row in rows(run)] == ["100", "", "", "-2900"]
    path = tmp_path / "trace.csv"
    with path.open("w") as stream:
        trace.write(run, stream)
    again = load_tape(path)
    assert (again.pv_w, again.base_load_w, again.start) == (recording.pv_w, recording.base_load_w, recording.start)


def test_seconds_on_are_those_of_the_contact():
    pv = [2000.0] * 3 + [0.0] * 10
    one = load("heater", 1800.0, min_on_s=310.0, off_delay_s=0.0)
    run = simulate.play(game(tape(pv, [0.0] * 13), [one], {"heater": quota(6, by=20)}))
    assert [float(row["heater_on_s"]) for row in rows(run)] == [0, 60, 60, 60, 60, 60, 10, 0, 0, 0, 0, 0, 0]


def test_a_station_has_columns_of_its_own():
    played = with_cars(job(shipped(2, 4.0)), zone(priority=0), [stay(1440 + 480, 1440 + 1200, 9)])
    run = simulate.play(played)
    found = rows(run)
    own = score(run)["policies"]["garage"]
    assert sum(float(row["cp-01_w"]) for row in found) / 4000 == pytest.approx(own["energy_kwh"], abs=0.01)
    assert sum(float(row["cp-01_on_s"]) for row in found) / 3600 == pytest.approx(own["on_h"], abs=0.01)
    assert own["energy_kwh"] > 1.0
    assert "garage_w" not in found[0]
