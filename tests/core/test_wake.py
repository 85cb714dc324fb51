"""When to look again: the next moment at which time alone can change the outcome, and none where none can."""

from __future__ import annotations

import pytest

from noonward.core.model import Grid, Inputs, Mode, Override, Reading, ReasonCode, RelayInfo
from noonward.core.timers import Cron, Timer, Windows
from noonward.core.wake import earlier
from support.world import appliance, decide, site

NOON = 1_780_308_000.0  # 10:00 UTC
AGO = NOON - 3600.0
SUN, CLOUD = {"grid_w": Reading(-9000.0, NOON)}, {"grid_w": Reading(0.0, NOON)}
ON_SUN = {"level": 1, "cause": ReasonCode.SURPLUS}
FRESH_UNTIL = 15.0  # three periods of five seconds
RESTS = {"off_since": AGO}


def daily(start: int, stop: int) -> Windows:
    def cron(hour: int) -> Cron:
        return Cron((0,), (hour,), tuple(range(1, 32)), tuple(range(1, 13)), tuple(range(7)), False, True, True)

    return Windows([Timer("tariff", cron(start), cron(stop), None, 1)], "UTC")


def wakes_in(
    policy: dict, *, grid: dict | None = None, relay: RelayInfo | None = None, boiler=0, **seen
) -> float | None:
    a = appliance(**{"min_on_s": 0.0, **policy})
    the_site = site(a, grid=Grid(**(grid or {})), relays={} if relay is None else {a.relays[0]: relay})
    wake_at = decide(the_site, NOON, running={"boiler": boiler}, **seen).wake_at
    return None if wake_at is None else wake_at - NOON


def ages(**age_s: float) -> dict:
    return {"grid_w": Reading(0.0, NOON - age_s["grid"])}


def wishes(**inputs) -> dict:
    return {"inputs": {"boiler": Inputs(**inputs)}}


OFF, ON, MANUAL = {"mode": Mode.ALWAYS_OFF}, {"mode": Mode.ALWAYS_ON}, {"mode": Mode.MANUAL}
TIMED = {"mode": Mode.TIMER, "windows": daily(11, 12)}
OFFERS = {"refused_after_s": 4000.0}

CASES = {
    # nothing runs
    "always off": (OFF, {}, None),
    "always on": (ON, {"boiler": 1}, None),
    "manual": (MANUAL, CLOUD, None),
    # minimum times
    "min-on": ({**ON, "min_on_s": 3700.0}, {"boiler": 1}, 100.0),
    "min-on over": ({**ON, "min_on_s": 3600.0}, {"boiler": 1}, None),
    "min-off": ({**OFF, "min_off_s": 3700.0}, {}, 100.0),
    "min-off over": ({**OFF, "min_off_s": 3600.0}, {}, None),
    # a change settles, then counts as unconfirmed no longer
    "settling": ({**ON, "settle_s": 5.0}, {"boiler": {"level": 1, "changed_at": NOON - 2, "on_since": NOON - 2}}, 3.0),
    "settled": ({**ON, "settle_s": 5.0}, {"boiler": {"level": 1, "changed_at": NOON - 5, "on_since": NOON - 5}}, None),
    "confirmed long ago": (ON, {"boiler": {"level": 1, "changed_at": NOON - 30, "on_since": NOON - 30}}, None),
    "settles before a lagging meter shows it": (
        ON,
        {"boiler": {"level": 1, "changed_at": NOON - 1, "on_since": NOON - 1}, "grid": {"lag_s": 7.0}},
        1.0,
    ),
    "and shows it then": (
        ON,
        {"boiler": {"level": 1, "changed_at": NOON - 2, "on_since": NOON - 2}, "grid": {"lag_s": 7.0}},
        7.0,
    ),
    "confirmed late": (ON, {"boiler": {"level": 1, "changed_at": NOON - 9, "on_since": NOON - 1}}, 1.0),
    # windows
    "opens": (TIMED, {}, 3600.0),
    "closes": ({"mode": Mode.TIMER, "windows": daily(9, 12)}, {"boiler": 1}, 7200.0),
    "clock not trusted": (TIMED, {"clock_trusted": False}, None),
    "timer without windows": ({"mode": Mode.TIMER}, {}, None),
    "window of another mode": ({**TIMED, **OFF}, {}, None),
    "auto-timer": ({**TIMED, "mode": Mode.AUTO_TIMER}, ages(grid=9e9), 3600.0),
    # wishes
    "boost ends": ({"mode": Mode.TIMER}, {"boiler": 1, **wishes(boost_until=NOON + 60)}, 60.0),
    "boost has ended": ({"mode": Mode.TIMER}, wishes(boost_until=NOON), None),
    "override ends": (ON, wishes(override=Override(mode=Mode.ALWAYS_OFF, until=NOON + 60)), 60.0),
    "override without end": (ON, wishes(override=Override(mode=Mode.ALWAYS_OFF)), None),
    "the first to end": (
        {"mode": Mode.TIMER},
        {"boiler": 1, **wishes(boost_until=NOON + 60, override=Override(mode=Mode.ALWAYS_ON, until=NOON + 40))},
        40.0,
    ),
    # the reading ages: fresh, held, stale
    "fresh": ({}, ages(grid=4.0), FRESH_UNTIL - 4.0),
    "a slow meter is fresh for longer": ({}, {**ages(grid=4.0), "grid": {"every_s": 60.0}}, 176.0),
    "a fast one for ten seconds": ({}, {**ages(grid=4.0), "grid": {"every_s": 1.0}}, 6.0),
    "held": ({"stale_after_s": 100.0}, ages(grid=15.0), 85.0),
    "stale": ({"stale_after_s": 100.0}, ages(grid=100.0), None),
    "modes without sun do not mind": (OFF, ages(grid=4.0), None),
    "not answered yet": ({"stale_after_s": 100.0}, {"started_at": NOON - 40}, 60.0),
    "never answered": ({"stale_after_s": 100.0}, {"started_at": NOON - 100}, None),
    "no start known": ({}, {}, None),
    # delays of surplus
    "on delay": ({"on_delay_s": 90.0}, {"boiler": {**RESTS, "enough_since": NOON - 80}, **SUN}, 10.0),
    "on delay begins": ({"on_delay_s": 7.0}, SUN, 7.0),
    "off delay": (
        {"off_delay_s": 90.0},
        {"boiler": {**ON_SUN, "short_since": NOON - 80}, "grid_w": Reading(9e3, NOON)},
        10.0,
    ),
    # the reading must show the last change: settle and the meter's lag
    "not seen yet": (
        {"settle_s": 2.0},
        {
            "boiler": {**ON_SUN, "changed_at": NOON - 2, "on_since": NOON - 2},
            "grid_w": Reading(0.0, NOON - 2),
            "grid": {"lag_s": 7.0},
        },
        7.0,
    ),
    # offers to a heat pump
    "offer counts as refused": (
        OFFERS,
        {
            "boiler": {**ON_SUN, "refused_since": NOON - 3990},
            "draws_w": {"boiler": Reading(0.0, NOON)},
            "grid_w": Reading(-9e3, NOON),
        },
        10.0,
    ),
    "offer reserves no longer": (
        {"refused_after_s": 3610.0},
        {"boiler": ON_SUN, "draws_w": {"boiler": Reading(3000.0, NOON)}, **CLOUD},
        10.0,
    ),
    "min-on of an offer": (
        {**OFFERS, "min_on_s": 3605.0},
        {"boiler": ON_SUN, "draws_w": {"boiler": Reading(3000.0, NOON)}, **CLOUD},
        5.0,
    ),
    "rest is over": (OFFERS, {"boiler": {"rest_until": NOON + 9.0}, **CLOUD}, 9.0),
    "rest was over": (OFFERS, {"boiler": {"rest_until": NOON}, **CLOUD}, FRESH_UNTIL),
    # leases and what is not confirmed
    "lease renewed now, confirmed by": (ON, {"boiler": 1, "relay": RelayInfo(dead_man_s=120.0)}, 10.0),
    "lease renewed now, and again": (ON, {"boiler": 1, "relay": RelayInfo(dead_man_s=6.0)}, 2.0),
    "asked again": (ON, {"boiler": 1, "relays": {}}, 10.0),
}


@pytest.mark.parametrize(("policy", "seen", "in_s"), CASES.values(), ids=list(CASES))
def test_wakes_at_the_first_end_of_anything_that_runs(policy, seen, in_s):
    assert wakes_in(policy, **seen) == in_s


def test_the_site_wakes_for_the_first_of_its_policies():
    a, b = (
        appliance("a", mode=Mode.TIMER, windows=daily(12, 13)),
        appliance("b", mode=Mode.TIMER, windows=daily(11, 13)),
    )
    outcome = decide(site(a, b), NOON)
    assert (outcome.wake_at, [d.wake_at for d in outcome.decisions]) == (NOON + 3600, [NOON + 7200, NOON + 3600])


@pytest.mark.parametrize(
    ("a", "b", "first"), [(None, None, None), (1.0, None, 1.0), (None, 1.0, 1.0), (1.0, 2.0, 1.0), (2.0, 1.0, 1.0)]
)
def test_earlier_of_two_moments_that_may_never_come(a, b, first):
    assert earlier(a, b) == first
