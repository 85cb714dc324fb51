"""The rows of a relay appliance: every reason to run against everything that may stand in its way."""

from __future__ import annotations

from itertools import product

import pytest

from noonward.core.appliance import CAUSES, table_for
from noonward.core.model import ENVELOPE, FailSafe, Grid, Inputs, Mode, Reading, ReasonCode, RelayState
from noonward.core.timers import Cron, Timer, Windows
from support.world import appliance, decide, site

NOON = 1_780_308_000.0  # 10:00 UTC
AGO = NOON - 3600.0
R = ReasonCode


def daily(start: int, stop: int) -> Windows:
    def cron(hour: int) -> Cron:
        return Cron((0,), (hour,), tuple(range(1, 32)), tuple(range(1, 13)), tuple(range(7)), False, True, True)

    return Windows([Timer("tariff", cron(start), cron(stop), None, 1)], "UTC")


def decided(policy: dict, state: dict | int, *, fixed: dict | None = None, **seen) -> tuple[str, str]:
    """Return (state, reason) that one step arrives at."""
    a = appliance(**{"stages": (1000.0, 3000.0), "min_on_s": 0.0, **policy})
    fixed = fixed or {}
    the_site = site(a, grid=Grid(**fixed.pop("grid", {})), **fixed)
    (decision,) = decide(the_site, NOON, running={"boiler": state}, **seen).decisions
    return decision.wanted, decision.code.value


OPEN, BOOST = daily(9, 12), {"inputs": {"boiler": Inputs(boost_until=NOON + 60.0)}}
SUN, CLOUD = {"grid_w": Reading(-1900.0, NOON)}, {"grid_w": Reading(3900.0, NOON)}

REASONS = {
    # name: policy, what is seen, what is remembered while off
    "boost": ({"mode": Mode.AUTO_SOLAR}, BOOST, {}),
    "timer": ({"mode": Mode.TIMER, "windows": OPEN}, {}, {}),
    "surplus": ({"mode": Mode.AUTO_SOLAR}, SUN, {"enough_since": AGO}),
    "meter-stale": ({"mode": Mode.AUTO_SOLAR, "then": FailSafe.FORCE}, {}, {}),
    "always-on": ({"mode": Mode.ALWAYS_ON}, {}, {}),
    "switch-on": ({"mode": Mode.MANUAL}, {"inputs": {"boiler": Inputs(switch_on=True)}}, {}),
}

BLOCKS = {
    # name: policy, site, what is seen, what is remembered
    "min-off": ({"min_off_s": 9000.0}, {}, {}, {}),
    "dark-start": ({}, {"stagger_s": 9e9}, {"power_back_at": NOON}, {}),
    "dimmed": ({}, {"dim_cap_w": 999.0}, {"dim": True}, {}),
    "fuse": ({"phases": (1,)}, {"grid": {"fuse_a": 8.0}}, {}, {}),
    "import-cap": ({}, {"grid": {"import_cap_w": 1900.0, "unmeasured_a": 9.0}}, {}, {}),
}


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_starts_a_run_one_stage_at_a_time(reason):
    policy, seen, state = REASONS[reason]
    assert decided(policy, state, **seen) == ("stage-1", reason)


@pytest.mark.parametrize(("reason", "block"), [*product(REASONS, BLOCKS)])
def test_every_start_can_be_held_back_and_says_by_what(reason, block):
    """Edge cases 23, 39, 46: the envelope, min-off and the order after a power cut bind every reason, shown as blocked."""
    policy, seen, state = REASONS[reason]
    more, fixed, also_seen, also_state = BLOCKS[block]
    if block == "import-cap" and reason == "surplus":
        fixed = {"grid": {"import_cap_w": -901.0}}  # exporting 1.9 kW, and must not go below 0.9
    found = decided({**policy, **more}, {**state, **also_state}, fixed=dict(fixed), **{**seen, **also_seen})
    assert found == ("off", block)


@pytest.mark.parametrize(("reason", "block"), [*product([r for r in REASONS if r != "always-on"], BLOCKS)])
def test_what_does_not_want_to_start_is_not_called_blocked(reason, block):
    """Without its reason, it says what it waits for."""
    policy, _, _ = REASONS[reason]
    more, fixed, seen, state = BLOCKS[block]
    closed = {"windows": daily(11, 12)} if reason == "timer" else {}
    idle = {
        "boost": "too-little-surplus",
        "timer": "outside-window",
        "surplus": "too-little-surplus",
        "meter-stale": "too-little-surplus",
        "switch-on": "switch-off",
    }
    if reason != "timer":
        seen = {**seen, "grid_w": Reading(0.0, NOON)}
    if block == "import-cap":
        fixed = {"grid": {"import_cap_w": 900.0}}
    assert decided({**policy, **more, **closed}, state, fixed=dict(fixed), **seen) == ("off", idle[reason])


RUNS = {"level": 1, "cause": R.SURPLUS}
CLIMBS = {**RUNS, "enough_since": AGO}
GRID_OF_A_RUN = {"grid_w": Reading(-2100.0, NOON)}


def running(reason: str) -> tuple[dict, dict]:
    """Return policy and what is seen, for a load of stage 1 that this reason keeps on."""
    policy, seen, _ = REASONS[reason]
    return policy, GRID_OF_A_RUN if reason == "surplus" else seen


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_goes_on_to_the_highest_stage(reason):
    policy, seen = running(reason)
    assert decided(policy, CLIMBS, **seen) == ("stage-2", reason)
    assert decided(policy, {**CLIMBS, "level": 2, "enough_since": None}, **seen) == ("stage-2", reason)


@pytest.mark.parametrize("reason", REASONS)
def test_no_stage_before_the_last_one_has_settled(reason):
    policy, seen = running(reason)
    assert decided(policy, {**CLIMBS, "changed_at": NOON - 1.9}, **seen) == ("stage-1", reason)
    assert decided(policy, {**CLIMBS, "changed_at": NOON - 2.0}, **seen) == ("stage-2", reason)


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize(("cap_w", "wanted"), [(2999.0, "stage-1"), (3000.0, "stage-2")])
def test_no_stage_that_the_envelope_has_no_room_for(reason, cap_w, wanted):
    policy, seen = running(reason)
    assert decided(policy, CLIMBS, fixed={"dim_cap_w": cap_w}, dim=True, **seen) == (wanted, reason)


LIMITS = {
    "dimmed": ({"dim_cap_w": 500.0}, {"dim": True}),
    "fuse": ({"grid": {"fuse_a": 5.0}}, {}),
    "import-cap": ({"grid": {"import_cap_w": 1500.0, "unmeasured_a": 3.0}}, {}),
}


@pytest.mark.parametrize(
    ("limit", "level", "mode"), [*product(LIMITS, (1, 2), (Mode.ALWAYS_ON, Mode.TIMER, Mode.ALWAYS_OFF))]
)
def test_the_envelope_takes_every_run_down_a_stage_min_on_or_not(limit, level, mode):
    """Edge case 23: stronger than min-on and every mode; always-off is what it would be anyway, stage by stage."""
    fixed, seen = LIMITS[limit]
    policy = {"mode": mode, "windows": OPEN, "min_on_s": 9e9, "phases": (1,)}
    wanted = "off" if level == 1 else "stage-1"
    assert decided(policy, {"level": level}, fixed=dict(fixed), **seen) == (wanted, limit)


@pytest.mark.parametrize("mode", Mode)
def test_a_contact_that_the_device_opened_ends_every_run(mode):
    """Edge case 47."""
    relays = {f"boiler/relay-{k}": RelayState(False, NOON) for k in (1, 2)}
    policy = {"mode": mode, "windows": OPEN, "min_on_s": 9e9}
    assert decided(policy, {"level": 2}, relays=relays, **SUN) == ("off", "not-answering")


ENDS = {
    "timer": ({"mode": Mode.TIMER, "windows": daily(11, 12)}, {}, "outside-window"),
    "surplus": ({"mode": Mode.AUTO_SOLAR}, CLOUD, "too-little-surplus"),
    "auto-timer": ({"mode": Mode.AUTO_TIMER, "windows": daily(11, 12)}, CLOUD, "too-little-surplus"),
    "stale": ({"mode": Mode.AUTO_SOLAR}, {}, "meter-stale"),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_run_without_a_reason_ends_stage_by_stage_after_min_on(end):
    """Min-on forbids stage 0 and nothing else; one stage a settle."""
    policy, seen, why = ENDS[end]
    state = {"cause": R.TIMER}
    assert decided({**policy, "min_on_s": 9e9}, {**state, "level": 2}, **seen) == ("stage-1", why)
    assert decided({**policy, "min_on_s": 9e9}, {**state, "level": 1}, **seen) == ("stage-1", "min-on")
    assert decided(policy, {**state, "level": 1}, **seen) == ("off", why)
    for level, wanted in ((1, "stage-1"), (2, "stage-2")):
        assert decided(policy, {**state, "level": level, "changed_at": NOON - 1.9}, **seen) == (wanted, "settling")


@pytest.mark.parametrize(
    ("then", "level", "found"),
    [
        (FailSafe.RELEASE, 0, ("off", "meter-stale")),
        (FailSafe.KEEP, 0, ("off", "meter-stale")),
        (FailSafe.KEEP, 1, ("stage-1", "meter-stale")),
        (FailSafe.KEEP, 2, ("stage-2", "meter-stale")),
        (FailSafe.FORCE, 2, ("stage-2", "meter-stale")),
    ],
)
@pytest.mark.parametrize("mode", [Mode.AUTO_SOLAR, Mode.AUTO_TIMER])
def test_what_a_solar_policy_does_without_its_meter(then, level, found, mode):
    """Edge case 5."""
    assert decided({"mode": mode, "then": then}, {"level": level, "cause": R.SURPLUS} if level else 0) == found


@pytest.mark.parametrize("ago_s", [1.9, 2.0])
def test_a_run_of_the_sun_is_released_stage_by_stage(ago_s):
    """Edge case 5."""
    state = {"level": 2, "cause": R.SURPLUS, "changed_at": NOON - ago_s}
    assert decided({}, state) == (("stage-2", "settling") if ago_s < 2.0 else ("stage-1", "meter-stale"))


@pytest.mark.parametrize("level", [1, 2])
def test_a_manual_off_is_off_at_once(level):
    assert decided({"mode": Mode.MANUAL, "min_on_s": 9e9}, {"level": level}) == ("off", "switch-off")


HELD = {"grid_w": Reading(9e3, NOON - 30.0)}


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ({"enough_since": AGO}, ("off", "meter-held")),
        ({"level": 1, "cause": R.SURPLUS, "short_since": AGO}, ("stage-1", "meter-held")),
        ({"level": 1, "cause": R.SURPLUS, "enough_since": AGO}, ("stage-1", "meter-held")),
        ({"level": 1, "cause": R.TIMER}, ("off", "too-little-surplus")),  # a window that ended is no matter of the sun
    ],
)
def test_held_starts_nothing_and_stops_nothing_that_surplus_started(state, found):
    """Edge case 5."""
    assert decided({}, state, **HELD) == found


JUST_NOW = {"changed_at": NOON - 3.0, "on_since": NOON - 3.0}
BEFORE = {"grid_w": Reading(9e3, NOON - 3.0)}


@pytest.mark.parametrize(
    ("state", "found"),
    [
        # the reading is older than the change: it says nothing about it
        ({**RUNS, **JUST_NOW, "short_since": AGO}, ("stage-1", "settling")),
        ({"level": 1, "cause": R.TIMER, **JUST_NOW}, ("off", "too-little-surplus")),
        ({"changed_at": NOON - 3.0, "off_since": NOON - 3.0, "enough_since": AGO}, ("off", "settling")),
        ({"changed_at": NOON - 3.0, "off_since": NOON - 3.0}, ("off", "too-little-surplus")),
    ],
)
def test_a_reading_from_before_the_last_change_starts_and_stops_nothing(state, found):
    """Edge case 9."""
    assert decided({}, state, **BEFORE) == found


def test_a_reading_from_before_the_last_change_starts_nothing_however_sunny():
    """Edge case 9."""
    state = {"changed_at": NOON - 3.0, "off_since": NOON - 3.0, "enough_since": AGO}
    assert decided({}, state, grid_w=Reading(-9e3, NOON - 3.0)) == ("off", "settling")
    assert decided({}, state, grid_w=Reading(-9e3, NOON - 1.0)) == ("stage-1", "surplus")


def test_a_run_that_waits_for_a_lower_one_to_go_stays_as_it_is():
    """Edge case 15: it wants the next stage; it goes neither up nor down until the drop is seen."""
    first = appliance("first", stages=(1000.0, 3000.0), priority=1, min_on_s=0.0)
    lower = appliance("lower", 2000.0, priority=2, min_on_s=0.0)
    the_site = site(first, lower)
    waits = {**CLIMBS}
    decisions = decide(the_site, NOON, running={"first": waits, "lower": RUNS}, grid_w=Reading(0.0, NOON)).decisions
    assert [(d.wanted, d.code.value) for d in decisions] == [("stage-1", "settling"), ("off", "preempted")]


@pytest.mark.parametrize("ago_s", [1.9, 2.0])
def test_an_offer_is_withdrawn_stage_by_stage(ago_s):
    """Edge case 77."""
    policy = {"sg_ready": True, "refused_after_s": 300.0}
    state = {"level": 2, "cause": R.SURPLUS, "refused_since": AGO, "changed_at": NOON - ago_s}
    seen = {"grid_w": Reading(-9e3, NOON), "draws_w": {"boiler": Reading(0.0, NOON)}}
    found = decided({**policy, "settle_s": 2.0}, state, **seen)
    assert found == (("forced", "surplus") if ago_s < 2.0 else ("recommended", "satisfied"))


KEYS = {"mode", "load", "relays", "timers", "surplus", "fail_safe", "priority", "refused_after"}


@pytest.mark.parametrize(("mode", "then"), [*product(Mode, FailSafe)])
def test_every_row_names_a_key_of_the_file_and_a_reason_of_its_own_kind(mode, then):
    for row in table_for(appliance(mode=mode, then=then, refused_after_s=300.0)).rows:
        assert row.key in KEYS
        moves_up = row.source == "off" and row.target != "off"
        assert not moves_up or row.why in CAUSES, "a run is due to something"
        assert not (moves_up and row.why in ENVELOPE)
        if row.why in {R.MIN_ON, R.MIN_OFF}:
            assert row.key == "load"
        if row.why in {R.TIMER, R.OUTSIDE_WINDOW}:
            assert row.key == "timers"
        if row.why in {R.METER_HELD, R.METER_STALE}:
            assert row.key == "fail_safe"
