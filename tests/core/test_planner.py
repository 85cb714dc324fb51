"""Plans: slots taken in the order of their coverage, and thresholds made of the last one."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noonward.core.model import Forecast, Pace, Past, Planned
from noonward.core.pace import LEAST, LOOKS_BACK, MOST, UNPLANNED, Prospect, looking_back, thresholds
from noonward.core.past import SLOT_S, SLOTS, Running
from noonward.core.planner import DARK, Demand, again, due, fill, likely_at, plan, scenarios

MIDNIGHT = 1_780_272_000.0
END = int(MIDNIGHT // SLOT_S) + 32  # 08:00
NOW = END * SLOT_S


def sun(k, peak=4000.0):
    """A day's arch: from 06:00 to 18:00."""
    return max(0.0, peak * (1.0 - abs(k % SLOTS - 48) / 24))


def past(days=3, peak=4000.0, load=500.0, today=1.0):
    slots = range(END - SLOTS * days, END)
    first = MIDNIGHT // SLOT_S
    pv = tuple(sun(k - first, peak) * (today if k >= first else 1.0) for k in slots)
    clear = tuple(max(1.0, sun(k, peak)) for k in range(SLOTS))
    return Past(end=END, pv_w=pv, load_w=(load,) * len(pv), clear_w=clear)


def demand(name="heater", wh=2000.0, hours=12.0, least=2000.0, most=None):
    return Demand(name, wh, NOW + hours * 3600.0, least, most or least)


FILLS = [
    # surplus, demand, coverage of the last slot, what is left
    ([500.0, 2000.0, 1000.0, 0.0], demand(wh=500.0), 1.0, [500.0, 0.0, 1000.0, 0.0]),
    ([500.0, 2000.0, 1000.0, 0.0], demand(wh=1000.0), 0.5, [500.0, 0.0, -1000.0, 0.0]),
    ([500.0, 2000.0, 1000.0, 0.0], demand(wh=1250.0), 0.25, [-500.0, 0.0, -1000.0, 0.0]),
    ([500.0, 2000.0, 1000.0, 0.0], demand(wh=9000.0), 0.0, [-1500.0, 0.0, -1000.0, 0.0]),  # nobody takes the dark
    ([3000.0, 9000.0], demand(wh=2250.0, least=1000.0, most=8000.0), 1.0, [0.0, 3000.0]),  # the earliest of equals
    ([3000.0, 9000.0], demand(wh=0.5), 1.0, [3000.0, 9000.0]),
]


@pytest.mark.parametrize(("left", "wanted", "coverage", "after"), FILLS)
def test_the_best_covered_slots_are_taken_until_the_need_is_met(left, wanted, coverage, after):
    left = list(left)
    assert fill(left, wanted, len(left), 0.25) == coverage
    assert left == after


def test_the_slot_that_runs_counts_for_what_is_left_of_it():
    left = [2000.0, 1000.0]
    assert fill(left, demand(wh=250.0), 2, 0.125) == 1.0
    left = [2000.0, 1000.0]
    assert fill(left, demand(wh=251.0), 2, 0.125) == 0.5


@pytest.mark.parametrize(
    ("wanted", "low", "high"),
    [
        (demand(wh=1000.0), 0.99, 1.0),  # an hour at noon
        (demand(wh=11000.0), 0.5, 0.9),  # most of the day
        (demand(wh=30000.0), 0.0, 0.0),  # more than there is
        (demand(wh=2000.0, hours=1.5), 0.3, 0.7),  # before half past nine
        (demand(wh=2000.0, least=4000.0), 0.6, 0.9),  # 3.5 kW at best
    ],
)
def test_the_more_is_needed_the_less_it_waits(wanted, low, high):
    assert low <= plan(past(), None, [wanted], NOW)["heater"].coverage <= high


def test_who_comes_first_takes_the_best():
    both = plan(past(), None, [demand("car", 8000.0), demand("heater", 4000.0)], NOW)
    alone = plan(past(), None, [demand("heater", 4000.0)], NOW)
    assert both["heater"].coverage < alone["heater"].coverage


def test_a_dull_morning_makes_it_expect_less():
    dull = plan(past(today=0.3), None, [demand(wh=6000.0)], NOW)["heater"].coverage
    assert dull < plan(past(), None, [demand(wh=6000.0)], NOW)["heater"].coverage


def test_a_forecast_moves_the_middle_of_the_scenarios_and_keeps_their_spread():
    days = past()
    grey = Forecast(at=NOW, start=NOW, step_s=3600.0, pv_w=(300.0,) * 12)
    told = scenarios(days, grey, 20)
    assert [sum(s[k] for s in told) / len(told) for k in range(20)] == [pytest.approx(300.0 - 500.0)] * 20
    assert plan(days, grey, [demand(wh=6000.0)], NOW)["heater"].coverage == 0.0
    over = Forecast(at=NOW, start=NOW - 86400.0, step_s=3600.0, pv_w=(300.0,) * 24)
    assert scenarios(days, over, 20) == scenarios(days, None, 20)


@given(
    days=st.integers(1, 7),
    more=st.integers(0, SLOTS - 1),
    ahead=st.integers(1, 2 * SLOTS),
    base_w=st.sampled_from((-50.0, 0.0, 1.0, 300.0)),
    rng=st.randoms(use_true_random=False),
)
@settings(max_examples=100, deadline=None)
def test_scenarios_are_the_last_days_bent_to_start_from_now(days, more, ahead, base_w, rng):
    n = days * SLOTS + more
    pv = [sun(k - n - rng.randrange(3)) * rng.random() for k in range(n)]
    load = [base_w + rng.choice((0.0, 0.0, 20.0, 2000.0)) for _ in range(n)]
    end = END + rng.randrange(SLOTS)
    clear = tuple(max(1.0, sun(k)) for k in range(SLOTS))
    told = scenarios(Past(end=end, pv_w=tuple(pv), load_w=tuple(load), clear_w=clear), None, ahead)
    lasts = len(told[0])
    last_sum = sum(clear[(end - k) % SLOTS] for k in range(1, 5))
    light = last_sum > DARK * 4 * max(clear)
    for i, row in enumerate(told):
        u = n - SLOTS * (1 + i % (n // SLOTS))
        clearer = (min(1.1, sum(pv[-4:]) / last_sum) - sum(pv[max(0, u - 4) : u]) / last_sum) if light else 0.0
        before = load[max(0, u - 2) : u] or load[:1]
        more_w = sum(load[-2:]) / 2 - sum(before) / len(before)
        for k in range(ahead):
            at = u + k if u + k < n else n - SLOTS + (u + k - n) % SLOTS
            best_w = clear[(end + k) % SLOTS]
            sun_w = best_w * min(1.0, max(0.0, pv[at] / best_w + clearer * 0.92**k))
            left_w = sun_w - load[at] - more_w * 0.70**k
            assert row[k] == pytest.approx(left_w, abs=1e-9) if k < lasts else left_w <= 1e-9


def test_before_the_first_day_there_is_no_plan():
    assert plan(Past(), None, [demand()], NOW) == {}
    assert plan(Past(end=END, pv_w=(1.0,) * 50, load_w=(1.0,) * 50), None, [demand()], NOW) == {}
    assert likely_at(Past(), None, [demand()], name="heater", share=0.5, now=NOW) is None


def test_one_day_is_enough_and_unknown_slots_are_those_of_the_day_before():
    one = past(days=1)
    assert plan(one, None, [demand()], NOW)["heater"].coverage > 0.9
    two = past(days=2)
    holes = Past(
        end=two.end,
        pv_w=(*two.pv_w[:-4], None, None, None, None),
        load_w=(*two.load_w[:-4], None, None, None, None),
        clear_w=two.clear_w,
    )
    assert plan(holes, None, [demand()], NOW) == plan(two, None, [demand()], NOW)


def test_the_likely_start_is_the_first_slot_that_covers_it():
    days = past()
    at = likely_at(days, None, [demand(wh=1000.0)], name="heater", share=0.9, now=NOW)
    k = int((at - MIDNIGHT) // SLOT_S)
    assert sun(k) - 500.0 >= 0.9 * 2000.0 > sun(k - 1) - 500.0
    assert likely_at(days, None, [demand()], name="heater", share=0.0, now=NOW + 5.0) == NOW + 5.0
    assert likely_at(days, None, [demand(least=9000.0)], name="heater", share=0.9, now=NOW) is None
    behind = likely_at(
        days, None, [demand("car", 24000.0, least=4000.0), demand(wh=1000.0)], name="heater", share=0.9, now=NOW
    )
    assert behind is None or behind > at


DUE = [
    ({}, [demand()], NOW, True),
    ({"heater": Planned(coverage=1.0, at=NOW, by=demand().by)}, [demand()], NOW + 899.0, False),
    ({"heater": Planned(coverage=1.0, at=NOW, by=demand().by)}, [demand()], NOW + 900.0, True),
    ({"heater": Planned(coverage=1.0, at=NOW + 60.0, by=demand().by)}, [demand()], NOW + 900.0, True),
    ({"heater": Planned(coverage=1.0, at=NOW, by=NOW + 60.0)}, [demand()], NOW, True),
    ({"heater": Planned(coverage=1.0, at=NOW, by=demand().by)}, [], NOW, True),
    ({}, [], NOW, False),
]


@pytest.mark.parametrize(("plans", "wanted", "now", "new"), DUE)
def test_a_plan_is_made_every_quarter_of_an_hour_and_when_a_need_changes(plans, wanted, now, new):
    assert due(plans, wanted, past(), now) is new


def test_nothing_new_is_planned_in_the_dark():
    evening = MIDNIGHT + 20 * 3600.0
    at = again(past(), evening)
    assert at > MIDNIGHT + 86400.0 + 5 * 3600.0
    assert sun(int((at - MIDNIGHT) // SLOT_S)) >= 0.04 * 4000.0
    assert again(Past(), evening) == evening + 900.0


@pytest.mark.parametrize(
    ("coverage", "on", "off"),
    [(1.0, MOST, 0.58), (0.7, 0.84, 0.346), (0.5, 0.6, 0.19), (0.1, 0.12, -0.122), (0.0, LEAST, -0.2)],
)
def test_thresholds_follow_what_waiting_is_worth(coverage, on, off):
    found = thresholds(Planned(coverage=coverage, at=0.0, by=1.0))
    assert found == (pytest.approx(on), pytest.approx(off))
    assert found.off < found.on


def test_without_a_plan_half_of_it_is_enough():
    assert thresholds(None) == UNPLANNED


def test_only_a_calm_load_looks_back():
    seen = replace(past(), running=Running(END, END * SLOT_S + 450.0, 450.0 * 200.0, 450.0 * 50.0, 450.0))
    left_w = seen.pv_w[-1] - seen.load_w[-1] + 100.0
    recent = looking_back(Pace.CALM, Prospect({}, seen, left_w, None))
    assert recent.more_w() == pytest.approx(LOOKS_BACK[Pace.CALM] * (-100.0 + 150.0 - left_w) / 2)
    assert looking_back(Pace.NORMAL, Prospect({}, seen, left_w, None)) is None
    assert looking_back(Pace.CALM, Prospect({}, seen, None, None)) is None
