"""Charging stations in the HTTP API: what is shown of them, and what may be set."""

import json
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noonward.core.model import (
    ChargeNow,
    Inputs,
    Mode,
    Need,
    ReasonCode,
    Sample,
    Session,
    Station,
    StationState,
    Status,
)
from noonward.core.outstanding import Promise
from noonward.core.remembered import State
from noonward.policy.words import en
from noonward.views import stations
from support.carpark import DECIDED, SEEN, carpark
from support.fakeengine import NOON, decided, told
from support.webclient import Client

API = "/api/v1/stations"
ONE = f"{API}/cp-01"


async def get(engine, path):
    return (await Client(engine, writable=False)("GET", path)).json()


async def test_a_station_says_what_its_car_does_and_why():
    told = await get(carpark(), ONE)
    assert len(told.pop("etag")) == len('"0123456789abcdef"')
    assert told == {
        "station": "cp-01",
        "zone": "garage",
        "state": "charging",
        "summary": "charging at 9.9 A on 3 phases",
        "sentence": "On: anna asked for it now.",
        "why": {"code": "charge-now", "facts": {"by": "anna"}, "sentence": "On: anna asked for it now."},
        "plugged": True,
        "plugged_at": "2026-06-01T11:00:00+02:00",
        "since": "2026-06-01T11:50:00+02:00",
        "online": True,
        "status": "charging",
        "id_tag": "…D4E5",
        "limit_a": 10.0,
        "accepted_a": 10.0,
        "max_a": 16.0,
        "phases": 3,
        "drawn_w": 6850.0,
        "drawn_a": {"L1": 9.9, "L2": 9.8, "L3": 9.9},
        "measured_at": "2026-06-01T11:59:56+02:00",
        "session_kwh": 4.23,
        "charge_now": {
            "at": "2026-06-01T11:50:00+02:00",
            "until": None,
            "energy_kwh": None,
            "by": "anna",
            "summary": "charge now until unplugged (anna)",
        },
        "need": None,
        "plan": None,
        "may": [],
        "trouble": None,
    }


SAYS = [
    ("cp-02", "paused", "waiting", None),
    ("cp-03", "detecting", "detecting phases", None),
    ("cp-04", "absent", "free", None),
    ("cp-05", "not-answering", "not answering", "It is not connected; its last measurement is of 11:45."),
    ("cp-06", "satisfied", "satisfied", None),
    ("cp-07", "asleep", "asleep", None),
    ("cp-08", "waking", "being woken", None),
    ("cp-09", "needs-driver", "needs its driver", "The vehicle does not wake up: unlock it or replug the cable."),
    ("cp-10", "offered", "offered 6 A, not drawing yet", None),
    ("cp-11", "not-answering", "not answering", "It has never connected."),
]


@pytest.mark.parametrize(("name", "state", "summary", "trouble"), SAYS)
async def test_every_state_has_its_words(name, state, summary, trouble):
    one = await get(carpark(), f"{API}/{name}")
    assert (one["state"], one["summary"], one["trouble"]) == (state, summary, trouble)


async def test_a_station_that_is_away_is_not_answering_whatever_was_decided_for_it():
    engine = carpark()
    engine.says["garage"] = decided("garage", "solar", told("cp-05", "charging", 6.0, ReasonCode.SURPLUS, 3))
    one = await get(engine.see(), f"{API}/cp-05")
    assert (one["state"], one["summary"]) == ("not-answering", "not answering")


@pytest.mark.parametrize(
    ("current_a", "words"),
    [({}, "charging at 10 A"), ({"L1": 0.4}, "charging, draws nothing now"), ({"L1": 0.5}, "charging at 0.5 A")],
)
async def test_charging_is_told_by_what_is_measured(current_a, words):
    engine = carpark()
    sample = replace(SEEN["cp-01"].sample, current_a=current_a)
    engine.see(stations={"cp-01": replace(SEEN["cp-01"], sample=sample)})
    assert (await get(engine, ONE))["summary"].removesuffix(" on 3 phases") == words


async def test_without_a_vehicle_there_is_no_session():
    assert (await get(carpark(), f"{API}/cp-04"))["session_kwh"] is None
    assert (await get(carpark(), f"{API}/cp-02"))["session_kwh"] == 0


def test_no_state_is_without_words():
    states = {"unknown", "absent", "paused", "detecting", "offered", "charging"}
    states |= {"satisfied", "asleep", "waking", "needs-driver", "not-answering"}
    assert states == stations.STATES
    assert all(f"station.{state}" in en.PHRASES for state in states)


async def test_stations_come_in_the_order_of_the_file_in_their_zone_too():
    engine = carpark()
    names = [one["station"] for one in (await get(engine, API))["stations"]]
    assert names == list(engine.loaded.site.zones[0].stations)
    zone = await get(engine, "/api/v1/policies/garage")
    assert [one["station"] for one in zone["stations"]] == names
    assert zone["stations"][0] == await get(engine, ONE)


async def test_a_zone_says_what_and_why():
    zone = await get(carpark(), "/api/v1/policies/garage")
    assert (zone["kind"], zone["state"], zone["on"], zone["power_w"]) == ("ev-zone", "solar", True, 6900.0)
    assert zone["sentence"] == "On: 7.1 kW of surplus is left for it."
    assert zone["condition"] == (
        "A vehicle starts once its minimum, 6 A on each of its phases, has been left for 60 s."
    )
    assert (zone["max_power_w"], zone["min_current_a"], zone["charge_now_allowed"]) == (22e3, 6.0, True)
    assert zone["draw_w"] is None  # nobody knows what cp-10 draws
    listed = (await get(carpark(), "/api/v1/policies"))["policies"]
    assert [one["name"] for one in listed] == ["garage", "boiler"]


@pytest.mark.parametrize(
    ("tag", "shown"),
    [
        (None, None),
        ("", "…"),
        ("A", "…"),
        ("ABCD", "…CD"),
        ("ABCDEFG", "…EFG"),
        ("ABCDEFGH", "…EFGH"),
        ("DE*ABC*C12345678*X", "…78*X"),
    ],
)
def test_a_badge_is_masked(tag, shown):
    assert stations.masked(tag) == shown


@pytest.mark.parametrize("path", ["/status", "/metrics", API, "/api/v1/policies", "/api/v1/site"])
async def test_no_badge_is_told_whole(path):
    assert "A1B2C3" not in (await Client(carpark(), writable=False)("GET", path)).text


OVER = [
    ({}, True),
    ({"until": NOON}, False),
    ({"until": NOON + 1}, True),
    ({"at": NOON - 4000}, False),  # set for the vehicle before
    ({"at": NOON - 3599}, True),
    ({"energy_wh": 4000.0}, False),
    ({"energy_wh": 4001.0}, True),
]


@pytest.mark.parametrize(("wish", "shown"), OVER)
async def test_charge_now_that_is_over_is_not_shown(wish, shown):
    engine = carpark()
    wish = ChargeNow(**{"at": NOON - 60} | wish)
    state = StationState(
        session=Session(state="charging", drew_wh=5000.0),
        unplugged_at=NOON - 3600,
        wished_at=wish.at,
        wished_wh=1000.0,
    )
    engine.inputs["garage"] = Inputs(charge_now={"cp-01": wish})
    engine.state = replace(engine.state, stations={"cp-01": state})
    assert ((await get(engine, ONE))["charge_now"] is not None) is shown


@pytest.mark.parametrize(("at", "departure", "shown"), [(1, 1, True), (0, 1, False), (1, 0, False)])
async def test_a_need_ends_with_its_vehicle_or_its_time(at, departure, shown):
    engine = carpark()
    need = Need(at=NOON - 60 + at, energy_wh=1.0, departure=NOON + departure)
    engine.inputs["garage"] = Inputs(needs={"cp-01": need})
    engine.state = replace(engine.state, stations={"cp-01": StationState(unplugged_at=NOON - 60)})
    assert ((await get(engine, ONE))["need"] is not None) is shown


@pytest.mark.parametrize(
    ("state", "limit_a", "on", "word"),
    [("charging", 16.0, True, "Charging"), ("detecting", 8.0, True, "Testing"), ("paused", 0.0, False, "Off")],
)
async def test_a_zone_that_is_off_but_charges_on_request_is_on(state, limit_a, on, word):
    engine = carpark()
    engine.says["garage"] = decided("garage", "off", told("cp-01", state, limit_a, ReasonCode.CHARGE_NOW))
    zone = await get(engine.see(), "/api/v1/policies/garage")
    assert (zone["state"], zone["on"]) == ("off", on)
    page = (await Client(engine)("GET", "/status")).text
    assert f'<p class="state">{word}' in page.partition("policy-boiler")[0]


async def test_before_the_first_step_nothing_is_made_up():
    engine = carpark()
    engine.outcome = None
    one = await get(engine, ONE)
    assert (one["state"], one["limit_a"], one["why"], one["phases"]) == (None, None, None, None)
    assert one["summary"] == "not decided yet"


async def test_what_is_not_a_number_is_unknown():
    engine = carpark()
    sample = Sample(at=NOON, power_w=float("nan"), current_a={"L1": float("inf"), "L2": 6.0, "hostile": 1.0})
    engine.see(stations={"cp-01": Station(plugged=True, sample=sample)})
    one = await get(engine, ONE)
    assert one["drawn_w"] is None
    assert one["drawn_a"] == {"L1": None, "L2": 6.0}
    assert one["summary"] == "charging at 6 A on 3 phases"


@pytest.mark.parametrize(("status", "words"), [(Status.FAULTED, "a fault"), (Status.UNAVAILABLE, "out of service")])
async def test_a_station_that_says_what_is_wrong_with_it_is_believed(status, words):
    """Edge case 35."""
    engine = carpark()
    engine.see(stations={**SEEN, "cp-02": replace(SEEN["cp-02"], status=status)})
    one = await get(engine, f"{API}/cp-02")
    assert (one["state"], one["status"]) == ("paused", status.value)
    assert words in one["trouble"]


async def test_charge_now_that_the_envelope_blocks_is_shown_as_blocked():
    """Edge case 39."""
    engine = carpark()
    stations = (told("cp-01", "paused", 0.0, ReasonCode.FUSE), *DECIDED[1:])
    engine.says["garage"] = decided("garage", "off", *stations, code=ReasonCode.FUSE)
    one = await get(engine.see(), ONE)
    assert one["sentence"] == "Held back: with it a phase would draw more than its fuse carries."
    assert one["charge_now"]["summary"] == "charge now until unplugged (anna)"
    page = (await Client(engine)("GET", "/status")).text
    mine = page.partition('id="station-cp-01"')[2].partition("</li>")[0]
    assert "Held back: with it a phase" in mine
    assert "charge now until unplugged (anna)" in mine
    assert (await get(engine, "/api/v1/policies/garage"))["limited_by"] == "fuse"


async def test_a_station_that_exceeds_its_limit_is_trouble():
    engine = carpark()
    states = {**engine.state.stations, "cp-01": StationState(promise=Promise(misses=3))}
    engine.state = replace(engine.state, stations=states)
    assert "draws more than it is told to" in (await get(engine, ONE))["trouble"]
    assert "cp-01 draws more" in (await get(engine, "/api/v1/site"))["notices"][0]["text"]


async def test_fewer_phases_than_declared_are_said():
    """Edge case 31."""
    engine = carpark(phases=3)
    engine.says["garage"] = decided("garage", "full", told("cp-01", "charging", 16.0, ReasonCode.ALWAYS_ON, 1))
    one = await get(engine.see(), ONE)
    assert one["trouble"].startswith("The vehicle uses one phase, not the declared 3")
    assert one["summary"].endswith("on one phase")


async def test_who_needs_the_driver_is_in_the_notices():
    notices = (await get(carpark(), "/api/v1/site"))["notices"]
    assert ("trouble", "cp-09: the vehicle does not wake up; it needs its driver.") in [
        (one["level"], one["text"]) for one in notices
    ]


# --- writes ---------------------------------------------------------------------------------------------------------

END = [
    ({}, {"until": None, "energy_kwh": None}, "charge now until unplugged (anna)"),
    ({"until": None}, {"until": None, "energy_kwh": None}, "charge now until unplugged (anna)"),
    ({"until": "unplugged"}, {"until": None, "energy_kwh": None}, "charge now until unplugged (anna)"),
    ({"until": "2 h"}, {"until": "2026-06-01T14:00:00+02:00", "energy_kwh": None}, "charge now until 14:00 (anna)"),
    ({"until": "2h"}, {"until": "2026-06-01T14:00:00+02:00", "energy_kwh": None}, "charge now until 14:00 (anna)"),
    ({"until": "10kWh"}, {"until": None, "energy_kwh": 10.0}, "charge now for 10 kWh (anna)"),
    (
        {"until": "2026-06-02T07:00"},
        {"until": "2026-06-02T07:00:00+02:00", "energy_kwh": None},
        "charge now until Tue 07:00 (anna)",
    ),
]


@pytest.mark.parametrize(("body", "wish", "words"), END)
async def test_charge_now_begins_and_ends(body, wish, words):
    """Edge case 38."""
    engine = carpark()
    client = Client(engine)
    answer = await client("PUT", f"{API}/cp-02/charge-now", json=body, headers={"noonward-user": "anna"})
    assert answer.status_code == 200, answer.text
    one = answer.json()
    assert one["station"] == "cp-02"
    assert one["charge_now"] == {"at": "2026-06-01T12:00:00+02:00", "by": "anna", "summary": words, **wish}
    assert one["need"]["energy_kwh"] == 10.5  # stays
    ended = await client("DELETE", f"{API}/cp-02/charge-now")
    assert (ended.status_code, ended.json()["charge_now"]) == (200, None)
    assert (await client("DELETE", f"{API}/cp-02/charge-now")).status_code == 200  # nothing to end is fine
    assert "cp-01" in engine.inputs["garage"].charge_now  # nobody else's wish is touched


async def test_the_zone_s_own_bounds_hold_where_nobody_says_another():
    client = Client(carpark(charge_now_s=3600.0, charge_now_wh=5000.0))
    path = f"{API}/cp-02/charge-now"
    one = (await client("PUT", path, json={})).json()["charge_now"]
    assert (one["until"], one["energy_kwh"]) == ("2026-06-01T13:00:00+02:00", 5.0)
    assert one["summary"] == "charge now until 13:00 or for 5 kWh (somebody on the gateway)"
    one = (await client("PUT", path, json={"until": "unplugged"})).json()["charge_now"]
    assert (one["until"], one["energy_kwh"]) == (None, None)


@pytest.mark.parametrize("departure", ["2026-06-02T07:00", "19 h", "2026-06-02T05:00Z"])
async def test_a_need_comes_and_goes(departure):
    client = Client(carpark())
    body = {"energy_kwh": 12, "departure": departure}
    one = (await client("PUT", f"{ONE}/need", json=body, headers={"noonward-user": "bo"})).json()
    assert one["need"] == {
        "at": "2026-06-01T12:00:00+02:00",
        "energy_kwh": 12.0,
        "drawn_kwh": 0.0,
        "missing_kwh": 12.0,
        "met": False,
        "missed": False,
        "at_risk": False,
        "departure": "2026-06-02T07:00:00+02:00",
        "source": "driver",
        "by": "bo",
        "summary": "needs 12 kWh by Tue 07:00 (bo)",
    }
    assert (await client("DELETE", f"{ONE}/need")).json()["need"] is None


FORBIDDING = [
    (Mode.ALWAYS_OFF, {}, "always-off"),
    (Mode.MANUAL, {}, "manual"),
    (Mode.AUTO_SOLAR, {"charge_now": False}, "auto-solar"),
]


@pytest.mark.parametrize(("mode", "more", "named"), FORBIDDING)
@pytest.mark.parametrize(("what", "body"), [("charge-now", {}), ("need", {"energy_kwh": 1, "departure": "1 h"})])
async def test_a_zone_that_does_not_allow_it_says_so(mode, more, named, what, body):
    engine = carpark(mode, **more)
    answer = await Client(engine)("PUT", f"{ONE}/{what}", json=body)
    assert answer.status_code == 409
    assert answer.json()["mode"] == named
    assert engine.said == []


REFUSED = [
    ("charge-now", {"until": "10,5 kWh"}, 'did you mean "10.5 kWh"?'),
    ("charge-now", {"until": "2 hours"}, 'did you mean "2 h"?'),
    ("charge-now", {"until": "0 kWh"}, "more than 0"),
    ("charge-now", {"until": "-1 kWh"}, "more than 0"),
    ("charge-now", {"until": "2 MWh"}, "at most 1000 kWh"),
    ("charge-now", {"until": "9" * 400 + " kWh"}, "at most 1000 kWh"),
    ("charge-now", {"until": "9" * 400 + " d"}, "say “unplugged”"),
    ("charge-now", {"until": "0001-01-01T00:00+23:59"}, "over already"),
    ("charge-now", {"until": "0 s"}, "over already"),
    ("charge-now", {"until": "2026-06-01T11:59"}, "over already"),
    ("charge-now", {"until": "9999-12-31T23:59"}, "say “unplugged”"),
    ("charge-now", {"until": "full"}, "an energy like 10 kWh"),
    ("charge-now", {"until": "Unplugged"}, "is not a time"),
    ("charge-now", {"until": 10}, "is not a time"),
    ("charge-now", {"until": ["unplugged"]}, "is not a time"),
    ("charge-now", {"until": ""}, "is not a time"),
    ("charge-now", {"until": "\ud800"}, "is not a time"),
    ("charge-now", {"till": "2 h"}, 'Unknown key "till": the body takes until.'),
    ("charge-now", [], "an object with until"),
    ("charge-now", "unplugged", "an object with until"),
    ("need", {}, "energy_kwh must be a number"),
    ("need", {"energy_kwh": "10 kWh", "departure": "8 h"}, 'for example 10.5, not "10 kWh"'),
    ("need", {"energy_kwh": "10,5", "departure": "8 h"}, "for example 10.5"),
    ("need", {"energy_kwh": True, "departure": "8 h"}, "must be a number"),
    ("need", {"energy_kwh": 0, "departure": "8 h"}, "more than 0"),
    ("need", {"energy_kwh": -3, "departure": "8 h"}, "more than 0"),
    ("need", {"energy_kwh": 1e9, "departure": "8 h"}, "at most 1000 kWh"),
    ("need", {"energy_kwh": 10**300, "departure": "8 h"}, "at most 1000 kWh"),
    ("need", {"energy_kwh": 10}, "Say by when"),
    ("need", {"energy_kwh": 10, "departure": None}, "Say by when"),
    ("need", {"energy_kwh": 10, "departure": "unplugged"}, "is not a time"),
    ("need", {"energy_kwh": 10, "departure": "1,5 h"}, 'did you mean "1.5 h"?'),
    ("need", {"energy_kwh": 10, "departure": "5 kWh"}, "is not a time"),
    ("need", {"energy_kwh": 10, "departure": "2026-06-01T11:59"}, "over already"),
]


@pytest.mark.parametrize(("what", "body", "words"), REFUSED)
async def test_a_body_that_says_something_else_is_refused(what, body, words):
    engine = carpark()
    content = json.dumps(body).encode()
    answer = await Client(engine)("PUT", f"{ONE}/{what}", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert words in answer.json()["detail"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert engine.said == []


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
async def test_what_only_python_takes_for_json_is_no_energy(number):
    engine = carpark()
    content = f'{{"energy_kwh": {number}, "departure": "8 h"}}'.encode()
    answer = await Client(engine)("PUT", f"{ONE}/need", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert engine.said == []


ODD = [
    "%00",
    "%0a",
    "..",
    "%2e%2e",
    "cp-01%2fneed",
    "cp 01",
    "cp%2001",
    "%ff",
    "%F0%9F%9A%97",
    "%3Cscript%3E",
    "x" * 2000,
]


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize(("method", "rest"), [("GET", ""), ("PUT", "/charge-now"), ("DELETE", "/need")])
async def test_a_station_of_an_odd_name_is_not_there(name, method, rest):
    engine = carpark()
    answer = await Client(engine)(method, f"{API}/{name}{rest}", json={} if method == "PUT" else None)
    assert answer.status_code in {404, 405}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    detail = answer.json()["detail"]
    assert "there are cp-01, cp-02" in detail or detail.startswith(("There is nothing at", "/api/v1/stations"))
    assert engine.said == []


WRITES = [
    ("PUT", f"{ONE}/charge-now", {}),
    ("DELETE", f"{ONE}/charge-now", None),
    ("PUT", f"{ONE}/need", {"energy_kwh": 1, "departure": "1 h"}),
    ("DELETE", f"{ONE}/need", None),
    ("PUT", f"{API}/none/charge-now", {}),
]


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
async def test_a_visitor_sets_nothing(method, path, body):
    engine = carpark()
    answer = await Client(engine, writable=False)(method, path, json=body)
    assert answer.status_code == 401
    assert engine.said == []


# --- whatever is sent -----------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
WISHES = ["unplugged", "2 h", "10 kWh", "10,5 kWh", "2026-06-01T18:00", "2026-06-01T18:00+25:00", "99999999 d"]
UNTIL = st.sampled_from(WISHES) | st.text("0123456789.,-:TZ+ hkWdmin", max_size=20) | JSON
BODIES = st.one_of(
    JSON,
    st.fixed_dictionaries({}, optional={"until": UNTIL}),
    st.fixed_dictionaries({}, optional={"energy_kwh": st.floats() | st.integers() | JSON, "departure": UNTIL}),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(what=st.sampled_from(["charge-now", "need"]), body=BODIES)
async def test_no_body_breaks_it(what, body):
    engine = carpark()
    content = json.dumps(body).encode()
    answer = await Client(engine)("PUT", f"{ONE}/{what}", content=content, headers={"content-type": "application/json"})
    assert answer.status_code in {200, 400, 413, 422}, answer.text
    assert bool(engine.said) is (answer.status_code == 200)
    if answer.status_code == 200:
        json.dumps(answer.json(), allow_nan=False)
    else:
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(answer.json()["detail"]) > 20


@settings(max_examples=60, deadline=None)
@given(name=st.text(min_size=1, max_size=30))
async def test_no_name_breaks_it(name):
    engine = carpark()
    encoded = quote(name.encode("utf-8", "surrogatepass"), safe="")
    answer = await Client(engine)("PUT", f"{API}/{encoded}/charge-now", json={})
    assert answer.status_code in {404, 405}
    assert engine.said == []


def test_the_wishes_of_a_zone_that_nobody_touched_are_none():
    engine = carpark()
    engine.inputs = {"garage": Inputs()}
    engine.state = State()
    one = stations.station(engine, "cp-04")
    assert one["charge_now"] is one["need"] is None
