"""What only the policy under test can tell about a test file."""

import json

import pytest

from noonward.core import vehicle
from noonward.lab.policytest import play_file
from noonward.lab.testfile import read_case
from noonward.lab.trial import Touched
from noonward.policy import schema
from noonward.policy.problems import to_text
from support.games import zone
from support.testfiles import boiler, cases, site


def problems(text, appliance):
    (played,) = play_file(cases(text), appliance, site(), Touched())
    assert not played.passed
    assert not played.failures
    return to_text(played.problems)


CASE = """
- name: one
  start: "2026-06-01 11:00"
  {above}
  steps:
    - {step}
"""


@pytest.mark.parametrize(
    ("appliance", "above", "step", "expected"),
    [
        (boiler(), "", "{for: 1 h, expect: {limit: 11 kW}}", "error[T002]: `limit` is for EV zones, and boiler is an"),
        (boiler(), "", "{given: {charge_now: cp-01}, for: 1 h}", "error[T002]: `charge_now` is for EV zones"),
        (boiler(), "given: {stations: {cp-01: {plugged: true}}}", "{for: 1 h}", "error[T002]: `stations` is for EV"),
        (boiler(), "always: [{limit: 11 kW}]", "{for: 1 h}", "error[T002]: `limit` is for EV zones"),
        (boiler(), "", '{until: "2026-06-01 10:59"}', "error[T003]: this step ends before it begins"),
        (boiler(), "", '{until: "2026-02-30 10:59"}', 'error[T003]: "2026-02-30 10:59" is not a date and time'),
        (boiler(stale_after_s=10.0), "", "{given: {meter: held}, for: 1 h}", "never sees a held meter"),
        (
            zone(),
            "",
            "{for: 1 h, expect: {relay: open}}",
            "error[T002]: `relay` is for appliances, and garage is an EV",
        ),
        (zone(), "always: [{relays: {a/b: open}}]", "{for: 1 h}", "error[T002]: `relays` is for appliances"),
        (zone(), "", "{given: {stations: {cp-9: {plugged: true}}}, for: 1 h}", "garage has no station cp-9"),
        (zone(), "", "{for: 1 h, expect: {stations: {cp-9: {limit: 6 A}}}}", "error[T002]: garage has no station cp-9"),
        (zone(), "", "{given: {charge_now: cp-9}, for: 1 h}", "error[T002]: garage has no station cp-9"),
        (zone(), "given: {draws: none}", "{for: 1 h}", "error[T002]: `draws` is for appliances"),
        (
            zone(),
            "",
            '{given: {stations: {cp-01: {need: {energy: 6 kWh, departure: "2026-02-30 10:59"}}}}, for: 1 h}',
            'error[T003]: "2026-02-30 10:59" is not a date and time',
        ),
        (zone(stale_after_s=10.0), "", "{given: {meter: held}, for: 1 h}", "never sees a held meter"),
    ],
)
def test_what_does_not_fit(appliance, above, step, expected):
    assert expected in problems(CASE.replace("{above}", above).replace("{step}", step), appliance)


def test_the_states_that_a_test_may_expect_are_those_there_are():
    written = json.loads(schema.text("policy-test/v1"))["$defs"]["expect"]["properties"]["stations"]
    states = written["additionalProperties"]["properties"]["state"]["enum"]
    assert set(states) == {*vehicle.STATES, "detecting", "unknown"}


def test_every_problem_of_a_case_at_once():
    text = CASE.replace("{above}", "given: {charge_now: cp-01}").replace(
        "{step}", '{until: "2026-06-01 10:00", expect: {limit: 11 kW}}'
    )
    assert problems(text, boiler()).count("error[") == 3


def test_a_step_replaces_what_the_case_gave():
    """`grid` of the first step takes the place of the case's `surplus`, and the other way round."""
    text = """
        - name: one
          start: "2026-06-01 11:00"
          given: {surplus: 5 kW}
          steps:
            - {given: {grid: 0 W}, for: 1 h, expect: {relay: open, because: too-little-surplus}}
            - {given: {surplus: 5 kW}, for: 1 h, expect: {relay: closed}}
        """
    (played,) = play_file(cases(text), boiler(), site(), Touched())
    assert played.passed


def test_what_a_driver_needs_is_an_energy_and_an_instant():
    text = """
        - name: one
          start: "2026-06-01 11:00"
          past: broken
          given: {stations: {cp-01: {plugged: true, need: {energy: 22 kWh, departure: "2026-06-01 17:00"}}}}
          steps:
            - {for: 10 min}
            - {given: {stations: {cp-01: {need: none}}}, for: 10 min}
        """
    case = read_case(cases(text), 0, zone(), site())
    need = {"energy_wh": 22_000.0, "departure": case.start + 6 * 3600}
    assert case.past == "broken"
    assert [one.given["stations"]["cp-01"]["need"] for one in case.steps] == [need, None]


def test_stations_of_case_and_first_step_join_key_by_key():
    """What the case gave of a station stands until a step says otherwise, key by key."""
    text = """
        - name: one
          start: "2026-06-01 11:00"
          given: {surplus: 9 kW, stations: {cp-01: {plugged: true, phases: 1}}}
          steps:
            - {given: {stations: {cp-01: {draws: 1.5 kW}}}, for: 10 min, expect: {stations: {cp-01: {state: charging}}}}
            - {given: {stations: {cp-01: {draws: none}}}, for: 5 min, expect: {stations: {cp-01: {state: satisfied}}}}
            - {given: {charge_now: none}, for: 1 min, expect: {starts: 1}}
        """
    case = read_case(cases(text), 0, zone(), site())
    assert [one.given.get("stations") for one in case.steps] == [
        {"cp-01": {"plugged": True, "phases": 1, "draws": 1500.0}},
        {"cp-01": {"draws": 0.0}},
        None,
    ]
    assert case.steps[2].given == {"charge_now": None}
    (played,) = play_file(cases(text), zone(), site(), Touched())
    assert played.passed, played.failures
