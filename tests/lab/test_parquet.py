"""Parquet says what the same CSV says; the file is written here."""

import sys
from datetime import UTC, datetime, timedelta, timezone

import pyarrow as pa
import pytest
from pyarrow import parquet

from noonward.errors import UsageError
from noonward.lab import sessions
from noonward.lab.tape import load_tape

NIGHT = datetime(2026, 5, 31, 22, tzinfo=UTC)


def write(path, columns):
    parquet.write_table(pa.table(columns), path)
    return path


def minutes(n, tz=UTC):
    return [(NIGHT + timedelta(minutes=k)).astimezone(tz) for k in range(n)]


@pytest.mark.parametrize(
    "times",
    [
        pa.array(minutes(4), pa.timestamp("us", "UTC")),
        pa.array(minutes(4), pa.timestamp("s", "Europe/Zurich")),
        pa.array(minutes(4), pa.timestamp("ns", "+02:00")),
        pa.array([t.isoformat() for t in minutes(4, timezone(timedelta(hours=2)))]),
    ],
    ids=["utc", "zone", "offset", "text"],
)
def test_a_tape(tmp_path, times):
    columns = {"time": times, "pv_w": [0.0, None, float("nan"), 3.5], "base_load_w": [100, 200, 300, -4]}
    tape = load_tape(write(tmp_path / "tape.parquet", columns))
    assert (tape.start, tape.step_s) == (NIGHT.timestamp(), 60.0)
    assert tape.pv_w == [0.0, None, None, 3.5]
    assert tape.base_load_w == [100.0, 200.0, 300.0, -4.0]


def test_a_row_that_is_missing_is_unknown(tmp_path):
    times = [NIGHT + timedelta(minutes=k) for k in (0, 1, 3)]
    tape = load_tape(write(tmp_path / "tape.parquet", {"time": times, "base_load_w": [1.0, 2.0, 4.0]}))
    assert tape.base_load_w == [1.0, 2.0, None, 4.0]


def test_sessions(tmp_path):
    columns = {
        "station": ["cp-01", None],
        "arrival": minutes(2),
        "departure": [t + timedelta(hours=1) for t in minutes(2)],
        "energy_kwh": [5.5, 7.0],
        "requested_kwh": [None, 10.0],
        "phases": pa.array([1, None], pa.int8()),
    }
    first, second = sessions.load(write(tmp_path / "sessions.parquet", columns), station="cp-09")
    assert (first.station, first.energy_wh, first.requested_wh, first.phases) == ("cp-01", 5500.0, None, 1)
    assert (second.station, second.requested_wh, second.phases) == ("cp-09", 10_000.0, None)
    assert second.departure - second.arrival == 3600.0


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"pv_w": [1.0]}, ":1: no column time"),
        ({"time": minutes(2), "pv_w": [1.0, 2.0]}, "no column base_load_w"),
        ({"time": minutes(2), "base_load_w": ["much", "little"]}, ":1: base_load_w: 'much' is not a number"),
        (
            {"time": [t.replace(tzinfo=None) for t in minutes(2)], "base_load_w": [1.0, 2.0]},
            ":1: '2026-05-31T22:00:00' has no offset",
        ),
        ({"time": [NIGHT, None], "base_load_w": [1.0, 2.0]}, ":2: '' is not a time"),
    ],
)
def test_what_is_wrong_is_said_with_its_row(tmp_path, columns, message):
    with pytest.raises(UsageError) as error:
        load_tape(write(tmp_path / "tape.parquet", columns))
    assert message in str(error.value)


def test_what_is_no_parquet_is_refused(tmp_path):
    path = tmp_path / "tape.parquet"
    with pytest.raises(UsageError, match=r"tape\.parquet: No such file"):
        load_tape(path)
    path.write_text("time,base_load_w\n")
    with pytest.raises(UsageError, match="not a Parquet file that can be read"):
        load_tape(path)
    whole = write(tmp_path / "whole.parquet", {"time": minutes(50), "base_load_w": [1.0] * 50}).read_bytes()
    path.write_bytes(whole[:-30])
    with pytest.raises(UsageError, match="not a Parquet file that can be read"):
        load_tape(path)


def test_without_pyarrow_it_says_what_to_install(tmp_path, monkeypatch):
    path = write(tmp_path / "tape.parquet", {"time": minutes(2), "base_load_w": [1.0, 2.0]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"pip install 'noonward\[lab\]'"):
        load_tape(path)
