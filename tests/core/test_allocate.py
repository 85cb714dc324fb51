"""Several policies on one surplus: own draw added back, rises reserved, lower ones preempted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from noonward.core.model import BatteryRule, Grid, Mode, Reading, ReasonCode
from support.world import World, appliance, decide, site

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
    """Edge case 18: equal merit keeps the status quo."""
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


@pytest.mark.parametrize(("surplus_w", "starts"), [(1500.0, 0), (3200.0, 1)])
def test_a_battery_at_its_minimum_does_not_toggle_anything(surplus_w, starts):
    """Edge case 51: its charge comes and goes with every reading around the boundary."""
    w = World(site(appliance(min_on_s=0.0), battery=BatteryRule(priority=150, min_soc=0.2)), now=NOON)
    for k in range(360):
        w.fixed = {"battery_w": Reading(2000.0, w.now), "battery_soc": Reading(0.195 + 0.01 * (k % 2), w.now)}
        w.run(10, surplus_w=surplus_w)
    assert [closed for _, closed in w.switchings("boiler/relay-1") if closed] == [True] * starts
    assert w.on() is bool(starts)


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


# --- one step at a time ----------------------------------------------------------------------------------------------

FREE = {"level": 1, "cause": ReasonCode.SURPLUS}
"""It runs because of surplus, and its min-on is over."""

WAITS = {"enough_since": NOON - 3600.0}
"""It has had enough, its delay is over."""

JUST_OFF = {"level": 0, "changed_at": NOON - 1.0, "off_since": NOON - 1.0}


def contest(first=None, *lower, export_w, first_state=WAITS, grid=None, dim_cap_w=None, **seen):
    """Return (wanted, reason) of each policy: a first of 3 kW that waits, and lower ones as (priority, watts, state)."""
    policies = [appliance("first", **{"priority": 1, "min_on_s": 0.0, **(first or {})})]
    names = [f"lower-{k}" for k in range(len(lower))]
    policies += [appliance(n, w, priority=p, min_on_s=600.0) for n, (p, w, _) in zip(names, lower, strict=True)]
    running = {"first": first_state, **{n: state for n, (_, _, state) in zip(names, lower, strict=True)}}
    the_site = site(*policies, grid=Grid(**(grid or {})), dim_cap_w=dim_cap_w)
    seen = {"grid_w": Reading(-export_w, NOON), **seen}
    return [(d.wanted, d.code.value) for d in decide(the_site, NOON, running=running, **seen).decisions]


@pytest.mark.parametrize(
    ("export_w", "lower", "gone"),
    [
        (1500.0, [(2, 1000.0, FREE), (3, 2000.0, FREE)], [1]),  # the lowest first, and it is enough
        (1500.0, [(2, 2000.0, FREE), (3, 1000.0, FREE)], [0, 1]),
        (2000.0, [(2, 1000.0, FREE), (3, 500.0, FREE), (4, 500.0, FREE)], [1, 2]),  # exactly enough
        (1999.0, [(2, 1000.0, FREE), (3, 500.0, FREE), (4, 500.0, FREE)], [0, 1, 2]),
        (2999.5, [(2, 1000.0, FREE)], [0]),
        (1500.0, [(1, 2000.0, FREE), (2, 2000.0, FREE)], [1]),  # nothing is stopped for an equal priority
        (1500.0, [(1, 2000.0, JUST_OFF | {"before_w": 2000.0}), (2, 2000.0, FREE)], [1]),  # nor is its fall counted on
        (1500.0, [(2, 2000.0, FREE), (3, 2000.0, JUST_OFF | {"before_w": 2000.0})], []),  # what falls already is enough
        (500.0, [(2, 2000.0, FREE), (3, 2000.0, JUST_OFF | {"before_w": 2000.0})], [0]),  # and here it is not
    ],
)
def test_who_goes_so_that_a_higher_one_may_come(export_w, lower, gone):
    """Edge case 15: the lowest go first, no more of them than it takes, and the first waits for the drop to show."""
    first, *others = contest(None, *lower, export_w=export_w)
    assert first == ("off", "settling")
    assert [k for k, (_, why) in enumerate(others) if why == "preempted"] == gone
    assert [k for k, (wanted, _) in enumerate(others) if wanted == "on"] == [
        k for k, (_, _, state) in enumerate(lower) if state is FREE and k not in gone
    ]


@pytest.mark.parametrize(("draw_w", "gone"), [(0.0, [0]), (1.0, [0, 1])])
def test_who_is_satisfied_is_not_sent_away(draw_w, gone):
    """Edge case 44: it has nothing to give."""
    lower = (2, 2000.0, FREE), (3, 2000.0, FREE)
    found = contest(None, *lower, export_w=1500.0, draws_w={"lower-1": Reading(draw_w, NOON)})
    assert [k for k, (_, why) in enumerate(found[1:]) if why == "preempted"] == gone


ONE = (2, 2000.0, FREE)
STAGED = {"stages": (1000.0, 3000.0)}


@pytest.mark.parametrize(
    ("first", "state", "seen"),
    [
        ({"min_off_s": 3601.0}, WAITS, {}),
        ({}, WAITS, {"dim": True, "dim_cap_w": 4999.0}),
        ({}, WAITS, {"power_back_at": NOON}),
        ({"refused_after_s": 300.0}, {**WAITS, "rest_until": NOON + 1.0}, {}),
        ({}, {"enough_since": NOON - 59.9}, {}),
        ({}, WAITS, {"grid_w": Reading(-1500.0, NOON - 15.0)}),  # held: nothing new is begun on it
        (STAGED, {**FREE, **WAITS, "changed_at": NOON - 1.0}, {}),
        (STAGED, {**FREE, **WAITS}, {"dim": True, "dim_cap_w": 2999.0}),  # it must go down itself
    ],
    ids=["min-off", "envelope", "power cut", "resting", "on delay", "held", "stage not settled", "over the envelope"],
)
def test_nobody_goes_for_a_start_that_something_else_forbids(first, state, seen):
    assert contest(first, ONE, export_w=1500.0, first_state=state, **seen)[1][1] != "preempted"


@pytest.mark.parametrize(
    ("first", "state", "seen"),
    [
        ({"min_off_s": 3600.0}, WAITS, {}),
        ({}, WAITS, {"dim": True, "dim_cap_w": 5000.0}),
        ({}, WAITS, {"power_back_at": NOON - 60.0}),
        ({"refused_after_s": 300.0}, {**WAITS, "rest_until": NOON}, {}),
        ({}, {"enough_since": NOON - 60.0}, {}),
        ({}, WAITS, {"grid_w": Reading(-1500.0, NOON - 14.9)}),
        (STAGED, {**FREE, **WAITS, "changed_at": NOON - 2.0}, {}),
        ({**STAGED, "min_off_s": 300.0}, {**FREE, **WAITS}, {}),  # min-off is no matter of a higher stage
    ],
    ids=["min-off", "envelope", "power cut", "resting", "on delay", "fresh", "stage settled", "higher stage"],
)
def test_and_somebody_goes_as_soon_as_it_does_not(first, state, seen):
    assert contest(first, ONE, export_w=1500.0, first_state=state, **seen)[1] == ("off", "preempted")


def test_what_one_takes_the_next_cannot_take_and_what_it_will_draw_is_kept_for_it():
    """Edge case 15."""
    first = appliance("first", 3000.0, priority=1)
    second = appliance("second", 3000.0, priority=2)
    rising = appliance("rising", 400.0, priority=3)
    lower = appliance("lower", 3000.0, priority=4, min_on_s=600.0)
    just_on = {**FREE, "changed_at": NOON - 1.0, "on_since": NOON - 1.0}
    running = {"first": WAITS, "second": WAITS, "rising": just_on, "lower": FREE}
    decisions = decide(
        site(first, second, rising, lower), NOON, running=running, grid_w=Reading(-1500.0, NOON)
    ).decisions
    assert [d.code.value for d in decisions] == ["settling", "too-little-surplus", "surplus", "preempted"]
    assert [d.because[0].facts["surplus_w"] for d in decisions] == [
        1500.0 - 400.0 + 3000.0,
        1500.0 - 400.0 - 3000.0,
        1500.0 - 3000.0,
        1500.0 - 400.0 - 3000.0 + 3000.0,
    ]


def test_two_may_wait_at_once_each_for_its_own():
    """Edge case 15: what the first has taken is looked at by the second and is not there."""
    first, second = appliance("first", 3000.0, priority=1), appliance("second", 1000.0, priority=2)
    lower = [appliance(n, w, priority=p, min_on_s=0.0) for n, w, p in (("third", 4000.0, 3), ("fourth", 3000.0, 4))]
    running = {"first": WAITS, "second": WAITS, "third": FREE, "fourth": FREE}
    decisions = decide(site(first, second, *lower), NOON, running=running, grid_w=Reading(-500.0, NOON)).decisions
    assert [d.code.value for d in decisions] == ["settling", "settling", "preempted", "preempted"]


@pytest.mark.parametrize(
    ("mode", "level", "stages", "expected"),
    [
        (Mode.ALWAYS_ON, 0, (1000.0,), 4000.0 - 1000.0),
        (Mode.ALWAYS_ON, 1, (1000.0, 3000.0), 4000.0 - 2000.0),
        (Mode.ALWAYS_ON, 1, (1000.0,), 4000.0),
        (Mode.ALWAYS_OFF, 1, (1000.0,), 4000.0),  # a fall not yet seen counts as nothing
    ],
    ids=["starts", "a stage up", "stays", "stops"],
)
def test_what_a_higher_policy_does_in_this_very_step_counts(mode, level, stages, expected):
    """Edge case 15: with a rise of yet another on its way, which stays kept."""
    higher = appliance("higher", mode=mode, stages=stages, priority=1)
    rising = appliance("rising", 400.0, priority=2, mode=Mode.ALWAYS_ON)
    probe = appliance("probe", 9000.0, priority=3)
    just_on = {"level": 1, "changed_at": NOON - 1.0, "on_since": NOON - 1.0}
    outcome = decide(
        site(higher, rising, probe), NOON, running={"higher": level, "rising": just_on}, grid_w=Reading(-4000.0, NOON)
    )
    assert outcome.decisions[2].because[0].facts["surplus_w"] == expected - 400.0


@pytest.mark.parametrize(
    ("cap_w", "level", "wanted"),
    [(6000.0, 1, "stage-2"), (5999.0, 1, "stage-1"), (3000.0, 0, "stage-1"), (2999.5, 0, "off")],
)
def test_the_next_stage_must_fit_with_what_it_adds(cap_w, level, wanted):
    a = appliance(mode=Mode.ALWAYS_ON, stages=(3000.0, 6000.0))
    (decision,) = decide(site(a, dim_cap_w=cap_w), NOON, running={"boiler": level}, dim=True).decisions
    assert decision.wanted == wanted


@pytest.mark.parametrize(
    ("age_s", "kept"), [(15.0, True), (119.9, True), (120.0, False)], ids=["held", "still held", "stale"]
)
def test_what_was_noted_stands_while_held_and_is_wiped_when_stale(age_s, kept):
    """Edge case 5."""
    a, b = appliance("a"), appliance("b", min_on_s=0.0)
    since = NOON - 30.0
    running = {"a": {"enough_since": since}, "b": {**FREE, "short_since": since}}
    machines = decide(site(a, b), NOON, running=running, grid_w=Reading(0.0, NOON - age_s)).state.machines
    assert machines["a"].enough_since == (since if kept else None)
    assert machines["b"].short_since == (since if kept else None)


@pytest.mark.parametrize(
    ("level", "surplus_w", "enough", "short"),
    [
        (0, 1000.0, True, False),  # the next stage's threshold is reached
        (0, 999.0, False, False),  # and nothing can be short while it is off
        (1, 3000.0, True, False),
        (1, 2999.0, False, False),
        (1, 500.0, False, False),
        (1, 499.0, False, True),
        (2, 9000.0, False, False),  # no stage is left
        (2, 2000.0, False, False),
        (2, 1999.0, False, True),
    ],
)
def test_thresholds_of_the_stage_it_is_in(level, surplus_w, enough, short):
    a = appliance(stages=(1000.0, 3000.0), min_on_s=0.0, on_delay_s=60.0, off_delay_s=60.0)
    own_w = (0.0, 1000.0, 3000.0)[level]
    state = {"boiler": {**FREE, "level": level} if level else 0}
    machine = decide(site(a), NOON, running=state, grid_w=Reading(own_w - surplus_w, NOON)).state.machines["boiler"]
    assert (machine.enough_since, machine.short_since) == (NOON if enough else None, NOON if short else None)
