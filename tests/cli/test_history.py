"""``noonward history``: the file as it is, and what is wrong said in words."""

import json

import pytest
from click.testing import CliRunner

from noonward.cli.history import command
from noonward.errors import StateError, UsageError
from noonward.history import reading
from noonward.lab.tape import load_tape
from support.pastfile import NOON, past, put

WHOLE = {"pv_w": 20_000, "base_load_w": 5_000, "import_w": 0, "export_w": 15_000, "policy/boiler": 0, "solar/boiler": 0}
DRAWN = {**WHOLE, "policy/boiler": 12_000, "solar/boiler": 6_000, "export_w": 3_000}


@pytest.fixture
def state(tmp_path):
    place = tmp_path / "state"
    place.mkdir()
    with past("Europe/Zurich", place / reading.FILE) as made:
        put(made, NOON, [WHOLE] * 60 + [DRAWN] * 60)
    return place


def run(state, *args):
    return CliRunner().invoke(command, [*map(str, args), "--state", str(state)], catch_exceptions=True)


def refused(result, kind=UsageError):
    assert isinstance(result.exception, kind), (result.output, result.exception)
    return str(result.exception)


def test_energy_as_a_table(state):
    result = run(state, "energy", "--by", "month")
    assert result.output.splitlines() == [
        "month       production  import  export     boiler",
        "2026-06-01         4.0     0.0     1.8  1.2 (50%)",
        "kWh, in brackets the part from the sun; days of Europe/Zurich",
    ]


def test_energy_as_the_api_answers_it(state):
    told = json.loads(run(state, "energy", "--by", "year", "--json", "--to", "2026-07-01").output)
    assert told["by"] == "year"
    assert told["periods"][-1]["policies"]["boiler"]["energy_kwh"] == 1.2


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet"])
def test_export_in_every_form(state, tmp_path, name):
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    out = tmp_path / "new" / name
    result = run(state, "export", "--out", out)
    assert result.output == f"{out}: 120 minutes, pv_w, base_load_w, grid_w\n"
    tape = load_tape(out)
    assert (tape.start, len(tape), tape.pv_w[0]) == (NOON, 120, 2000.0)
    assert [path.name for path in out.parent.iterdir()] == [name], "nothing half written stays"


def test_a_part_in_site_time(state, tmp_path):
    out = tmp_path / "t.csv"
    run(state, "export", "--out", out, "--from", "2026-06-01T14:30", "--to", "2026-06-01T12:40Z")
    tape = load_tape(out)
    assert (tape.start, len(tape)) == (NOON + 1800, 10)


def test_a_scenario_finds_its_files_from_where_it_lies(state, tmp_path):
    scene = tmp_path / "scenes" / "s.yaml"
    scene.parent.mkdir()
    run(state, "export", "--out", tmp_path / "tapes/t.csv", "--sessions", tmp_path / "who.csv", "--scenario", scene)
    assert 'tape: "../tapes/t.csv"' in scene.read_text()
    assert 'file: "../who.csv"' in scene.read_text()
    assert "boiler: {model: quota, energy: 14400 Wh}" in scene.read_text()


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["export", "--out", "/proc/none/t.csv"], "cannot write /proc/none/t.csv"),
        (["export", "--out", "t.csv", "--from", "yesterday"], "is not a date and time"),
        (
            ["export", "--out", "t.csv", "--from", "2030-01-01"],
            "nothing is recorded in that span; it runs from 2026-06-01T12",
        ),
        (["energy", "--from", "x"], "is not a date and time"),
    ],
)
def test_what_cannot_be_done_is_said(state, tmp_path, monkeypatch, args, says):
    monkeypatch.chdir(tmp_path)
    assert says in refused(run(state, *args))


def test_where_nothing_is_recorded(tmp_path):
    assert "the daemon makes it in its state folder" in refused(run(tmp_path, "energy"))
    with past(path=tmp_path / reading.FILE):
        pass
    assert "nothing is recorded yet" in refused(run(tmp_path, "energy"))
    assert "nothing is recorded yet" in refused(run(tmp_path, "export", "--out", tmp_path / "t.csv"))


def test_a_damaged_file_is_said_and_left_alone(tmp_path):
    (tmp_path / reading.FILE).write_bytes(b"nonsense" * 1000)
    assert "cannot be read: file is not a database" in refused(run(tmp_path, "energy"), StateError)
    assert (tmp_path / reading.FILE).read_bytes() == b"nonsense" * 1000


def test_a_full_disk_leaves_no_half_a_tape(state, tmp_path, monkeypatch):
    from noonward.history import tape

    def full(*_):
        yield b"time\n"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tape, "packed", full)
    (tmp_path / "t.csv").write_text("what was there")
    assert "No space left on device" in refused(run(state, "export", "--out", tmp_path / "t.csv"))
    assert (tmp_path / "t.csv").read_text() == "what was there"
    assert not list(tmp_path.glob(".t.csv*"))


def test_a_file_of_before_there_were_minutes_says_so(tmp_path):
    import sqlite3

    db = sqlite3.connect(tmp_path / reading.FILE)
    db.execute("CREATE TABLE decisions (id INTEGER)")
    db.close()
    assert "no minutes in it yet" in refused(run(tmp_path, "energy"))
