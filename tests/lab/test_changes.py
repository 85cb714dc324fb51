"""What is heard in a run is what every step of it said."""

import math
from itertools import pairwise

import pytest

from noonward.core.explain import Decisions, Verdict
from noonward.core.model import Decision, Reason
from noonward.core.model import ReasonCode as R
from noonward.core.step import step
from noonward.lab import simulate
from noonward.lab.changes import Changes
from noonward.lab.scenario import MeterSpec
from support.games import game, garage, job, load, quota, shipped, stay, tape, with_cars, zone


class Everything:
    """Asks every step for every decision, and steps without a shortcut."""

    def __init__(self):
        self.said = {}

    def engine(self, site):
        def stepping(state, observation, t):
            outcome = step(site, state, observation, t)
            for decision in outcome.decisions:
                self._note(decision.policy, t, decision.wanted, decision.because[0])
                for one in decision.stations:
                    self._note(one.station, t, one.state, one.why)
            return outcome

        return stepping

    def _note(self, name, t, state, reason):
        said = self.said.setdefault(name, [])
        told = []
        if said and said[-1][0] == t:
            told = said.pop()[3]
        last = said[-1] if said else (t, "", None, [{}])
        over = last[3][-1].get("until", math.inf)
        if last[1:3] != (state, reason.code) or (over <= t and reason.facts.get("until") != over):
            said.append((t, state, reason.code, [*told, dict(reason.facts)]))


def cloudy():
    pv = [max(0.0, 9000.0 - abs(k - 720) * 15.0) * (0.2 if k // 7 % 3 == 0 else 1.0) for k in range(1440)]
    return tape(pv, [300.0] * 1440)


def gappy():
    pv = [None if 600 < k < 640 else 4000.0 for k in range(1440)]
    return tape(pv, [300.0] * 1440)


STAYS = [stay(400, 900, 9), stay(380, 1300, 20, "cp-02"), stay(950, 1400, 6)]

GAMES = {
    "two loads": lambda: job(shipped(5)),
    "clouds": lambda: job(cloudy()),
    "gaps": lambda: job(gappy()),
    "meter lags": lambda: game(
        cloudy(), [load("a", 2000.0)], {"a": quota(6)}, meter=MeterSpec(lag_s=10.0, every_s=10.0, noise_w=50.0)
    ),
    "cars": lambda: garage(cloudy(), STAYS, phases=None),
    "cars beside loads": lambda: with_cars(job(cloudy()), zone("cp-01", "cp-02", max_power_w=11000.0), STAYS),
}


@pytest.mark.parametrize("name", GAMES)
def test_what_is_heard_is_what_was_said(name):
    everything, changes = Everything(), Changes()
    simulate.play(GAMES[name](), engine=everything.engine)
    simulate.play(GAMES[name](), engine=changes.engine)
    heard = changes.policies | changes.stations
    assert everything.said.keys() == heard.keys()
    for policy, said in everything.said.items():
        assert [(c.at, c.state, c.reason.code) for c in heard[policy]] == [one[:3] for one in said]
        told = [(dict(c.reason.facts), one[3]) for c, one in zip(heard[policy], said, strict=True)]
        assert all(facts in rounds for facts, rounds in told)  # one instant may take several steps


class Told(Verdict):
    """A verdict that says what it holds in the place of the machine: until when a window is open, which is asked for."""

    asked = 0

    def decision(self):
        Told.asked += 1
        return Decision("a", "on", 0.0, R.TIMER, because=lambda: (Reason(R.TIMER, {"until": self.machine}),))


def test_what_lasts_longer_than_it_was_said_to_is_said_again_and_not_asked_for_before():
    changes = Changes()
    for t, until in [(0.0, 60.0), (30.0, 60.0), (59.0, 90.0), (60.0, 90.0), (70.0, 95.0), (90.0, 90.0), (91.0, 90.0)]:
        changes.hear(Decisions([Told(None, until, None, 0, 1, None, None)]), t)
    assert [(c.at, c.reason.facts["until"]) for c in changes.policies["a"]] == [(0.0, 60.0), (60.0, 90.0)]
    assert Told.asked == 3  # at 0, 60 and 90


def test_to_listen_changes_nothing():
    changes = Changes()
    heard, unheard = simulate.play(job(cloudy()), engine=changes.engine), simulate.play(job(cloudy()))
    assert [one.spans for one in heard.loads] == [one.spans for one in unheard.loads]
    assert all(a.at < b.at for said in changes.policies.values() for a, b in pairwise(said))
