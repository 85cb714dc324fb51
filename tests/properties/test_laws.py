"""The laws of the core, on random sites and days; each test also shows that it was not vacuous.

Surplus drawn as independent floats switches nothing on. Days here are piecewise constant on values around the
thresholds, with durations around the delays; every law counts how often the interesting state was reached and fails if
that was too rare.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noonward.core.calm import Steps
from noonward.core.model import (
    FailSafe,
    Grid,
    Inputs,
    Mode,
    Override,
    Pace,
    Past,
    Reading,
    ReasonCode,
    RelayInfo,
    Requirement,
    Site,
    State,
)
from noonward.core.past import Running
from noonward.core.step import step
from noonward.core.timers import Cron, Timer, Windows
from noonward.record import decode_state, encode_state
from support.world import World, appliance, site

NOON = 1_780_308_000.0
POWERS = (1000.0, 2000.0, 3000.0)
DURATIONS = (1.0, 2.0, 10.0, 15.0, 59.0, 60.0, 61.0, 120.0, 121.0, 299.0, 300.0, 600.0, 601.0, 1200.0)
EARLY_ENDS = {
    ReasonCode.ALWAYS_OFF,
    ReasonCode.SWITCH_OFF,
    ReasonCode.FUSE,
    ReasonCode.IMPORT_CAP,
    ReasonCode.DIMMED,
    ReasonCode.NOT_ANSWERING,
}
"""What may end min-on: the envelope, a fault, always-off and a manual off."""

LAW = settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def daily(start: int, stop: int) -> Windows:
    return Windows([Timer("tariff", at_hour(start), at_hour(stop), None, 1)], "UTC")


def at_hour(hour: int) -> Cron:
    return Cron((0,), (hour,), tuple(range(1, 32)), tuple(range(1, 13)), tuple(range(7)), False, True, True)


NEEDS = tuple(Requirement(energy_wh=wh, by=at_hour(hour)) for wh in (250.0, 3000.0) for hour in (11, 20))

LEARNT = Past(
    end=int(NOON // 900),
    pv_w=tuple(max(0.0, 5000.0 - 180.0 * abs(k % 96 - 48)) for k in range(48, 288)),
    load_w=(400.0,) * 240,
    clear_w=tuple(max(1.0, 6000.0 - 180.0 * abs(k - 48)) for k in range(96)),
    running=Running(int(NOON // 900), NOON),
)
"""Two days and a half before noon."""


def new(the_site: Site) -> World:
    """Begin a day on a site that knows its last ones, where it has use for them."""
    return World(the_site, now=NOON, state=State(past=LEARNT) if the_site.learns else State())


@st.composite
def appliances(draw, name: str, modes):
    mode = draw(st.sampled_from(modes))
    need = draw(st.sampled_from((None, None, *NEEDS)))
    power = draw(st.sampled_from(POWERS))
    staged = draw(st.booleans())
    return appliance(
        name,
        mode=mode,
        stages=(power, 2 * power) if staged else (power,),
        sg_ready=draw(st.booleans()),
        priority=draw(st.sampled_from((1, 2, 3))),
        min_on_s=draw(st.sampled_from((0.0, 60.0, 300.0, 600.0))),
        min_off_s=draw(st.sampled_from((0.0, 300.0))),
        on_delay_s=draw(st.sampled_from((0.0, 60.0))),
        off_delay_s=draw(st.sampled_from((0.0, 60.0))),
        on_above=draw(st.sampled_from((0.5, 1.0))),
        off_below=draw(st.sampled_from((0.2, 0.5))),
        then=draw(st.sampled_from(FailSafe)),
        phases=draw(st.sampled_from(((1,), (2,), (1, 2, 3), None))),
        windows=draw(st.sampled_from((daily(11, 12), daily(10, 13)))) if "timer" in mode.value else None,
        refused_after_s=draw(st.sampled_from((None, None, 300.0))),
        need=need,
        plan=None if need is None else draw(st.sampled_from((None, *Pace))),
    )


@st.composite
def days(draw, modes=(*Mode, Mode.AUTO_SOLAR, Mode.AUTO_SOLAR, Mode.AUTO_TIMER)):
    """A site and a list of segments (seconds, what is given)."""
    policies = [draw(appliances(name, modes)) for name in draw(st.sampled_from((("a",), ("a", "b"), ("a", "b", "c"))))]
    names = [a.name for a in policies]
    total = sum(a.stages[-1].power_w for a in policies)
    grid = Grid(
        fuse_a=draw(st.sampled_from((None, None, 25.0))), import_cap_w=draw(st.sampled_from((None, None, 4000.0)))
    )
    around = sorted({0.0, -500.0, total, *(a.on_above_w[0] + d for a in policies for d in (-1.0, 0.0, 500.0))})
    segment = st.tuples(
        st.sampled_from(DURATIONS),
        st.fixed_dictionaries(
            {"surplus_w": st.sampled_from(around)},
            optional={
                "silent": st.booleans(),
                "dim": st.booleans(),
                "inputs": st.tuples(
                    st.sampled_from(names),
                    st.builds(
                        Inputs,
                        switch_on=st.booleans(),
                        boost_until=st.sampled_from((None, None, NOON + 900, NOON + 3600)),
                        override=st.sampled_from(
                            (None, None, *(Override(mode=m, until=NOON + 1800) for m in (Mode.ALWAYS_OFF, Mode.TIMER)))
                        ),
                    ),
                ),
                "draws": st.tuples(st.sampled_from(names), st.sampled_from((0.0, 500.0))),
            },
        ),
    )
    segments = draw(st.lists(segment, min_size=3, max_size=12))
    relays = {r: RelayInfo(dead_man_s=draw(st.sampled_from((None, 120.0)))) for a in policies for r in a.relays}
    return site(*policies, grid=grid, dim_cap_w=2500.0, relays=relays), segments


def play(world: World, segments, each=None) -> World:
    """Run a day; ``each`` is called after every segment."""
    for seconds, what in segments:
        if "silent" in what:
            world.meter_silent_since = (world.meter_silent_since or world.now) if what["silent"] else None
        if "dim" in what:
            world.fixed = {"dim": what["dim"]}
        if "inputs" in what:
            world.inputs[what["inputs"][0]] = what["inputs"][1]
        if "draws" in what:
            world.draws[what["draws"][0]] = what["draws"][1]
        world.run(seconds, surplus_w=what["surplus_w"])
        if each:
            each(world)
    return world


def law(strategy, body, at_least: dict[str, int]):
    """Check a law on many days and that each named thing happened often enough."""
    seen: Counter[str] = Counter()

    @LAW
    @given(strategy)
    def check(day):
        body(day, seen)

    check()
    for what, least in at_least.items():
        assert seen[what] >= least, f"vacuous: {what} happened {seen[what]} times, wanted {least}: {dict(seen)}"


def test_min_on_is_ended_by_nothing_but_the_list():
    def body(day, seen):
        w = play(new(day[0]), day[1])
        for a in w.site.appliances:
            since = None
            for at, outcome in w.history:
                machine = outcome.state.machines.get(a.name)
                decision = next(d for d in outcome.decisions if d.policy == a.name)
                running = decision.power_w > 0
                if since is not None and not running:
                    seen["ended"] += 1
                    if at < since + a.min_on_s:
                        seen["early"] += 1
                        assert decision.code in EARLY_ENDS, f"{decision} after {at - since} s of {a.min_on_s}"
                since = machine.on_since if machine is not None and running else None

    law(days(), body, {"ended": 60, "early": 10})


def test_min_off_is_kept():
    def body(day, seen):
        w = play(new(day[0]), day[1])
        for a in w.site.appliances:
            stopped = None
            for at, outcome in w.history:
                running = next(d for d in outcome.decisions if d.policy == a.name).power_w > 0
                if running and stopped is not None:
                    seen["restarted"] += 1
                    assert at >= stopped + a.min_off_s
                machine = outcome.state.machines.get(a.name)
                stopped = machine.off_since if machine is not None and not running and machine.starts else None

    law(days(), body, {"restarted": 20})


def test_an_on_state_always_has_a_live_reason():
    idle = {
        ReasonCode.TOO_LITTLE_SURPLUS,
        ReasonCode.OUTSIDE_WINDOW,
        ReasonCode.ALWAYS_OFF,
        ReasonCode.SWITCH_OFF,
        ReasonCode.MIN_OFF,
        ReasonCode.ON_DELAY,
        ReasonCode.DARK_START,
    }

    def body(day, seen):
        w = play(new(day[0]), day[1])
        for at, outcome in w.history:
            for a, decision in zip(w.site.appliances, outcome.decisions, strict=True):
                if decision.wanted == ("normal" if a.sg_ready else "off"):
                    continue
                seen[decision.code.value] += 1
                before = decision.power_w
                if decision.code in idle:
                    # allowed only in the very step that takes a staged load down a stage
                    assert len(a.stages) > 1, decision
                    assert before < a.stages[-1].power_w, decision
                if decision.code is ReasonCode.TIMER:
                    assert a.windows is not None
                    assert a.windows.is_open(at)
                if decision.code is ReasonCode.SURPLUS:
                    facts = decision.because[0].facts
                    if "covers" in facts:
                        assert facts["covers"] >= min(facts["stops_below"], facts["starts_at"]) - 1e-6
                    else:
                        assert facts["surplus_w"] >= min(a.off_below_w) - 1e-6

    law(days(), body, {"surplus": 60, "timer": 20, "min-on": 10, "always-on": 20, "boost": 5, "meter-stale": 5})


def test_an_extra_step_before_wake_at_changes_nothing():
    def body(day, seen):
        w = new(day[0])

        def again(world: World) -> None:
            wake = world.outcome.wake_at
            moments = [world.now, world.now + 0.5 if wake is None else (world.now + wake) / 2]
            for moment in moments:
                extra = step(world.site, world.state, world.last_observation, moment)
                seen["extra"] += 1
                seen["running"] += any(d.power_w for d in extra.decisions)
                assert extra.state is world.state
                assert extra.commands == ()
                assert extra.wake_at == wake
                assert [(d.wanted, d.code) for d in extra.decisions] == [
                    (d.wanted, d.code) for d in world.outcome.decisions
                ]

        play(w, day[1], again)

    law(days(), body, {"extra": 300, "running": 100})


def test_waking_moves_on_and_stop_and_resume_is_the_same_as_going_on():
    """Edge cases 43, 61: the state survives being written and read at any step."""

    def body(day, seen):
        one = play(new(day[0]), day[1])
        two = new(day[0])

        def restart(world: World) -> None:
            seen["restarts while on"] += any(world.closed.values())
            world.state = decode_state(encode_state(world.state))

        play(two, day[1], restart)
        assert two.sent == one.sent
        assert two.state == one.state
        assert all(o.wake_at is None or o.wake_at > at for at, o in one.history)

    law(days(), body, {"restarts while on": 60})


def test_the_same_inputs_give_the_same_outputs_whatever_the_order_of_files():
    """Edge cases 71, 72."""

    def body(day, seen):
        the_site, segments = day
        one = play(new(the_site), segments)
        shuffled = site(
            *reversed(the_site.appliances),
            **{k: getattr(the_site, k) for k in ("grid", "dim_cap_w", "relays")},
        )
        two = play(new(shuffled), segments)
        seen["commands"] += len(one.sent)
        assert one.sent == two.sent
        assert all(len(o.decisions) == len(the_site.appliances) for _, o in one.history)

    law(days(), body, {"commands": 200})


def test_a_surplus_start_never_imports_when_the_threshold_is_the_full_power():
    """Edge case 15: with a true meter and full coverage demanded, starting does not buy energy."""

    def body(day, seen):
        the_site, segments = day
        full = site(
            *(
                replace(
                    a,
                    on_above_w=tuple(s.power_w for s in a.stages),
                    min_on_s=0.0,
                    refused_after_s=None,
                    need=None,
                    plan=None,
                )
                for a in the_site.appliances
            )
        )
        w = new(full)
        quiet = [(s, {"surplus_w": what["surplus_w"]}) for s, what in segments]
        for seconds, what in quiet:
            before = len(w.history)
            w.run(seconds, **what)
            for at, outcome in w.history[before:]:
                if any(c.closed for c in outcome.commands):
                    seen["starts"] += 1
                    wanted = sum(d.power_w for d in outcome.decisions)
                    assert wanted <= what["surplus_w"] + 1e-6, (at, outcome.decisions)

    law(days(modes=(Mode.AUTO_SOLAR,)), body, {"starts": 40})


@st.composite
def contests(draw):
    """A small load below a large one, and surpluses on both sides of both thresholds."""
    low = appliance(
        "low", draw(st.sampled_from((1000.0, 2000.0))), priority=2, min_on_s=draw(st.sampled_from((0.0, 300.0)))
    )
    high = appliance("high", 3000.0, priority=1, min_on_s=0.0, on_delay_s=draw(st.sampled_from((0.0, 60.0))))
    surplus = st.sampled_from((0.0, 2000.0, 2500.0, 3000.0, 3500.0, 5000.0))
    segments = draw(st.lists(st.tuples(st.sampled_from(DURATIONS), surplus), min_size=4, max_size=12))
    return site(low, high), segments


def test_who_is_preempted_goes_before_the_other_comes_and_only_when_it_may():
    """Edge case 15."""

    def body(day, seen):
        w = new(day[0])
        for seconds, surplus_w in day[1]:
            w.run(seconds, surplus_w=surplus_w)
        for (_, before), (at, outcome) in zip(w.history, w.history[1:], strict=False):
            high, low = outcome.decisions
            if low.code is ReasonCode.PREEMPTED:
                seen["preempted"] += 1
                machine = before.state.machines["low"]
                assert at >= machine.on_since + day[0].appliances[1].min_on_s
                assert (high.wanted, high.code) == ("off", ReasonCode.SETTLING)
            if high.wanted == "on" and before.decisions[0].wanted == "off":
                seen["high started"] += 1
                grid_w = w.site.appliances[1].stages[0].power_w if low.wanted == "on" else 0.0
                seen["together"] += low.wanted == "on"
                assert grid_w + 3000.0 <= max(s for _, s in day[1])

    law(contests(), body, {"preempted": 10, "high started": 40, "together": 5})


def test_dimming_and_the_fuse_hold_after_every_step():
    def body(day, seen):
        the_site, segments = day
        w = new(the_site)

        def kept(world: World) -> None:
            if not world.fixed.get("dim") or world.outcome is None:
                return
            world.run(10)
            seen["dimmed"] += any(d.code is ReasonCode.DIMMED for d in world.outcome.decisions)
            assert sum(d.power_w for d in world.outcome.decisions) <= 2500.0

        play(w, segments, kept)
        if the_site.grid.fuse_a is not None:
            for _, outcome in w.history:
                if any(c.closed for c in outcome.commands):
                    seen["fused starts"] += 1
                    for phase in (1, 2, 3):
                        amperes = sum(
                            d.power_w / 230.0 / (len(a.phases) if a.phases else 1)
                            for a, d in zip(the_site.appliances, outcome.decisions, strict=True)
                            if a.phases is None or phase in a.phases
                        )
                        assert amperes <= the_site.grid.fuse_a / 2 + 1e-6

    law(days(), body, {"dimmed": 15, "fused starts": 10})


def test_a_closed_relay_with_a_dead_man_is_renewed_in_time_and_sg_ready_is_never_locked():
    """Edge cases 41, 63."""

    def body(day, seen):
        w = play(new(day[0]), day[1])
        last: dict[str, float] = {}
        k = {r: False for a in w.site.appliances for r in a.relays}
        for at, command in w.sent:
            info = w.site.relays[command.relay]
            if info.dead_man_s is not None and k[command.relay]:
                seen["renewed"] += command.closed
                assert at - last[command.relay] <= info.dead_man_s / 3 + 1e-6
            assert command.valid_for_s == (info.dead_man_s if command.closed else None)
            last[command.relay], k[command.relay] = at, command.closed
            for a in w.site.appliances:
                if a.sg_ready and len(a.relays) == 2:
                    assert (k[a.relays[0]], k[a.relays[1]]) != (True, False), "locked"
                    seen["forced"] += k[a.relays[0]]

    law(days(), body, {"renewed": 100, "forced": 10})


def test_every_decision_explains_itself():
    """Edge case 68."""

    def body(day, seen):
        w = play(new(day[0]), day[1])
        for _, outcome in w.history:
            for decision in outcome.decisions:
                reasons = decision.because
                assert reasons[0].code is decision.code
                seen[decision.code.value] += 1

    codes = (
        "surplus",
        "on-delay",
        "off-delay",
        "meter-held",
        "fuse",
        "settling",
        "plan-waits",
        "need-forced",
        "satisfied",
    )
    everywhere = st.one_of(days(), days(modes=(Mode.AUTO_SOLAR,)), days(modes=(Mode.ALWAYS_ON,)))
    law(everywhere, body, dict.fromkeys(codes, 1))


def test_an_empty_site_decides_nothing():
    outcome = step(site(), State(), World(site()).observe(), NOON)
    assert (list(outcome.decisions), outcome.commands, outcome.wake_at) == ([], (), None)


def test_taking_a_shortcut_changes_nothing():
    """``Steps`` equals ``step``, on minute after minute of readings that mostly change nothing."""
    minute = st.sampled_from((0.0, 500.0, 900.0, 1000.0, 1001.0, 1500.0, 2000.0, 2999.0, 3000.0, 3500.0, 7000.0))
    blocks = st.lists(st.tuples(minute, st.integers(1, 12)), min_size=3, max_size=8)

    def body(day, seen):
        (the_site, _), blocks = day
        steps = Steps(the_site)
        w = new(the_site)
        w.run(0)
        for surplus_w, minutes in blocks:
            for k in range(minutes):
                w.now += 60
                w.surplus_w = surplus_w - (k % 2) * 0.5
                for _ in range(8):
                    fresh = w.observe()
                    same = w.last_observation.relays
                    observation = replace(
                        fresh,
                        inputs=w.last_observation.inputs,
                        relays=same if {r: s.closed for r, s in same.items()} == w.closed else fresh.relays,
                    )
                    if the_site.grid.fuse_a is not None and minutes > 1:
                        a = observation.grid_w.value / 230.0
                        phases = tuple(Reading(share * a, w.now) for share in (0.6, 0.4, 0.0))
                        observation = replace(observation, grid_a=phases)
                    full = step(the_site, w.state, observation, w.now)
                    short = steps(w.state, observation, w.now)
                    seen["shortcuts"] += not short.decisions.verdicts
                    seen["running"] += any(w.closed.values()) and not short.decisions.verdicts
                    seen["fused"] += bool(observation.grid_a) and not short.decisions.verdicts
                    counted = replace(short.state, past=full.state.past)  # of a calm step with the next that is not
                    assert (counted == full.state, short.commands, short.wake_at) == (
                        True,
                        full.commands,
                        full.wake_at,
                    )
                    assert [(d.wanted, d.code) for d in short.decisions] == [(d.wanted, d.code) for d in full.decisions]
                    w.last_observation, w.state = observation, short.state
                    for command in full.commands:
                        w.closed[command.relay] = command.closed
                    if not full.commands:
                        break

    law(st.tuples(days(), blocks), body, {"shortcuts": 200, "running": 50, "fused": 20})
