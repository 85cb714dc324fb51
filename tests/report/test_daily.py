from dataclasses import replace
from itertools import pairwise

import pytest

from noonward.plant.battery import BatteryKind
from noonward.report.daily import by_day, by_month, duration
from support.games import MIDNIGHT, garage, job, shipped, stay, tape
from support.reports import played

DAY = 86400.0
BATTERY = BatteryKind(capacity_wh=5000.0, charge_w=2500.0, discharge_w=2500.0)


def gappy():
    pv = [None if 700 < k < 760 else 4000.0 if 480 < k < 1000 else 0.0 for k in range(1440)] * 2
    return tape(pv, [300.0] * 2880)


GAMES = {
    "two loads": lambda: job(shipped(4)),
    "gaps": lambda: job(gappy()),
    "cars": lambda: garage(tape([5000.0] * 1440, [300.0] * 1440), [stay(400, 1300, 9)]),
    "a battery": lambda: replace(job(shipped(3)), battery=BATTERY),
    "in a town": lambda: job(shipped(4), timezone="America/New_York"),
}
KEYS = {
    "import_wh": "import_kwh",
    "export_wh": "export_kwh",
    "pv_wh": "pv_kwh",
    "base_wh": "base_load_kwh",
    "controlled_wh": "controlled_kwh",
}


@pytest.mark.parametrize("name", GAMES)
def test_days_add_up_to_the_score(name):
    one = played(GAMES[name]())
    for key, total in KEYS.items():
        assert sum(getattr(sums, key) for _, sums in one.days) / 1000 == pytest.approx(one.score[total], abs=1e-3), key
    assert sum(s.starts for _, s in one.days) == sum(own["starts"] for own in one.score["policies"].values())
    assert sum(s.unknown_s for _, s in one.days) / 3600 == pytest.approx(one.score["unknown_h"], abs=1e-3)
    solar, drawn = (sum(getattr(sums, key) for _, sums in one.days) for key in ("solar_wh", "controlled_wh"))
    assert solar / drawn == pytest.approx(one.score["solar_share"], abs=1e-4)


def test_a_month_is_the_sum_of_its_days():
    one = played(job(shipped(3, start=MIDNIGHT + 28 * DAY)))  # 29 June to 1 July
    months = by_month(one.days)
    assert list(months) == ["2020-06", "2020-07"][: len(months)]
    assert sum(m.import_wh for m in months.values()) == pytest.approx(sum(s.import_wh for _, s in one.days))


def test_the_duration_curve_holds_the_import_and_never_rises():
    one = played(job(shipped(10)))
    curve = duration(one.run)
    hours, watts = zip(*curve, strict=True)
    assert list(hours) == sorted(hours)
    assert list(watts) == sorted(watts, reverse=True)
    area = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(curve))
    rows = zip(one.run.game.net_w, *(load.draw_w for load in one.run.loads), strict=True)
    assert area == pytest.approx(sum(max(sum(row), 0.0) for row in rows) / 4, rel=0.01)  # quarter hours


def test_a_house_that_imports_nothing_has_a_curve_of_nothing():
    assert duration(played(job(tape([9000.0] * 1440, [0.0] * 1440))).run) == [(0.0, 0.0)]


def test_days_are_those_of_the_site():
    days = by_day(played(job(shipped(2), timezone="America/New_York")).run)
    assert [f"{span.date}" for span, _ in days] == ["2020-06-01", "2020-06-02", "2020-06-03"]
