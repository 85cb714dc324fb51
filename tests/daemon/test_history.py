"""history.db: changes of decision, newest first, bounded."""

import sqlite3
from dataclasses import replace

import pytest

from noonward.daemon import history
from noonward.daemon.engine import DecisionRecord
from noonward.daemon.history import History
from noonward.errors import StateError
from noonward.policy.loaded import Keep


def record(n, policy="a"):
    return DecisionRecord(
        at=float(n), policy=policy, before="off", after="on", code="surplus", facts={"surplus_w": n}, where="a.yaml:3"
    )


@pytest.fixture
def opened(tmp_path):
    out = History(tmp_path / "history.db")
    out.open()
    yield out
    out.close()


def test_newest_first_of_one_or_all(opened):
    opened.add([record(1), record(2, "b"), record(3)])
    assert [r.at for r in opened.newest(None, 10)] == [3.0, 2.0, 1.0]
    assert opened.newest("a", 1) == (record(3),)
    assert opened.newest("nobody", 10) == ()
    assert opened.newest(None, 0) == opened.newest(None, -5) == ()


def test_it_is_bounded(opened, monkeypatch):
    """Edge case 70."""
    opened.add([record(n) for n in range(10)])
    monkeypatch.setattr(history, "KEEP", 4)
    opened.prune(Keep(), "UTC", 0.0)
    assert [r.at for r in opened.newest(None, 10)] == [9.0, 8.0, 7.0, 6.0]


def test_a_station_is_kept_and_a_file_from_before_there_were_stations_gets_the_column(tmp_path):
    old = sqlite3.connect(tmp_path / "history.db", isolation_level=None)
    old.executescript(history._DECISIONS.replace(",\n    station TEXT", ""))
    old.execute(
        "INSERT INTO decisions (at, policy, before, after, code, facts, place, engine) "
        "VALUES (1.0, 'a', 'off', 'on', 'surplus', '{\"surplus_w\": 1}', 'a.yaml:3', '')"
    )
    old.close()
    out = History(tmp_path / "history.db")
    out.open()
    of_a_station = replace(record(2), station="cp-01")
    out.add([of_a_station])
    assert out.newest(None, 10) == (of_a_station, record(1))
    out.close()


def test_a_file_that_cannot_be_read_is_begun_anew(tmp_path):
    (tmp_path / "history.db").write_bytes(b"nonsense" * 1000)
    out = History(tmp_path / "history.db")
    out.open()
    out.add([record(1)])
    assert out.newest(None, 10) == (record(1),)
    out.close()
    for use in (lambda: out.newest(None, 1), lambda: out.prune(Keep(), "UTC", 0.0), lambda: out.add([record(1)])):
        with pytest.raises(StateError, match="is not open"):
            use()
