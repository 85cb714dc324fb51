"""Watching whether a heat pump takes what it is offered."""

from __future__ import annotations

import pytest

from noonward.core.model import Reading, ReasonCode
from support.world import appliance, decide, site

NOON = 1_780_308_000.0
SINCE = NOON - 100.0
RUNS = {"level": 1, "cause": ReasonCode.SURPLUS, "on_since": SINCE}
SUN = Reading(-9000.0, NOON)


def refused_since(state, draw: Reading | None, grid: Reading | None = SUN, **policy):
    """Return since when the offer of 2 kW counts as not taken."""
    pump = appliance("pump", 2000.0, **{"refused_after_s": 300.0, "sg_ready": True, **policy})
    seen = {"draws_w": {} if draw is None else {"pump": draw}, "grid_w": grid}
    return decide(site(pump), NOON, running={"pump": state}, **seen).state.machines["pump"].refused_since


@pytest.mark.parametrize(
    ("state", "draw", "since"),
    [
        (RUNS, Reading(0.0, NOON), SINCE),  # from the confirmed start
        (RUNS, Reading(199.0, NOON), SINCE),
        (RUNS, Reading(200.0, NOON), None),  # a tenth is taken
        (RUNS, None, None),  # without a meter nothing is assumed
        (RUNS, Reading(0.0, NOON - 14.0), SINCE),
        (RUNS, Reading(0.0, NOON - 15.0), None),  # too old
        ({**RUNS, "refused_since": NOON - 50.0}, Reading(0.0, NOON), NOON - 50.0),  # goes on counting
        ({**RUNS, "refused_since": NOON - 50.0}, Reading(2000.0, NOON), None),  # taken after all
        ({**RUNS, "refused_since": NOON - 50.0}, None, None),
        (0, Reading(0.0, NOON), None),  # nothing is offered
    ],
)
def test_since_when_an_offer_is_not_taken(state, draw, since):
    """Edge case 77."""
    assert refused_since(state, draw) == since


def test_only_offers_are_watched():
    assert refused_since(RUNS, Reading(0.0, NOON), refused_after_s=None) is None


def test_without_a_grid_reading_nothing_is_assumed():
    assert refused_since({**RUNS, "on_since": NOON - 1.0}, Reading(0.0, NOON), grid=None) is None


def test_the_lowest_offer_is_what_counts():
    """Forced and drawing a little less than a tenth of the forced power is still a pump that runs."""
    state = {**RUNS, "level": 2}
    assert refused_since(state, Reading(250.0, NOON), stages=(2000.0, 4000.0)) is None
