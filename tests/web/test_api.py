"""The HTTP API against the real core; what it answers is held to the OpenAPI document in test_openapi."""

import json
from dataclasses import replace

import pytest

from noonward.access.model import Grant, How, Principal, Role, Scope
from noonward.core.model import Mode, Override, Reading, Zone
from noonward.daemon.engine import DecisionRecord
from noonward.errors import StateError
from noonward.web import body as wishes
from support.carpark import carpark
from support.fakeengine import NOON, FakeEngine, appliance
from support.webclient import Client

POLICY = "/api/v1/policies/boiler"
ZONE = Zone(name="garage", mode=Mode.AUTO_SOLAR, stations=("cp-01",), phases=3, max_power_w=22e3, min_current_a=6.0)


def engine(mode=Mode.AUTO_SOLAR, **more):
    return FakeEngine(appliance(mode=mode, **more), zones=[ZONE]).see(grid_w=Reading(-1000.0, NOON))


async def test_a_policy_says_what_and_why():
    one = (await Client(engine())("GET", POLICY)).json()
    assert one["state"] == "off"
    assert one["on"] is False
    assert one["sentence"] == "Waiting: 1 kW is left for it, and it starts at 3 kW."
    assert one["reasons"] == [
        {
            "code": "too-little-surplus",
            "facts": {"surplus_w": 1000.0, "grid_age_s": 0.0, "on_above_w": 3000.0},
            "sentence": one["sentence"],
        }
    ]
    assert one["condition"] == "Starts once 3 kW has been left for 60 s."
    assert one["next_change"] is None
    assert one["switch"] is one["boost"] is one["override"] is None


async def test_a_running_policy_shows_min_on_and_its_relay():
    one = (await Client(engine(Mode.ALWAYS_ON))("GET", POLICY)).json()
    assert (one["state"], one["on"], one["power_w"]) == ("on", True, 3000.0)
    assert one["min_on_until"] == "2026-06-01T12:15:00+02:00"
    assert one["since"] == "2026-06-01T12:00:00+02:00"
    assert one["relays"] == [
        {
            "relay": "cellar/boiler",
            "commanded": True,
            "closed": True,
            "read_at": "2026-06-01T12:00:00+02:00",
            "confirmed": True,
        }
    ]


async def test_a_relay_that_does_not_follow_is_not_confirmed():
    shown = engine(Mode.ALWAYS_ON)
    seen = shown.observation.relays["cellar/boiler"]
    shown.observation.relays["cellar/boiler"] = type(seen)(False, seen.at)
    relay = (await Client(shown)("GET", POLICY)).json()["relays"][0]
    assert (relay["commanded"], relay["closed"], relay["confirmed"]) == (True, False, False)


async def test_a_heat_pump_is_normal_not_off():
    one = (await Client(engine(sg_ready=True))("GET", POLICY)).json()
    assert (one["state"], one["on"]) == ("normal", False)


async def test_min_on_that_is_over_is_not_shown():
    shown = engine(Mode.ALWAYS_ON).see(after_s=899)
    assert (await Client(shown)("GET", POLICY)).json()["min_on_until"]
    assert (await Client(shown.see(after_s=1))("GET", POLICY)).json()["min_on_until"] is None


async def test_policies_come_in_the_order_in_which_they_are_served():
    shown = FakeEngine(appliance("b", priority=1), appliance("a", priority=2), zones=[ZONE]).see()
    found = (await Client(shown)("GET", "/api/v1/policies")).json()["policies"]
    assert [one["name"] for one in found] == ["b", "a", "garage"]


async def test_a_zone_is_switched_boosted_and_overridden_as_any_policy():
    shown = carpark(Mode.MANUAL)
    client, zone = Client(shown), "/api/v1/policies/garage"
    assert (await client("PUT", f"{zone}/switch", json={"on": True})).json()["switch"] == {"on": True}
    boosted = (await client("PUT", f"{zone}/boost", json={"for": "1 h"})).json()
    assert boosted["boost"] == {"until": "2026-06-01T13:00:00+02:00"}
    assert boosted["next_change"] == {
        "at": "2026-06-01T13:00:00+02:00",
        "what": "its boost ends",
        "text": "At 13:00 its boost ends.",
    }
    one = (await client("PUT", f"{zone}/override", json={"mode": "timer"})).json()
    assert (one["mode"], one["file_mode"], one["switch"]) == ("timer", "manual", None)
    assert (await client("DELETE", f"{zone}/override")).json()["mode"] == "manual"
    assert len(one["stations"]) == 11


async def test_the_site():
    site = (await Client(engine())("GET", "/api/v1/site")).json()
    assert site["name"] == "house-12"
    assert site["ready"] is True
    assert site["grid"] == {"power_w": -1000.0, "at": "2026-06-01T12:00:00+02:00", "age_s": 0.0, "quality": "fresh"}
    assert site["pv"] is None
    assert site["policies"] == ["boiler", "garage"]
    assert site["notices"] == []


@pytest.mark.parametrize(("age_s", "quality"), [(14, "fresh"), (15, "held"), (119, "held"), (120, "stale")])
async def test_a_reading_is_fresh_then_held_then_stale(age_s, quality):
    shown = engine()
    shown.see(after_s=age_s)
    assert (await Client(shown)("GET", "/api/v1/site")).json()["grid"]["quality"] == quality


async def test_the_strictest_policy_says_when_a_reading_is_stale():
    shown = FakeEngine(appliance("a", stale_after_s=300.0), appliance("b", stale_after_s=60.0))
    shown.see(grid_w=Reading(0.0, NOON)).see(after_s=60)
    assert (await Client(shown)("GET", "/api/v1/site")).json()["grid"]["quality"] == "stale"
    shown = carpark(stale_after_s=60.0).see(after_s=60)
    assert (await Client(shown)("GET", "/api/v1/site")).json()["grid"]["quality"] == "stale"


# --- writes ---------------------------------------------------------------------------------------------------------


async def test_the_switch():
    shown = engine(Mode.MANUAL)
    client = Client(shown)
    assert (await client("GET", POLICY)).json()["switch"] == {"on": False}
    answer = await client("PUT", f"{POLICY}/switch", json={"on": True}, headers={"noonward-user": "anna"})
    assert answer.status_code == 200
    assert answer.json()["switch"] == {"on": True}
    assert answer.json()["sentence"] == "On: somebody switched it on."
    assert shown.said == [("boiler", "anna", {"switch_on": True})]


async def test_the_switch_counts_in_mode_manual_only():
    answer = await Client(engine())("PUT", f"{POLICY}/switch", json={"on": True})
    assert answer.status_code == 409
    assert answer.json()["mode"] == "auto-solar"


async def test_a_boost_begins_and_ends():
    client = Client(engine())
    begun = (await client("PUT", f"{POLICY}/boost", json={"for": "1 h"})).json()
    assert begun["boost"] == {"until": "2026-06-01T13:00:00+02:00"}
    assert begun["sentence"] == "On: boosted until 13:00."
    assert begun["next_change"] == {
        "at": "2026-06-01T13:00:00+02:00",
        "what": "its boost ends",
        "text": "At 13:00 its boost ends.",
    }
    assert (await client("PUT", f"{POLICY}/boost", json={"for": "0 s"})).json()["boost"] is None


async def test_an_always_off_policy_is_not_boosted():
    answer = await Client(engine(Mode.ALWAYS_OFF))("PUT", f"{POLICY}/boost", json={"for": "1 h"})
    assert answer.status_code == 409
    assert answer.json()["mode"] == "always-off"


UNTIL = [
    (None, None),
    ("2 h", "2026-06-01T14:00:00+02:00"),
    ("90 min", "2026-06-01T13:30:00+02:00"),
    ("2026-06-01T18:00", "2026-06-01T18:00:00+02:00"),  # site time
    ("2026-06-01T18:00Z", "2026-06-01T20:00:00+02:00"),
    ("2026-06-01 18:00:00-04:00", "2026-06-02T00:00:00+02:00"),
    ("2026-12-01T18:00", "2026-12-01T18:00:00+01:00"),
    ("2026-06-02", "2026-06-02T00:00:00+02:00"),
]


@pytest.mark.parametrize(("until", "shown"), UNTIL)
async def test_an_override_replaces_the_mode_until_it_ends(until, shown):
    body = {"mode": "always-on", "until": until, "reason": "  guests\n at six "}
    client = Client(engine())
    one = (await client("PUT", f"{POLICY}/override", json=body, headers={"noonward-user": "anna"})).json()
    assert one["override"] == {"mode": "always-on", "until": shown, "by": "anna", "reason": "guests at six"}
    assert (one["mode"], one["file_mode"]) == ("always-on", "auto-solar")
    assert one["state"] == "on"
    cleared = (await client("DELETE", f"{POLICY}/override")).json()
    assert cleared["override"] is None
    assert cleared["mode"] == "auto-solar"


async def test_a_reason_is_made_printable():
    """A lone surrogate is JSON, and no text that could be written down."""
    content = json.dumps({"mode": "always-on", "reason": "a\ud800\x1b[2Jb\u202ec"}).encode()
    headers = {"content-type": "application/json"}
    answer = await Client(engine())("PUT", f"{POLICY}/override", content=content, headers=headers)
    assert answer.status_code == 200
    assert answer.json()["override"]["reason"] == "a [2Jb c"


async def test_an_override_that_is_over_is_not_shown():
    shown = engine()
    await shown.set_override("boiler", Override(mode=Mode.ALWAYS_ON, until=NOON + 60, by="anna"))
    shown.see(after_s=60)
    one = (await Client(shown)("GET", POLICY)).json()
    assert one["override"] is None
    assert one["mode"] == "auto-solar"


REFUSED = [
    ("switch", {}, 'or {"on": false}'),
    ("switch", {"on": 1}, 'or {"on": false}'),
    ("switch", {"on": "on"}, 'or {"on": false}'),
    ("switch", {"on": True, "of": 1}, '"of"'),
    ("switch", [], "an object with on"),
    ("boost", {}, "not a duration"),
    ("boost", {"for": 3600}, "not a duration"),
    ("boost", {"for": "1 hour"}, '"1 hour"'),
    ("boost", {"for": "1 kWh"}, "not a duration"),
    ("boost", {"for": "-1 h"}, "not a duration"),
    ("boost", {"for": "25 h"}, "24 h at most"),
    ("override", {}, "null is not a mode"),
    ("override", {"mode": "on"}, "always-off or manual"),
    ("override", {"mode": ["always-on"]}, "is not a mode"),
    ("override", {"mode": "always-on", "until": "tomorrow"}, "site time, Europe/Zurich"),
    ("override", {"mode": "always-on", "until": 5}, "not a time"),
    ("override", {"mode": "always-on", "until": "2026-06-01T11:59"}, "over already"),
    ("override", {"mode": "always-on", "until": "0 s"}, "over already"),
    ("override", {"mode": "always-on", "until": "9999-12-31T23:59:59-23:59"}, "ten years"),
    ("override", {"mode": "always-on", "until": "0001-01-01T00:00"}, "over already"),
    ("override", {"mode": "always-on", "until": "999999999999 d"}, "ten years"),
    ("override", {"mode": "always-on", "until": "1,5 h"}, 'did you mean "1.5 h"?'),
    ("override", {"mode": "always-on", "reason": 5}, "a text of at most"),
    ("override", {"mode": "always-on", "reason": {}}, "a text of at most"),
    ("override", {"mode": "always-on", "reason": False}, "a text of at most"),
    ("override", {"mode": "always-on", "reason": "x" * 201}, "a text of at most"),
]


@pytest.mark.parametrize(("what", "body", "words"), REFUSED)
async def test_a_body_that_says_something_else_is_refused(what, body, words):
    shown = engine(Mode.MANUAL)
    answer = await Client(shown)("PUT", f"{POLICY}/{what}", json=body)
    assert answer.status_code == 422, answer.text
    assert words in answer.json()["detail"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert shown.said == []


RAW = [
    (415, "text/plain", b'{"on": true}'),
    (415, None, b'{"on": true}'),
    (415, "application/x-www-form-urlencoded", b"on=true"),
    (400, "application/json", b""),
    (400, "application/json", b"{on: true}"),
    (400, "application/json", b"\xff\xfe"),
    (400, "application/json", b"[" * 4000),
    (413, "application/json", b" " * (wishes.BODY_MAX + 1)),
    (200, "application/json; charset=utf-8", b'{"on": true}'),
]


@pytest.mark.parametrize(("status", "kind", "body"), RAW)
async def test_a_body_is_json_by_name_and_nature(status, kind, body):
    shown = engine(Mode.MANUAL)
    headers = {"content-type": kind} if kind else {}
    answer = await Client(shown)("PUT", f"{POLICY}/switch", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert bool(shown.said) is (status == 200)


async def test_what_cannot_be_made_durable_is_not_set():
    shown = engine(Mode.MANUAL)

    async def full(*_):
        raise StateError("disk full")

    shown.set_switch = full
    answer = await Client(shown)("PUT", f"{POLICY}/switch", json={"on": True})
    assert answer.status_code == 503
    assert "disk full" in answer.json()["detail"]
    assert shown.publishers == []  # who waited for the step has gone home


async def test_a_name_is_cut_and_made_printable():
    shown = engine(Mode.MANUAL)
    for said, by in ((b"\x1b[2Janna", "[2Janna"), (b"x" * 99, "x" * 64), (b"", "somebody on the gateway")):
        await Client(shown)("PUT", f"{POLICY}/switch", json={"on": True}, headers={"noonward-user": said})
        assert shown.said[-1][1] == by


# --- the port that only shows ---------------------------------------------------------------------------------------

WRITES = [
    ("PUT", f"{POLICY}/switch", {"on": True}),
    ("PUT", f"{POLICY}/boost", {"for": "1 h"}),
    ("PUT", f"{POLICY}/override", {"mode": "always-on"}),
    ("DELETE", f"{POLICY}/override", None),
    ("PUT", "/api/v1/policies/nothing/switch", {"on": True}),
]


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
async def test_a_visitor_sets_nothing(method, path, body):
    shown = engine(Mode.MANUAL)
    answer = await Client(shown, writable=False)(method, path, json=body)
    assert answer.status_code == 401
    assert "Sign in" in answer.json()["detail"]
    assert shown.said == []


READS = [
    "/",
    "/status",
    "/healthz",
    "/readyz",
    "/api/v1/site",
    "/api/v1/policies",
    POLICY,
    "/api/v1/decisions",
    "/api/v1/openapi.json",
]


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_reading_changes_nothing(path, method):
    shown = engine(Mode.MANUAL)
    before = shown.state
    assert (await Client(shown, writable=False)(method, path)).status_code == 200
    assert shown.state is before
    assert shown.said == []


WRONG = [
    ("GET", "/api/v1/nothing", 404, "openapi.json"),
    ("GET", "/api/v1/policies/none", 404, "boiler, garage"),
    ("PUT", "/api/v1/policies/none/switch", 404, "boiler, garage"),
    ("DELETE", "/api/v1/policies/none/override", 404, "boiler, garage"),
    ("GET", "/api/v1/policies/%00%0a", 404, "There is no policy"),
    ("GET", "/static/../api.py", 404, "nothing at"),
    ("POST", "/api/v1/site", 405, "only GET"),
    ("PUT", "/api/v1/policies", 405, "only GET"),
    ("GET", f"{POLICY}/switch", 405, "only PUT"),
    ("POST", f"{POLICY}/override", 405, "only DELETE and PUT"),
    ("DELETE", f"{POLICY}/boost", 405, "only PUT"),
    ("GET", "/api/v1/decisions?policy=none", 404, "boiler, garage"),
    ("GET", "/api/v1/decisions?limit=0", 422, "1 to 1000"),
    ("GET", "/api/v1/decisions?limit=-1", 422, "1 to 1000"),
    ("GET", "/api/v1/decisions?limit=1001", 422, "1 to 1000"),
    ("GET", "/api/v1/decisions?limit=" + "9" * 5000, 422, "1 to 1000"),
    ("GET", "/api/v1/decisions?limit=ten", 422, "'ten'"),
    ("GET", "/api/v1/decisions?limit=%C2%B2", 422, "1 to 1000"),
]


@pytest.mark.parametrize(("method", "path", "status", "words"), WRONG)
async def test_what_is_not_there_is_said_with_help(method, path, status, words):
    answer = await Client(engine())(method, path, json={"on": True} if method == "PUT" else None)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert words in answer.json()["detail"]
    if status == 405:
        assert answer.headers["allow"]


async def test_a_bug_is_answered_without_its_inside():
    shown = engine()

    async def broken(*_):
        raise ZeroDivisionError("secret")

    shown.decisions = broken
    answer = await Client(shown)("GET", "/api/v1/decisions")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["content-type"] == "application/problem+json"


# --- the rest -------------------------------------------------------------------------------------------------------


async def test_recorded_decisions():
    shown = engine()
    shown.records = [
        DecisionRecord(
            at=NOON + k,
            policy=name,
            station="cp-01" if k else None,
            before="" if k == 0 else "off",
            after="on",
            code="surplus",
            facts={"surplus_w": 3200.0},
            where="boiler.yaml:9",
            engine="0.1.0",
        )
        for k, name in ((1, "boiler"), (0, "other"))
    ]
    client = Client(shown)
    found = (await client("GET", "/api/v1/decisions")).json()["decisions"]
    assert [one["from"] for one in found] == ["off", None]
    assert [one["station"] for one in found] == ["cp-01", None]
    assert found[0]["sentence"] == "On: 3.2 kW of surplus is left for it."
    assert found[0]["at"] == "2026-06-01T12:00:01+02:00"
    shown.records[0] = replace(shown.records[0], code="from-the-future")
    future = (await client("GET", "/api/v1/decisions")).json()["decisions"][0]
    assert (future["code"], future["sentence"]) == ("from-the-future", "")
    mine = (await client("GET", "/api/v1/decisions?policy=boiler&limit=5")).json()["decisions"]
    assert [one["policy"] for one in mine] == ["boiler"]


async def test_decisions_come_in_pages_and_a_page_is_whole_whoever_turns_it():
    shown = carpark()
    at_station = {"policy": "garage", "before": "paused", "after": "charging", "code": "surplus"}
    shown.records = [
        DecisionRecord(id=k, at=NOON + k, station=f"cp-0{1 + k % 2}", **at_station) for k in range(7, 0, -1)
    ]
    mine = Principal(
        name="x", grant=Grant(role=Role.VIEWER, scope=Scope(stations=frozenset({"cp-02"}))), how=How.SESSION
    )
    for who, ids in [(None, [7, 6, 5, 4, 3, 2, 1]), (mine, [7, 5, 3, 1])]:
        client, found, before = Client(shown, principal=who), [], ""
        for _ in range(4):
            page = (await client("GET", f"/api/v1/decisions?limit=2{before}")).json()
            found += [one["id"] for one in page["decisions"]]
            before = f"&before={page['next']}"
            if page["next"] is None:
                break
        assert (found, page["next"]) == (ids, None)


@pytest.mark.parametrize(
    "query", ["before=0", "before=-1", "before=x", "before=", "before=99999999999999999999", "limit=1001"]
)
async def test_a_page_that_cannot_be_is_refused(query):
    assert (await Client(engine())("GET", f"/api/v1/decisions?{query}")).status_code == 422


async def test_ready_after_the_first_whole_step():
    shown = FakeEngine(appliance())
    client = Client(shown)
    assert (await client("GET", "/healthz")).status_code == 200
    assert (await client("GET", "/readyz")).status_code == 503
    assert (await client("GET", POLICY)).json()["state"] is None
    assert (await client("GET", POLICY)).json()["sentence"].startswith("Not decided yet")
    assert (await client("GET", "/api/v1/decisions")).json() == {"decisions": [], "next": None}
    early = await client("PUT", f"{POLICY}/boost", json={"for": "1 h"})
    assert (early.status_code, early.headers["retry-after"]) == (503, "1")
    assert shown.said == []
    shown.see()
    assert (await client("GET", "/readyz")).status_code == 200
    shown.fault = "ZeroDivisionError in step"
    answer = await client("GET", "/readyz")
    assert answer.status_code == 503
    assert "ZeroDivisionError" in answer.json()["detail"]


async def test_what_is_not_a_number_is_unknown():
    shown = engine()
    shown.see(grid_w=Reading(float("nan"), NOON), draws_w={"boiler": Reading(float("inf"), NOON)})
    text = (await Client(shown)("GET", "/api/v1/site")).text + (await Client(shown)("GET", POLICY)).text
    assert "NaN" not in text
    assert "Infinity" not in text
    assert json.loads((await Client(shown)("GET", POLICY)).text)["draw_w"] is None
