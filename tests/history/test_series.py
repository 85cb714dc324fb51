"""Curves: as many points as a screen shows, means of what is known, differences of what is kept apart."""

import pytest

from noonward.errors import UsageError
from noonward.history import series
from noonward.history.calendar import MINUTES
from support.pastfile import NOON, past, put

DAY, YEAR = 86_400.0, 365 * 86_400.0


@pytest.mark.parametrize(
    ("seconds", "step_s"),
    [
        (3600, 60),
        (DAY, 60),
        (1500 * 60, 60),
        (1500 * 60 + 1, 120),
        (7 * DAY, 600),
        (31 * DAY, 1800),
        (YEAR, 21_600),
        (3 * YEAR, 86_400),
        (10 * YEAR, 7 * 86_400),
        (100 * YEAR, 28 * 86_400),
    ],
)
def test_a_step_gives_what_a_screen_shows(seconds, step_s):
    assert series.step_for(seconds) == step_s
    assert seconds / step_s <= series.POINTS


def test_means_are_of_what_is_known_and_nothing_is_nothing():
    with past() as made:
        put(made, NOON, [{"pv_w": 1000, "on/a": 5000}, None, {"pv_w": 3000}, None, None])
        found = series.query(made.rows, made.calendar, ["pv_w", "on/a", "policy/nobody"], NOON, NOON + 300, 120)
        assert (found.start, found.end, found.step_s) == (NOON, NOON + 360, 120)
        assert found.time == [NOON, NOON + 120, NOON + 240]
        assert found.signals == {"pv_w": [100.0, 300.0, None], "on/a": [0.5, None, None], "policy/nobody": [None] * 3}


def test_grid_and_battery_are_differences_where_both_sides_are_known():
    with past() as made:
        put(made, NOON, [{"import_w": 500, "export_w": 20, "charge_w": 7}, {"import_w": 3}])
        found = series.query(made.rows, made.calendar, ["grid_w", "battery_w"], NOON, NOON + 120)
        assert found.signals == {"grid_w": [48.0, None], "battery_w": [None, None]}


def test_every_grain_tells_the_same_mean():
    with past() as made:
        put(made, NOON - 43_200, [{"pv_w": 10 * (k % 100)} for k in range(1440)])
        for every_s in (60, 300, 900, 3600, 7200, 86_400):
            (curve,) = series.query(
                made.rows, made.calendar, ["pv_w"], NOON - 43_200, NOON + 43_200, every_s
            ).signals.values()
            assert sum(curve) / len(curve) == pytest.approx(sum(10 * (k % 100) for k in range(1440)) / 14_400)


def test_steps_of_days_are_local_days():
    with past("Europe/Zurich") as made:
        begin = made.calendar.midnight(made.calendar.day(1_792_836_000.0))  # the clock changes on the day after
        put(made, begin, [{"pv_w": 10}] * (24 + 25 + 24) * 60)
        found = series.query(made.rows, made.calendar, ["pv_w"], begin, begin + 73 * 3600, 86_400)
        assert [b - a for a, b in zip(found.time, [*found.time[1:], found.end], strict=True)] == [
            86_400,
            90_000,
            86_400,
        ]


def test_what_minutes_no_longer_hold_is_told_by_quarters():
    with past() as made:
        put(made, NOON - 30 * DAY, [{"pv_w": 100}] * 60)
        put(made, NOON, [{"pv_w": 100}] * 60)
        made.rows.prune(MINUTES, int((NOON - DAY) // 60))
        found = series.query(made.rows, made.calendar, ["pv_w"], NOON - 30 * DAY, NOON - 30 * DAY + 3600)
        assert (found.step_s, found.signals["pv_w"]) == (900, [10.0] * 4)


@pytest.mark.parametrize(
    ("lo", "hi", "every_s", "says"),
    [
        (NOON, NOON, None, "after its begin"),
        (NOON, NOON + 60, 90, "whole minutes"),
        (NOON, NOON + 60, 0, "whole minutes"),
        (NOON - YEAR, NOON, 60, "more than 50000 points"),
    ],
)
def test_what_cannot_be_asked_is_said(lo, hi, every_s, says):
    with past() as made, pytest.raises(UsageError, match=says):
        series.query(made.rows, made.calendar, ["pv_w"], lo, hi, every_s)
