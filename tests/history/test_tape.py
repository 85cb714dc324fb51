"""A tape is what the lab reads: the same numbers, and unknown stays unknown."""

import csv
import io

import pytest

from noonward.errors import UsageError
from noonward.history import scene, sessions, tape
from noonward.history.sessions import ChargingSession
from noonward.lab.sessions import load as load_sessions
from noonward.lab.tape import load_tape
from support.pastfile import NOON, past, put

WHOLE = {
    "pv_w": 12_345, "base_load_w": -678, "import_w": 0, "export_w": 11_000, "charge_w": 1_000, "discharge_w": 0,
    "price_import": 28_000, "price_export": 8_000, "dim_w": 42_000,
}  # fmt: skip


def write(made, path, lo=None, hi=None):
    begin, end = tape.span(made.rows, lo, hi)
    names = tape.columns(made.rows)
    path.write_bytes(b"".join(tape.packed(path.name, ("time", *names), tape.lines(made.rows, names, begin, end))))
    return load_tape(path)


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
def test_the_lab_reads_what_was_recorded(tmp_path, name):
    with past() as made:
        put(made, NOON, [WHOLE, {**WHOLE, "pv_w": 0}, {"base_load_w": 500}, None, {"pv_w": 1}, WHOLE])
        found = write(made, tmp_path / name)
    assert (found.start, found.step_s) == (NOON, 60.0)
    assert found.pv_w == [1234.5, 0.0, None, None, 0.1, 1234.5]
    assert found.base_load_w == [-67.8, -67.8, 50.0, None, None, -67.8]
    assert found.dimmed == (True, True, False, False, False, True)
    assert found.price_import == [0.28, 0.28, None, None, None, 0.28]
    assert found.not_played == ("grid_w", "battery_w")


def test_what_was_never_kept_is_no_column(tmp_path):
    with past() as made:
        put(made, NOON, [{"base_load_w": 500, "import_w": 500, "export_w": 0}] * 2)
        found = write(made, tmp_path / "t.csv")
        assert tape.columns(made.rows) == ("base_load_w", "grid_w")
    assert not found.has_pv


def test_a_span_is_cut_to_whole_minutes_within_it(tmp_path):
    with past() as made:
        put(made, NOON, [{"base_load_w": k} for k in range(200)])
        found = write(made, tmp_path / "t.csv", NOON + 30, NOON + 6000)
    assert (found.start, len(found)) == (NOON + 60, 99)


def test_what_cannot_be_a_tape_is_said():
    with past() as made:
        with pytest.raises(UsageError, match="nothing is recorded yet"):
            tape.span(made.rows, None, None)
        put(made, NOON, [{"pv_w": 1}])
        with pytest.raises(UsageError, match=r"it runs from 2026-06-01T12:00:00Z to 2026-06-01T13:00:00Z"):
            tape.span(made.rows, NOON + 9e6, None)
        with pytest.raises(UsageError, match=r"takes a grid meter"):
            tape.columns(made.rows)


def test_parquet_says_the_same(tmp_path):
    parquet = pytest.importorskip("noonward.lab.parquet")
    pytest.importorskip("pyarrow")
    with past() as made:
        put(made, NOON, [WHOLE, {"base_load_w": 500}, WHOLE])
        names = tape.columns(made.rows)
        lines = list(tape.lines(made.rows, names, NOON, NOON + 180))
        plain = write(made, tmp_path / "t.csv")
    (tmp_path / "t.parquet").write_bytes(parquet.written(("time", *names), lines))
    packed = load_tape(tmp_path / "t.parquet")
    assert (packed.pv_w, packed.base_load_w, packed.dimmed) == (plain.pv_w, plain.base_load_w, plain.dimmed)
    assert packed.start == plain.start


def test_sessions_are_read_as_they_were(tmp_path):
    stays = [
        ChargingSession(
            zone="garage", station='cp,"1"', arrival=NOON + 60, departure=NOON + 3600, energy_wh=6500.0, user="anna",
            phases=3, requested_wh=9000.0, estimated_departure=NOON + 4000,
        ),
        ChargingSession(zone="garage", station="cp-2", arrival=NOON, departure=NOON + 60, energy_wh=1000.0),
        ChargingSession(zone="garage", station="cp-2", arrival=NOON, departure=NOON + 9, energy_wh=0.0),
    ]  # fmt: skip
    path = tmp_path / "sessions.csv"
    path.write_bytes(b"".join(tape.packed("s.csv", tape.SESSIONS, tape.session_lines(stays))))
    second, first = load_sessions(path)
    assert (first.station, first.arrival, first.departure, first.energy_wh) == (
        'cp,"1"',
        NOON + 60,
        NOON + 3600,
        6500.0,
    )
    assert (first.user, first.phases, first.requested_wh, first.estimated_departure) == ("anna", 3, 9000.0, NOON + 4000)
    assert (second.station, second.user, second.phases, second.requested_wh) == ("cp-2", "", None, None)


def test_what_is_streamed_is_what_is_written_at_once():
    with past() as made:
        put(made, NOON, [WHOLE] * 100)
        names = tape.columns(made.rows)
        whole = list(tape.lines(made.rows, names, NOON, NOON + 6000))
        parts = [
            line
            for k in range(0, 6000, 600)
            for line in tape.lines(made.rows, names, NOON + k, NOON + min(k + 600, 6000))
        ]
        assert parts == whole
        assert next(csv.reader(io.StringIO(tape.csv_line(whole[0]))))[0] == "2026-06-01T12:00:00Z"


def test_a_load_needs_in_a_day_what_it_took_in_the_mean():
    with past() as made:
        half = [{"policy/boiler": 30_000, "policy/idle": 0, "policy/garage": 30_000, "on/boiler": 1}] * 720
        put(made, NOON - 43_200, [*half, *[{"policy/boiler": 0, "policy/idle": 0}] * 720])
        sessions.add(
            made.db, made.rows, made.calendar,
            [ChargingSession(zone="garage", station="cp", arrival=NOON, departure=NOON, energy_wh=1.0)], {},
        )  # fmt: skip
        needs = scene.daily_wh(made, NOON - 43_200, NOON + 43_200)
        assert needs == {"boiler": pytest.approx(36_000.0)}
        assert scene.daily_wh(made, NOON + 3600, NOON + 7200) == {}
    text = scene.text("t.csv", None, needs)
    assert "boiler: {model: quota, energy: 36000 Wh}" in text
    assert "sessions" not in text
