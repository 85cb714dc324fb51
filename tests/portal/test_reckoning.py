"""What the portal reckons by itself: the wall clock, the picture of a machine, sums, ticks, and what differs."""

import json
import shutil
import subprocess
from datetime import datetime, timedelta
from itertools import combinations
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

pytestmark = pytest.mark.peer
SRC = Path(__file__).parents[2] / "engine" / "portal" / "src"
ZONES = ("Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")


def js(module, expression, **given):
    """Return what an expression over a module `m` is, as JSON."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    names = "".join(f"const {name} = {json.dumps(value)};" for name, value in given.items())
    script = (
        f"import * as m from {json.dumps((SRC / module).as_uri())};{names}console.log(JSON.stringify({expression}))"
    )
    done = subprocess.run(
        [node, "--input-type=module", "-"],
        input=script,
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
        env={"TZ": "Asia/Tokyo"},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# --- the wall clock -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ZONES)
def test_days_months_and_years_begin_where_the_calendar_of_the_site_has_them(zone):
    tz = ZoneInfo(zone)
    first = datetime(2026, 1, 1, 12, tzinfo=tz)
    noons = [(first + timedelta(days=k)).timestamp() for k in range(0, 420, 3)]
    found = js(
        "wall.js",
        "at.map((t) => ['day', 'week', 'month', 'year'].map((unit) => m.span(unit, t, zone)))",
        at=noons,
        zone=zone,
    )
    for noon, (day, week, month, year) in zip(noons, found, strict=True):
        date = datetime.fromtimestamp(noon, tz).date()
        monday = date - timedelta(days=date.weekday())
        following = (date.replace(day=1) + timedelta(days=31)).replace(day=1)
        for span, begin, end in (
            (day, date, date + timedelta(days=1)),
            (week, monday, monday + timedelta(days=7)),
            (month, date.replace(day=1), following),
            (year, date.replace(month=1, day=1), date.replace(year=date.year + 1, month=1, day=1)),
        ):
            midnights = [datetime.combine(one, datetime.min.time(), tz).timestamp() for one in (begin, end)]
            assert [span["from"], span["to"]] == midnights
            assert span["date"] == begin.isoformat()


@pytest.mark.parametrize(
    ("wall", "utc"),
    [
        ((2026, 3, 29, 1, 30), "2026-03-29T00:30Z"),
        ((2026, 3, 29, 2, 30), "2026-03-29T01:30Z"),  # no clock shows it: an hour on
        ((2026, 10, 25, 2, 30), "2026-10-25T00:30Z"),  # shown twice: the first
        ((2026, 12, 32), "2026-12-31T23:00Z"),  # the day after the last
    ],
)
def test_an_hour_that_a_clock_shows_never_or_twice(wall, utc):
    assert js("wall.js", "m.instant('Europe/Zurich', ...wall)", wall=wall) == datetime.fromisoformat(utc).timestamp()


# --- the picture of a machine ---------------------------------------------------------------------------------------


def machine(count, moves):
    states = [{"id": f"s{k}", "label": f"S {k}"} for k in range(count)]
    return {
        "states": states,
        "transitions": [{"from": f"s{a}", "to": f"s{b}", "row": k} for k, (a, b) in enumerate(moves)],
    }


EVERY_MOVE = [(a, b) for a in range(5) for b in range(5)]


def test_moves_between_the_same_states_are_one_arrow_and_stays_are_none():
    found = js("machine/layout.js", "m.layout(given)", given=machine(2, [(0, 1), (0, 0), (0, 1), (1, 0)]))
    assert [(one["from"], one["to"], len(one["rows"])) for one in found["arrows"]] == [("s0", "s1", 2), ("s1", "s0", 1)]


def test_no_arrow_lies_on_another_and_all_are_within_the_picture():
    found = js("machine/layout.js", "m.layout(given)", given=machine(5, EVERY_MOVE))
    assert len(found["arrows"]) == 20
    for one in found["arrows"]:
        assert 10 <= one["x"] <= found["width"] - 10
        assert 0 <= one["y"] <= found["height"]
    for one, other in combinations(found["arrows"], 2):
        low, high = max(min(o["y1"], o["y2"]) for o in (one, other)), min(max(o["y1"], o["y2"]) for o in (one, other))
        assert one["x"] != other["x"] or low >= high, "two arrows in one lane"
        assert (one["x"], one["y"]) != (other["x"], other["y"]), "two counts in one place"
    ends = [(one["down"], one[end]) for one in found["arrows"] for end in ("y1", "y2")]
    assert len(ends) == len(set(ends)), "two arrows at one place of a state"


def test_a_machine_of_one_state_is_a_picture_too():
    found = js("machine/layout.js", "m.layout(given)", given=machine(1, []))
    assert found["arrows"] == []
    assert len(found["states"]) == 1


# --- numbers --------------------------------------------------------------------------------------------------------


def test_what_is_unknown_in_one_is_unknown_in_all_that_stands_on_it():
    assert js("charts/numbers.js", "m.stacked([[1, null, 3], [1, 1, null], [2, 2, 2]])") == [
        [1, None, 3],
        [2, None, None],
        [4, None, None],
    ]


@pytest.mark.parametrize(("value", "place"), [(-1, -1), (0, 0), (4, 0), (5, 1), (9, 2), (99, 2)])
def test_what_is_under_the_cursor(value, place):
    assert js("charts/numbers.js", "m.lastUpTo([0, 5, 9], value)", value=value) == place


@pytest.mark.parametrize(
    ("low", "high", "most", "ticks"),
    [
        (0, 10, 5, [0, 2, 4, 6, 8, 10]),
        (-8.4, 6.3, 4, [-5, 0, 5]),
        (0, 5300, 4, [0, 2000, 4000]),
        (0, 0.9, 9, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]),
    ],
)
def test_labels_stand_at_round_numbers(low, high, most, ticks):
    assert js("charts/numbers.js", f"m.roundTicks({low}, {high}, {most})") == pytest.approx(ticks)


def test_hours_on_the_axis_are_those_of_the_wall_on_the_day_the_clock_changes():
    tz = ZoneInfo("Europe/Zurich")
    span = [datetime(2026, 10, 25, tzinfo=tz).timestamp(), datetime(2026, 10, 26, tzinfo=tz).timestamp()]
    found = js("charts/numbers.js", "m.wallTicks('Europe/Zurich', span, 13)", span=span)
    assert [datetime.fromtimestamp(at, tz).hour for at in found] == [0, 2, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 0]


def test_zero_is_always_in_sight():
    assert js("charts/numbers.js", "m.reach([{values: [null, 3000]}], 500)") == pytest.approx([0, 3120])
    assert js("charts/numbers.js", "m.reach([{values: [-3000]}], 100)") == pytest.approx([-3120, 360])


def test_a_year_lies_by_the_hours_of_the_wall():
    tz = ZoneInfo("Europe/Zurich")
    begin, end = datetime(2026, 1, 1, tzinfo=tz).timestamp(), datetime(2027, 1, 1, tzinfo=tz).timestamp()
    time = [begin + 3600 * k for k in range(int((end - begin) / 3600))]
    hours = [datetime.fromtimestamp(at, tz).hour for at in time]
    cells = js(
        "history/cells.js", "m.cellsOf(time, hours, begin, 365, 'Europe/Zurich')", time=time, hours=hours, begin=begin
    )
    assert len(cells) == 365 * 24
    wrong = [k for k, hour in enumerate(cells) if hour != k % 24]
    missing = (datetime(2026, 3, 29, tzinfo=tz) - datetime(2026, 1, 1, tzinfo=tz)).days * 24 + 2
    assert wrong == [missing]
    assert cells[missing] is None, "two in the morning on the day that has none"


# --- sums and differences -------------------------------------------------------------------------------------------


def test_the_sum_of_what_is_known():
    days = [
        {"site": {"pv_kwh": 1.5, "cost": None}, "policies": {"pump": {"energy_kwh": 1}}, "stations": {}},
        {"site": {"pv_kwh": None, "cost": None}, "policies": {"pump": {"energy_kwh": 2}, "new": {"energy_kwh": 4}}, "stations": {}},
    ]  # fmt: skip
    assert js("history/sums.js", "m.total(days)", days=days) == {
        "site": {"pv_kwh": 1.5, "cost": None},
        "policies": {"pump": {"energy_kwh": 3}, "new": {"energy_kwh": 4}},
        "stations": {},
        "users": {},
        "known_h": None,
    }


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, {"on": True}, [["on", None, "true"]]),
        ({"boost": {"until": 5, "by": "anna"}}, {"boost": {"until": 9, "by": "anna"}}, [["boost.until", "5", "9"]]),
        ({"a": None, "b": 1}, {"b": 1}, []),
        ({"on": False}, None, [["on", "false", None]]),
        ("viewer", "owner", [["=", "viewer", "owner"]]),
    ],
)
def test_what_differs_is_told_by_the_path_of_its_key(before, after, told):
    found = js("differences.js", "m.differences(before, after)", before=before, after=after)
    assert [[key, *values] for key, *values in found] == told


# --- the day on the first page -----------------------------------------------------------------------------------------

DAY = {"grid_w": [1000, -2000, None, 500], "pv_w": [0, 3000, 4000, None], "battery_w": [0, 400, 0, -100]}


@pytest.mark.parametrize(
    ("has", "expected"),
    [
        ({"pv": True, "battery": True}, [1000, 600, None, None]),
        ({"pv": True, "battery": False}, [1000, 1000, None, None]),
        ({"pv": False, "battery": True}, [1000, 0, None, 600]),  # what flows back is not used
        ({"pv": False, "battery": False}, [1000, 0, None, 500]),
    ],
)
def test_the_house_uses_what_is_known_of_every_source_it_has(has, expected):
    assert js("dayfigures.js", "m.used(day, has)", day=DAY, has=has) == expected


def test_a_day_adds_up_in_kilowatt_hours():
    sums = js("dayfigures.js", "m.sums({signals: day, step_s: 3600}, {pv: true, battery: false})", day=DAY)
    assert sums == {"sun": 7.0, "used": 2.0, "bought": 1.5, "sold": 2.0, "own": 0.5}  # the last hour is not known whole


@pytest.mark.parametrize("grid", [[], [None, None]])
def test_a_day_of_which_nothing_is_known_has_no_sums(grid):
    assert js("dayfigures.js", "m.sums({signals: {grid_w: grid}, step_s: 60}, {})", grid=grid) is None


def test_nothing_used_has_no_share():
    found = js("dayfigures.js", "m.sums({signals: {grid_w: [0]}, step_s: 60}, {pv: false, battery: false})")
    assert (found["used"], found["own"]) == (0, None)


def test_runs_join_where_they_touch():
    on = [0, 1, 0.5, 0.01, 1, None, 1]
    assert js("dayfigures.js", "m.spans(on.map((_, k) => k * 60), on, 60)", on=on) == [
        [60, 180],
        [240, 300],
        [360, 420],
    ]


@pytest.mark.parametrize(
    ("floor", "expected"),
    [
        (9, "M0.0 9V1.0H1.0V2.0H2.0V9ZM3.0 9V4.0H4.0V9Z"),
        (None, "M0.0 1.0H1.0V2.0H2.0M3.0 4.0H4.0"),
    ],
)
def test_a_curve_breaks_off_where_nothing_is_known(floor, expected):
    path = "m.steps([0, 1, 2, 3], [1, 2, null, 4], 1, (x) => x, (y) => y, floor)"
    assert js("dayfigures.js", path, floor=floor) == expected


# --- what is said ---------------------------------------------------------------------------------------------------


def test_a_number_and_its_unit_stay_on_one_line_and_files_stay_as_they_are():
    told = {"sentence": "3 kW for 60 s of 2 cars, 5 minutes", "policies": [{"next_change": {"what": "in 2 h", "at": "3 s"}}],
            "trouble": None, "text": "min_on: 20 min"}  # fmt: skip
    nb = "\N{NO-BREAK SPACE}"
    assert js("said.js", "m.parse(JSON.stringify(told))", told=told) == {
        "sentence": f"3{nb}kW for 60{nb}s of 2 cars, 5 minutes",
        "policies": [{"next_change": {"what": f"in 2{nb}h", "at": "3 s"}}],
        "trouble": None,
        "text": "min_on: 20 min",
    }
