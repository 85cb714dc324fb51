"""The smallest world: what its meter shows, and when the engine is asked."""

import pytest

from noonward.core.model import Mode, Outcome, State
from noonward.lab import trial as module
from noonward.lab.trial import Touched, Trial
from noonward.policy.moment import instant
from support.testfiles import boiler, heater_3ph, site

START = instant("2026-06-01 11:00", "Europe/Zurich")
ON = boiler(mode=Mode.ALWAYS_ON, windows=None, min_off_s=0.0)


def trial(appliance=ON, where=None):
    return Trial(appliance, where or site(), START, Touched())


@pytest.fixture
def seen(monkeypatch):
    """Every observation that the engine was given, with its time."""
    seen = []
    step = module.step

    def spy(where, state, observation, now):
        seen.append((now - START, observation))
        return step(where, state, observation, now)

    monkeypatch.setattr(module, "step", spy)
    return seen


def test_the_meter_shows_own_draw_minus_surplus(seen):
    world = trial()
    world.give({"surplus": 1000.0})
    world.play(START + 10)
    assert [observation.grid_w.value for at, observation in seen if at == 0.0] == [-1000.0, -1000.0]
    assert {observation.grid_w.value for at, observation in seen if at > 0.0} == {2000.0}
    assert all(observation.grid_w.at == START + at for at, observation in seen)


def test_a_meter_that_lags_shows_the_draw_later(seen):
    world = trial(where=site(lag_s=10.0))
    world.play(START + 60)
    shown = {at: observation.grid_w.value for at, observation in seen}
    assert {value for at, value in shown.items() if at <= 10.0} == {0.0}
    assert {value for at, value in shown.items() if at > 10.0} == {3000.0}


def test_the_own_draw_lies_on_the_policys_phases(seen):
    world = trial()
    world.give({"surplus": -2070.0})
    world.play(START + 10)
    last = seen[-1][1]
    assert [round(current.value, 6) for current in last.grid_a] == [3.0 + round(3000 / 230, 6), 3.0, 3.0]


def test_of_an_undeclared_phase_a_third(seen):
    world = trial(heater_3ph())
    world.give({"mode": "always-on", "surplus": 0.0})
    world.play(START + 60)
    assert [round(current.value, 3) for current in seen[-1][1].grid_a] == [round(2000 / 230, 3)] * 3


def test_a_grid_reading_is_shown_as_it_is(seen):
    world = trial()
    world.give({"grid": 500.0})
    world.play(START + 60)
    assert {observation.grid_w.value for _, observation in seen} == {500.0}


def test_held_keeps_value_and_age_silent_keeps_the_reading(seen):
    world = trial(boiler(mode=Mode.AUTO_SOLAR, windows=None))
    world.give({"surplus": 1000.0})
    world.play(START + 10)
    world.give({"meter": "held", "surplus": 0.0})
    world.play(START + 100)
    assert {
        (at, observation.grid_w.value, START + at - observation.grid_w.at) for at, observation in seen if at > 10
    } <= {(at, -1000.0, 67.5) for at, _ in seen}
    world.give({"meter": "fresh"})
    world.play(START + 110)
    world.give({"meter": "silent"})
    world.play(START + 400)
    assert {observation.grid_w.at - START for at, observation in seen if at > 110} == {110.0}


def test_the_policys_own_meter_where_it_has_one(seen):
    trial(boiler(mode=Mode.ALWAYS_ON, windows=None, min_off_s=0.0, meter="cellar/power-1")).play(START + 10)
    assert seen[-1][1].draws_w["boiler"].value == 3000.0
    trial().play(START + 10)
    assert seen[-1][1].draws_w == {}


def test_nothing_else_runs_on_the_site():
    appliance, other = ON, boiler(name="other", relays=("cellar/relay-2",))
    world = trial(appliance, site().__class__(name="s", appliances=(appliance, other)))
    assert world.site.appliances == (appliance,)


def test_an_engine_that_never_comes_to_rest_is_a_bug_and_said_so(monkeypatch):
    def restless(where, state, observation, now):
        outcome = original(where, State(), observation, now)
        return Outcome(state=State(), commands=outcome.commands or first, decisions=outcome.decisions, wake_at=None)

    original = module.step
    first = original(site().__class__(appliances=(ON,)), State(), trial()._observe(), START).commands
    assert first
    monkeypatch.setattr(module, "step", restless)
    with pytest.raises(RuntimeError, match="boiler commands without end"):
        trial().play(START + 10)


def test_an_engine_that_asks_for_the_past_is_a_bug_and_said_so(monkeypatch):
    original = module.step

    def late(where, state, observation, now):
        outcome = original(where, state, observation, now)
        return Outcome(state=outcome.state, commands=(), decisions=outcome.decisions, wake_at=now)

    monkeypatch.setattr(module, "step", late)
    with pytest.raises(RuntimeError, match="to be woken at"):
        trial().play(START + 10)
