"""Files of charging sessions."""

import gzip

import pytest

from noonward.errors import UsageError
from noonward.lab.sessions import Stay, load, stations

JUNE = 1_590_969_600.0  # 2020-06-01T00:00Z


def written(tmp_path, text, name="sessions.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_every_column_is_read(tmp_path):
    path = written(
        tmp_path,
        "station,user,arrival,departure,energy_kwh,phases,min_current_a,max_current_a,requested_kwh,"
        "estimated_departure,note\n"
        "cp-02, anna ,2020-06-01T02:00+02:00,2020-06-01T08:00+02:00,6.8,1,8,16,10,2020-06-01T07:00+02:00,x\n"
        "\n"
        "cp-01,,2020-05-31T23:00Z,2020-06-01T01:30Z,12,,,,,,\n",
    )
    first, second = load(path)
    assert first == Stay(station="cp-01", arrival=JUNE - 3600, departure=JUNE + 5400, energy_wh=12_000.0)
    assert second == Stay(
        station="cp-02",
        arrival=JUNE,
        departure=JUNE + 6 * 3600,
        energy_wh=6800.0,
        user="anna",
        phases=1,
        min_current_a=8.0,
        max_current_a=16.0,
        requested_wh=10_000.0,
        estimated_departure=JUNE + 5 * 3600,
    )
    assert stations([first, second, first]) == ("cp-01", "cp-02")


def test_other_names_and_compressed_files(tmp_path):
    path = tmp_path / "sessions.csv.gz"
    text = (
        "arrival_utc,departure_utc,energy_wh,requested_wh,estimated_departure_utc\n"
        "2020-06-01T00:00Z,2020-06-01T04:00Z,5740,6000,2020-06-01T03:00Z\n"
    )
    path.write_bytes(gzip.compress(text.encode()))
    (stay,) = load(path, "cp-01")
    assert (stay.station, stay.energy_wh, stay.requested_wh) == ("cp-01", 5740.0, 6000.0)
    assert stay.estimated_departure == JUNE + 3 * 3600


def test_a_column_of_stations_wins_over_the_scenario(tmp_path):
    text = "station,arrival,departure,energy_kwh\ncp-02,2020-06-01T00:00Z,2020-06-01T04:00Z,5\n"
    assert load(written(tmp_path, text), "cp-01")[0].station == "cp-02"
    text = text.replace("cp-02,", ",")
    assert load(written(tmp_path, text), "cp-01")[0].station == "cp-01"
    with pytest.raises(UsageError, match=r"sessions\.csv:2: station: is empty; name the station"):
        load(written(tmp_path, text))


HEAD = "station,arrival,departure,energy_kwh"
ROW = "cp-01,2020-06-01T00:00Z,2020-06-01T04:00Z,5"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("station,arrival,departure\n", "sessions.csv:1: no column energy_kwh or energy_wh; the columns are: station,"),
        ("", "sessions.csv:1: no column arrival or arrival_utc; the columns are: none"),
        ("arrival,departure,energy_kwh\n", "sessions.csv:1: no column station; add it, or write the station into"),
        (f"{HEAD},station\n", "sessions.csv:1: the column station stands there twice"),
        (f"{HEAD},energy_wh\n", "sessions.csv:1: both energy_kwh and energy_wh are there; leave one of them out"),
        (f"{HEAD}\n{ROW}\n{ROW},7\n", "sessions.csv:3: 5 fields where the header has 4"),
        (f"{HEAD}\n{ROW.replace('00:00Z', '00:00')}\n", "sessions.csv:2: '2020-06-01T00:00' has no offset"),
        (f"{HEAD}\n{ROW.replace('2020-06-01T00:00Z', 'noon')}\n", "sessions.csv:2: 'noon' is not a time in ISO 8601"),
        (f"{HEAD}\n{ROW.replace('00:00Z', '05:00Z')}\n", "sessions.csv:2: departure: 2020-06-01T04:00:00Z is before"),
        (f"{HEAD}\n{ROW.replace(',5', ',')}\n", "sessions.csv:2: energy_kwh: is empty; leave the whole row out"),
        (f"{HEAD}\n{ROW.replace(',5', ',much')}\n", "sessions.csv:2: energy_kwh: 'much' is not a number"),
        (f"{HEAD}\n{ROW.replace(',5', ',-5')}\n", "sessions.csv:2: energy_kwh: -5 is below 0"),
        (f"{HEAD},phases\n{ROW},4\n", "sessions.csv:2: phases: 4 is not 1, 2 or 3"),
        (f"{HEAD},min_current_a,max_current_a\n{ROW},10,8\n", "max_current_a: 8 A is less than min_current_a, 10 A"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, text, message):
    with pytest.raises(UsageError) as error:
        load(written(tmp_path, text))
    assert message in str(error.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        load(tmp_path / "nowhere.csv")
