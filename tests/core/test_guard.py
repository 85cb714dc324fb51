"""The envelope: fuse per phase, import cap, dimming."""

from __future__ import annotations

import pytest

from noonward.core.model import Grid, Mode, Reading
from support.world import World, appliance, site

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
        (None, (0.0, 12.0, 0.0), False),  # unknown counts in full on every phase
        ((1,), (None, 0.0, 0.0), False),  # 25 − 12.5 unmeasured leaves 12.5
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
