"""What each policy could use without importing, told by the numbers that its decision names."""

from __future__ import annotations

import pytest

from noonward.core.model import BatteryRule, Grid, Mode, Reading, ReasonCode
from noonward.core.surplus import Quality, fresh_s, quality
from support.world import appliance, decide, site

NOON = 1_780_308_000.0
SUN = {"cause": ReasonCode.SURPLUS}


# --- how good a reading is -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("every_s", "fresh"), [(1.0, 10.0), (3.0, 10.0), (4.0, 12.0), (5.0, 15.0), (60.0, 180.0)])
def test_fresh_for_three_periods_and_ten_seconds_at_least(every_s, fresh):
    assert fresh_s(every_s) == fresh


@pytest.mark.parametrize(
    ("age_s", "stale_after_s", "found"),
    [
        (0.0, 120.0, Quality.FRESH),
        (14.9, 120.0, Quality.FRESH),
        (15.0, 120.0, Quality.HELD),
        (119.9, 120.0, Quality.HELD),
        (120.0, 120.0, Quality.STALE),
        (14.9, 5.0, Quality.FRESH),  # never stale before it stops being fresh
        (15.0, 5.0, Quality.STALE),
        (-3600.0, 120.0, Quality.FRESH),  # a clock that was set back
    ],
)
def test_a_reading_is_fresh_then_held_then_stale(age_s, stale_after_s, found):
    """Edge case 5."""
    assert quality(Reading(1.0, NOON - age_s), NOON, 15.0, stale_after_s) is found
    assert quality(Reading(1.0, NOON - age_s), NOON, 15.0, stale_after_s, NOON - 1.0) is found


@pytest.mark.parametrize(
    ("started_ago_s", "found"),
    [(None, Quality.STALE), (0.0, Quality.HELD), (119.9, Quality.HELD), (120.0, Quality.STALE)],
)
def test_a_meter_that_never_answered_is_held_for_a_while_after_the_start(started_ago_s, found):
    started_at = None if started_ago_s is None else NOON - started_ago_s
    assert quality(None, NOON, 15.0, 120.0, started_at) is found


# --- what is left for one policy -------------------------------------------------------------------------------------

PROBE = {"on_above_w": (1e9,), "off_below_w": (-1e9,)}
"""Never enough and never short: a policy that only says what it sees."""


def surplus_w(*others, probe=None, grid=None, running=None, battery=None, grid_w=-1000.0, at=NOON, priority=50, **seen):
    """Return the surplus that a policy in the middle is compared with; the site exports 1 kW."""
    policies = site(
        appliance("probe", priority=priority, **PROBE, **(probe or {})),
        *others,
        grid=Grid(**(grid or {})),
        battery=battery,
    )
    outcome = decide(policies, NOON, running=running, grid_w=Reading(grid_w, at), **seen)
    (decision,) = (d for d in outcome.decisions if d.policy == "probe")
    return decision.because[0].facts["surplus_w"]


def other(priority: int, power_w: float = 3000.0, **changes):
    return appliance("other", power_w, priority=priority, **{"min_on_s": 600.0, **changes})


HIGHER, EQUAL, LOWER = 10, 50, 90
FREE = {"level": 1, **SUN}
"""It runs because of surplus, and its min-on is over."""


def just(level: int, ago_s: float = 1.0, **fields):
    """Return what is remembered of a policy that changed a moment ago and was confirmed at once."""
    at = NOON - ago_s
    since = {"on_since": at if level else None, "off_since": None if level else at}
    return {"level": level, "changed_at": at, **since, **(SUN if level else {"before_w": 3000.0}), **fields}


@pytest.mark.parametrize(
    ("priority", "state", "expected"),
    [
        (HIGHER, FREE, 1000.0),
        (EQUAL, FREE, 1000.0),  # nothing is stopped for an equal priority
        (LOWER, FREE, 4000.0),
        (LOWER, 0, 1000.0),
        (LOWER, {**FREE, "on_since": NOON - 599.9}, 1000.0),  # inside min-on
        (LOWER, {**FREE, "on_since": NOON - 600.0}, 4000.0),
        (LOWER, {**FREE, "cause": ReasonCode.TIMER}, 1000.0),  # a run that a timer wants is not taken
        (LOWER, {**FREE, "cause": None}, 1000.0),
    ],
)
def test_which_runs_of_others_may_be_taken(priority, state, expected):
    """Edge case 15."""
    assert surplus_w(other(priority), running={"other": state}) == expected


def test_a_run_that_was_never_confirmed_is_not_taken():
    state = {"other": {**FREE, "on_since": None}}
    assert surplus_w(other(LOWER, min_on_s=0.0), running=state, relays={}) == 1000.0


@pytest.mark.parametrize(
    ("draw_w", "age_s", "expected"),
    [
        (500.0, 0.0, 1500.0),  # measured beats nominal
        (0.0, 0.0, 1000.0),  # satisfied: nothing to take
        (-20.0, 0.0, 1000.0),  # a meter's offset is no production
        (500.0, 14.9, 1500.0),
        (500.0, 15.0, 4000.0),  # too old to belong to this measurement: nominal
        (500.0, -30.0, 1500.0),
    ],
)
def test_own_draw_is_what_was_measured_with_the_grid_else_nominal(draw_w, age_s, expected):
    """Edge cases 3, 4, 44."""
    draws_w = {"other": Reading(draw_w, NOON - age_s)}
    assert surplus_w(other(LOWER), running={"other": FREE}, draws_w=draws_w) == expected
    own = {"probe": {**FREE, "level": 1}}
    mine = surplus_w(running=own, probe={"power_w": 3000.0}, draws_w={"probe": Reading(draw_w, NOON - age_s)})
    assert mine == expected


@pytest.mark.parametrize("priority", [HIGHER, LOWER])
@pytest.mark.parametrize(
    ("state", "seen_at", "expected"),
    [
        (just(1), NOON, -2000.0),  # confirmed a second ago: the reading does not show it yet
        (just(1, 2.0), NOON, 1000.0),  # settled
        (just(1, 2.0), NOON - 0.1, -2000.0),
        (just(1, 9.0, on_since=NOON - 1.0), NOON, -2000.0),  # confirmed late
        (just(1, 9.0, on_since=NOON - 2.0), NOON, 1000.0),
        (just(1, 0.0, before_w=1000.0), NOON, -1000.0),  # the reading still shows the 1 kW it drew before
    ],
)
def test_a_rise_that_the_reading_cannot_show_is_kept_for_who_was_switched_on(priority, state, seen_at, expected):
    """Edge cases 9, 15."""
    assert surplus_w(other(priority), running={"other": state}, at=seen_at) == expected


@pytest.mark.parametrize(
    ("level", "ago_s", "expected"),
    [(1, 29.9, -2000.0), (1, 30.0, 1000.0), (0, 29.9, 4000.0), (0, 30.0, 1000.0)],
    ids=["a rise is kept for a while", "but not for ever", "a fall is counted on for a while", "and not for ever"],
)
def test_what_the_device_does_not_confirm(level, ago_s, expected):
    state = just(level, ago_s, **({"on_since": None} if level else {"off_since": None}))
    assert surplus_w(other(LOWER), running={"other": state}, relays={}) == expected


def test_a_lagging_meter_shows_a_rise_later():
    """Edge case 9."""
    for ago_s, expected in ((61.9, -2000.0), (62.0, 1000.0)):
        state = {"other": just(1, ago_s)}
        assert surplus_w(other(LOWER), running=state, grid={"lag_s": 60.0}) == expected


@pytest.mark.parametrize(("settle_s", "expected"), [(5.0, 1000.0), (5.1, -2000.0)])
def test_a_slow_device_settles_later(settle_s, expected):
    assert surplus_w(other(LOWER, settle_s=settle_s), running={"other": just(1, 5.0)}) == expected


@pytest.mark.parametrize(
    ("draw_w", "age_s", "expected"),
    [
        (0.0, 0.0, -2000.0),  # its own meter was read with the grid, and has not seen it either
        (2900.0, 0.0, 900.0),  # it rises at this very moment
        (3000.0, 1.0, -2000.0),  # from another moment: says nothing
    ],
)
def test_while_a_load_moves_only_a_reading_of_the_same_instant_counts(draw_w, age_s, expected):
    """Edge case 4."""
    draws_w = {"other": Reading(draw_w, NOON - age_s)}
    assert surplus_w(other(LOWER), running={"other": just(1)}, draws_w=draws_w) == expected


@pytest.mark.parametrize(
    ("priority", "state", "seen_at", "expected"),
    [
        (LOWER, just(0), NOON, 4000.0),  # it is giving up its power already
        (EQUAL, just(0), NOON, 1000.0),
        (HIGHER, just(0), NOON, 1000.0),  # falls not yet seen count as nothing
        (LOWER, just(0, 2.0), NOON, 1000.0),  # and what the reading shows is no fall any more
    ],
)
def test_a_fall_that_the_reading_cannot_show(priority, state, seen_at, expected):
    assert surplus_w(other(priority), running={"other": state}, at=seen_at) == expected


def test_a_fall_that_a_lagging_meter_cannot_show_is_counted_on_until_it_can():
    """Edge case 9."""
    for ago_s, expected in ((40.0, 4000.0), (61.9, 4000.0), (62.0, 1000.0)):
        assert surplus_w(other(LOWER), running={"other": just(0, ago_s)}, grid={"lag_s": 60.0}) == expected


def test_a_rise_is_kept_no_longer_for_who_is_stopped_in_this_very_step():
    assert surplus_w(other(HIGHER, mode=Mode.ALWAYS_OFF), running={"other": just(1)}) == 1000.0


@pytest.mark.parametrize(("ago_s", "expected"), [(1.9, -1000.0), (2.0, 1000.0)])
def test_a_stage_up_rises_by_the_difference_however_long_the_run(ago_s, expected):
    """Edge case 9: what must show is the last change, not the start."""
    state = {**FREE, "level": 2, "changed_at": NOON - ago_s, "before_w": 1000.0}
    assert surplus_w(other(HIGHER, stages=(1000.0, 3000.0)), running={"other": state}) == expected


def test_a_stage_down_falls_by_the_difference():
    stages = {"stages": (1000.0, 3000.0)}
    assert surplus_w(other(LOWER, **stages), running={"other": just(1, before_w=3000.0)}) == 3000.0


@pytest.mark.parametrize("state", [FREE, just(1), just(0)])
def test_a_load_that_the_grid_meter_does_not_see_leaves_no_trace(state):
    """Edge case 2."""
    assert surplus_w(other(LOWER, behind_meter=False), running={"other": state}) == 1000.0
    own = {**state, "level": 1} if state is FREE else state
    assert surplus_w(probe={"behind_meter": False}, running={"probe": own}) == 1000.0


@pytest.mark.parametrize(
    ("state", "draws", "expected"),
    [
        ({**FREE, "on_since": NOON - 299.0}, {"other": 0.0}, -2000.0),  # a pump takes minutes to accept: kept for it
        ({**FREE, "on_since": NOON - 300.0}, {"other": 0.0}, 1000.0),
        ({**FREE, "on_since": NOON - 299.0}, {"other": 1000.0}, -1000.0),
        ({**FREE, "on_since": NOON - 299.0}, {"other": 4000.0}, 1000.0),  # more than nominal
        ({**FREE, "on_since": NOON - 299.0}, {}, 1000.0),  # no meter of its own: nominal is believed
        (0, {"other": 0.0}, 1000.0),
    ],
)
def test_an_offer_keeps_its_power_until_it_counts_as_refused(state, draws, expected):
    """Edge case 77."""
    pump = other(HIGHER, refused_after_s=300.0)
    draws_w = {name: Reading(w, NOON) for name, w in draws.items()}
    assert surplus_w(pump, running={"other": state}, draws_w=draws_w) == expected


def test_who_is_not_an_offer_is_satisfied_at_once():
    """Edge case 44."""
    state = {**FREE, "on_since": NOON - 5.0}
    assert surplus_w(other(HIGHER), running={"other": state}, draws_w={"other": Reading(0.0, NOON)}) == 1000.0


@pytest.mark.parametrize(
    ("priority", "expected"),
    [(1, 6300.0), (2, 4700.0), (3, 4300.0), (4, 1500.0), (5, 1300.0), (6, 1100.0), (7, 1000.0)],
)
def test_only_strictly_lower_policies_count(priority, expected):
    """Two of the same priority are neither above nor below each other."""
    powers = {
        "a": (2, 1600.0),
        "b": (3, 400.0),
        "c": (4, 1300.0),
        "d": (4, 1500.0),
        "e": (5, 200.0),
        "f": (6, 200.0),
        "g": (7, 100.0),
    }
    others = [appliance(n, w, priority=p) for n, (p, w) in powers.items()]
    assert surplus_w(*others, running=dict.fromkeys(powers, FREE), priority=priority) == expected


RULE = BatteryRule(priority=60, reserve_w=300.0, min_soc=0.2)


@pytest.mark.parametrize(
    ("battery_w", "age_s", "soc", "rule", "expected"),
    [
        (None, 0.0, 0.9, None, 1000.0),
        (2000.0, 0.0, 0.9, None, 1000.0),  # the battery comes first
        (-700.0, 0.0, 0.9, None, 300.0),  # its discharge is no surplus
        (-700.0, 14.9, 0.9, None, 300.0),
        (-700.0, 15.0, 0.9, None, 1000.0),  # a stale battery meter drops its own term
        (0.0, 0.0, 0.9, RULE, 1000.0),
        (2000.0, 0.0, 0.9, RULE, 2700.0),  # it charges, and stands behind this policy
        (2000.0, 15.0, 0.9, RULE, 1000.0),
        (300.0, 0.0, 0.9, RULE, 1000.0),
        (299.0, 0.0, 0.9, RULE, 1000.0),  # the reserve is its own
        (301.0, 0.0, 0.9, RULE, 1001.0),
        (2000.0, 0.0, 0.2, RULE, 2700.0),
        (2000.0, 0.0, 0.19, RULE, 1000.0),  # too empty
        (2000.0, 0.0, None, RULE, 1000.0),  # nobody knows how full
        (-700.0, 0.0, 0.9, RULE, 300.0),
        (2000.0, 0.0, 0.9, BatteryRule(priority=50), 1000.0),  # same rank: the battery keeps it
        (2000.0, 0.0, 0.9, BatteryRule(priority=51), 3000.0),
        (2000.0, 0.0, 0.0, BatteryRule(priority=51), 3000.0),
    ],
)
def test_the_battery_in_the_order_of_priorities(battery_w, age_s, soc, rule, expected):
    """Edge cases 6, 50."""
    seen = {} if battery_w is None else {"battery_w": Reading(battery_w, NOON - age_s)}
    seen["battery_soc"] = None if soc is None else Reading(soc, NOON)
    assert surplus_w(battery=rule, **seen) == expected


def test_a_running_policy_gets_its_own_power_back_once():
    """Edge case 2."""
    assert surplus_w(running={"probe": FREE}, probe={"power_w": 2000.0}) == 3000.0
    staged = {"stages": (1000.0, 2500.0), "on_above_w": (1e9, 1e9), "off_below_w": (-1e9, -1e9)}
    a = appliance("probe", **staged)
    (decision,) = decide(
        site(a), NOON, running={"probe": {**FREE, "level": 2}}, grid_w=Reading(-1000.0, NOON)
    ).decisions
    assert decision.because[0].facts["surplus_w"] == 3500.0


def test_its_own_rise_does_not_stand_in_its_own_way():
    assert surplus_w(running={"probe": just(1)}, grid_w=-1000.0) == 1000.0


def test_a_mode_without_sun_takes_part_in_the_ledger_all_the_same():
    heater = other(HIGHER, mode=Mode.ALWAYS_ON)
    assert surplus_w(heater, running={"other": just(1)}) == -2000.0
    assert surplus_w(heater) == -2000.0, "it starts in this very step"
