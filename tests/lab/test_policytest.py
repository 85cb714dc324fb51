"""Policy tests: what passes, what fails, and what a failure says."""

import pytest

from noonward.core.model import Mode, Pace
from noonward.core.needs import Requirement
from noonward.lab.policytest import play_file
from noonward.lab.trial import Touched
from noonward.policy.cron import parse
from noonward.policy.problems import to_text
from support.games import zone
from support.testfiles import boiler, cases, heater_3ph, site

BOILER = boiler()
SOLAR = boiler(mode=Mode.AUTO_SOLAR, windows=None)


def play(text, appliance=BOILER, where=None):
    return list(play_file(cases(text), appliance, where or site(), Touched()))


def failures(text, appliance=BOILER, where=None):
    (played,) = play(text, appliance, where)
    assert not played.problems, to_text(played.problems)
    return [failure.problem.message for failure in played.failures]


def needing(kwh=6.0, by="0 20 * * *", plan=None, **changes):
    """Return the tank with a need and a meter of its own, on the sun alone."""
    need = Requirement(energy_wh=kwh * 1000.0, by=parse(by), timezone="Europe/Zurich")
    return boiler(
        **{"mode": Mode.AUTO_SOLAR, "windows": None, "meter": "cellar/power-1", "need": need, "plan": plan} | changes
    )


NEEDS = {
    "what is missing is bought at the last moment, two minutes early": (
        needing(),
        """
        - name: a day without sun
          start: "2026-06-01 11:00"
          steps:
            - {until: "2026-06-01 17:57", expect: {relay: open, because: too-little-surplus}}
            - {until: "2026-06-01 17:58", expect: {relay: closed, because: need-forced}}
            - {until: "2026-06-01 19:57", expect: {relay: closed}}
            - {until: "2026-06-01 20:00", expect: {relay: open, starts: 1}}
            - {until: "2026-06-02 17:57", expect: {relay: open}}
            - {until: "2026-06-02 17:58", expect: {relay: closed, because: need-forced}}
        """,
    ),
    "what the sun brought need not be bought": (
        needing(),
        """
        - name: an hour of sun
          start: "2026-06-01 11:00"
          given: {surplus: 3 kW}
          steps:
            - {for: 61 min, expect: {relay: closed, because: surplus}}
            - {given: {surplus: 0 W}, until: "2026-06-01 18:57", expect: {relay: open, ran: 61 min}}
            - {until: "2026-06-01 18:59", expect: {relay: closed, because: need-forced}}
        """,
    ),
    "a thermostat that opens ends it": (
        needing(),
        """
        - name: the water is hot
          start: "2026-06-01 11:00"
          steps:
            - {until: "2026-06-01 18:28", expect: {relay: closed, because: need-forced}}
            - {given: {draws: none}, for: 10 min, expect: {relay: open}}
            - {given: {draws: full}, until: "2026-06-01 20:00", expect: {relay: open, starts: 1}}
        """,
    ),
    "a plan waits after clear days and takes what there is after overcast ones": (
        needing(plan=Pace.NORMAL),
        """
        - name: after clear days half its power is not enough in the morning
          start: "2026-06-01 05:00"
          past: clear
          given: {surplus: -300 W}
          steps:
            - {until: "2026-06-01 09:30", expect: {relay: open, because: plan-waits}}
            - {given: {surplus: 1.8 kW}, for: 1 h, expect: {relay: open, because: plan-waits}}
            - {given: {surplus: 3 kW}, for: 30 min, expect: {relay: closed, because: surplus}}
        - name: after overcast ones it is more than may be hoped for
          start: "2026-06-01 05:00"
          past: overcast
          given: {surplus: -300 W}
          steps:
            - {until: "2026-06-01 09:30", expect: {relay: open, because: plan-waits}}
            - {given: {surplus: 1.8 kW}, for: 1 h, expect: {relay: closed, because: surplus}}
        - name: where nothing is known half is enough
          start: "2026-06-01 09:30"
          given: {surplus: 1.4 kW}
          steps:
            - {for: 30 min, expect: {relay: open, because: plan-waits}}
            - {given: {surplus: 1.7 kW}, for: 30 min, expect: {relay: closed, because: surplus}}
        """,
    ),
    "a driver says what the car needs by when": (
        zone(mode=Mode.AUTO_SOLAR),
        """
        - name: full power from the latest moment on
          start: "2026-06-01 11:00"
          given: {stations: {cp-01: {plugged: true, need: {energy: 22 kWh, departure: "2026-06-01 17:00"}}}}
          steps:
            - {until: "2026-06-01 15:57", expect: {limit: 0 W}}
            - {until: "2026-06-01 15:59", expect: {because: need-forced, stations: {cp-01: {limit: 32 A}}}}
            - {given: {stations: {cp-01: {need: none}}}, for: 30 min, expect: {because: too-little-surplus, limit: 0 W}}
        """,
    ),
}


@pytest.mark.parametrize(("policy", "text"), NEEDS.values(), ids=NEEDS)
def test_needs(policy, text):
    for played in play(text, policy):
        assert not played.problems, to_text(played.problems)
        assert [f"{played.name}: {failure.problem.message}" for failure in played.failures] == []


PASSING = {
    "the language's own example: a cloud before min-on is over": (
        BOILER,
        """
        - name: a short cloud does not switch off before the minimum on-time
          start: "2026-06-01 11:00"
          steps:
            - {given: {surplus: 3.5 kW}, for: 2 min, expect: {relay: closed, because: surplus}}
            - {given: {surplus: -500 W}, for: 10 min, expect: {relay: closed, because: min-on}}
            - {for: 9 min, expect: {relay: open, ran: 20 min}}
        """,
    ),
    "a deadline on the end of a step has happened, one second earlier it has not": (
        SOLAR,
        """
        - name: the on-delay
          start: "2026-06-01 11:00"
          steps:
            - {given: {surplus: 3 kW}, for: 59 s, expect: {relay: open, because: on-delay, starts: 0}}
            - {for: 1 s, expect: {relay: closed, because: surplus, starts: 1, ran: 0 s}}
        """,
    ),
    "spring night: seven and a half hours of low tariff are six and a half (edge case 56)": (
        BOILER,
        """
        - name: low tariff in the night without two o'clock
          start: "2026-03-28 22:25"
          steps:
            - {for: 5 min, expect: {relay: closed, because: timer}}
            - {until: "2026-03-29 05:59", expect: {relay: closed, starts: 1}}
            - {until: "2026-03-29 06:00", expect: {relay: open, ran: 6 h 30 min}}
        """,
    ),
    "autumn night: eight and a half (edge case 56)": (
        BOILER,
        """
        - name: low tariff in the night with two o'clock twice
          start: "2026-10-24 22:00"
          steps:
            - {until: "2026-10-25T02:30+02:00", expect: {relay: closed, ran: 4 h}}
            - {until: "2026-10-25T02:30+01:00", expect: {relay: closed, ran: 5 h}}
            - {until: "2026-10-25 06:00", expect: {relay: open, ran: 8 h 30 min}}
        """,
    ),
    "the end of a window does not switch off what the sun carries": (
        BOILER,
        """
        - name: sun at the end of the night
          start: "2026-06-01 05:00"
          steps:
            - {given: {surplus: 2 kW}, for: 59 min, expect: {relay: closed, because: timer}}
            - {for: 1 min, expect: {relay: open}}
        - name: enough sun at the end of the night
          start: "2026-06-01 05:00"
          steps:
            - {given: {surplus: 3 kW}, for: 2 h, expect: {relay: closed, because: surplus, ran: 2 h}}
        """,
    ),
    "a grid reading in place of a surplus: 3.2 kW exported, then drawn": (
        SOLAR,
        """
        - name: the meter
          start: "2026-06-01 11:00"
          given: {grid: -3.2 kW}
          steps:
            - {for: 1 min, expect: {relay: closed}}
            - {given: {grid: -200 W}, for: 1 h, expect: {relay: closed, because: surplus}}
            - {given: {grid: 1.6 kW}, for: 61 s, expect: {relay: open}}
        """,
    ),
    "a meter that falls silent: held, then stale, released after min-on": (
        SOLAR,
        """
        - name: silence
          start: "2026-06-01 11:00"
          steps:
            - {given: {surplus: 3.5 kW}, for: 30 min, expect: {relay: closed}}
            - {given: {meter: silent}, for: 1 min, expect: {relay: closed, because: meter-held}}
            - {for: 1 min, expect: {relay: open, because: meter-stale, ran: 31 min}}
        """,
    ),
    "a meter that was never there": (
        SOLAR,
        """
        - name: silence from the start
          start: "2026-06-01 11:00"
          given: {surplus: 5 kW, meter: silent}
          steps: [{for: 1 h, expect: {relay: open, because: meter-stale}}]
        """,
    ),
    "a held meter starts nothing and stops nothing, for as long as it is held": (
        SOLAR,
        """
        - name: held
          start: "2026-06-01 11:00"
          steps:
            - {given: {surplus: 5 kW, meter: held}, for: 1 h, expect: {relay: open, because: meter-held}}
            - {given: {meter: fresh}, for: 30 min, expect: {relay: closed, because: surplus}}
            - {given: {meter: held, surplus: -5 kW}, for: 1 h, expect: {relay: closed, because: meter-held}}
            - {given: {meter: fresh}, for: 1 min, expect: {relay: open, because: too-little-surplus}}
        """,
    ),
    "the switch counts in manual only; an off ends min-on": (
        boiler(mode=Mode.MANUAL, windows=None),
        """
        - name: by hand
          start: "2026-06-01 11:00"
          steps:
            - {given: {surplus: 9 kW}, for: 1 h, expect: {relay: open, because: switch-off}}
            - {given: {switch: "on"}, for: 1 s, expect: {relay: closed, because: switch-on}}
            - {given: {switch: "off"}, for: 1 s, expect: {relay: open, because: switch-off, ran: 1 s}}
        """,
    ),
    "an override of the mode": (
        BOILER,
        """
        - name: holidays
          start: "2026-06-01 22:00"
          steps:
            - {given: {mode: always-off}, for: 1 h, expect: {relay: open, because: always-off}}
            - {given: {mode: always-on}, for: 1 min, expect: {relay: closed, because: always-on}}
        """,
    ),
    "dimming beats a window and comes to an end": (
        BOILER,
        """
        - name: the grid operator
          start: "2026-06-01 23:00"
          steps:
            - {for: 1 min, expect: {relay: closed, because: timer}}
            - {given: {dim: 2 kW}, for: 1 min, expect: {relay: open, because: min-off}}
            - {for: 1 h, expect: {relay: open, because: dimmed}}
            - {given: {dim: 4.2 kW}, for: 10 min, expect: {relay: closed, because: timer}}
            - {given: {dim: none}, for: 1 min, expect: {relay: closed}}
        """,
    ),
    "stages one after the other": (
        heater_3ph(),
        """
        - name: two steps
          start: "2026-06-01 11:00"
          steps:
            - {given: {surplus: 3.5 kW}, for: 1 h, expect: {relays: {cellar/relay-3: closed, cellar/relay-4: open}}}
            - {given: {surplus: 6.5 kW}, for: 2 min, expect: {relays: {cellar/relay-3: closed, cellar/relay-4: closed}}}
            - {given: {surplus: 3.5 kW}, for: 2 min, expect: {relays: {cellar/relay-4: open}, starts: 1}}
            - {given: {surplus: 0 W}, for: 2 min, expect: {relays: {cellar/relay-3: open}}}
        """,
    ),
    "what holds always": (
        SOLAR,
        """
        - name: never without sun
          start: "2026-06-01 11:00"
          always: [{relay: open}, {starts: 0, ran: 0 s}]
          steps: [{given: {surplus: 2.9 kW}, for: 2 d}, {given: {surplus: 0 W}, for: 1 d}]
        """,
    ),
    "each case begins afresh": (
        SOLAR,
        """
        - name: one
          start: "2026-06-01 11:00"
          steps: [{given: {surplus: 5 kW, mode: always-on}, for: 1 h, expect: {relay: closed, starts: 1}}]
        - name: two
          start: "2026-06-01 11:00"
          steps: [{for: 1 h, expect: {relay: open, starts: 0, because: too-little-surplus}}]
        """,
    ),
}


@pytest.mark.parametrize("name", PASSING)
def test_passes(name):
    appliance, text = PASSING[name]
    for played in play(text, appliance):
        assert played.passed, to_text([*(f.problem for f in played.failures), *played.problems])
        assert played.steps


@pytest.mark.parametrize("name", PASSING)
def test_a_turned_expectation_fails(name):
    """No case above passes whatever is expected."""
    appliance, text = PASSING[name]
    turned = text.replace("closed", "CLOSED").replace("open", "closed").replace("CLOSED", "open")
    assert not any(played.passed for played in play(turned, appliance))


def test_a_failure_says_where_what_and_why():
    (played,) = play(
        """
        - name: too early
          start: "2026-06-01 11:00"
          steps:
            - {given: {surplus: 3.5 kW}, for: 30 s, expect: {relay: closed, because: surplus, starts: 1, ran: 30 s}}
        """,
        SOLAR,
    )
    texts = [to_text([failure.problem]) for failure in played.failures]
    place = "boiler.test.yaml:7:63: error[T001]"
    assert texts[0].splitlines()[0] == f"{place}: the relay is open, expected closed, at 2026-06-01 11:00:30"
    assert "^^^^^^ Waiting: " in texts[0].splitlines()[2]
    assert [failure.problem.message.partition(",")[0] for failure in played.failures] == [
        "the relay is open",
        "the reason is on-delay",
        "its starts are 0",
        "it ran 0 s",
    ]
    assert [(failure.expected, failure.actual) for failure in played.failures] == [
        ("closed", "open"),
        ("surplus", "on-delay"),
        ("1", "0"),
        ("30 s", "0 s"),
    ]
    facts = played.failures[0].decision.because[0].facts
    assert facts["surplus_w"] == 3500.0
    assert facts["on_above_w"] == 3000.0


def test_always_is_checked_at_the_end_of_every_step():
    assert failures(
        """
        - name: never on
          start: "2026-06-01 11:00"
          always: [{relay: open}]
          steps:
            - {given: {surplus: 0 W}, for: 1 h}
            - {given: {surplus: 4 kW}, for: 1 h}
            - {for: 1 h}
        """,
        SOLAR,
    ) == [
        "the relay is closed, expected open, at 2026-06-01 13:00",
        "the relay is closed, expected open, at 2026-06-01 14:00",
    ]


def test_it_follows_wake_at_and_never_polls():
    """In mode timer nothing but the window's edges and min-on can matter, so a week takes few steps."""
    (played,) = play(
        """
        - name: a week of nights
          start: "2026-06-01 12:00"
          steps: [{until: "2026-06-08 12:00", expect: {relay: open, starts: 8, ran: 2 d 6 h 30 min}}]
        """,
        boiler(mode=Mode.TIMER),
    )
    assert played.passed, to_text([failure.problem for failure in played.failures])
    assert played.steps < 100


def test_a_fuse_on_the_policys_own_phase():
    """3 kW on L1 are 13 A: the base of 5 A a phase leaves room under 20 A, one of 8 A does not."""
    text = """
        - name: fuse
          start: "2026-06-01 23:00"
          steps:
            - {given: {surplus: -3450 W}, for: 1 min, expect: {relay: closed}}
            - {given: {surplus: -5520 W}, for: 10 min, expect: {relay: open, because: fuse}}
        """
    assert failures(text, BOILER, site(fuse_a=20.0)) == []


GARAGE = """
- name: the sun comes and goes
  start: "2026-06-01 11:00"
  given: {surplus: 9 kW}
  steps:
    - {for: 5 min, expect: {because: no-vehicle, limit: 0 W, starts: 0}}
    - {given: {stations: {cp-01: {plugged: true}}}, for: 10 min}
"""


def zone_failures(expect, **changes):
    text = GARAGE.replace("for: 10 min}", f"for: 10 min, expect: {expect}}}")
    (played,) = play_file(cases(text), zone("cp-01", "cp-02", min_on_s=600.0, **changes), site(), Touched())
    assert not played.problems
    return [(failure.actual, failure.expected, failure.problem.message) for failure in played.failures]


@pytest.mark.parametrize(
    "expect",
    [
        "{because: surplus, limit: 8970 W, ran: 9 min}",
        "{limit: 8.97 kW, stations: {cp-01: {limit: 13 A, state: charging}, cp-02: {limit: 0 A, state: absent}}}",
        "{stations: {cp-02: {state: absent}}}",
    ],
)
def test_what_a_zone_does_is_compared(expect):
    assert zone_failures(expect) == []


@pytest.mark.parametrize(
    ("expect", "actual", "expected", "message"),
    [
        ("{limit: 9 kW}", "8970 W", "9 kW", "its limit is 8970 W, expected 9 kW, at 2026-06-01 11:15"),
        ("{stations: {cp-01: {limit: 12 A}}}", "13 A", "12 A", "cp-01 is limited to 13 A, expected 12 A"),
        ("{stations: {cp-01: {state: asleep}}}", "charging", "asleep", "cp-01 is charging, expected asleep"),
        ("{ran: 1 min}", "9 min", "1 min", "it ran 9 min, expected 1 min"),
        ("{starts: 3}", "1", "3", "its starts are 1, expected 3"),
    ],
)
def test_what_a_zone_did_instead_is_said(expect, actual, expected, message):
    (found,) = zone_failures(expect)
    assert found[:2] == (actual, expected)
    assert message in found[2]
