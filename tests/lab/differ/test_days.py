"""The days of a run, and which differ most."""

from dataclasses import replace

import pytest

from noonward.lab import simulate
from noonward.lab.differ.days import SHOWN, daily, differing
from noonward.lab.score import score
from noonward.plant.battery import BatteryKind
from support.games import MIDNIGHT, game, job, load, quota, shipped, tape

HOUR = 3600.0


def test_a_day_ends_at_local_midnight():
    """Two hours before UTC's; each hour imports its own number of kilowatts."""
    hours = 72
    base = [1000.0 * (k + 1) for k in range(hours)]
    house = game(tape([0.0] * hours, base, step_s=HOUR), [load("heater", 2000.0)], {}, timezone="Etc/GMT-2")
    days = daily(simulate.play(house))
    assert [day.date for day in days] == ["2020-06-01", "2020-06-02", "2020-06-03", "2020-06-04"]
    bounds = [(0, 22), (22, 46), (46, 70), (70, 72)]
    assert [day.import_kwh for day in days] == [pytest.approx(sum(base[a:b]) / 1000.0) for a, b in bounds]


def test_a_day_has_23_hours_when_the_clock_changes():
    spring = MIDNIGHT - 64 * 86400 - 2 * HOUR - 86400 + HOUR  # 2020-03-28T00:00 in Zurich
    house = game(
        tape([0.0] * 72, [1000.0] * 72, step_s=HOUR, start=spring), [load("h", 1.0)], {}, timezone="Europe/Zurich"
    )
    days = daily(simulate.play(house))
    assert [(day.date, round(day.import_kwh)) for day in days] == [
        ("2020-03-28", 24),
        ("2020-03-29", 23),
        ("2020-03-30", 24),
        ("2020-03-31", 1),
    ]


def test_what_is_unknown_counts_on_no_day():
    base = [1000.0] * 24 + [None] * 12 + [1000.0] * 12
    days = daily(simulate.play(game(tape([0.0] * 48, base, step_s=HOUR), [load("heater", 2000.0)], {})))
    assert [round(day.import_kwh, 6) for day in days] == [24.0, 12.0]


def test_a_home_battery_is_part_of_the_import():
    house = job(shipped(days=3))
    stored = replace(house, battery=BatteryKind(capacity_wh=8000.0, charge_w=3000.0, discharge_w=3000.0))
    run = simulate.play(stored)
    whole = score(run)["import_kwh"]
    assert sum(day.import_kwh for day in daily(run)) == pytest.approx(whole, abs=1e-3)
    assert whole < score(simulate.play(house))["import_kwh"]


def test_most_first_and_no_more_than_people_read():
    house = job(shipped(days=10))
    other = replace(house, plants={**house.plants, "heater": quota(3, by=20, uncontrolled_from=5)})
    before, after = daily(simulate.play(house)), daily(simulate.play(other))
    found = differing(before, after, {})
    assert len(found) == SHOWN
    sizes = [abs(day["import_kwh"]) + sum(abs(own["energy_kwh"]) for own in day["policies"].values()) for day in found]
    assert sizes == sorted(sizes, reverse=True)
    assert differing(before, before, {}) == []
    renamed = differing(before, after, {"heater": "boiler"})  # the new run calls it heater still: another policy
    assert {"heater", "boiler"} <= set(renamed[0]["policies"])
