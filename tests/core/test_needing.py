"""Needs and plans of appliances, in a world that obeys at once."""

import pytest

from noonward.core.model import Inputs, Mode, Override, Pace, Past, Requirement, State
from noonward.core.needing import EARLY_S, FULL_S
from noonward.core.pace import PAUSE_S
from noonward.core.past import SLOTS, Running
from noonward.core.timers import Cron, Timer, Windows
from support.world import World, appliance, site

NOON = 1_780_315_200.0  # 12:00 UTC
EIGHT = NOON + 8 * 3600.0


def cron(hour, minute=0):
    return Cron((minute,), (hour,), tuple(range(1, 32)), tuple(range(1, 13)), tuple(range(7)), False, True, True)


NEED = Requirement(energy_wh=3000.0, by=cron(20))


def learnt(peak_w, now=NOON):
    """Days on which the sun gave this much from eight to six, every day alike."""
    end = int(now // 900)
    clear = tuple(max(1.0, peak_w if 32 <= k < 72 else 0.0) for k in range(SLOTS))
    return Past(
        end=end,
        pv_w=tuple(clear[k % SLOTS] for k in range(end - 3 * SLOTS, end)),
        load_w=(0.0,) * (3 * SLOTS),
        clear_w=clear,
        running=Running(end, now),
    )


def world(now=NOON, past=None, **changes):
    values = {"need": NEED, "min_on_s": 300.0, "on_delay_s": 0.0, "off_delay_s": 0.0, **changes}
    the_site = site(appliance("boiler", 3000.0, **values))
    return World(the_site, now=now, state=State() if past is None else State(past=past))


FORCING = [
    (Mode.AUTO_SOLAR, True),
    (Mode.AUTO_TIMER, True),
    (Mode.TIMER, True),
    (Mode.ALWAYS_OFF, False),
    (Mode.MANUAL, False),
]


@pytest.mark.parametrize(("mode", "forced"), FORCING)
@pytest.mark.parametrize("plan", [None, *Pace])
def test_it_is_forced_at_the_latest_start_and_let_go_when_it_has_it(mode, forced, plan):
    windows = Windows([Timer("night", cron(2), cron(3), None, 1)], "UTC") if "timer" in mode.value else None
    w = world(mode=mode, plan=plan, windows=windows)
    latest = EIGHT - 3600.0 - EARLY_S
    w.run(latest - NOON - 1.0)
    assert not w.on()
    w.run(2.0)
    assert w.on() is forced
    if not forced:
        return
    assert w.why() == "need-forced"
    facts = w.decision().because[0].facts
    assert facts["by"] == EIGHT
    assert facts["missing_wh"] == pytest.approx(3000.0, abs=2.0)
    w.run(3600.0)
    assert not w.on()
    assert w.now <= EIGHT
    assert w.state.machines["boiler"].starts == 1


def test_surplus_before_shortens_what_is_forced():
    w = world(plan=None, on_above=0.5, off_below=0.2)
    w.run(1200.0, surplus_w=3000.0)
    assert w.why() == "surplus"
    w.run(EIGHT - 2400.0 - EARLY_S - w.now - 1.0, surplus_w=0.0)
    assert not w.on()
    w.run(62.0)
    assert w.why() == "need-forced"


def test_with_a_plan_a_load_waits_for_the_better_hours():
    """In two more hours there will be twice the sun, says every day before."""
    w = world(plan=Pace.NORMAL, past=learnt(4000.0))
    w.run(600.0, surplus_w=1500.0)
    assert not w.on()
    assert w.why() == "plan-waits"
    facts = w.decision().because[0].facts
    assert facts["covers"] == pytest.approx(0.5)
    assert facts["covers"] < facts["starts_at"] <= 0.88
    assert facts["missing_wh"] == 3000.0
    assert w.now <= facts["likely_at"] < EIGHT
    w.run(60.0, surplus_w=2700.0)
    assert w.why() == "surplus"
    assert w.decision().because[0].facts["stops_below"] < 0.6


def test_where_no_better_sun_is_expected_any_sun_will_do():
    w = world(plan=Pace.NORMAL, past=learnt(0.0))
    w.run(600.0, surplus_w=200.0)
    assert w.on()
    w.run(600.0, surplus_w=-100.0)
    assert w.on()  # it goes on until a fifth of it is bought
    w.run(600.0, surplus_w=-700.0)
    assert not w.on()


def test_before_the_first_day_half_of_its_power_starts_it():
    w = world(plan=Pace.CALM)
    w.run(600.0, surplus_w=1400.0)
    assert not w.on()
    w.run(600.0, surplus_w=1600.0)
    assert w.on()


def test_a_planned_load_rests_when_it_has_what_it_needs():
    w = world(plan=Pace.CALM)
    w.run(3590.0, surplus_w=5000.0)
    assert w.on()
    w.run(20.0)
    assert not w.on()
    assert w.why() == "satisfied"
    facts = w.decision().because[0].facts
    assert facts["needed_wh"] == 3000.0
    assert facts["until"] == NOON + 12 * 3600.0
    w.run(4 * 3600.0)
    assert not w.on()
    w.run(NOON + 12 * 3600.0 - w.now + 60.0)  # midnight: the next need
    assert w.on()


def test_without_a_plan_a_need_is_the_least():
    w = world(plan=None)
    w.run(2 * 3600.0, surplus_w=5000.0)
    assert w.on()
    assert w.why() == "surplus"


def test_what_the_meter_of_a_load_says_counts():
    w = world(plan=Pace.CALM)
    w.draws["boiler"] = 1500.0
    w.run(5400.0, surplus_w=5000.0)
    assert w.on()  # at half of its power it takes twice the time
    w.run(1900.0)
    assert not w.on()
    assert w.why() == "satisfied"


def test_a_load_that_takes_nothing_has_enough_and_is_not_forced():
    w = world(plan=Pace.CALM)
    w.draws["boiler"] = 0.0
    w.run(FULL_S + 60.0, surplus_w=5000.0)
    assert not w.on()
    assert w.why() == "satisfied"
    assert w.state.got["boiler"].full
    w.run(EIGHT - w.now, surplus_w=0.0)
    assert w.why() == "satisfied"


def test_min_on_comes_before_rest():
    w = world(plan=Pace.CALM, min_on_s=1800.0)
    w.draws["boiler"] = 0.0
    w.run(FULL_S + 60.0, surplus_w=5000.0)
    assert w.on()
    assert w.why() == "min-on"
    w.run(1800.0)
    assert not w.on()


def test_a_pause_lies_between_two_runs_of_a_plan():
    w = world(plan=Pace.NORMAL, past=learnt(4000.0), min_on_s=0.0)
    w.run(60.0, surplus_w=3000.0)
    w.run(60.0, surplus_w=0.0)
    stopped = w.switchings("boiler/relay-1")[-1][0]
    w.run(PAUSE_S - 90.0, surplus_w=3000.0)
    assert not w.on()
    w.run(120.0)
    assert w.on()
    assert w.switchings("boiler/relay-1")[-1][0] == stopped + PAUSE_S


@pytest.mark.parametrize(("surplus_w", "looks_again"), [(3000.0, True), (0.0, False)])
def test_the_end_of_a_pause_is_looked_at_only_where_there_is_sun_to_start_by(surplus_w, looks_again):
    w = world(plan=Pace.NORMAL, past=learnt(4000.0), min_on_s=0.0)
    w.run(60.0, surplus_w=3000.0)
    w.run(60.0, surplus_w=0.0)
    stopped = w.switchings("boiler/relay-1")[-1][0]
    outcome = w.run(120.0, surplus_w=surplus_w)
    assert (outcome.decisions.verdicts[0].deadline == stopped + PAUSE_S) is looks_again


def test_a_passed_deadline_forces_nothing_any_more():
    w = world(now=EIGHT + 1.0, plan=Pace.CALM)
    w.run(3600.0)
    assert not w.on()
    assert w.why() == "too-little-surplus"


def test_an_override_to_always_off_is_stronger_and_the_envelope_too():
    w = world(plan=Pace.CALM)
    w.inputs["boiler"] = Inputs(override=Override(mode=Mode.ALWAYS_OFF))
    w.run(EIGHT - NOON - 60.0)
    assert not w.on()
    assert w.why() == "always-off"


def test_a_silent_meter_does_not_keep_it_from_what_it_must_have():
    w = world(plan=Pace.CALM)
    w.run(60.0)
    w.meter_silent_since = w.now
    w.run(EIGHT - 3000.0 - w.now)
    assert w.why() == "need-forced"


def test_plans_are_made_again_every_quarter_of_an_hour_by_day():
    w = world(plan=Pace.CALM, past=learnt(4000.0))
    w.run(60.0)
    first = w.state.plans["boiler"]
    w.run(700.0)
    assert w.state.plans["boiler"] is first
    w.run(200.0)
    assert w.state.plans["boiler"].at == NOON + 900.0


def test_the_days_are_learnt_where_there_is_a_need_and_only_there():
    w = world(plan=None)
    for _ in range(20):
        w.run(60.0, surplus_w=1200.0)
    assert w.state.past.pv_w == (1200.0,)  # without a meter for the PV, what is left stands for it
    w = world(need=None)
    w.run(3600.0, surplus_w=1200.0)
    assert w.state.past == Past()
