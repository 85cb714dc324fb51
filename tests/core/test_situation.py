"""The minimum times, rests and delays that guards ask for, to the instant."""

from __future__ import annotations

import pytest

from noonward.core.model import Inputs, Mode, Reading, ReasonCode
from support.world import appliance, decide, site

NOON = 1_780_308_000.0
SUN = {"cause": ReasonCode.SURPLUS}
TIMER, ON, OFF, MANUAL = ({"mode": m} for m in (Mode.TIMER, Mode.ALWAYS_ON, Mode.ALWAYS_OFF, Mode.MANUAL))
UNCONFIRMED_ON = {"level": 1, "changed_at": NOON - 9.0, "on_since": None}
UNCONFIRMED_OFF = {"changed_at": NOON - 9.0, "off_since": None}
SILENT = {"relays": {}}
PLENTY = {"grid_w": Reading(-9000.0, NOON)}
SWITCHED = {"inputs": {"boiler": Inputs(switch_on=True)}}


def on_since(ago_s: float) -> dict:
    return {"level": 1, "on_since": NOON - ago_s}


def off_since(ago_s: float) -> dict:
    return {"off_since": NOON - ago_s}


CASES = {
    # min-on forbids stage 0, from the confirmed start; while it is not confirmed it cannot end
    "min-on runs": ({**TIMER, "min_on_s": 300.0}, on_since(299.9), {}, ("on", "min-on")),
    "min-on is over": ({**TIMER, "min_on_s": 300.0}, on_since(300.0), {}, ("off", "outside-window")),
    "start not confirmed": ({**TIMER, "min_on_s": 0.5}, UNCONFIRMED_ON, SILENT, ("on", "min-on")),
    "start not confirmed, no min-on": ({**TIMER, "min_on_s": 0.0}, UNCONFIRMED_ON, SILENT, ("off", "outside-window")),
    "always-off does not ask": ({**OFF, "min_on_s": 300.0}, on_since(1.0), {}, ("off", "always-off")),
    "manual off does not ask": ({**MANUAL, "min_on_s": 300.0}, on_since(1.0), {}, ("off", "switch-off")),
    # min-off, from the confirmed stop
    "min-off runs": ({**ON, "min_off_s": 300.0}, off_since(299.9), {}, ("off", "min-off")),
    "min-off is over": ({**ON, "min_off_s": 300.0}, off_since(300.0), {}, ("on", "always-on")),
    "stop not confirmed": ({**ON, "min_off_s": 0.5}, UNCONFIRMED_OFF, SILENT, ("off", "min-off")),
    "stop not confirmed, no min-off": ({**ON, "min_off_s": 0.0}, UNCONFIRMED_OFF, SILENT, ("on", "always-on")),
    "never ran": ({**ON, "min_off_s": 300.0}, {"off_since": 0.0}, {}, ("on", "always-on")),
    "a switch waits for it": ({**MANUAL, "min_off_s": 300.0}, off_since(1.0), SWITCHED, ("off", "min-off")),
    "unless the gateway was lost": (
        {**MANUAL, "min_off_s": 300.0},
        {**off_since(1.0), "lost": True},
        SWITCHED,
        ("on", "switch-on"),
    ),
    "which excuses no automatic start": (
        {**ON, "min_off_s": 300.0},
        {**off_since(1.0), "lost": True},
        {},
        ("off", "min-off"),
    ),
    # boost
    "boost": (TIMER, {}, {"inputs": {"boiler": Inputs(boost_until=NOON + 0.1)}}, ("on", "boost")),
    "boost is over": (TIMER, {}, {"inputs": {"boiler": Inputs(boost_until=NOON)}}, ("off", "outside-window")),
    # delays of surplus
    "on delay": ({}, {"enough_since": NOON - 59.9}, PLENTY, ("off", "on-delay")),
    "on delay is over": ({}, {"enough_since": NOON - 60.0}, PLENTY, ("on", "surplus")),
    "off delay": (
        {"min_on_s": 0.0},
        {"level": 1, "short_since": NOON - 59.9, **SUN},
        {"grid_w": Reading(9e3, NOON)},
        ("on", "off-delay"),
    ),
    "off delay is over": (
        {"min_on_s": 0.0},
        {"level": 1, "short_since": NOON - 60.0, **SUN},
        {"grid_w": Reading(9e3, NOON)},
        ("off", "too-little-surplus"),
    ),
    # a stage change at a time
    "a stage settles": (
        {**ON, "stages": (1000.0, 2000.0), "settle_s": 5.0},
        {"level": 1, "changed_at": NOON - 4.9},
        {},
        ("stage-1", "always-on"),
    ),
    "a stage has settled": (
        {**ON, "stages": (1000.0, 2000.0), "settle_s": 5.0},
        {"level": 1, "changed_at": NOON - 5.0},
        {},
        ("stage-2", "always-on"),
    ),
    # offers
    "not taken yet": (
        {"refused_after_s": 300.0, "min_on_s": 0.0},
        {"level": 1, "refused_since": NOON - 299.9, **SUN},
        {**PLENTY, "draws_w": {"boiler": Reading(0.0, NOON)}},
        ("on", "surplus"),
    ),
    "not taken": (
        {"refused_after_s": 300.0, "min_on_s": 0.0},
        {"level": 1, "refused_since": NOON - 300.0, **SUN},
        {**PLENTY, "draws_w": {"boiler": Reading(0.0, NOON)}},
        ("off", "satisfied"),
    ),
    "not taken, but min-on": (
        {"refused_after_s": 300.0, "min_on_s": 9e9},
        {"level": 1, "refused_since": NOON - 300.0, **SUN},
        {**PLENTY, "draws_w": {"boiler": Reading(0.0, NOON)}},
        ("on", "surplus"),
    ),
    "rests": (
        {"refused_after_s": 300.0},
        {"enough_since": NOON - 99.0, "rest_until": NOON + 0.1},
        PLENTY,
        ("off", "satisfied"),
    ),
    "has rested": (
        {"refused_after_s": 300.0},
        {"enough_since": NOON - 99.0, "rest_until": NOON},
        PLENTY,
        ("on", "surplus"),
    ),
}


@pytest.mark.parametrize(("policy", "state", "seen", "decided"), CASES.values(), ids=list(CASES))
def test_to_the_instant(policy, state, seen, decided):
    """Edge cases 43, 46, 77."""
    (decision,) = decide(site(appliance(**policy)), NOON, running={"boiler": state}, **seen).decisions
    assert (decision.wanted, decision.code.value) == decided


def test_a_start_after_a_power_cut_waits_to_the_instant():
    """Edge case 27."""
    the_site = site(appliance(mode=Mode.ALWAYS_ON))
    waiting = decide(the_site, NOON, power_back_at=NOON).decisions[0]
    until = waiting.because[0].facts["until"]
    assert decide(the_site, until - 1e-3, power_back_at=NOON).decisions[0].code is ReasonCode.DARK_START
    assert decide(the_site, until, power_back_at=NOON).decisions[0].wanted == "on"


def test_what_has_no_end_yet_names_none():
    on = decide(site(appliance(**TIMER, min_on_s=60.0)), NOON, running={"boiler": UNCONFIRMED_ON}, **SILENT).decisions[
        0
    ]
    off = decide(site(appliance(**ON, min_off_s=60.0)), NOON, running={"boiler": UNCONFIRMED_OFF}, **SILENT).decisions[
        0
    ]
    assert (dict(on.because[0].facts), dict(off.because[0].facts)) == ({"min_on_s": 60.0}, {"min_off_s": 60.0})
