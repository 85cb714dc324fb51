"""Every address of the app against everyone who may come: what is not granted is refused, noted, and leaves no trace."""

import pytest
from starlette.routing import Route

from noonward.access import audit
from noonward.access.model import LOOKS, NOTHING, Grant, How, Principal, Role
from noonward.web.asking import HIDDEN
from support.access import only
from support.carpark import carpark
from support.gateway import gateway, house
from support.webclient import Client

OWN, OTHERS = only("boiler", "garage"), only("pump", stations=["cp-9"])
ASKERS = {
    "n": Principal(name="visitor", grant=NOTHING, how=How.VISITOR),
    "v": Principal(name="visitor", grant=LOOKS, how=How.VISITOR),
    "V": Principal(name="viewer", person="viewer", grant=Grant(role=Role.VIEWER), how=How.SESSION),
    "r": Principal(
        name="neighbour", person="neighbour", grant=Grant(role=Role.RESIDENT, scope=OTHERS), how=How.SESSION
    ),
    "R": Principal(name="resident", person="resident", grant=Grant(role=Role.RESIDENT, scope=OWN), how=How.SESSION),
    "M": Principal(
        name="with modes", person="with modes", grant=Grant(role=Role.RESIDENT, scope=OWN, modes=True), how=How.SESSION
    ),
    "O": Principal(name="owner", person="owner", grant=Grant(role=Role.OWNER), how=How.SESSION),
    "I": Principal(name="installer", grant=Grant(role=Role.INSTALLER), how=How.TOKEN),
}
"""Nobody, a visitor where visitors may look, a viewer, a resident of something else, a resident, one who may override
modes, an owner, an installer's program."""

ANYONE, SIGNED_IN, GLIMPSE, SEE = "nvVrRMOI", "VrRMOI", "vVrRMOI", "vVRMOI"
WHOLE, WISH, MODE = "vVOI", "RMOI", "MOI"
MATRIX = {
    "GET /healthz": ANYONE,
    "GET /readyz": ANYONE,
    "GET /metrics": WHOLE,
    "GET /api/v1/openapi.json": ANYONE,
    "GET /api/v1/site": GLIMPSE,
    "GET /api/v1/forecast": GLIMPSE,
    "PUT /api/v1/forecast": "OI",
    "DELETE /api/v1/forecast": "OI",
    "GET /api/v1/notices": GLIMPSE,
    "GET /api/v1/devices": "OI",
    "GET /api/v1/decisions": GLIMPSE,
    "GET /api/v1/history": GLIMPSE,
    "GET /api/v1/history/tape": WHOLE,
    "GET /api/v1/energy": GLIMPSE,
    "GET /api/v1/charging": GLIMPSE,
    "GET /api/v1/events": GLIMPSE,
    "GET /api/v1/me": ANYONE,
    "PUT /api/v1/me/password": "VrRMO",
    "POST /api/v1/setup": "",
    "POST /api/v1/setup/code": "O",
    "POST /api/v1/session": "",
    "DELETE /api/v1/session": SIGNED_IN,
    "GET /api/v1/sessions": SIGNED_IN,
    "DELETE /api/v1/sessions/{key}": SIGNED_IN,
    "GET /api/v1/tokens": SIGNED_IN,
    "POST /api/v1/tokens": "VO",
    "DELETE /api/v1/tokens/{key}": SIGNED_IN,
    "GET /api/v1/people": "OI",
    "POST /api/v1/people": "O",
    "GET /api/v1/people/{name}": "OI",
    "PUT /api/v1/people/{name}": "O",
    "DELETE /api/v1/people/{name}": "O",
    "POST /api/v1/people/{name}/code": "O",
    "GET /api/v1/audit": "OI",
    "GET /api/v1/policies": GLIMPSE,
    "GET /api/v1/policies/{name}": SEE,
    "GET /api/v1/policies/{name}/machine": SEE,
    "GET /api/v1/policies/{name}/windows": SEE,
    "GET /api/v1/policies/{name}/source": SEE,
    "PUT /api/v1/policies/{name}/switch": WISH,
    "PUT /api/v1/policies/{name}/boost": WISH,
    "PUT /api/v1/policies/{name}/override": MODE,
    "DELETE /api/v1/policies/{name}/override": MODE,
    "PUT /api/v1/policies/{name}/test": "I",
    "GET /api/v1/stations": GLIMPSE,
    "GET /api/v1/stations/{id}": SEE,
    "PUT /api/v1/stations/{id}/charge-now": WISH,
    "DELETE /api/v1/stations/{id}/charge-now": WISH,
    "PUT /api/v1/stations/{id}/need": WISH,
    "DELETE /api/v1/stations/{id}/need": WISH,
    "PUT /api/v1/stations/{id}/wake": WISH,
    "PUT /api/v1/stations/{id}/diagnostics": "I",
    "GET /status": GLIMPSE,
    **dict.fromkeys(
        (
            "GET /",
            "GET /policies/{name}",
            "GET /stations/{id}",
            "GET /history",
            "GET /alarms",
            "GET /devices",
            "GET /people",
            "GET /audit",
            "GET /account",
            "GET /sign-in",
            "GET /setup",
            "GET /assets/{name}",
            "GET /static/page.css",
            "GET /static/page.js",
            "GET /static/icon.svg",
        ),
        ANYONE,
    ),
}
"""Who gets past the door, address by address, written down apart from the table that the app is made of. Everything is
asked of the boiler and of a station in the garage; a token for a viewer is more than a scope or a program may give."""
BODIES = {
    "switch": {"on": True},
    "boost": {"for": "1 h"},
    "override": {"mode": "always-on"},
    "test": {"on": True, "for": "10 s"},
    "charge-now": {},
    "need": {"energy_kwh": 5, "departure": "8 h"},
    "wake": {},
    "diagnostics": {"url": "ftp://x.org/"},
    "forecast": {"start": "2026-06-01T12:00", "step_s": 900, "pv_w": [1000]},
    "password": {"old": "x", "new": "y"},
    "setup": {"code": "x", "name": "x", "password": "x"},
    "session": {"name": "x", "password": "x"},
    "tokens": {"name": "x", "role": "viewer"},
    "people": {"name": "x", "role": "viewer", "scope": None},
    "{name}": {"role": "viewer"},
    "code": {},
}
NOT_THEIRS = {"PUT /api/v1/me/password", "POST /api/v1/tokens"}
"""Where 403 may also say that the old password is wrong."""


def engine(path):
    return carpark() if "stations" in path else house()


def place(path):
    name = "boiler" if "polic" in path else "marie" if "people" in path else "x"
    return path.replace("{name}", name).replace("{id}", "cp-01").replace("{key}", "x")


def served():
    app = Client(house()).app
    methods = ((route, method) for route in app.routes if isinstance(route, Route) for method in route.methods)
    return {f"{method} {route.path}" for route, method in methods if method not in {"HEAD", "OPTIONS"}}


def test_every_address_of_the_app_is_in_the_matrix():
    assert served() == set(MATRIX)


def turned_away(answer):
    return answer.status_code in {401, 403} or (answer.status_code == 404 and HIDDEN in answer.text)


@pytest.mark.parametrize("address", MATRIX)
async def test_nobody_gets_further_than_granted(address):
    method, path = address.split(" ", 1)
    body = BODIES.get(path.rpartition("/")[2]) if method in {"PUT", "POST"} else None
    passed = ""
    for letter, who in ASKERS.items():
        shown = engine(path)
        client = Client(shown, principal=who)
        asked = "HEAD" if path.endswith("/events") else method
        answer = await client(asked, place(path), json=body, headers={"origin": "http://localhost:8077"})
        if not turned_away(answer) or "old password is wrong" in answer.text:
            passed += letter
            continue
        assert shown.said == []
        assert "boiler" not in answer.text
        assert ("www-authenticate" in answer.headers) == (answer.status_code == 401)
        if method != "GET":
            (entry,) = await noted(client)
            assert (entry["result"], entry["who"]) == (
                "refused",
                "x" if address == "POST /api/v1/session" else who.name,
            )
            assert entry["after"] is None
    assert passed == MATRIX[address]


async def noted(client):
    """Return the audit log of an app."""
    return await client.app.state.desk.register.do(newest)


def newest(db):
    return [{"result": one.result, "who": one.who, "after": one.after} for _, one in audit.newest(db, 10)]


async def test_who_has_the_socket_may_do_everything():
    for address in MATRIX:
        method, path = address.split(" ", 1)
        if address in {"POST /api/v1/session", "POST /api/v1/setup"} | NOT_THEIRS or path.endswith("/events"):
            continue
        body = BODIES.get(path.rpartition("/")[2]) if method in {"PUT", "POST"} else None
        answer = await Client(engine(path))(method, place(path), json=body)
        assert not turned_away(answer), (address, answer.text)


@pytest.mark.parametrize("address", [address for address in MATRIX if address.startswith("GET")])
async def test_looking_changes_nothing(address):
    path = address.split(" ", 1)[1]
    shown = engine(path)
    client = Client(shown, principal=ASKERS["O"])
    desk = client.app.state.desk
    before = await desk.register.do(dump)
    inputs, state = shown.inputs, shown.state
    for query in ("", "?on=true&mode=always-on&_method=PUT"):
        for method in ("GET", "HEAD"):
            if not (path.endswith("/events") and method == "GET"):
                await client(method, place(path) + query, headers={"x-http-method-override": "PUT"})
    assert shown.said == []
    assert shown.inputs is inputs
    assert shown.state is state
    assert await desk.register.do(dump) == before


def dump(db):
    return list(db.iterdump())


# --- a resident at what is somebody else's --------------------------------------------------------------------------


@pytest.fixture
async def flats(tmp_path):
    async with gateway(tmp_path) as found:
        yield found


async def test_a_resident_at_another_s_switch(flats):
    """By address and by API; what is not theirs is not there, and says the same as what does not exist."""
    anna = await flats.person("anna", "resident", ["boiler"])
    for name in ("pump", "garage", "nothing-at-all"):
        for method, path, body in (
            ("PUT", f"policies/{name}/switch", {"on": True}),
            ("PUT", f"policies/{name}/boost", {"for": "1 h"}),
            ("PUT", f"policies/{name}/override", {"mode": "always-on"}),
            ("GET", f"policies/{name}", None),
            ("GET", f"decisions?policy={name}", None),
            ("GET", f"policies/{name}/source", None),
        ):
            answer = await anna(method, path, body)
            assert (answer.status_code, answer.json()["detail"]) == (404, HIDDEN), path
    for name in ("cp-01", "nothing"):
        answer = await anna("PUT", f"stations/{name}/charge-now", {})
        assert (answer.status_code, answer.json()["detail"]) == (404, HIDDEN)
    assert flats.engine.inputs == {}
    noted = await flats.audit(who="anna", result="refused")
    assert {(one["what"], one["subject"]) for one in noted} >= {
        ("switch", "policies/pump"),
        ("boost", "policies/pump"),
        ("override", "policies/garage"),
        ("charge-now", "stations/cp-01"),
        ("look", "policies/pump"),
    }
    assert (await anna("PUT", "policies/boiler/switch", {"on": True})).status_code == 200
    (done,) = await flats.audit(who="anna", result="done", what="switch")
    assert (done["before"], done["after"]) == (None, {"switch_on": True})


async def test_a_resident_sees_their_own_and_no_more(flats):
    anna = await flats.person("anna", "resident", ["boiler"], ["cp-02"])
    assert [one["name"] for one in (await anna("GET", "policies")).json()["policies"]] == ["boiler"]
    assert [one["station"] for one in (await anna("GET", "stations")).json()["stations"]] == ["cp-02"]
    assert (await anna("GET", "site")).json()["policies"] == ["boiler"]
    for path in ("policies", "site", "stations", "notices", "decisions"):
        text = (await anna("GET", path)).text
        assert "pump" not in text, path
        assert "cp-01" not in text, path
    assert "pump" not in (await anna("GET", "/status")).text
    assert (await anna("GET", "/metrics")).status_code == 403
    async with anna.client.stream("GET", "/api/v1/events") as answer:
        text = ""
        async for chunk in answer.aiter_text():
            text += chunk
            if "event: notices" in text:
                break
    assert "boiler" in text
    assert "cp-02" in text
    assert "pump" not in text
    assert "cp-01" not in text


async def test_nobody_grants_themselves_more(flats):
    for role, scope in (("viewer", ()), ("resident", ["boiler"]), ("installer", ())):
        person = await flats.person(role, role, scope)
        for method, path, body in (
            ("PUT", f"people/{role}", {"role": "owner", "scope": None}),
            ("POST", "people", {"name": "second", "role": "owner"}),
            ("POST", f"people/{role}/code", {}),
            ("POST", "setup/code", {}),
            ("POST", "tokens", {"name": "x", "role": "owner"}),
            ("DELETE", "people/viewer", None),
        ):
            assert (await person(method, path, body)).status_code == 403, path
        assert (await person("GET", "me")).json()["role"] == role
    assert len(await flats.audit(result="refused")) == 18


async def test_nobody_pretends_to_be_the_command_line(flats):
    """The header by which the socket says who asks is nothing on the port."""
    anna = await flats.person("anna", "resident", ["boiler"])
    await anna("PUT", "policies/boiler/switch", {"on": True}, headers={"noonward-user": "marie"})
    assert flats.engine.said[-1][1] == "anna"
    assert (await flats.audit(what="switch"))[0]["who"] == "anna"
