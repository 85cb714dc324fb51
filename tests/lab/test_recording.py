import gzip

import pytest

from noonward.errors import UsageError
from noonward.lab import recording
from noonward.lab.tape import load_tape

HOUR = "time,pv_w,base_load_w\n2026-06-01T00:00Z,0,200\n2026-06-01T00:15Z,100,250\n2026-06-01T00:30Z,300,150\n"


def write(folder, text, name="tape.csv"):
    path = folder / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["tape.csv", "tape.csv.gz"])
@pytest.mark.parametrize("change", [str, lambda s: s.replace("time,", "timestamp_utc,"), lambda s: "\ufeff" + s,
                                    lambda s: s.replace("\n", "\r\n"), lambda s: s + "\n",
                                    lambda s: s.replace("00:15Z", "02:15+02:00"),
                                    lambda s: s.replace("time,pv_w", " time , pv_w ")])  # fmt: skip
def test_the_same_tape_in_many_spellings(tmp_path, name, change):
    tape = load_tape(write(tmp_path, change(HOUR), name))
    assert (tape.step_s, len(tape), tape.end - tape.start) == (900.0, 3, 2700.0)
    assert tape.pv_w == [0.0, 100.0, 300.0]
    assert tape.base_load_w == [200.0, 250.0, 150.0]
    assert tape.has_pv


def test_missing_rows_and_empty_fields_are_unknown_never_zero(tmp_path):
    rows = ["time,pv_w,base_load_w", *(f"2026-06-01T00:{m:02d}Z,{m},{m * 10}" for m in (0, 1, 2, 5, 6))]
    tape = load_tape(write(tmp_path, "\n".join([*rows, "2026-06-01T00:07Z,,70", "2026-06-01T00:08Z,8,"])))
    assert tape.pv_w == [0, 1, 2, None, None, 5, 6, None, 8]
    assert tape.base_load_w == [0, 10, 20, None, None, 50, 60, 70, None]
    assert [w is None for w in tape.net_w()] == [False] * 3 + [True] * 2 + [False] * 2 + [True] * 2


def test_without_a_column_of_production_the_site_has_none(tmp_path):
    tape = load_tape(write(tmp_path, "time,base_load_w\n2026-06-01T00:00Z,-5\n2026-06-01T01:00Z,\n"))
    assert (tape.pv_w, tape.has_pv) == ([0.0, 0.0], False)
    assert tape.base_load_w == [-5.0, None]  # negative is taken as it is


def test_prices_are_read_and_cut_with_the_tape(tmp_path):
    text = "time,base_load_w,price_import,price_export\n2026-06-01T00:00Z,1,0.3,\n2026-06-01T01:00Z,1,,0.08\n"
    tape = load_tape(write(tmp_path, text))
    assert (tape.price_import, tape.price_export) == ([0.3, None], [None, 0.08])
    assert tape.between(tape.start + 3600, None).price_export == [0.08]
    assert tape.not_played == ()


def test_dimming_is_where_the_field_holds_a_number(tmp_path):
    text = "time,base_load_w,dim_w,temp_c\n2026-06-01T00:00Z,1,,20\n2026-06-01T01:00Z,1,4200,20\n"
    tape = load_tape(write(tmp_path, text))
    assert tape.dimmed == (False, True)
    assert tape.not_played == ("temp_c",)


BAD = {
    "no time": ("pv_w,base_load_w\n1,2\n", ":1: no column time or timestamp_utc; the columns are: pv_w, base_load_w"),
    "no base load": (
        "time,pv_w\n2026-06-01T00:00Z,1\n",
        ":1: no column base_load_w (draw without the controlled loads, in W)",
    ),
    "empty": ("", ":1: no column time or timestamp_utc; the columns are: none"),
    "a column twice": ("time,base_load_w,base_load_w\n", ":1: the column base_load_w stands there twice"),
    "no rows": ("time,base_load_w\n", ": 0 rows; at least two are needed"),
    "one row": ("time,base_load_w\n2026-06-01T00:00Z,1\n", ": 1 row; at least two are needed"),
    "no offset": (HOUR.replace("00:15Z", "00:15"), ":3: '2026-06-01T00:15' has no offset; write Z for UTC"),
    "no date": (HOUR.replace("2026-06-01T00:15Z", "15/06/2026"), ":3: '15/06/2026' is not a time in ISO 8601"),
    "no number": (HOUR.replace(",250", ",n/a"), ":3: base_load_w: 'n/a' is not a number; leave the field empty"),
    "not a number": (HOUR.replace(",100", ",nan"), ":3: pv_w: 'nan' is not a number"),
    "infinite": (HOUR.replace(",100", ",inf"), ":3: pv_w: 'inf' is not a number"),
    "comma for a point": (HOUR.replace(",100,", ",1,5,"), ":3: 4 fields where the header has 3"),
    "semicolons": (
        HOUR.replace(",", ";"),
        ":1: no column time or timestamp_utc; the columns are: time;pv_w;base_load_w",
    ),
    "twice the same time": (
        HOUR + "2026-06-01T00:30Z,1,1\n",
        ":5: 2026-06-01T00:30:00Z is not after the row before it",
    ),
    "backwards": (HOUR + "2026-06-01T00:15Z,1,1\n", ":5: 2026-06-01T00:15:00Z is not after the row before it"),
    "another step": (
        HOUR + "2026-06-01T00:35Z,1,1\n",
        ":5: 300 s after the row before it, but the step of this file is 900 s",
    ),
    "a slip in the year": (HOUR + "9026-06-01T00:30Z,1,1\n", "is a date mistyped?"),
    "a quote never closed": ('time,base_load_w\n"2026' + "x" * 200_000, "not a CSV file"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_said_with_its_line(tmp_path, case):
    text, message = BAD[case]
    with pytest.raises(UsageError) as error:
        load_tape(write(tmp_path, text))
    assert message in str(error.value)
    assert "tape.csv" in str(error.value)


def test_files_that_are_no_text(tmp_path):
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(HOUR.encode())[:-20])
    (tmp_path / "plain.csv.gz").write_text(HOUR)
    (tmp_path / "latin.csv").write_bytes("time,base_load_w\n2026-06-01T00:00Z,1 \xb0\n".encode("latin-1"))
    (tmp_path / "folder.csv").mkdir()
    for name, message in {
        "cut.csv.gz": "damaged or cut short",
        "plain.csv.gz": "damaged or cut short",
        "latin.csv": "not a text file in UTF-8",
        "none.csv": "No such file",
        "folder.csv": "Is a directory",
        "tape.parquet": "No such file",
    }.items():
        with pytest.raises(UsageError, match=message):
            recording.load(tmp_path / name, {"base_load_w": "x"})
