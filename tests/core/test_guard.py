"""The envelope: fuse per phase, import cap, dimming."""

from __future__ import annotations

from itertools import pairwise

import pytest

from noonward.core.model import Grid, Mode, Reading, ReasonCode, RelayState
from support.world import World, appliance, decide, site

NOON = 1_780_308_000.0
L1, L2, L3 = 0, 1, 2


def world(*appliances, fixed=None, **grid) -> World:
    dim = grid.pop("dim_cap_w", None)
    return World(site(*appliances, grid=Grid(**grid), dim_cap_w=dim), now=NOON, fixed=fixed or {})


def amperes(*values: float | None) -> dict:
    return {"grid_a": tuple(None if v is None else Reading(v, NOON) for v in values)}


ON = {"mode": Mode.ALWAYS_ON, "min_on_s": 600.0}


@pytest.mark.parametrize(
    ("phases", "currents", "on"),
    [
        ((1,), (11.9, 0.0, 0.0), True),  # 3 kW on one phase: 13.04 A
        ((1,), (12.0, 0.0, 0.0), False),
        ((1,), (0.0, 24.0, 24.0), True),
        ((1, 2, 3), (20.6, 20.6, 20.6), True),  # 4.35 A a phase
        ((1, 2, 3), (0.0, 0.0, 20.7), False),
        (None, (0.0, 0.0, 0.0), True),
        (None, (0.0, 12.0, 0.0), False),  # unknown counts in full on every phase
        ((1,), (None, 0.0, 0.0), False),  # 25 − 12.5 unmeasured leaves 12.5
        ((3,), (0.0, 0.0), False),  # a phase that the meter leaves out is unmeasured
        ((2,), (0.0, 0.0), True),
    ],
)
def test_a_start_must_fit_the_fuse_of_each_phase(phases, currents, on):
    """Edge cases 20, 21."""
    w = world(appliance(phases=phases, **ON), fuse_a=25.0, fixed=amperes(*currents))
    w.run(0)
    assert (w.on(), w.why()) == (on, "always-on" if on else "fuse")
    assert w.decision().limited_by == (None if on else "fuse")


def test_unmeasured_current_is_declared_or_half_the_fuse():
    for unmeasured_a, on in ((None, False), (10.0, True)):
        w = world(appliance(phases=(1,), **ON), fuse_a=25.0, unmeasured_a=unmeasured_a)
        w.run(0)
        assert w.on() is on


def test_an_overloaded_phase_sheds_the_lowest_load_on_it_before_min_on_is_over():
    """Edge case 23."""
    w = world(
        appliance("first", 2000.0, priority=1, phases=(1,), **ON),
        appliance("second", 2000.0, priority=2, phases=(1,), **ON),
        appliance("third", 2000.0, priority=3, phases=(2,), **ON),
        fuse_a=25.0,
        fixed=amperes(0.0, 0.0, 0.0),
    )
    w.run(30)
    assert [w.on(n) for n in ("first", "second", "third")] == [True, True, True]
    w.fixed = {"grid_a": (Reading(30.0, w.now), Reading(10.0, w.now), Reading(0.0, w.now)), "draws_w": {}}
    w.run(0)
    assert [w.on(n) for n in ("first", "second", "third")] == [True, False, True]
    assert w.history[-2][1].decisions[1].code == "fuse"


def test_one_overload_sheds_no_second_load_before_the_fall_is_seen():
    w = world(
        appliance("first", 2000.0, priority=1, phases=(1,), **ON),
        appliance("second", 2000.0, priority=2, phases=(1,), **ON),
        fuse_a=25.0,
        fixed=amperes(0.0, 0.0, 0.0),
    )
    w.run(30)
    w.fixed = {"grid_a": (Reading(30.0, w.now), Reading(0.0, w.now), Reading(0.0, w.now)), "draws_w": {}}
    w.run(0)
    w.run(1)
    assert (w.on("first"), w.on("second")) == (True, False)


def test_import_cap_refuses_and_sheds():
    """Edge case 22."""
    w = world(
        appliance("first", 3000.0, priority=1, **ON), appliance("second", 3000.0, priority=2, **ON), import_cap_w=5000.0
    )
    w.run(60)
    assert (w.on("first"), w.on("second"), w.why("second")) == (True, False, "import-cap")
    w.run(60, surplus_w=2000)
    assert w.on("second")
    w.run(1, surplus_w=0)
    assert (w.on("first"), w.on("second")) == (True, False)


def test_import_cap_with_a_silent_meter_counts_declared_power():
    w = world(appliance("first", 3000.0, **ON), import_cap_w=5000.0)
    w.meter_silent_since = NOON
    w.run(0)
    assert not w.on("first"), "half the cap is left for what nobody measures"
    w = world(appliance("first", 3000.0, **ON), import_cap_w=5000.0, unmeasured_a=2.0)
    w.meter_silent_since = NOON
    w.run(0)
    assert w.on("first")


def test_dimming_caps_the_sum_and_serves_priorities():
    w = world(
        appliance("first", 3000.0, priority=1, **ON), appliance("second", 3000.0, priority=2, **ON), dim_cap_w=4200.0
    )
    w.run(60)
    assert (w.on("first"), w.on("second")) == (True, True)
    w.fixed = {"dim": True}
    w.run(1)
    assert (w.on("first"), w.on("second"), w.why("second")) == (True, False, "dimmed")
    w.fixed = {}
    w.run(1)
    assert w.on("second")


def test_a_staged_load_gives_way_stage_by_stage():
    w = world(appliance(stages=(3000.0, 6000.0), **ON), dim_cap_w=4200.0)
    w.run(10)
    assert w.decision().wanted == "stage-2"
    w.fixed = {"dim": True}
    w.run(5)
    assert w.decision().wanted == "stage-1"


def test_single_phase_site_uses_its_total():
    w = world(appliance(phases=(1,), **ON), phases=1, fuse_a=25.0)
    w.run(0, surplus_w=-2700.0)
    assert w.on()
    w = world(appliance(phases=(1,), **ON), phases=1, fuse_a=25.0)
    w.run(0, surplus_w=-2800.0)
    assert not w.on()


def test_envelope_beats_boost_and_always_on():
    """Edge cases 23, 39, 46."""
    w = world(appliance(mode=Mode.AUTO_SOLAR), dim_cap_w=1000.0, fixed={"dim": True})
    w.set(boost_until=NOON + 600)
    w.run(60)
    assert (w.on(), w.why()) == (False, "dimmed")


def test_a_rise_that_the_meter_shows_early_is_not_counted_twice():
    w = world(appliance(phases=(1,), **ON), fuse_a=20.0, fixed={**amperes(5.0, 5.0, 5.0), "draws_w": {}})
    w.run(0)
    assert w.on()
    w.now += 1
    w.fixed = {"grid_a": tuple(Reading(a, w.now) for a in (18.0, 5.0, 5.0)), "draws_w": {}}
    w.run(0)
    assert (w.on(), w.why()) == (True, "always-on")
    capped = world(appliance(**ON), import_cap_w=4000.0, fixed={"draws_w": {}})
    capped.run(0)
    capped.now += 1
    capped.run(0)
    assert capped.on()


def wanted(the_site, **seen) -> list[str]:
    return [d.wanted for d in decide(the_site, NOON, **seen).decisions]


def two(first=2000.0, second=2000.0, *, grid=None, dim_cap_w=None, **changes):
    """Two loads on L1, always on, the first more important."""
    return site(
        *(
            appliance(n, w, priority=k, phases=(1,), **ON, **changes)
            for k, (n, w) in enumerate((("a", first), ("b", second)))
        ),
        grid=Grid(**(grid or {})),
        dim_cap_w=dim_cap_w,
    )


def on_phases(*values: float | None, age_s: float = 0.0) -> tuple[Reading | None, ...]:
    return tuple(None if v is None else Reading(v, NOON - age_s) for v in values)


BOTH, FUSE = {"a": 1, "b": 1}, {"fuse_a": 25.0}


@pytest.mark.parametrize(
    ("running", "draws", "overload_a", "left"),
    [
        (BOTH, {}, 0.5, ["on", "off"]),  # the lowest goes, one is enough
        (BOTH, {}, 9.0, ["off", "off"]),  # 2 kW are 8.7 A: one is not enough
        (BOTH, {"b": 0.0}, 0.5, ["off", "on"]),  # satisfied: sending it away would relieve nothing
        (BOTH, {"b": 200.0}, 0.5, ["on", "off"]),  # what little it draws is enough
        (BOTH, {"b": 200.0}, 1.0, ["off", "off"]),  # and here it is not
        ({"a": 1}, {}, 0.5, ["off", "off"]),  # the lowest is off: the one that runs goes
        ({"a": 1, "b": {"level": 1, "changed_at": NOON - 1, "on_since": NOON - 1}}, {}, 0.5, ["on", "off"]),  # just on
    ],
    ids=["one", "both", "satisfied", "little", "too little", "only the first runs", "just started"],
)
def test_who_gives_way_to_an_overload(running, draws, overload_a, left):
    """Edge case 23: measured draws count, not nominal ones."""
    draws_w = {name: Reading(w, NOON) for name, w in draws.items()}
    assert (
        wanted(
            two(grid=FUSE),
            running=running,
            grid_w=Reading(0.0, NOON),
            grid_a=on_phases(25.0 + overload_a, 0.0, 0.0),
            draws_w=draws_w,
        )
        == left
    )


@pytest.mark.parametrize(
    ("dim_cap_w", "first", "second", "left"),
    [
        (4200.0, (2000.0,), (3000.0, 6000.0), ["off", "stage-1"]),  # a stage down frees 3 kW of the 3.8 that are over
        (5000.0, (2000.0,), (3000.0, 6000.0), ["on", "stage-1"]),  # exactly enough
        (4000.0, (4000.0,), (2000.0,), ["on", "off"]),
        (6000.0, (4000.0,), (2000.0,), ["on", "on"]),  # exactly full
    ],
)
def test_dimming_takes_stage_by_stage_and_no_more_than_it_must(dim_cap_w, first, second, left):
    a = appliance("a", priority=1, stages=first, **ON)
    b = appliance("b", priority=2, stages=second, **ON)
    running = {"a": len(first), "b": len(second)}
    # a load that is satisfied counts as well: it may draw again at any moment
    draws_w = {"b": Reading(0.0, NOON)}
    for more in ({}, {"draws_w": draws_w, "grid_w": Reading(0.0, NOON)}):
        assert wanted(site(a, b, dim_cap_w=dim_cap_w), running=running, dim=True, **more) == left


@pytest.mark.parametrize(
    ("dim_cap_w", "left"),
    [(4000.0, ["on", "on"]), (3999.0, ["on", "off"]), (2000.0, ["on", "off"]), (1999.0, ["off", "off"])],
)
def test_starts_of_one_step_share_what_is_left(dim_cap_w, left):
    """Edge case 15: each start uses up room that the next one no longer has."""
    assert wanted(two(dim_cap_w=dim_cap_w), dim=True) == left


@pytest.mark.parametrize(("dim_cap_w", "left"), [(4000.0, ["stage-2", "on"]), (3999.0, ["stage-2", "off"])])
def test_a_stage_uses_up_what_it_adds(dim_cap_w, left):
    first = appliance("a", stages=(1000.0, 3000.0), priority=1, **ON)
    second = appliance("b", 1000.0, priority=2, **ON)
    assert wanted(site(first, second, dim_cap_w=dim_cap_w), running={"a": 1}, dim=True) == left


@pytest.mark.parametrize(("base_a", "left"), [(7.6, ["on", "on"]), (7.7, ["on", "off"])])
def test_starts_of_one_step_share_the_fuse(base_a, left):
    assert wanted(two(grid=FUSE), grid_a=on_phases(base_a, 0.0, 0.0)) == left


def test_dimming_and_the_fuse_stand_side_by_side():
    tight = two(grid={"fuse_a": 10.0}, dim_cap_w=2000.0)
    dimmed, calm = on_phases(0.0, 0.0, 0.0), {"grid_a": on_phases(0.0, 0.0, 0.0)}
    assert [d.code.value for d in decide(tight, NOON, dim=True, grid_a=dimmed).decisions] == ["always-on", "dimmed"]
    assert [d.code.value for d in decide(tight, NOON, **calm).decisions] == ["always-on", "fuse"], "no dimming, no cap"
    open_fuse = two(grid={"fuse_a": 30.0}, dim_cap_w=2000.0)
    assert wanted(open_fuse, **calm) == ["on", "on"]
    assert wanted(open_fuse, dim=True, **calm) == ["on", "off"]


@pytest.mark.parametrize(
    ("grid", "running", "grid_w", "left"),
    [
        ({"import_cap_w": 5000.0}, {}, 1000.0, ["on", "on"]),  # exactly full
        ({"import_cap_w": 5000.0}, {}, 1001.0, ["on", "off"]),
        ({"import_cap_w": 6000.0}, {}, None, ["on", "off"]),  # half is left for what nobody measures
        ({"import_cap_w": 8000.0}, {}, None, ["on", "on"]),
        ({"import_cap_w": 7999.0}, {"a": 1}, None, ["on", "off"]),  # what is on counts with its nominal power
        ({"import_cap_w": 8000.0}, {"a": 1}, None, ["on", "on"]),
        ({"import_cap_w": 4000.0, "unmeasured_a": 2.0}, {}, None, ["on", "off"]),  # 1380 W on three phases
        ({"import_cap_w": 4000.0, "unmeasured_a": 3.0}, {}, None, ["off", "off"]),  # 2070 W
        ({"import_cap_w": 4000.0, "unmeasured_a": 3.0, "phases": 1}, {}, None, ["on", "off"]),  # 690 W
        ({"import_cap_w": 4000.0, "unmeasured_a": 3.0, "voltage_v": 110.0}, {}, None, ["on", "off"]),  # 990 W
        ({"import_cap_w": 3000.0}, BOTH, None, ["off", "off"]),
        ({"import_cap_w": 4000.0}, BOTH, None, ["on", "off"]),
        ({"import_cap_w": 5000.0}, BOTH, 5000.0, ["on", "on"]),
        ({"import_cap_w": 5000.0}, BOTH, 5001.0, ["on", "off"]),
    ],
)
def test_import_cap(grid, running, grid_w, left):
    """Edge case 22."""
    reading = None if grid_w is None else Reading(grid_w, NOON)
    assert wanted(two(first=2000.0, second=2000.0, grid=grid), running=running, grid_w=reading) == left


def test_a_satisfied_load_does_not_relieve_the_import_cap():
    draws_w = {"b": Reading(0.0, NOON)}
    running = {"running": BOTH, "grid_w": Reading(5500.0, NOON), "draws_w": draws_w}
    assert wanted(two(grid={"import_cap_w": 5000.0}), **running) == ["off", "on"]


JUST_ON = {"level": 1, "changed_at": NOON - 1, "on_since": NOON - 1}
JUST_OFF = {"level": 0, "changed_at": NOON - 1, "off_since": None, "before_w": 2000.0}


@pytest.mark.parametrize(
    ("grid", "seen", "running", "left"),
    [
        # a rise that the reading cannot show yet uses up room: 3 − 2 kW leaves nothing for the second
        ({"import_cap_w": 3999.0}, {"grid_w": Reading(0.0, NOON - 2)}, {"a": JUST_ON}, ["on", "off"]),
        ({"import_cap_w": 4000.0}, {"grid_w": Reading(0.0, NOON - 2)}, {"a": JUST_ON}, ["on", "on"]),
        ({"fuse_a": 17.3}, {"grid_a": on_phases(0.0, 0.0, 0.0, age_s=2.0)}, {"a": JUST_ON}, ["on", "off"]),
        ({"fuse_a": 17.4}, {"grid_a": on_phases(0.0, 0.0, 0.0, age_s=2.0)}, {"a": JUST_ON}, ["on", "on"]),
        # a fall on its way is enough: nobody else is sent away for the same excess
        ({"import_cap_w": 5000.0}, {"grid_w": Reading(6500.0, NOON - 2)}, {"a": 1, "b": JUST_OFF}, ["on", "off"]),
        ({"import_cap_w": 5000.0}, {"grid_w": Reading(7500.0, NOON - 2)}, {"a": 1, "b": JUST_OFF}, ["off", "off"]),
    ],
)
def test_what_the_reading_cannot_show_yet(grid, seen, running, left):
    """Edge case 9."""
    assert wanted(two(grid=grid), running=running, **seen) == left


@pytest.mark.parametrize(
    ("fuse_a", "unmeasured_a", "running", "left"),
    [
        (17.3, None, {}, ["off", "off"]),  # half of it is 8.65 A, 2 kW are 8.7 A
        (17.4, None, {}, ["on", "off"]),
        (34.8, None, {}, ["on", "on"]),
        (34.7, None, {"a": 1}, ["on", "off"]),  # what is on counts with its nominal power
        (34.8, None, {"a": 1}, ["on", "on"]),
        (20.0, 2.0, {"a": 1}, ["on", "on"]),
        (19.3, 2.0, {"a": 1}, ["on", "off"]),
        (34.7, None, BOTH, ["on", "off"]),
    ],
)
@pytest.mark.parametrize(
    "seen",
    [
        {},
        {"grid_w": Reading(0.0, NOON)},  # a sum hides an overloaded phase
        {"grid_a": on_phases(0.0, 0.0, 0.0, age_s=120.0)},  # stale
        {"grid_a": on_phases(None, 0.0, 0.0), "draws_w": {"b": Reading(0.0, NOON)}},
    ],
    ids=["no meter", "no phases", "stale", "one phase missing"],
)
def test_without_measured_phases_the_fuse_is_shared_from_declared_numbers(fuse_a, unmeasured_a, running, left, seen):
    """Edge case 21."""
    the_site = two(grid={"fuse_a": fuse_a, "unmeasured_a": unmeasured_a})
    assert wanted(the_site, running=running, **seen) == left


@pytest.mark.parametrize(("age_s", "left"), [(119.9, ["on", "on"]), (120.0, ["on", "off"])])
def test_the_envelope_trusts_a_reading_for_two_minutes(age_s, left):
    the_site = two(grid={"fuse_a": 17.4})
    assert wanted(the_site, grid_a=on_phases(0.0, 0.0, 0.0, age_s=age_s)) == left


@pytest.mark.parametrize("phases", [(1,), None], ids=["declared", "unknown"])
@pytest.mark.parametrize(("voltage_v", "left"), [(230.0, "on"), (200.0, "off")])
def test_amperes_follow_the_voltage(phases, voltage_v, left):
    """2 kW are 8.7 A at 230 V and 10 A at 200 V."""
    a = appliance(power_w=2000.0, phases=phases, **ON)
    seen = {"grid_a": on_phases(0.0, 0.0, 0.0)}
    assert wanted(site(a, grid=Grid(fuse_a=9.0, voltage_v=voltage_v)), **seen) == [left]


@pytest.mark.parametrize(
    ("grid_w", "voltage_v", "left"),
    [
        (2800.0, 230.0, "off"),
        (2700.0, 230.0, "on"),
        (2100.0, 230.0, "on"),
        (2100.0, 200.0, "off"),
        (None, 230.0, "off"),
    ],
)
def test_a_single_phase_site_measures_its_phase_with_the_total(grid_w, voltage_v, left):
    a = appliance(power_w=3000.0, phases=(1,), **ON)
    reading = None if grid_w is None else Reading(grid_w, NOON)
    assert wanted(site(a, grid=Grid(phases=1, fuse_a=25.0, voltage_v=voltage_v)), grid_w=reading) == [left]


@pytest.mark.parametrize(
    ("grid", "seen", "in_s"),
    [
        ({"import_cap_w": 9e3}, {"grid_w": 50.0}, 70.0),
        ({"import_cap_w": 9e3, "every_s": 60.0}, {"grid_w": 50.0}, 130.0),  # three periods are later than two minutes
        ({"import_cap_w": 9e3}, {"grid_w": 120.0}, None),  # just given up
        ({"import_cap_w": 9e3}, {}, None),
        ({"fuse_a": 99.0, "phases": 1}, {"grid_w": 50.0}, 70.0),
        ({"fuse_a": 99.0, "phases": 1}, {"grid_a": (50.0,)}, 70.0),
        ({"fuse_a": 99.0}, {"grid_w": 50.0}, None),  # the sum is no measure of three phases
        ({"fuse_a": 99.0}, {"grid_w": 50.0, "grid_a": (10.0, 30.0, 20.0)}, 90.0),  # the first to go
        ({"fuse_a": 99.0}, {"grid_a": (10.0, None, 130.0)}, 110.0),
        ({"fuse_a": 99.0, "import_cap_w": 9e3}, {"grid_w": 50.0, "grid_a": (10.0, 10.0, 10.0)}, 70.0),
        ({"import_cap_w": 9e3}, {"grid_w": 50.0, "grid_a": (100.0, 10.0, 10.0)}, 70.0),  # no fuse to compare with
        ({}, {"grid_w": 50.0, "grid_a": (10.0, 10.0, 10.0)}, None),
    ],
)
def test_wakes_when_a_limit_loses_its_reading(grid, seen, in_s):
    """Time alone may then change what is left of a limit; the numbers of ``seen`` are ages."""
    readings = {
        key: tuple(None if a is None else Reading(0.0, NOON - a) for a in age)
        if isinstance(age, tuple)
        else Reading(0.0, NOON - age)
        for key, age in seen.items()
    }
    woken = decide(site(appliance(**ON), grid=Grid(**grid)), NOON, running={"boiler": 1}, **readings).wake_at
    assert woken == (None if in_s is None else NOON + in_s)


@pytest.mark.parametrize(
    ("grid", "seen"),
    [
        (FUSE, {"grid_a": on_phases(25.5, 0.0, 0.0)}),
        ({"import_cap_w": 5000.0}, {"grid_w": Reading(5100.0, NOON)}),
    ],
)
@pytest.mark.parametrize(("ago_s", "left"), [(29.9, ["on", "off"]), (30.0, ["off", "off"])])
def test_a_load_that_does_not_open_when_told_does_not_keep_the_others_on(grid, seen, ago_s, left):
    """Edge case 47: its fall is counted on for a while, not for ever."""
    told = {"level": 0, "changed_at": NOON - ago_s, "off_since": None, "before_w": 2000.0}
    silent = {"relays": {"a/relay-1": RelayState(True, NOON)}}
    assert wanted(two(grid=grid), running={"a": 1, "b": told}, **silent, **seen) == left


@pytest.mark.parametrize("stages", [(2000.0,), (1000.0, 3000.0)])
def test_a_load_that_draws_more_than_it_declares_does_not_rattle_at_a_limit(stages):
    """Edge cases 23, 69: shed by a measured limit, it comes back after a cool-down and not as soon as there is room."""
    w = world(appliance(stages=stages, **ON), import_cap_w=5000.0)
    w.surplus_w, w.draws["boiler"] = -2100.0, 2950.0
    for _ in range(900):
        w.run(1)
    closings = [at - NOON for at, closed in w.switchings("boiler/relay-1") if closed]
    assert len(closings) in {3, 4}
    assert all(b - a >= 300.0 for a, b in pairwise(closings))


@pytest.mark.parametrize(
    ("shed", "ago_s", "found"),
    [
        ("fuse", 299.9, ("off", "fuse")),
        ("fuse", 300.0, ("on", "always-on")),
        ("import-cap", 1.0, ("off", "import-cap")),
        (None, 1.0, ("on", "always-on")),
    ],
)
def test_the_cool_down_says_which_limit_it_was(shed, ago_s, found):
    """Edge case 23."""
    state = {"changed_at": NOON - ago_s, "off_since": NOON - ago_s, "shed": shed and ReasonCode(shed)}
    the_site = site(appliance(**ON), grid=Grid(import_cap_w=9000.0))
    outcome = decide(the_site, NOON, running={"boiler": state}, grid_w=Reading(0.0, NOON))
    (decision,) = outcome.decisions
    assert (decision.wanted, decision.code.value) == found
    if found[0] == "off":
        assert outcome.wake_at == min(NOON + 300.0 - ago_s, NOON + 120.0, *([NOON + 1.0] if ago_s < 2.0 else []))


@pytest.mark.parametrize(
    ("grid_w", "dim", "level", "shed"),
    [
        (9001.0, False, 1, "import-cap"),
        (9001.0, False, 2, "import-cap"),
        (0.0, True, 1, None),  # declared numbers cannot swing: what is dimmed comes back at once
        (0.0, False, 0, None),
    ],
)
def test_what_was_shed_is_remembered_until_it_goes_up_again(grid_w, dim, level, shed):
    the_site = site(appliance(stages=(1000.0, 3000.0), **ON), grid=Grid(import_cap_w=9000.0), dim_cap_w=500.0)
    running = {"boiler": {"level": level, "shed": None if level else ReasonCode.FUSE}}
    after = decide(the_site, NOON, running=running, grid_w=Reading(grid_w, NOON), dim=dim).state.machines["boiler"]
    assert after.changed_at == NOON
    assert after.shed == (shed and ReasonCode(shed))


def test_what_does_not_confirm_that_it_let_go_still_counts_where_nothing_measures():
    first, second = (appliance(n, 3000.0, priority=p, mode=Mode.MANUAL) for n, p in (("first", 1), ("second", 2)))
    w = world(first, second, dim_cap_w=4200.0, fixed={"dim": True})
    w.set("first", switch_on=True)
    w.run(10)
    assert w.on("first")
    w.dead.add("first/relay-1")
    w.set("first", switch_on=False)
    w.set("second", switch_on=True)
    w.run(60)
    assert (w.on("second"), w.why("second")) == (False, "dimmed")
    w.dead.clear()
    w.closed["first/relay-1"] = False
    w.run(10)
    assert w.on("second")
