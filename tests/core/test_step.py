"""``step``: what is remembered after it, and that nothing else is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from noonward.core.model import (
    Inputs,
    Lease,
    MachineState,
    Mode,
    Observation,
    Override,
    Reading,
    ReasonCode,
    RelayInfo,
    RelayState,
    State,
)
from noonward.core.step import step
from support.world import World, appliance, at_rest, decide, site

NOON = 1_780_308_000.0
AGO = NOON - 3600.0
R = ReasonCode
SUN, NIGHT = Reading(-9000.0, NOON), Reading(9000.0, NOON)
STAGES = {"stages": (1000.0, 3000.0)}


def remembered(policy, *, boiler=0, inputs=None, **seen) -> MachineState:
    """Return the machine after one step."""
    if inputs is not None:
        seen["inputs"] = {"boiler": inputs}
    a = appliance(**{"min_on_s": 0.0, **policy})
    return decide(site(a), NOON, running={"boiler": boiler}, **seen).state.machines["boiler"]


STARTED = MachineState(state="on", changed_at=NOON, cause=R.ALWAYS_ON, off_since=None, starts=1)
STOPPED = MachineState(state="off", changed_at=NOON, before_w=3000.0, off_since=None)
ON = {"mode": Mode.ALWAYS_ON}
OFF = {"mode": Mode.ALWAYS_OFF}

MOVES = {
    "a start": (ON, {}, STARTED),
    "the eighth start": (ON, {"boiler": {"starts": 7}}, replace(STARTED, starts=8)),
    "a start forgets what was waited for": (
        {},
        {"boiler": {"enough_since": AGO, "rest_until": AGO, "lost": True}, "grid_w": SUN},
        replace(STARTED, cause=R.SURPLUS),
    ),
    "a start with sun for the next stage": (
        STAGES,
        {"boiler": {"enough_since": AGO}, "grid_w": Reading(-3000.0, NOON)},
        replace(STARTED, state="stage-1", cause=R.SURPLUS, enough_since=NOON),  # its delay begins now
    ),
    "a start with too little for the next stage": (
        STAGES,
        {"boiler": {"enough_since": AGO}, "grid_w": Reading(-2999.0, NOON)},
        replace(STARTED, state="stage-1", cause=R.SURPLUS),
    ),
    "a start that no sun was waited for": (
        {**STAGES, "mode": Mode.ALWAYS_ON},
        {"grid_w": SUN},
        replace(STARTED, state="stage-1"),
    ),
    "a stage up": (
        {**STAGES, "mode": Mode.ALWAYS_ON},
        {"boiler": {"level": 1, "starts": 3, "cause": R.SURPLUS, "short_since": AGO}},
        MachineState(
            state="stage-2", changed_at=NOON, before_w=1000.0, cause=R.ALWAYS_ON, on_since=AGO, off_since=None, starts=3
        ),
    ),
    "a stage down keeps the run and what it is due to": (
        STAGES,
        {"boiler": {"level": 2, "starts": 3, "cause": R.SURPLUS, "short_since": AGO}, "grid_w": NIGHT},
        MachineState(
            state="stage-1", changed_at=NOON, before_w=3000.0, cause=R.SURPLUS, on_since=AGO, off_since=None, starts=3
        ),
    ),
    "a stop": (OFF, {"boiler": {"level": 1, "starts": 3, "cause": R.SURPLUS}}, replace(STOPPED, starts=3)),
    "a pump is normal again": (
        {**OFF, "sg_ready": True},
        {"boiler": {"level": 1, "cause": R.SURPLUS}},
        replace(STOPPED, state="normal"),
    ),
    "a stop by surplus": (
        {},
        {"boiler": {"level": 1, "cause": R.SURPLUS, "short_since": AGO}, "grid_w": NIGHT},
        STOPPED,
    ),
    "an offer that was not taken rests for half an hour": (
        {"refused_after_s": 300.0},
        {
            "boiler": {"level": 1, "cause": R.SURPLUS, "refused_since": AGO},
            "grid_w": SUN,
            "draws_w": {"boiler": Reading(0.0, NOON)},
        },
        replace(STOPPED, rest_until=NOON + 1800.0),
    ),
    "the device let go": (
        ON,
        {"boiler": 1, "relays": {"boiler/relay-1": RelayState(False, NOON)}},
        replace(STOPPED, lost=True),
    ),
}


@pytest.mark.parametrize(("policy", "seen", "machine"), MOVES.values(), ids=list(MOVES))
def test_what_is_remembered_after_a_move(policy, seen, machine):
    assert remembered(policy, **seen) == machine


@pytest.mark.parametrize(
    ("policy", "state", "seen", "cause"),
    [
        ({}, {"cause": R.TIMER}, {"grid_w": SUN}, R.SURPLUS),  # surplus would start it now: it is its own run then
        ({}, {"cause": R.SURPLUS}, {"inputs": Inputs(boost_until=NOON + 9.0)}, R.BOOST),
        ({"min_on_s": 9e9}, {"cause": R.TIMER}, {"grid_w": NIGHT}, R.TIMER),  # min-on only lets it go on
        ({}, {"cause": R.TIMER}, {"grid_w": Reading(0.0, NOON - 60.0)}, R.TIMER),
    ],
)
def test_what_a_run_is_due_to(policy, state, seen, cause):
    """Hysteresis belongs to the reason that keeps the run on."""
    policy = {"off_delay_s": 9e9, **policy}
    if "grid_w" in seen and seen["grid_w"].at < NOON:
        policy["min_on_s"] = 9e9
    assert remembered(policy, boiler={"level": 1, **state}, **seen).cause is cause


def test_unchanged_is_the_same_object_and_what_changed_leaves_the_rest_alone():
    a, b = appliance("a", **OFF), appliance("b", mode=Mode.MANUAL)
    the_site = site(a, b)
    state, relays = at_rest(the_site, NOON, b={"level": 1, "cause": R.SWITCH_ON})
    quiet = step(the_site, state, Observation(relays=relays, inputs={"b": Inputs(switch_on=True)}), NOON)
    assert quiet.state is state
    moved = step(the_site, state, Observation(relays=relays), NOON)
    assert moved.state.machines["a"] is state.machines["a"]
    assert moved.state.leases == {**state.leases, "b/relay-1": Lease(closed=False, at=NOON)}


def test_a_policy_seen_for_the_first_time_joins_the_others():
    a, b = appliance("a", **OFF), appliance("b", **OFF)
    state, _ = at_rest(site(a), NOON)
    after = step(site(a, b), state, Observation(), NOON).state
    assert after.machines["a"] is state.machines["a"]
    assert after.machines["b"] == MachineState()


def test_a_state_that_the_policy_no_longer_has_counts_as_off():
    """Edge case 65: a stage was taken out of the file."""
    two, one = appliance(**STAGES), appliance(power_w=1000.0, mode=Mode.ALWAYS_OFF)
    state, _ = at_rest(site(two), NOON, boiler=2)
    (decision,) = step(site(one), state, Observation(), NOON).decisions
    assert (decision.wanted, decision.power_w) == ("off", 0.0)


@pytest.mark.parametrize(
    ("until_s", "mode"), [(None, "always-on"), (1.0, "always-on"), (0.0, "always-off"), (-1.0, "always-off")]
)
def test_an_override_is_in_force_until_its_end(until_s, mode):
    override = Override(mode=Mode.ALWAYS_ON, until=None if until_s is None else NOON + until_s)
    (decision,) = decide(site(appliance(**OFF)), NOON, inputs={"boiler": Inputs(override=override)}).decisions
    assert decision.code.value == mode


def test_stagger_is_a_part_of_the_sites_own_and_of_the_name_alone():
    """Edge case 27: no randomness, and neighbours do not start together."""

    def start_s(name: str, stagger_s: float) -> float:
        w = World(site(appliance(name, **ON), stagger_s=stagger_s), now=NOON, fixed={"power_back_at": NOON})
        w.run(0)
        return w.decision(name).because[0].facts["until"] - NOON

    for name in ("boiler", "pump"):
        assert 0.0 < start_s(name, 60.0) < 60.0
        assert start_s(name, 600.0) == pytest.approx(10 * start_s(name, 60.0))
    assert start_s("boiler", 60.0) != start_s("pump", 60.0)
    starts = [start_s(f"policy-{k}", 60.0) for k in range(100)]
    assert (min(starts) < 6.0, max(starts) > 54.0) == (True, True), "all of the time is made use of"


def test_what_opens_is_sent_first_and_every_command_is_noted():
    a, b, c = appliance("a", **ON), appliance("b", **OFF), appliance("c", **ON)
    the_site = site(a, b, c, relays={"a/relay-1": RelayInfo(dead_man_s=90.0)})
    outcome = decide(the_site, NOON, running={"b": 1})
    assert [(k.relay, k.closed, k.valid_for_s) for k in outcome.commands] == [
        ("b/relay-1", False, None),
        ("a/relay-1", True, 90.0),
        ("c/relay-1", True, None),
    ]
    assert outcome.state.leases == {k.relay: Lease(closed=k.closed, at=NOON) for k in outcome.commands}


@pytest.mark.parametrize("pv_w", [-8.0, 0.0, 5000.0])
@pytest.mark.parametrize("mode", Mode)
def test_what_the_array_produces_is_no_matter_beside_the_grid_reading(mode, pv_w):
    """Edge case 7: at night an inverter draws a little; surplus comes from the grid reading alone."""
    seen = {"grid_w": Reading(8.0, NOON), "running": {"boiler": {"enough_since": AGO}}}
    without, with_pv = (decide(site(appliance(mode=mode)), NOON, pv_w=pv, **seen) for pv in (None, Reading(pv_w, NOON)))
    assert (with_pv.state, with_pv.commands, with_pv.wake_at) == (without.state, without.commands, without.wake_at)
    assert [d.because for d in with_pv.decisions] == [d.because for d in without.decisions]


def test_the_first_step_of_all_knows_nothing_and_opens_everything():
    a = appliance(**STAGES)
    outcome = step(site(a), State(), Observation(), NOON)
    assert [(k.relay, k.closed) for k in outcome.commands] == [(r, False) for r in a.relays]
    assert (outcome.decisions[0].wanted, outcome.decisions[0].code) == ("off", R.METER_STALE)
