"""Totals of local days, weeks, months and years."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from noonward.history.energy import By, periods
from support.pastfile import past, put

ZURICH = ZoneInfo("Europe/Zurich")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZURICH).timestamp()


@pytest.mark.parametrize(
    ("by", "lo", "hi", "spans"),
    [
        (By.DAY, "2026-03-28", "2026-03-31", [("03-28", 24), ("03-29", 23), ("03-30", 24)]),
        (By.DAY, "2026-03-28T13:00", "2026-03-28T14:00", [("03-28", 24)]),
        (By.WEEK, "2026-03-29", "2026-04-01", [("03-23", 167), ("03-30", 168)]),
        (By.MONTH, "2026-02-15", "2026-04-01", [("02-01", 28 * 24), ("03-01", 31 * 24 - 1)]),
        (By.YEAR, "2025-12-31", "2026-01-02", [("01-01", 8760), ("01-01", 8760)]),
    ],
)
def test_periods_are_those_of_the_wall_calendar(by, lo, hi, spans):
    with past("Europe/Zurich") as made:
        put(made, at("2026-03-28"), [{"pv_w": 1}])
        found = periods(made.rows, made.calendar, by, at(lo), at(hi))
        told = [(datetime.fromtimestamp(p.start, ZURICH).strftime("%m-%d"), (p.end - p.start) / 3600) for p in found]
        assert told == spans


def test_a_kilowatt_hour_is_a_kilowatt_for_an_hour_in_every_unit():
    with past("Europe/Zurich") as made:
        values = {"pv_w": 10_000, "on/a": 5_000, "cost": 280_000, "policy/a": 20_000}
        put(made, at("2026-03-29T01:30"), [values] * 60)
        for by in By:
            (period,) = periods(made.rows, made.calendar, by, at("2026-03-29T01:00"), at("2026-03-29T23:00"))
            assert (period.kwh("pv_w"), period.kwh("policy/a")) == (pytest.approx(1.0), pytest.approx(2.0))
            assert period.totals["on/a"] == pytest.approx(0.5)
            assert period.totals["cost"] == pytest.approx(0.28)
            assert period.known_h["pv_w"] == 1.0
            assert (period.kwh("import_w"), period.names("policy"), period.names("station")) == (None, ["a"], [])


def test_a_month_is_its_days_and_a_year_its_months():
    with past("Europe/Zurich") as made:
        put(made, at("2026-03-30"), [{"pv_w": k % 977} for k in range(3 * 1440)])
        span = at("2026-01-01"), at("2026-12-31")
        sums = {by: sum(p.totals.get("pv_w", 0.0) for p in periods(made.rows, made.calendar, by, *span)) for by in By}
        assert len({round(total, 6) for total in sums.values()}) == 1
        assert sums[By.DAY] == pytest.approx(sum(k % 977 for k in range(3 * 1440)) / 600)
