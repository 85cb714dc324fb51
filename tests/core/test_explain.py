"""What a decision says for itself: which reasons, in which order, with which numbers."""

from __future__ import annotations

import pytest

from noonward.core.explain import Decisions
from noonward.core.model import FailSafe, Inputs, Mode, Override, Reading, ReasonCode
from noonward.core.timers import Cron, Timer, Windows
from support.world import World, appliance, decide, site

NOON = 1_780_308_000.0  # 10:00 UTC
LONG_AGO = NOON - 3600.0
SUN = {"cause": ReasonCode.SURPLUS}


def daily(start: int, stop: int) -> Windows:
    def cron(hour: int) -> Cron:
        return Cron((0,), (hour,), tuple(range(1, 32)), tuple(range(1, 13)), tuple(range(7)), False, True, True)

    return Windows([Timer("tariff", cron(start), cron(stop), None, 1)], "UTC")


def because(policy=None, *, boiler=0, inputs=None, grid_w=None, age_s=1.0, **seen):
    """Return the reasons of one decision as (code, facts)."""
    if grid_w is not None:
        seen["grid_w"] = Reading(grid_w, NOON - age_s)
    if inputs is not None:
        seen["inputs"] = {"boiler": inputs}
    a = appliance(**{"min_on_s": 0.0, **(policy or {})})
    (decision,) = decide(site(a), NOON, running={"boiler": boiler}, **seen).decisions
    return [(r.code.value, dict(r.facts)) for r in decision.because]


NO_SUN = {"grid_w": 500.0}
THRESHOLDS = {"on_above_w": 3000.0}
STAGES = {"stages": (1000.0, 3000.0)}
ALWAYS_ON, TIMER = {"mode": Mode.ALWAYS_ON}, {"mode": Mode.TIMER}

CASES = {
    # what the surplus was compared with: the next stage's threshold, and the present one's
    "off": ({}, NO_SUN, [("too-little-surplus", {"surplus_w": -500.0, "grid_age_s": 1.0, "on_above_w": 3000.0})]),
    "on": (
        {},
        {"boiler": {"level": 1, **SUN}, "grid_w": 0.0},
        [("surplus", {"surplus_w": 3000.0, "grid_age_s": 1.0, "off_below_w": 1500.0})],
    ),
    "between stages": (
        STAGES,
        {"boiler": {"level": 1, **SUN}, "grid_w": 0.0},
        [("surplus", {"surplus_w": 1000.0, "grid_age_s": 1.0, "on_above_w": 3000.0, "off_below_w": 500.0})],
    ),
    "top stage": (
        STAGES,
        {"boiler": {"level": 2, **SUN}, "grid_w": 0.0},
        [("surplus", {"surplus_w": 3000.0, "grid_age_s": 1.0, "off_below_w": 2000.0})],
    ),
    # delays say until when
    "on delay": (
        {"on_delay_s": 90.0},
        {"boiler": {"enough_since": NOON - 30.0}, "grid_w": -4000.0},
        [("on-delay", {"surplus_w": 4000.0, "grid_age_s": 1.0, "on_above_w": 3000.0, "until": NOON + 60.0})],
    ),
    "off delay": (
        {"off_delay_s": 70.0},
        {"boiler": {"level": 1, "short_since": NOON - 30.0, **SUN}, "grid_w": 2000.0},
        [("off-delay", {"surplus_w": 1000.0, "grid_age_s": 1.0, "off_below_w": 1500.0, "until": NOON + 40.0})],
    ),
    # windows
    "open": (
        {**TIMER, "windows": daily(9, 12)},
        {"boiler": {"level": 1}},
        [("timer", {"window": "tariff", "until": NOON + 7200.0})],
    ),
    "closed": ({**TIMER, "windows": daily(11, 12)}, {}, [("outside-window", {"until": NOON + 3600.0})]),
    "clock not trusted": (
        {**TIMER, "windows": daily(9, 12)},
        {"clock_trusted": False},
        [("outside-window", {"until": NOON + 7200.0})],
    ),
    "no windows": (TIMER, {}, [("outside-window", {})]),
    "auto-timer": (
        {"mode": Mode.AUTO_TIMER, "windows": daily(11, 12)},
        NO_SUN,
        [
            ("too-little-surplus", {"surplus_w": -500.0, "grid_age_s": 1.0, "on_above_w": 3000.0}),
            ("outside-window", {"until": NOON + 3600.0}),
        ],
    ),
    "auto-solar has no windows in force": (
        {"windows": daily(11, 12)},
        NO_SUN,
        [("too-little-surplus", {"surplus_w": -500.0, "grid_age_s": 1.0, "on_above_w": 3000.0})],
    ),
    "auto-timer without windows": (
        {"mode": Mode.AUTO_TIMER},
        NO_SUN,
        [("too-little-surplus", {"surplus_w": -500.0, "grid_age_s": 1.0, "on_above_w": 3000.0})],
    ),
    # minimum times
    "min-on of a timer": (
        {**TIMER, "min_on_s": 4000.0},
        {"boiler": 1},
        [("min-on", {"until": NOON + 400.0, "min_on_s": 4000.0})],
    ),
    "min-on of the sun": (
        {"min_on_s": 4000.0},
        {"boiler": {"level": 1, "short_since": LONG_AGO, **SUN}, "grid_w": 3000.0},
        [
            ("min-on", {"until": NOON + 400.0, "min_on_s": 4000.0}),
            ("too-little-surplus", {"surplus_w": 0.0, "grid_age_s": 1.0, "off_below_w": 1500.0}),
        ],
    ),
    "min-off": (
        {**ALWAYS_ON, "min_off_s": 4000.0},
        {},
        [("min-off", {"until": NOON + 400.0, "min_off_s": 4000.0})],
    ),
    # the meter
    "held": (
        {"then": FailSafe.KEEP},
        {"grid_w": 0.0, "age_s": 30.0},
        [("meter-held", {"grid_age_s": 30.0, "stale_after_s": 120.0, "then": "keep"})],
    ),
    "stale": (
        {},
        {"grid_w": 0.0, "age_s": 300.0},
        [("meter-stale", {"grid_age_s": 300.0, "stale_after_s": 120.0, "then": "release"})],
    ),
    "never answered": ({}, {}, [("meter-stale", {"stale_after_s": 120.0, "then": "release"})]),
    # people
    "boost": (
        {},
        {"boiler": 1, "inputs": Inputs(boost_until=NOON + 60.0)},
        [("boost", {"until": NOON + 60.0})],
    ),
    "override": (
        {},
        {"inputs": Inputs(override=Override(mode=Mode.ALWAYS_OFF, until=NOON + 60.0, by="anna", reason="repair"))},
        [
            ("always-off", {}),
            ("override", {"mode": "always-off", "until": NOON + 60.0, "by": "anna", "reason": "repair"}),
        ],
    ),
    "override without end": (
        {},
        {"inputs": Inputs(override=Override(mode=Mode.ALWAYS_OFF))},
        [("always-off", {}), ("override", {"mode": "always-off"})],
    ),
    "override that ends now": (
        ALWAYS_ON,
        {"boiler": 1, "inputs": Inputs(override=Override(mode=Mode.ALWAYS_ON, until=NOON))},
        [("always-on", {})],
    ),
    # offers, power cuts, devices
    "resting": (
        {"refused_after_s": 300.0},
        {"boiler": {"rest_until": NOON + 900.0}, **NO_SUN},
        [("satisfied", {"until": NOON + 900.0, "refused_after_s": 300.0})],
    ),
    "not answering": (
        {"mode": Mode.MANUAL},
        {"boiler": {"off_since": None, "changed_at": NOON - 30.0}, "relays": {}},
        [("switch-off", {}), ("not-answering", {"unconfirmed_s": 30.0})],
    ),
    "not answering yet": (
        {"mode": Mode.MANUAL},
        {"boiler": {"off_since": None, "changed_at": NOON - 29.0}, "relays": {}},
        [("switch-off", {})],
    ),
}


@pytest.mark.parametrize(("policy", "seen", "reasons"), CASES.values(), ids=list(CASES))
def test_reasons_carry_the_numbers_that_were_compared(policy, seen, reasons):
    """Edge case 68."""
    assert because(policy, **seen) == reasons


def test_a_start_held_back_after_a_power_cut_says_until_when():
    w = World(site(appliance(mode=Mode.ALWAYS_ON)), now=NOON, fixed={"power_back_at": NOON})
    w.run(0)
    (reason,) = w.decision().because
    assert reason.code is ReasonCode.DARK_START
    w.run(reason.facts["until"] - NOON - 0.001)
    assert not w.on()
    w.run(0.001)
    assert w.on()


def test_an_override_is_named_only_where_it_is_in_force():
    """Another end is not: the mode of the file has come back, and may be the same one."""
    over = {"override": Override(mode=Mode.ALWAYS_OFF, until=NOON - 1.0)}
    assert because({"mode": Mode.ALWAYS_OFF}, inputs=Inputs(**over)) == [("always-off", {})]
    assert because(ALWAYS_ON, boiler=1, inputs=Inputs(**over)) == [("always-on", {})]


@pytest.mark.parametrize(
    ("lines", "mode", "line"),
    [
        ({"mode": 3, "surplus": 7}, Mode.AUTO_SOLAR, 7),
        ({"mode": 3}, Mode.ALWAYS_OFF, 3),
        ({"mode": 3}, Mode.AUTO_SOLAR, 0),  # a default: no line of the file says it
    ],
)
def test_a_decision_names_its_place_in_the_file(lines, mode, line):
    (decision,) = decide(site(appliance(mode=mode, lines=lines)), NOON, grid_w=Reading(0.0, NOON)).decisions
    assert (decision.policy, decision.wanted, decision.power_w, decision.line) == ("boiler", "off", 0.0, line)


@pytest.mark.parametrize(
    ("level", "wanted", "power_w"), [(0, "off", 0.0), (1, "stage-1", 1000.0), (2, "stage-2", 3000.0)]
)
def test_a_decision_names_the_stage_and_its_power(level, wanted, power_w):
    a = appliance(then=FailSafe.KEEP, **STAGES)
    (decision,) = decide(site(a), NOON, running={"boiler": level}).decisions
    assert (decision.wanted, decision.power_w) == (wanted, power_w)


def test_decisions_are_a_sequence_made_once():
    decisions = decide(site(appliance("a"), appliance("b")), NOON).decisions
    assert [d.policy for d in decisions] == ["a", "b"]
    assert (len(decisions), decisions[1].policy, [d.policy for d in decisions[:1]]) == (2, "b", ["a"])
    assert decisions[0] is decisions[0]
    made = []
    later = Decisions(make=lambda: made.append(1) or list(decisions))
    assert made == []
    assert [d.policy for d in later] == ["a", "b"]
    assert (len(later), made) == (2, [1])


def test_each_policy_tells_its_own_wake_up():
    a, b = appliance("a", min_off_s=4000.0), appliance("b", mode=Mode.ALWAYS_OFF)
    decisions = decide(site(a, b), NOON, grid_w=Reading(0.0, NOON)).decisions
    assert [d.wake_at for d in decisions] == [NOON + 15.0, None]
