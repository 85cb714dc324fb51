"""What is needed and how a plan waits: the same numbers on the API, the page, and in the metrics."""

import json
from dataclasses import replace

import pytest

from noonward.core.model import Forecast, Got, Inputs, Mode, Need, Pace, Past, Planned, Reading, Session, StationState
from noonward.core.needs import Requirement
from noonward.core.past import SLOTS
from noonward.policy.cron import parse
from noonward.views import needs
from noonward.views.notices import notices
from noonward.views.policies import policy
from noonward.views.site import site
from support.carpark import carpark
from support.fakeengine import NOON, FakeEngine, appliance
from support.webclient import Client

H = 3600.0
MIDNIGHT = NOON - 12 * H
NEED = Requirement(energy_wh=6000.0, by=parse("0 20 * * *"), timezone="Europe/Zurich")


def house(need=NEED, plan=Pace.CALM, days=0.0, mode=Mode.AUTO_SOLAR, **state):
    engine = FakeEngine(appliance(need=need, plan=plan, mode=mode))
    slots = round(days * SLOTS)
    past = Past(pv_w=(100.0,) * slots, load_w=(100.0,) * slots)
    engine.state = replace(engine.state, past=past, **state)
    engine.observation = replace(engine.observation, grid_w=Reading(-1000.0, NOON))
    return engine


def got(wh, **more):
    return {"got": {"boiler": Got(start=MIDNIGHT, wh=wh, at=NOON, **more)}}


def planned(coverage, **more):
    return {"plans": {"boiler": Planned(coverage=coverage, at=NOON - 60, by=NOON + 8 * H, **more)}}


def shown(engine):
    return policy(engine, "boiler")


NEEDS = [
    ({}, 0.0, 6.0, "0 Wh of 6 kWh, all of it missing by 20:00"),
    (got(4200.0), 4.2, 1.8, "4.2 kWh of 6 kWh, 1.8 kWh missing by 20:00"),
    (got(5999.5), 6.0, 0.0, "has its 6 kWh"),
    (got(2000.0, full=True), 2.0, 0.0, "has enough: took 2 kWh of 6 kWh and takes no more"),
    (
        {"got": {"boiler": Got(start=MIDNIGHT - 24 * H, wh=6000.0)}},
        0.0,
        6.0,
        "0 Wh of 6 kWh, all of it missing by 20:00",
    ),
]


@pytest.mark.parametrize(("state", "drawn", "missing", "words"), NEEDS)
def test_a_need_says_how_far_it_is(state, drawn, missing, words):
    need = shown(house(**state))["need"]
    assert (need["drawn_kwh"], need["missing_kwh"], need["summary"]) == (pytest.approx(drawn, abs=1e-3), missing, words)
    assert (need["energy_kwh"], need["met"], need["missed"]) == (6.0, missing == 0.0, False)
    assert (need["since"], need["by"]) == ("2026-06-01T00:00:00+02:00", "2026-06-01T20:00:00+02:00")


def test_what_is_drawn_now_counts_to_the_second():
    engine = house(**got(1000.0, w=3000.0))
    engine.clock.at = NOON + H / 2
    assert shown(engine)["need"]["drawn_kwh"] == 2.5


def test_no_need_is_none():
    one = shown(house(need=None, plan=None))
    assert (one["need"], one["plan"]) == (None, None)
    assert site(house(need=None, plan=None))["learnt"] is None


PLANS = [
    (Pace.CALM, {}, 0.5, 0.2, "has not learnt yet; starts at 50 % from the sun, stops below 20 %"),
    (Pace.CALM, planned(0.5), 0.6, 0.19, "starts at 60 % from the sun, stops below 19 %"),
    (
        Pace.NORMAL,
        planned(0.5),
        0.6,
        0.19,
        "starts at 60 % from the sun, stops below 19 %",
    ),
    (Pace.CALM, planned(0.1), 0.12, -0.122, "starts at 12 % from the sun, stops when there is none and 12 % is bought"),
    (Pace.NORMAL, planned(0.0), 0.01, -0.2, "takes any sun there is, stops when there is none and 20 % is bought"),
]


@pytest.mark.parametrize(("pace", "state", "on", "off", "words"), PLANS)
def test_a_plan_says_at_what_it_starts_and_whether_it_has_learnt(pace, state, on, off, words):
    plan = shown(house(plan=pace, **state))["plan"]
    assert (plan["starts_at"], plan["stops_below"]) == (pytest.approx(on), pytest.approx(off))
    assert (plan["pace"], plan["learnt"], plan["summary"]) == (pace.value, bool(state), words)
    assert plan["latest_at"] == "2026-06-01T17:58:00+02:00"
    assert plan["made_at"] == ("2026-06-01T11:59:00+02:00" if state else None)


def test_what_would_start_it_is_told_by_the_thresholds_in_force():
    one = shown(house(**planned(0.5)))
    assert one["condition"].startswith("Starts once 60 % has been covered for 60 s")
    assert one["next_change"]["at"] == one["plan"]["latest_at"] == "2026-06-01T17:58:00+02:00"


def test_what_has_what_it_needs_rests_until_it_needs_it_anew():
    one = shown(house(**got(6000.0)).see())
    assert (one["reasons"][0]["code"], one["condition"]) == ("satisfied", None)
    assert one["next_change"] == {
        "at": "2026-06-02T00:00:00+02:00",
        "what": "it needs that anew",
        "text": "On Tue 00:00 it needs that anew.",
    }
    without = shown(house(plan=None, **got(6000.0)))
    assert without["condition"] == "Starts once 3 kW has been left for 60 s."
    assert without["next_change"] is None


@pytest.mark.parametrize("state", [got(6000.0), got(10.0, full=True)])
def test_a_need_that_is_met_has_no_plan(state):
    assert shown(house(**state))["plan"] is None


def test_what_the_decision_compared_stands_beside_it():
    engine = house().see()
    one = shown(engine)
    facts = one["reasons"][0]["facts"]
    assert one["reasons"][0]["code"] == "plan-waits"
    assert one["plan"]["covers"] == facts.get("covers")
    assert one["plan"]["starts_at"] == facts.get("starts_at", 0.5)
    assert facts.get("missing_wh", 6000.0) / 1000 == one["need"]["missing_kwh"] == 6.0
    (boiler,) = engine.loaded.site.appliances
    standing = needs.of_appliance(engine, boiler)
    assert needs.plan(engine, boiler.plan, boiler.name, standing, {"covers": 0.41})["covers"] == 0.41


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0.0, "Has not learnt a whole day of this site yet; plans begin after the first one."),
        (0.99, "Has not learnt a whole day of this site yet; plans begin after the first one."),
        (3.6, "Has learnt 3 of 14 days of this site."),
        (14.0, "Has learnt the last 14 days of this site."),
    ],
)
async def test_how_many_days_are_known_is_on_the_site_and_on_the_page(days, words):
    engine = house(days=days)
    known = site(engine)["learnt"]
    assert (known["days"], known["of"], known["summary"]) == (pytest.approx(days, abs=0.01), 14, words)
    assert words in (await Client(engine)("GET", "/status")).text


async def test_the_page_shows_need_and_plan():
    text = (await Client(house(**got(4200.0), **planned(0.5)))("GET", "/status")).text
    for words in (
        "<dt>Needs</dt><dd>4.2 kWh of 6 kWh, 1.8 kWh missing by 20:00</dd>",
        "<dt>Plan (calm)</dt><dd>starts at 60 % from the sun, stops below 19 %</dd>",
    ):
        assert words in text


RISKS = [
    (NOON, 0.0, Mode.AUTO_SOLAR, []),
    (NOON + 6 * H, 0.0, Mode.AUTO_SOLAR, []),
    (NOON + 6.05 * H, 0.0, Mode.AUTO_SOLAR, []),
    (
        NOON + 7 * H,
        0.0,
        Mode.AUTO_SOLAR,
        [("trouble", "boiler needs 6 kWh more by 20:00, and 3 kWh of that cannot come any more, even at full power.")],
    ),
    (NOON + 7 * H, 4000.0, Mode.AUTO_SOLAR, []),
    (NOON + 7 * H, 0.0, Mode.ALWAYS_OFF, []),
    (NOON + 7 * H, 0.0, Mode.MANUAL, []),
    (NOON + 8 * H, 1000.0, Mode.TIMER, [("note", "boiler has missed 5 kWh of what it needed by 20:00:00.")]),
    (NOON + 8 * H, 5999.5, Mode.TIMER, []),
]


@pytest.mark.parametrize(("at", "drawn_wh", "mode", "expected"), RISKS)
def test_a_need_that_cannot_be_met_any_more_is_noticed(at, drawn_wh, mode, expected):
    engine = house(mode=mode, **got(drawn_wh)).see()
    engine.state = replace(engine.state, **got(drawn_wh))
    engine.clock.at = at
    about = [(one.level, one.text) for one in notices(engine) if one.text.startswith("boiler")]
    assert about == expected
    at_risk = any(level == "trouble" for level, _ in expected)
    assert shown(engine)["need"]["at_risk"] is (at_risk or (mode in {Mode.ALWAYS_OFF, Mode.MANUAL} and not drawn_wh))


@pytest.mark.parametrize("hour", [19, 20])
def test_on_the_first_evening_nothing_is_missed_that_nobody_has_watched(hour):
    """Somebody installs it at 18:15, when the water is hot; of a need from midnight to eight it knows nothing."""
    came = MIDNIGHT + 18.25 * H
    engine = house()
    engine.see(after_s=came - NOON, grid_w=Reading(-1000.0, came))
    engine.clock.at = MIDNIGHT + hour * H
    assert not any("boiler" in one.text for one in notices(engine))
    need = shown(engine)["need"]
    assert (need["at_risk"], need["missed"], need["met"]) == (False, False, False)
    assert ("missing when its time was over" in need["summary"]) is (hour == 20)
    assert (shown(engine)["plan"] is None) is (hour == 20)


async def test_metrics_are_in_base_units():
    engine = house(days=3.0, **got(4200.0))
    await engine.set_forecast(start=NOON, step_s=900.0, pv_w=(1000.0,), by="x")
    engine.clock.at += 60.0
    lines = (await Client(engine)("GET", "/metrics")).text.splitlines()
    for line in (
        'noonward_need_joules{policy="boiler"} 21600000',
        'noonward_need_missing_joules{policy="boiler"} 6480000',
        'noonward_need_at_risk{policy="boiler"} 0',
        "noonward_learnt_seconds 259200",
        "noonward_forecast_age_seconds 60",
    ):
        assert line in lines
    none = (await Client(house(need=None, plan=None))("GET", "/metrics")).text
    assert "noonward_need" not in none
    assert "learnt" not in none


# --- vehicles ------------------------------------------------------------------------------------------------------

ZONE = Requirement(energy_wh=10_000.0, by=parse("0 7 * * *"), timezone="Europe/Zurich", from_user=True)


def garage(drew_wh=0.0, needs=(), counted=None, state="paused", **zone):
    """A zone with a vehicle at cp-02 that came at eleven."""
    engine = carpark(need=ZONE, plan=Pace.NORMAL, **zone)
    at, since_wh = counted or (None, 0.0)
    engine.state = replace(
        engine.state,
        stations={
            "cp-02": StationState(
                session=Session(state=state, since=NOON - 600, drew_wh=drew_wh),
                plugged_at=NOON - H,
                unplugged_at=NOON - 2 * H,
                needed_at=at,
                needed_wh=since_wh,
            )
        },
    )
    engine.inputs = {"garage": Inputs(needs=dict(needs))}
    return engine


def bay(engine):
    return next(one for one in policy(engine, "garage")["stations"] if one["station"] == "cp-02")


SAID = {"cp-02": Need(at=NOON - 600, energy_wh=8000.0, departure=NOON + 5 * H, by="bo")}
VEHICLES = [
    ({"counted": (NOON - H, 0.0)}, "file", "", 10.0, 0.0, "needs 10 kWh by Tue 07:00"),
    (
        {"drew_wh": 4000.0, "counted": (NOON - H, 0.0)},
        "file",
        "",
        10.0,
        4.0,
        "needs 10 kWh by Tue 07:00, 6 kWh missing",
    ),
    ({"needs": SAID, "drew_wh": 3000.0}, "driver", "bo", 8.0, 0.0, "needs 8 kWh by 17:00 (bo)"),
    (
        {"needs": SAID, "drew_wh": 5000.0, "counted": (NOON - 600, 3000.0)},
        "driver",
        "bo",
        8.0,
        2.0,
        "needs 8 kWh by 17:00, 6 kWh missing (bo)",
    ),
    (
        {"needs": SAID, "drew_wh": 11_000.0, "counted": (NOON - 600, 3000.0)},
        "driver",
        "bo",
        8.0,
        8.0,
        "has its 8 kWh (bo)",
    ),
]


@pytest.mark.parametrize(("given", "source", "who", "energy", "drawn", "words"), VEHICLES)
def test_a_vehicle_needs_what_its_driver_said_or_else_the_file(given, source, who, energy, drawn, words):
    need = bay(garage(**given))["need"]
    assert (need["source"], need["by"], need["energy_kwh"], need["drawn_kwh"]) == (source, who, energy, drawn)
    assert need["missing_kwh"] == energy - drawn
    assert need["summary"] == words


def test_a_vehicle_that_takes_no_more_needs_no_more():
    one = bay(garage(drew_wh=4000.0, counted=(NOON - H, 0.0), state="satisfied"))
    assert (one["need"]["met"], one["need"]["missing_kwh"], one["plan"]) == (True, 0.0, None)
    assert one["need"]["summary"] == "takes no more of its 10 kWh"


def test_a_vehicle_has_a_plan_while_it_needs_something():
    assert bay(garage(counted=(NOON - H, 0.0)))["plan"]["summary"].startswith("has not learnt yet")
    assert bay(garage(drew_wh=10_000.0, counted=(NOON - H, 0.0)))["plan"] is None


def test_a_place_without_a_vehicle_needs_nothing_but_shows_what_the_next_one_will():
    engine = carpark(need=ZONE)
    engine.inputs = {"garage": Inputs(needs={"cp-04": replace(SAID["cp-02"], at=NOON)})}
    free = next(one for one in policy(engine, "garage")["stations"] if one["station"] == "cp-04")
    assert free["need"]["summary"] == "needs 8 kWh by 17:00 (bo)"
    assert free["plan"] is None


# --- a forecast from outside ---------------------------------------------------------------------------------------

PLACE = "/api/v1/forecast"
GOOD = {"start": "2026-06-01T12:00:00+02:00", "step_s": 900, "pv_w": [1000, 1100.5, 0]}


async def test_a_forecast_comes_is_shown_with_its_age_and_goes():
    engine = house().see()
    client = Client(engine)
    assert (await client("GET", PLACE)).json() == {"forecast": None}
    answer = (await client("PUT", PLACE, json=GOOD, headers={"noonward-user": "bo"})).json()["forecast"]
    assert answer["pv_w"] == [1000.0, 1100.5, 0.0]
    assert engine.forecast == Forecast(at=NOON, start=NOON, step_s=900.0, pv_w=(1000.0, 1100.5, 0.0))
    assert engine.said[-1][:2] == ("forecast", "bo")
    engine.clock.at += 300
    brief = (await client("GET", "/api/v1/site")).json()["forecast"]
    assert "pv_w" not in brief
    assert (brief["age_s"], brief["until"]) == (300.0, "2026-06-01T12:45:00+02:00")
    assert brief["summary"] == "Plans go by a forecast from outside, given 5 min ago, until 12:45."
    assert brief["summary"] in (await client("GET", "/status")).text
    assert (await client("DELETE", PLACE)).json() == {"forecast": None}
    assert engine.forecast is None


async def test_a_time_without_an_offset_is_site_time():
    engine = house().see()
    await Client(engine)("PUT", PLACE, json={**GOOD, "start": "2026-06-01T11:30"})
    assert engine.forecast.start == NOON - H / 2


REFUSED = [
    ({"start": "2026-06-01T12:00"}, '"step_s" and "pv_w" must be there: a forecast is {"start"'),
    (
        {**GOOD, "start": "noon"},
        '"noon" is not a time: say 2026-06-01T18:00 (site time, Europe/Zurich) or 2026-06-01T1',
    ),
    ({**GOOD, "start": 7}, "7 is not a time"),
    ({**GOOD, "step_s": "15 min"}, 'step_s must be a number of seconds, for example 900, not "15 min"'),
    ({**GOOD, "step_s": True}, "step_s must be a number"),
    ({**GOOD, "step_s": 1}, "step_s must be from 60 (a minute) to 21600 (six hours), not 1"),
    ({**GOOD, "step_s": 1e999}, "step_s must be a number"),
    ({**GOOD, "pv_w": 5}, "pv_w must be a list of powers in watts, one for each interval"),
    ({**GOOD, "pv_w": []}, "a forecast has 1 to 1500 intervals, not 0"),
    ({**GOOD, "pv_w": [0] * 1501}, "a forecast has 1 to 1500 intervals, not 1501"),
    ({**GOOD, "pv_w": [1, None]}, "pv_w[1] must be a power in watts, for example 1200, not null"),
    ({**GOOD, "pv_w": [1, float("nan")]}, "pv_w[1] must be a power in watts"),
    ({**GOOD, "pv_w": [1, -5]}, "interval 2 expects -5 W: production is 0 W or more"),
    ({**GOOD, "start": "2025-06-01T12:00"}, "a forecast begins within two weeks from now"),
    ({**GOOD, "start": "2027-06-01T12:00"}, "a forecast begins within two weeks from now"),
    ({**GOOD, "start": "2026-06-01T11:15"}, "the last interval of the forecast is over already"),
    ({**GOOD, "unit": "kW"}, 'Unknown key "unit"'),
]


@pytest.mark.parametrize(("body", "words"), REFUSED)
async def test_what_is_no_forecast_is_refused_and_changes_nothing(body, words):
    engine = house().see()
    text = json.dumps(body)
    answer = await Client(engine)("PUT", PLACE, content=text, headers={"content-type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"].startswith(words), answer.json()["detail"]
    assert engine.forecast is None


async def test_a_forecast_of_another_array_or_unit_is_refused():
    engine = house().see()
    engine.loaded = replace(engine.loaded, site=replace(engine.loaded.site, pv_peak_w=8000.0))
    answer = await Client(engine)("PUT", PLACE, json={**GOOD, "pv_w": [12_000, 12_001]})
    assert answer.json()["detail"].startswith("interval 2 expects 12001 W: production is 0 W or more, and pv.peak in")


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_visitor_gives_none(method):
    engine = house().see()
    answer = await Client(engine, writable=False)(method, PLACE, json=GOOD)
    assert answer.status_code == 401
    assert engine.forecast is None


async def test_a_body_that_never_ends_is_cut_off():
    answer = await Client(house().see())("PUT", PLACE, json={**GOOD, "pv_w": [1000.25] * 10_000})
    assert answer.status_code == 413
