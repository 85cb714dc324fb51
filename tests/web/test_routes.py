"""The table of routes: every entry asks for what it says, and every address answers HEAD, OPTIONS and nothing else."""

import pytest

from noonward.access.model import ALLOWED, Action, Grant, How, Principal, Role, Scope
from noonward.core.model import Mode, Reading
from noonward.web.routes import EXECUTED, GLIMPSE, NOTHING, POLICY, ROUTES, STATION
from support.carpark import carpark
from support.fakeengine import NOON, FakeEngine, appliance
from support.webclient import Client

BODIES = {
    "switch": {"on": True},
    "boost": {"for": "1 h"},
    "override": {"mode": "always-on"},
    "test": {"on": True},
    "charge-now": {},
    "need": {"energy_kwh": 5, "departure": "8 h"},
    "wake": {},
    "diagnostics": {"url": "ftp://x.org/"},
    "forecast": {"start": "2026-06-01T12:00", "step_s": 900, "pv_w": [1000]},
}
ENGINES = [entry for entry in ROUTES if entry.needs in {*EXECUTED, GLIMPSE, Action.SEE, Action.DEVICES}]
PAST = ("/history", "/energy", "/charging")
"""Asks for a file, which this engine has none of."""


def engine(path):
    if path.startswith(STATION):
        return carpark()
    return FakeEngine(appliance(mode=Mode.MANUAL), appliance("sauna")).see(grid_w=Reading(0.0, NOON))


def place(path):
    return path.replace("{name}", "boiler").replace("{id}", "cp-02")


async def ask(entry, who, shown=None):
    client = Client(shown or engine(entry.path), principal=who)
    method = "HEAD" if entry.path.endswith("/events") else entry.method
    return await client(
        method, place(entry.path), json=BODIES.get(entry.path.rpartition("/")[2]) if entry.method == "PUT" else None
    )


def somebody(role, scope=None, how=How.TOKEN):
    return Principal(name="x", grant=Grant(role=role, scope=scope), how=how)


def granted(role, needs):
    return (Action.SEE if needs is GLIMPSE else needs) in ALLOWED[role]


@pytest.mark.parametrize("entry", ENGINES, ids=lambda entry: f"{entry.method} {entry.path}")
async def test_every_route_asks_for_what_the_table_says(entry):
    for role in (Role.VIEWER, Role.RESIDENT, Role.OWNER, Role.INSTALLER):
        if any(part in entry.path for part in PAST):
            continue
        answer = await ask(entry, somebody(role))
        assert (answer.status_code == 403) == (not granted(role, entry.needs)), (role, answer.text)


@pytest.mark.parametrize("entry", ENGINES, ids=lambda entry: f"{entry.method} {entry.path}")
async def test_who_has_not_signed_in_and_may_not_look_is_told_to(entry):
    shown = engine(entry.path)
    answer = await ask(entry, somebody(Role.VIEWER, Scope(), How.VISITOR), shown)
    assert answer.status_code == 401
    assert "www-authenticate" in answer.headers
    assert shown.said == []


@pytest.mark.parametrize(
    "entry",
    [entry for entry in ENGINES if entry.path.startswith((POLICY, STATION))],
    ids=lambda entry: f"{entry.method} {entry.path}",
)
async def test_what_is_somebody_else_s_is_not_there(entry):
    """A policy or station out of reach is answered as one that does not exist."""
    shown = engine(entry.path)
    theirs = Scope(policies=frozenset({"sauna"}), stations=frozenset({"cp-01"}))
    answers = []
    for path in (place(entry.path), entry.path.replace("{name}", "nothing").replace("{id}", "nothing")):
        client = Client(shown, principal=somebody(Role.RESIDENT, theirs))
        answer = await client(entry.method, path, json=BODIES.get(path.rpartition("/")[2]))
        answers.append((answer.status_code, answer.json()["detail"]))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    assert shown.said == []


@pytest.mark.parametrize("path", sorted({entry.path for entry in ROUTES}))
async def test_every_address_says_what_it_takes(path):
    methods = {entry.method for entry in ROUTES if entry.path == path}
    client = Client(engine(path), principal=somebody(Role.VIEWER, Scope(), How.VISITOR))
    answer = await client("OPTIONS", place(path).replace("{key}", "k"))
    assert (answer.status_code, answer.content) == (204, b"")
    assert set(answer.headers["allow"].split(", ")) == methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
    assert "access-control-allow-origin" not in answer.headers
    wrong = await client("PATCH", place(path).replace("{key}", "k"))
    assert wrong.status_code == 405
    assert set(wrong.headers["allow"].split(", ")) >= methods


@pytest.mark.parametrize("path", ["/api/v1/site", "/api/v1/policies/boiler", "/api/v1/events", "/metrics", "/healthz"])
async def test_head_is_a_get_without_a_body(path):
    client = Client(engine(path))
    answer = await client("HEAD", path)
    assert answer.status_code == 200
    if path != "/api/v1/events":
        assert answer.headers["content-type"] == (await client("GET", path)).headers["content-type"]


async def test_nothing_is_carried_out_before_the_first_step():
    for entry in ROUTES:
        if entry.needs in EXECUTED and not entry.path.startswith(STATION):
            answer = await ask(entry, somebody(Role.INSTALLER), FakeEngine(appliance()))
            assert answer.status_code == 503
            assert answer.headers["retry-after"] == "1"


def test_only_what_tells_nothing_of_the_site_needs_nothing():
    open_ = {entry.path for entry in ROUTES if entry.needs is NOTHING}
    assert open_ <= {
        "/healthz",
        "/readyz",
        "/api/v1/openapi.json",
        "/api/v1/me",
        "/api/v1/me/password",
        "/api/v1/setup",
        "/api/v1/session",
        "/api/v1/sessions",
        "/api/v1/sessions/{key}",
        "/api/v1/tokens",
        "/api/v1/tokens/{key}",
    }
    assert {entry.method for entry in ROUTES if entry.needs in EXECUTED} == {"PUT", "DELETE"}
