"""A vehicle takes what its kind takes of what it is offered, and no energy is lost between two looks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noonward.plant.vehicle import Vehicle, VehicleKind


def car(energy_wh=float("inf"), asleep=False, **kind):
    return Vehicle(VehicleKind(**kind), energy_wh=energy_wh, asleep=asleep)


def offer(vehicle, *steps):
    """Offer a current for so many seconds, several times; return the mean power of each step. [W]"""
    powers = []
    for offer_a, dt_s in steps:
        powers.append(vehicle.power_w(offer_a, dt_s))
        vehicle.advance(offer_a, dt_s)
    return powers


@pytest.mark.parametrize(
    ("kind", "offer_a", "power_w"),
    [
        ({}, 0.0, 0.0),
        ({}, 5.9, 0.0),
        ({}, 6.0, 4140.0),
        ({}, 10.5, 7245.0),
        ({}, 32.0, 11040.0),
        ({"phases": 1, "max_current_a": 32.0}, 32.0, 7360.0),
        ({"phases": 2}, 6.0, 2760.0),
        ({"phases": 1, "min_current_a": 8.0}, 7.9, 0.0),
        ({"phases": 1, "min_current_a": 8.0}, 8.0, 1840.0),
        ({"min_current_a": 10.0}, 10.0, 6900.0),
        ({"phases": 1, "excess_a": 0.1}, 6.0, 1403.0),
        ({"phases": 1, "share": 0.9}, 10.0, 2070.0),
        ({"phases": 1, "modulates": False, "max_current_a": 10.0}, 6.0, 2300.0),
        ({"phases": 1, "modulates": False, "max_current_a": 10.0}, 16.0, 2300.0),
        ({"phases": 1, "modulates": False, "max_current_a": 10.0}, 5.0, 0.0),
    ],
)
def test_what_it_draws_for_what_it_is_offered(kind, offer_a, power_w):
    """Edge cases 28, 29 and 30: more than offered, less than offered, always the same."""
    assert offer(car(**kind), (offer_a, 60.0)) == [pytest.approx(power_w)]


@pytest.mark.parametrize(
    ("kind", "connected", "currents_a"),
    [
        ({"phases": 1}, (0, 1, 2), (8.0, 0.0, 0.0)),
        ({"phases": 1, "lines": (1,)}, (0, 1, 2), (0.0, 8.0, 0.0)),
        ({"phases": 1, "lines": (2,)}, (0, 1, 2), (0.0, 0.0, 8.0)),
        ({"phases": 2}, (0, 1, 2), (8.0, 8.0, 0.0)),
        ({"phases": 3}, (0, 1, 2), (8.0, 8.0, 8.0)),
        ({"phases": 3}, (0,), (8.0, 0.0, 0.0)),
        ({"phases": 1, "lines": (1,)}, (0,), (0.0, 0.0, 0.0)),
    ],
)
def test_which_conductors_carry_its_current(kind, connected, currents_a):
    """Edge case 31: one, two or three phases, also on L2 or L3 alone, and a station that has closed only L1."""
    vehicle = car(**kind)
    vehicle.connected = connected
    (power_w,) = offer(vehicle, (8.0, 10.0))
    assert vehicle.currents_a(power_w) == pytest.approx(currents_a)
    assert vehicle.draw_w == pytest.approx(power_w)


def test_it_begins_after_its_delay_and_rises_along_its_ramp_and_falls_within_seconds():
    vehicle = car(phases=1, max_current_a=16.0, start_delay_s=10.0, ramp_s=40.0)
    seen = []
    for offer_a, dt_s in ((16.0, 5.0), (16.0, 5.0), (16.0, 20.0), (16.0, 20.0), (16.0, 10.0), (8.0, 2.5), (0.0, 2.5)):
        vehicle.advance(offer_a, dt_s)
        seen.append(vehicle.current_a)
    assert seen == pytest.approx([0.0, 0.0, 8.0, 16.0, 16.0, 8.0, 0.0])


def test_when_its_delay_ends_it_has_not_begun_yet():
    vehicle = car(phases=1, start_delay_s=10.0)
    vehicle.advance(6.0, 10.0)
    assert (vehicle.current_a, vehicle.drawn_wh) == (0.0, 0.0)
    vehicle.advance(6.0, 1.0)
    assert vehicle.current_a == 6.0


@pytest.mark.parametrize(
    ("vehicle", "offer_a", "wants"),
    [
        (car(), 6.0, True),
        (car(), 5.9, False),
        (car(energy_wh=0.0), 16.0, False),
        (car(asleep=True), 16.0, False),
        (car(min_current_a=8.0), 7.0, False),
    ],
)
def test_it_asks_for_current_or_it_does_not(vehicle, offer_a, wants):
    """States C and B of IEC 61851-1."""
    assert vehicle.wants(offer_a) is wants


def test_a_delay_begins_anew_after_a_pause():
    vehicle = car(phases=1, start_delay_s=10.0)
    assert offer(vehicle, (6.0, 10.0), (6.0, 10.0), (0.0, 1.0), (6.0, 20.0)) == pytest.approx([0, 1380, 0, 690])


@given(
    steps=st.lists(
        st.tuples(st.sampled_from([0.0, 6.0, 7.0, 9.5, 16.0]), st.sampled_from([1.0, 7.0, 30.0, 900.0])), min_size=1
    ),
    kind=st.sampled_from([{}, {"ramp_s": 45.0, "start_delay_s": 12.0}, {"ramp_s": 3.0}, {"start_current_a": 9.0}]),
)
def test_cutting_an_interval_loses_no_energy(steps, kind):
    """A step of the lab may be cut anywhere: two halves take what the whole takes."""
    whole, halves = car(**kind), car(**kind)
    for offer_a, dt_s in steps:
        whole.advance(offer_a, dt_s)
        for _ in range(2):
            halves.advance(offer_a, dt_s / 2.0)
    assert halves.drawn_wh == pytest.approx(whole.drawn_wh)
    assert halves.current_a == pytest.approx(whole.current_a)


def test_in_a_step_that_would_overshoot_it_spreads_what_is_left():
    vehicle = car(energy_wh=1500.0, phases=1, max_current_a=32.0)
    assert offer(vehicle, (32.0, 600.0), (32.0, 600.0), (32.0, 600.0)) == pytest.approx([7360.0, 1640.0, 0.0])
    assert vehicle.satisfied
    assert vehicle.drawn_wh == pytest.approx(1500.0)
    assert vehicle.interruptions == 0


def test_near_full_it_takes_less_and_less_of_the_offer():
    """Edge case 29."""
    vehicle = car(energy_wh=2000.0, phases=1, taper_wh=1000.0)
    powers = offer(vehicle, *[(16.0, 60.0)] * 180)
    first = next(k for k, power_w in enumerate(powers) if power_w < 3680.0)
    assert sum(powers[:first]) / 60.0 >= 1000.0
    assert all(later <= earlier for earlier, later in zip(powers[first:], powers[first + 1 :], strict=False))
    assert vehicle.satisfied


def test_starting_may_need_more_than_going_on():
    """Edge case 74: 8 A to begin, 6 A to go on."""
    vehicle = car(phases=1, start_current_a=8.0)
    assert offer(vehicle, (6.0, 60.0), (8.0, 60.0), (6.0, 60.0), (0.0, 60.0), (6.0, 60.0)) == pytest.approx(
        [0.0, 1840.0, 1380.0, 0.0, 0.0]
    )


@pytest.mark.parametrize(
    ("kind", "attempt", "woke"),
    [
        ({}, [(0.0, 15.0), (10.0, 60.0)], True),
        ({"wakes": False}, [(0.0, 15.0), (10.0, 60.0)], False),
        ({}, [(10.0, 60.0)], False),
        ({}, [(0.0, 15.0), (6.0, 60.0)], False),
        ({}, [(0.0, 5.0), (10.0, 60.0)], False),
        ({"wake_rest_s": 30.0}, [(0.0, 15.0), (10.0, 60.0)], False),
        ({"wake_rest_s": 30.0}, [(0.0, 15.0), (10.0, 60.0), (0.0, 60.0), (16.0, 60.0)], True),
    ],
)
def test_it_falls_asleep_without_current_and_wakes_by_an_interruption_or_never(kind, attempt, woke):
    """Edge case 32: in deep standby an offer alone does nothing; nothing for a while and then more may wake it."""
    vehicle = car(phases=1, sleeps_after_s=3600.0, **kind)
    assert offer(vehicle, (0.0, 3599.0), (6.0, 60.0)) == pytest.approx([0.0, 1380.0])
    assert offer(vehicle, (0.0, 3600.0), (6.0, 60.0)) == [0.0, 0.0]
    assert vehicle.asleep
    assert (offer(vehicle, *attempt)[-1] > 0.0) is woke
    assert vehicle.asleep is not woke


def test_a_door_wakes_it():
    vehicle = car(phases=1, asleep=True, wakes=False)
    assert offer(vehicle, (16.0, 60.0)) == [0.0]
    vehicle.rouse()
    assert offer(vehicle, (16.0, 60.0)) == [3680.0]


def test_too_many_interruptions_lock_it():
    """Edge case 34: it bears two, refuses after the third, and a door of its own lets it go on."""
    vehicle = car(phases=1, locks_after=3, ramp_s=40.0)
    cycle = [(16.0, 60.0), (0.0, 1.0), (0.0, 1.0), (0.0, 60.0)]
    powers = offer(vehicle, *(cycle * 4))
    assert [power_w > 0.0 for power_w in powers[::4]] == [True, True, True, False]
    assert vehicle.interruptions == 3
    vehicle.rouse()
    assert offer(vehicle, (16.0, 60.0))[0] > 0.0


def test_being_satisfied_is_no_interruption_and_a_rise_is_none_either():
    vehicle = car(energy_wh=100.0, phases=1, ramp_s=30.0)
    offer(vehicle, (6.0, 30.0), (16.0, 30.0), (6.0, 30.0), (16.0, 600.0), (0.0, 60.0))
    assert vehicle.satisfied
    assert vehicle.interruptions == 0


def test_asking_changes_nothing():
    vehicle = car(energy_wh=5000.0, ramp_s=30.0, start_delay_s=10.0)
    vehicle.advance(16.0, 25.0)
    assert len({vehicle.power_w(16.0, 60.0) for _ in range(3)}) == 1
