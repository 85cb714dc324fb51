"""Quarters, hours and days are the sums of their minutes, to the last digit, whatever happens to the clock."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noonward.history import rollup
from noonward.history.calendar import DAYS, FINER, HOURS, MINUTES, QUARTERS, Calendar
from noonward.history.sampler import Minute
from support.pastfile import past, put

ZONES = ("Europe/Zurich", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe", "UTC")
DAY = 86_400.0
CHANGE = {  # a local noon the day before the clock changes
    "Europe/Zurich": 1_792_836_000.0,  # 2026-10-24 10:00 UTC
    "Australia/Lord_Howe": 1_775_266_200.0,  # 2026-04-04: it goes back by half an hour
    "America/St_Johns": 1_793_457_000.0,  # 2026-10-31
}


def truth(written, calendar, grain, lo, hi):
    """Add up the minutes that were written last, the plain way."""
    sums = {}
    for number, values in written.items():
        row = calendar.number(grain, number * 60.0)
        for name, value in values.items() if lo <= row < hi else ():
            total, count = sums.get((row, name), (0, 0))
            sums[row, name] = total + value, count + 1
    return sums


def found(made, grain, lo, hi, names):
    columns = rollup.get(made.rows, made.calendar, grain, lo, hi, names)
    cells = {(lo + k, n): cell for n, (s, c) in columns.items() for k, cell in enumerate(zip(s, c, strict=True))}
    return {place: cell for place, cell in cells.items() if cell != (0, 0)}


VALUES = st.dictionaries(st.sampled_from(["pv_w", "import_w", "policy/a"]), st.integers(-(10**7), 10**7), min_size=1)
SPANS = st.lists(
    st.tuples(st.integers(-200, 1500), st.integers(1, 400), VALUES), min_size=1, max_size=6
)  # minutes since the span before, minutes written, what they hold


@pytest.mark.parametrize("zone", ZONES)
@given(spans=SPANS, seed=st.integers(1, 97))
@settings(max_examples=25, deadline=None)
def test_sums_of_sums_are_the_sums_of_the_minutes(zone, spans, seed):
    """Gaps, restarts, clocks set back over what was written, commits of any size; asked in the middle of anything."""
    with past(zone) as made:
        at, written, batch = int(CHANGE.get(zone, 1_780_315_200.0) // 60), {}, []
        for gap, length, values in spans:
            at += gap
            for k in range(length):
                kept = {name: value + k for name, value in values.items()}
                written[at] = kept
                batch.append(Minute(at, kept))
                at += 1
                if len(batch) == seed % 60 + 1:
                    rollup.put(made.rows, made.calendar, batch)
                    batch = []
        rollup.put(made.rows, made.calendar, batch)
        names = ["pv_w", "import_w", "policy/a"]
        for grain in FINER:
            lo = made.calendar.number(grain, min(written) * 60.0) - 1
            hi = made.calendar.number(grain, max(*written, at) * 60.0) + 2
            assert found(made, grain, lo, hi, names) == truth(written, made.calendar, grain, lo, hi), grain


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Zurich", date(2026, 3, 29), 23.0),
        ("Europe/Zurich", date(2026, 10, 25), 25.0),
        ("Europe/Zurich", date(2026, 6, 1), 24.0),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Africa/Cairo", date(2026, 4, 24), 23.0),  # midnight itself is skipped
    ],
)
def test_a_local_day_has_the_hours_that_its_wall_shows(zone, day, hours):
    calendar = Calendar(zone)
    begin, number = calendar.midnight(day), day.toordinal()
    with past(zone) as made:
        put(made, begin - 3600, [{"pv_w": 1}] * int((hours + 2) * 60))
        columns = rollup.get(made.rows, calendar, DAYS, number - 1, number + 2, ["pv_w"])
        assert list(columns["pv_w"][1]) == [60, hours * 60, 60]


def test_what_is_over_is_kept_and_what_is_not_is_added_up_when_asked():
    with past("UTC") as made:
        put(made, 1_780_315_200.0, [{"pv_w": 10}] * 80)
        kept = {grain.name: made.rows.ends(grain) is not None for grain in (QUARTERS, HOURS, DAYS)}
        assert kept == {"quarters": True, "hours": True, "days": False}
        assert sum(rollup.get(made.rows, made.calendar, DAYS, 739_768, 739_769, ["pv_w"])["pv_w"][1]) == 80


def test_years_in_which_nothing_ran_cost_nothing():
    with past("Europe/Zurich") as made:
        put(made, 1_400_000_000.0, [{"pv_w": 10}] * 20)
        put(made, 1_780_315_200.0, [{"pv_w": 10}] * 20)
        lo, hi = (made.calendar.number(DAYS, t) for t in (1_390_000_000.0, 1_790_000_000.0))
        assert sum(rollup.get(made.rows, made.calendar, DAYS, lo, hi, ["pv_w"])["pv_w"][0]) == 400


def test_a_site_that_moves_to_another_time_zone_has_its_days_added_up_anew():
    with past("UTC") as made:
        put(made, 1_780_315_200.0 - 2 * DAY, [{"pv_w": 1}] * (3 * 1440))
        moved = made._replace(calendar=Calendar("Asia/Tokyo"))
        put(moved, 1_780_315_200.0 + DAY, [{"pv_w": 1}])
        lo = moved.calendar.number(DAYS, 1_780_315_200.0 - 2 * DAY)
        counts = rollup.get(moved.rows, moved.calendar, DAYS, lo, lo + 5, ["pv_w"])["pv_w"][1]
        assert list(counts) == [180, 1440, 1440, 1261, 0]


def test_minutes_that_were_deleted_leave_their_sums():
    """Also the last day before a long absence, which nothing came after."""
    with past("UTC") as made:
        put(made, 1_780_315_200.0 - DAY, [{"pv_w": 5}] * 1440)
        rollup.settle(made.rows, made.calendar, 1_780_315_200.0 + 30 * DAY)
        for grain in (MINUTES, QUARTERS, HOURS):
            made.rows.prune(grain, made.calendar.number(grain, 1_780_315_200.0 + 29 * DAY))
        lo = made.calendar.number(DAYS, 1_780_315_200.0 - DAY)
        assert list(rollup.get(made.rows, made.calendar, DAYS, lo, lo + 3, ["pv_w"])["pv_w"][1]) == [720, 720, 0]
        put(made, 1_780_315_200.0 + 30 * DAY, [{"pv_w": 5}])
        assert list(rollup.get(made.rows, made.calendar, DAYS, lo, lo + 40, ["pv_w"])["pv_w"][1])[:3] == [720, 720, 0]


def test_days_of_which_some_minutes_were_deleted_stand():
    with past("UTC") as made:
        put(made, 1_780_315_200.0 - DAY, [{"pv_w": 5}] * 2 * 1440)
        made.rows.prune(MINUTES, int(1_780_315_200.0 // 60))
        put(made, 1_780_315_200.0 + DAY, [{"pv_w": 5}])
        lo = made.calendar.number(DAYS, 1_780_315_200.0 - DAY)
        assert rollup.get(made.rows, made.calendar, DAYS, lo, lo + 3, ["pv_w"])["pv_w"][1].tolist() == [720, 1440, 721]
