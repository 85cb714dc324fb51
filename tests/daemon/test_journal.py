"""The journal on disk: readable with zcat, whole or torn, bounded."""

import gzip
import json
import os
from dataclasses import replace

import pytest
from click.testing import CliRunner

from noonward.cli.replay import command
from noonward.core.model import Observation, Outcome, Reading, SetRelay, State, Station
from noonward.daemon.journal import KEEP_BYTES, KEEP_S, Journal, append, prune
from noonward.errors import UsageError
from noonward.lab.replay import Lines, replay


def outcome(*commands):
    return Outcome(state=State(), commands=commands, decisions=(), wake_at=None)


def written(folder, steps=3):
    journal = Journal(folder, "1.0")
    journal.begin("start", 100.0, {"site.yaml": "kind: site/v1"}, "d1", State())
    for k in range(steps):
        grid = Reading(5.0, 100.0) if k < 2 else Reading(6.0, 110.0)
        journal.step(100.0 + k, Observation(grid_w=grid), outcome(SetRelay(relay="r/1", closed=True)))
        path, block = journal.take(100.0 + k)
        append(path, block)
    journal.end("stop", 200.0, State())
    append(*journal.take(200.0))
    return path


def test_lines_hold_only_what_changed_and_zcat_reads_them(tmp_path):
    path = written(tmp_path / "journal")
    lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    assert lines[0]["why"] == "start"
    assert lines[0]["files"] == {"site.yaml": "kind: site/v1"}
    assert lines[1] == {
        "t": 100.0,
        "o": {"dim": False, "clock_trusted": True, "grid_w": [5.0, 100.0]},
        "c": [["r/1", True, None]],
    }
    assert lines[2] == {"t": 101.0, "c": [["r/1", True, None]]}
    assert lines[3]["o"] == {"grid_w": [6.0, 110.0]}
    assert lines[4]["end"] == "stop"


def test_a_station_is_written_when_it_says_something_else_and_not_when_it_says_it_again(tmp_path):
    journal = Journal(tmp_path, "1.0")
    journal.begin("start", 0.0, {}, "d", State())
    one, two = Station(plugged=True, online=True), Station(plugged=False, online=True)
    for k, seen in enumerate((one, one, replace(one), two, one)):
        journal.step(float(k), Observation(stations={"cp-01": seen}), outcome())
    lines = [json.loads(line) for line in journal.take(9.0)[1].splitlines()][1:]
    assert [line.get("o", {}).get("stations/cp-01") for line in lines] == [
        {"plugged": True},
        None,
        None,
        {"plugged": False},
        {"plugged": True},
    ]


def test_what_is_gone_is_named(tmp_path):
    journal = Journal(tmp_path, "1.0")
    journal.begin("start", 100.0, {}, "d", State())
    journal.step(100.0, Observation(grid_w=Reading(5.0, 100.0)), outcome())
    journal.step(101.0, Observation(), outcome())
    _, block = journal.take(101.0)
    assert json.loads(block.splitlines()[2]) == {"t": 101.0, "gone": ["grid_w"]}


def test_due_once_a_minute_and_at_once_when_the_clock_went_back(tmp_path):
    journal = Journal(tmp_path, "1.0")
    assert not journal.due(0.0)
    journal.begin("start", 100.0, {}, "d", State())
    assert [journal.due(t) for t in (100.0, 159.0, 160.0, 50.0)] == [False, False, True, True]
    assert [journal.old(t) for t in (100.0, 86_499.0, 86_500.0)] == [False, False, True]
    assert journal.take(160.0) is not None
    assert journal.take(160.0) is None


@pytest.mark.parametrize("cut", [1, 5, 12])
def test_a_torn_tail_costs_the_last_block_and_is_said(tmp_path, cut):
    path = written(tmp_path / "journal")
    path.write_bytes(path.read_bytes()[:-cut])
    lines = Lines(path)
    assert [line.get("t") for line in lines][1:] == [100.0, 101.0, 102.0]
    assert lines.torn


@pytest.mark.parametrize("content", [b"", b"hello", gzip.compress(b"", mtime=0)[:5]], ids=["empty", "text", "torn"])
def test_what_is_no_journal_is_refused_in_one_sentence(tmp_path, content):
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="no journal"):
        replay(path)


def test_an_empty_folder_and_a_missing_file_are_refused(tmp_path):
    with pytest.raises(UsageError, match="no journal in"):
        replay(tmp_path)
    with pytest.raises(UsageError, match="No such file"):
        replay(tmp_path / "gone.jsonl.gz")


def test_prune_by_age_and_by_size_and_never_the_newest(tmp_path):
    """Edge case 64."""

    def segment(name, size, age_s):
        path = tmp_path / f"{name}.jsonl.gz"
        with path.open("wb") as file:
            file.truncate(size)
        os.utime(path, (1e9 - age_s, 1e9 - age_s))
        return path

    old, big, mid, new = (
        segment("20010901", 10, KEEP_S + 1),
        segment("20010902", 10, 30.0),
        segment("20010903", KEEP_BYTES, 20.0),
        segment("20010904", 10, KEEP_S + 5),
    )
    prune(tmp_path, 1e9)
    assert [path.exists() for path in (old, big, mid, new)] == [False, False, False, True]
    mid = segment("20010903", 1000, 20.0)
    prune(tmp_path, 1e9)
    assert mid.exists()
    assert new.exists()


def test_command_says_what_differs(tmp_path):
    journal = Journal(tmp_path, "1.0")
    from noonward.policy.load import load
    from support.house import write

    loaded = load(write(tmp_path / "p"))
    journal.begin("start", 1.8e9, loaded.files, loaded.site.digest, State())
    journal.step(1.8e9, Observation(), outcome(SetRelay(relay="cellar/relay-1", closed=True)))
    append(*journal.take(1.8e9))
    result = CliRunner().invoke(command, [str(tmp_path)])
    assert result.exit_code == 1
    assert "first difference at 2027-01-15T08:00:00.000Z: decisions" in result.output
    assert "boiler: off" in result.output
