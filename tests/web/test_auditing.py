"""The audit log: what was before and after, for everything that can be set; pages of it, and where nothing can be kept."""

import sqlite3

from noonward.core.model import Mode
from noonward.web.auditing import named
from noonward.web.routes import ROUTES
from support.carpark import carpark
from support.fakeengine import NOON, FakeEngine, appliance
from support.webclient import Client

FORECAST = {"start": "2026-06-01T12:00", "step_s": 900, "pv_w": [1000, 2000]}
RESIDENT = {"role": "resident", "scope": {"policies": ["boiler"], "stations": []}, "modes": False}
VIEWER = {"role": "viewer", "scope": None, "modes": False}
WRITES = [
    ("PUT", "policies/boiler/switch", {"on": True}, "switch", None, {"switch_on": True}),
    ("PUT", "policies/boiler/boost", {"for": "1 h"}, "boost", {"switch_on": True}, {"boost_until": NOON + 3600, "switch_on": True}),
    ("PUT", "policies/boiler/boost", {"for": "0 s"}, "boost", {"boost_until": NOON + 3600, "switch_on": True}, {"switch_on": True}),
    ("PUT", "policies/boiler/override", {"mode": "always-off"}, "override", {"switch_on": True}, "always-off"),
    ("DELETE", "policies/boiler/override", None, "override cleared", "always-off", {"switch_on": True}),
    ("PUT", "forecast", FORECAST, "forecast", None, {"start": NOON, "step_s": 900.0, "intervals": 2}),
    ("DELETE", "forecast", None, "forecast cleared", {"start": NOON, "step_s": 900.0, "intervals": 2}, None),
    ("POST", "people", {"name": "anna", **RESIDENT}, "person added", None, RESIDENT),
    ("PUT", "people/anna", VIEWER, "person changed", {**RESIDENT, "locked": False}, {**VIEWER, "locked": False}),
    ("PUT", "people/anna", {"locked": True}, "person changed", {**VIEWER, "locked": False}, {**VIEWER, "locked": True}),
    ("POST", "people/anna/code", {}, "code made", None, None),
    ("DELETE", "people/anna", None, "person deleted", {**VIEWER, "locked": True}, None),
    ("POST", "setup/code", {}, "setup code made", None, None),
]  # fmt: skip


async def log(client, **query):
    return (await client("GET", "/api/v1/audit", params=query)).json()


async def test_what_was_set_is_there_with_what_it_was_before():
    client = Client(FakeEngine(appliance(mode=Mode.MANUAL)).see())
    for method, path, body, *_ in WRITES:
        answer = await client(method, f"/api/v1/{path}", json=body, headers={"noonward-user": "marie"})
        assert answer.is_success, answer.text
    entries = (await log(client))["audit"][::-1]
    for (method, path, _, what, before, after), one in zip(WRITES, entries, strict=True):
        assert (one["who"], one["how"], one["result"], one["what"]) == ("marie", "socket", "done", what), path
        for said, told in ((before, one["before"]), (after, one["after"])):
            assert (told == said) if not isinstance(said, str) else told["override"]["mode"] == said, (method, path)
    assert entries[0]["subject"] == "policies/boiler"
    assert entries[-1]["subject"] == "setup"
    assert entries[0]["at"] == "2026-06-01T12:00:00+02:00"


async def test_of_a_station_its_own_wishes_are_noted_and_no_other_s():
    client = Client(carpark())
    for method, station, what, body in (
        ("PUT", "cp-01", "charge-now", {"until": "2 h"}),
        ("PUT", "cp-02", "need", {"energy_kwh": 5, "departure": "8 h"}),
        ("DELETE", "cp-01", "charge-now", None),
    ):
        assert (await client(method, f"/api/v1/stations/{station}/{what}", json=body)).is_success
    cleared, needed, charged = (await log(client))["audit"]
    assert charged["before"]["charge_now"]["by"] == "anna"  # whose wish it was
    assert charged["after"]["charge_now"]["until"] == NOON + 7200
    assert needed["subject"] == "stations/cp-02"
    assert (needed["before"]["needs"]["by"], list(needed["after"])) == ("bo", ["needs"])
    assert needed["after"]["needs"]["by"] == "somebody on the gateway"
    assert (cleared["before"], cleared["after"]) == (charged["after"], None)


async def test_tokens_are_noted_without_their_secret():
    client = Client(FakeEngine(appliance()).see())
    made = (await client("POST", "/api/v1/tokens", json={"name": "grafana", **VIEWER, "until": "1 h"})).json()
    await client("DELETE", f"/api/v1/tokens/{made['key']}")
    deleted, told = (await log(client))["audit"]
    assert (told["what"], told["subject"]) == ("token made", "tokens/grafana")
    assert told["after"] == {**VIEWER, "until": "2026-06-01T13:00:00+02:00"}
    assert (deleted["what"], deleted["subject"], deleted["before"]) == ("token deleted", "tokens/grafana", VIEWER)


async def test_it_comes_by_the_page():
    client = Client(FakeEngine(appliance(mode=Mode.MANUAL)).see())
    for _ in range(5):
        await client("PUT", "/api/v1/policies/boiler/switch", json={"on": True})
    first = await log(client, limit=2)
    assert [one["id"] for one in first["audit"]] == [5, 4]
    second = await log(client, limit=2, before=first["next"])
    assert [one["id"] for one in second["audit"]] == [3, 2]
    last = await log(client, limit=2, before=second["next"])
    assert ([one["id"] for one in last["audit"]], last["next"]) == ([1], None)
    assert (await client("GET", "/api/v1/audit", params={"limit": 501})).status_code == 422
    assert (await client("GET", "/api/v1/audit", params={"before": "x"})).status_code == 422


async def test_a_changed_past_is_told_on_its_page():
    client = Client(FakeEngine(appliance(mode=Mode.MANUAL)).see())
    for _ in range(4):
        await client("PUT", "/api/v1/policies/boiler/switch", json={"on": True})
    assert (await log(client))["broken_at"] is None
    forge = "UPDATE audit SET entry = replace(entry, 'somebody', 'nobody') WHERE id = 2"
    await client.app.state.desk.register.do(lambda db: db.execute(forge) and None)
    assert (await log(client))["broken_at"] == 2
    assert (await log(client, limit=1))["broken_at"] is None


async def test_the_owner_switches_off_also_where_nothing_can_be_written(caplog):
    engine = FakeEngine(appliance(mode=Mode.MANUAL)).see()
    client = Client(engine)

    def full(db):
        raise sqlite3.OperationalError("database or disk is full")

    register = client.app.state.desk.register
    usual, register.do = register.do, lambda work, *more, **named: usual(full)
    answer = await client(
        "PUT", "/api/v1/policies/boiler/switch", json={"on": False}, headers={"noonward-user": "marie"}
    )
    assert answer.status_code == 200
    assert engine.said[-1][1] == "marie"
    assert "the audit log cannot be written" in caplog.text
    assert "marie" in caplog.text
    assert "switch policies/boiler" in caplog.text


def test_every_address_that_sets_something_has_words_of_its_own():
    words = {}
    for entry in ROUTES:
        if entry.method != "GET":
            what, subject = named(entry.method, entry.path)
            assert what
            assert "{" not in what, entry.path
            words.setdefault((what, subject), []).append(entry)
    assert [found for found in words.values() if len(found) > 1] == []
