"""Several policies on one surplus: own draw added back, rises reserved, lower ones preempted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from noonward.core.model import BatteryRule, Grid, Mode, Reading
from support.world import World, appliance, site

NOON = 1_780_308_000.0


def two(**changes) -> World:
    """Heat pump first, boiler second."""
    first = appliance("first", 3000.0, priority=1, min_on_s=600.0)
    second = appliance("second", 2000.0, priority=2, min_on_s=600.0, **changes)
    return World(site(first, second), now=NOON)


def test_two_loads_never_start_on_the_same_surplus():
    """Edge case 15."""
    w = two()
    w.run(600, surplus_w=3500)
    assert (w.on("first"), w.on("second")) == (True, False)
    w.run(60, surplus_w=5000)
    assert w.on("second")


def test_own_draw_is_added_back_so_a_running_load_does_not_see_its_own_shadow():
    """Edge case 2."""
    w = two()
    w.run(3600, surplus_w=3000)
    assert (w.on("first"), w.why("first")) == (True, "surplus")
    assert w.decision("first").because[0].facts["surplus_w"] == 3000


def test_a_load_that_the_grid_meter_does_not_see_is_not_added_back():
    """Edge case 2."""
    w = World(site(appliance("first", 3000.0, behind_meter=False, min_on_s=0.0)), now=NOON)
    w.run(60, surplus_w=3000)
    assert w.on("first")
    w.run(60, surplus_w=1000)
    assert not w.on("first")


def test_a_satisfied_load_gets_no_credit_for_what_it_does_not_draw():
    """Edge cases 3, 44."""
    w = two()
    w.run(60, surplus_w=3500)
    w.draws["first"] = 0.0
    w.run(62)
    assert w.on("second"), "the thermostat of the first has freed its surplus"


def test_a_higher_start_takes_the_power_of_a_lower_run_once_its_min_on_is_over():
    """Edge case 15."""
    w = two()
    w.run(60, surplus_w=2500)
    assert w.on("second")
    w.run(300, surplus_w=3500)
    assert not w.on("first"), "the lower one is still inside min-on"
    assert w.why("first") == "too-little-surplus"
    w.run(300)
    assert (w.on("second"), w.on("first")) == (True, False), "it may be taken now, and the delay begins"
    w.run(59)
    assert w.why("first") == "on-delay"
    w.run(1)
    assert not w.on("second")
    w.run(10)
    assert w.on("first")
    falls = w.switchings("second/relay-1")[-1][0]
    rises = w.switchings("first/relay-1")[-1][0]
    assert falls <= rises <= falls + 10


def test_the_preempted_one_says_so_and_comes_back_only_once():
    """Edge case 16."""
    w = two()
    w.run(660, surplus_w=2500)
    reasons = []
    w.run(120, surplus_w=3500)
    reasons = [d.code.value for _, outcome in w.history for d in outcome.decisions if d.policy == "second"]
    assert "preempted" in reasons
    w.run(3600, surplus_w=3500)
    closings = [at for at, closed in w.switchings("second/relay-1") if closed]
    assert len(closings) == 1
    w.run(700, surplus_w=6000)
    assert w.on("first")
    assert w.on("second")


def test_nothing_is_stopped_for_an_equal_priority():
    w = two()
    w = World(site(*(replace(a, priority=5) for a in w.site.appliances)), now=NOON)
    w.run(60, surplus_w=2500)
    assert w.on("second")
    w.run(7200, surplus_w=3500)
    assert (w.on("first"), w.on("second")) == (False, True)


def test_a_run_that_a_timer_keeps_on_is_not_taken():
    w = two(mode=Mode.ALWAYS_ON)
    w.run(7200, surplus_w=3500)
    assert (w.on("second"), w.on("first")) == (True, False)


def test_nobody_is_sent_away_for_a_start_that_min_off_forbids():
    first = appliance("first", 3000.0, priority=1, min_on_s=0.0, min_off_s=3600.0)
    second = appliance("second", 2000.0, priority=2, min_on_s=0.0)
    w = World(site(first, second), now=NOON)
    w.run(60, surplus_w=3500)
    w.run(60, surplus_w=1000)
    assert not w.on("first")
    w.run(120, surplus_w=3500)
    assert w.on("second")
    w.run(1200)
    assert w.on("second"), "the first may not start yet, so the second keeps the sun"
    assert w.why("first") == "min-off"


def test_a_start_waits_for_the_meter_that_lags():
    """Edge case 9: the second load does not start on surplus that the first has already taken."""
    w = World(
        site(
            appliance("first", 3000.0, priority=1, on_delay_s=0.0),
            appliance("second", 3000.0, priority=2, on_delay_s=0.0),
            grid=Grid(every_s=5.0, lag_s=60.0),
        ),
        now=NOON,
    )
    w.run(0, surplus_w=3500)
    assert w.on("first")
    w.fixed = {"grid_w": Reading(-3500.0, NOON + 30), "draws_w": {}}  # the meter still shows the world before
    w.now = NOON + 30
    w.run(0)
    assert not w.on("second")


@pytest.mark.parametrize(
    ("battery_w", "rule", "soc", "on"),
    [
        (-1000.0, None, 0.9, False),  # discharging is no surplus
        (2000.0, None, 0.9, False),  # the battery comes first
        (2000.0, BatteryRule(priority=150, reserve_w=300.0, min_soc=0.2), 0.9, True),
        (2000.0, BatteryRule(priority=150, reserve_w=600.0, min_soc=0.2), 0.9, False),
        (2000.0, BatteryRule(priority=150, reserve_w=300.0, min_soc=0.2), 0.1, False),
        (2000.0, BatteryRule(priority=100, reserve_w=300.0, min_soc=0.2), 0.9, False),
    ],
    ids=["discharging", "first", "after", "reserve", "low", "same rank"],
)
def test_the_battery_stands_in_the_order_of_priorities(battery_w, rule, soc, on):
    """Edge cases 6, 50."""
    w = World(site(appliance(), battery=rule), now=NOON)
    surplus = 3200.0 if battery_w < 0 else 1500.0
    for _ in range(8):
        w.fixed = {"battery_w": Reading(battery_w, w.now), "battery_soc": Reading(soc, w.now)}
        w.run(9, surplus_w=surplus)
    assert w.on() is on


def test_a_stale_battery_meter_drops_its_own_term_only():
    w = World(site(appliance()), now=NOON)
    w.fixed = {"battery_w": Reading(-1000.0, NOON - 600)}
    w.run(60, surplus_w=3200)
    assert w.on()


def test_the_order_of_files_does_not_matter():
    """Edge case 71."""
    a, b, c = (appliance(n, 2000.0, priority=p) for n, p in (("a", 2), ("b", 1), ("c", 2)))
    histories = []
    for order in ((a, b, c), (c, b, a), (b, a, c)):
        w = World(site(*order), now=NOON)
        w.run(1200, surplus_w=4100)
        histories.append(w.sent)
    assert histories[0] == histories[1] == histories[2]
