"""The document is held to the app, and every answer to the document."""

import json
from importlib.resources import files

import jsonschema
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31
from starlette.routing import Route

from noonward.access.model import Action
from noonward.core.model import Mode, Override, Reading, ReasonCode, Status
from noonward.daemon.engine import ChannelStatus, DecisionRecord
from noonward.policy.loaded import Signal
from noonward.views import policies
from noonward.views.notices import NoticeCode
from noonward.views.stations import STATES
from noonward.web.routes import GLIMPSE, NOTHING, POLICY, ROUTES, STATION
from support.carpark import carpark
from support.fakeengine import NOON, FakeEngine, appliance
from support.webclient import Client

DOCUMENT = json.loads((files("noonward.web") / "openapi.json").read_text(encoding="utf-8"))


def described(method, path, status):
    answers = DOCUMENT["paths"][path][method.lower()]["responses"]
    answer = answers[str(status)]
    if "$ref" in answer:
        answer = DOCUMENT["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return answer["content"]


def check(schema, value):
    jsonschema.Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(value)


OPERATIONS = [
    (path, method, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method != "parameters"
]


def test_the_document_names_every_route_and_no_other():
    routes = [(entry.path, entry.method.lower()) for entry in ROUTES]
    assert sorted(routes) == sorted((path, method) for path, method, _ in OPERATIONS)


def test_every_address_of_the_api_comes_from_the_table():
    app = Client(FakeEngine(appliance())).app
    served = {route.path for route in app.routes if isinstance(route, Route)}
    elsewhere = served - {entry.path for entry in ROUTES}
    assert not {path for path in elsewhere if path.startswith(("/api", "/metrics", "/healthz", "/readyz"))}
    assert elsewhere >= {"/", "/status", "/policies/{name}"}


def test_the_document_is_openapi():
    jsonschema.Draft202012Validator(OPENAPI_31).validate(DOCUMENT)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(OPENAPI_31).validate({**DOCUMENT, "paths": {"site": {}}})


def test_no_two_operations_have_the_same_name():
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("entry", ROUTES, ids=lambda entry: f"{entry.method} {entry.path}")
def test_what_a_route_needs_is_described(entry):
    """Who may do without signing in, what is answered to who may not, and what every address has."""
    operation = DOCUMENT["paths"][entry.path][entry.method.lower()]
    anybody, reads = entry.needs is NOTHING, entry.method == "GET"
    visitors = [{}] if entry.needs in {GLIMPSE, Action.SEE} else []
    if not anybody:
        assert operation["security"] == [{"session": []}, {"token": []}, *visitors]
    statuses = set(operation["responses"])
    assert {"403", "421", "429"} <= statuses
    assert ("401" in statuses) or anybody
    assert {"400", "408", "413", "415", "422"} <= statuses or "requestBody" not in operation
    if entry.path.startswith("/api/v1/"):
        assert {"$ref": "#/components/parameters/Lang"} in operation["parameters"]
        assert "422" in statuses
    if entry.path.startswith((POLICY, STATION)):
        assert "404" in statuses
    matched = {"$ref": "#/components/parameters/IfMatch"} in operation.get("parameters", [])
    assert matched == ("412" in statuses)
    assert matched or reads or not entry.path.startswith((POLICY, STATION)) or entry.path.endswith("diagnostics")


def test_the_document_knows_every_mode_and_reason():
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas["Mode"]["enum"] == [mode.value for mode in Mode]
    assert schemas["ReasonCode"]["enum"] == [code.value for code in ReasonCode]


def test_every_reference_leads_somewhere_and_every_part_is_used():
    text = json.dumps(DOCUMENT)
    used = {kind: parts for kind, parts in DOCUMENT["components"].items() if kind != "securitySchemes"}
    for kind, parts in used.items():
        for name in parts:
            assert f'"#/components/{kind}/{name}"' in text
    for schema in DOCUMENT["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def engine():
    shown = FakeEngine(
        appliance(mode=Mode.MANUAL, description="300 l", file="boiler.yaml", lines={"mode": 3}),
        appliance("sauna"),
        signals={role: Signal(channel=f"{role}/meter") for role in ("grid", "pv", "battery")},
    )
    shown.see(grid_w=Reading(-5000.0, NOON), battery_w=Reading(-300.5, NOON), battery_soc=Reading(0.5, NOON))
    shown.devices = (
        ChannelStatus(device="cellar", channel="boiler", kind="relay", ok=False, last_error="no", last_error_at=NOON),
        ChannelStatus(device="grid", channel="meter", kind="meter"),
    )
    shown.records = [
        DecisionRecord(at=NOON, policy="boiler", before="", after="on", code="surplus", facts={"surplus_w": 1.0})
    ]
    return shown


CALLS = [
    ("GET", "/api/v1/openapi.json", {}, 200),
    ("GET", "/api/v1/site", {}, 200),
    ("GET", "/api/v1/policies", {}, 200),
    ("GET", "/api/v1/policies/{name}", {}, 200),
    ("GET", "/api/v1/policies/{name}/machine", {}, 200),
    ("GET", "/api/v1/policies/{name}/windows", {}, 200),
    ("GET", "/api/v1/policies/{name}/source", {}, 200),
    ("PUT", "/api/v1/policies/{name}/test", {"on": True, "for": "30 s"}, 200),
    ("PUT", "/api/v1/policies/{name}/test", {"on": True, "for": "1 h"}, 422),
    ("GET", "/api/v1/devices", {}, 200),
    ("PUT", "/api/v1/policies/{name}/switch", {"on": True}, 200),
    ("PUT", "/api/v1/policies/{name}/switch", {}, 422),
    ("PUT", "/api/v1/policies/{name}/boost", {"for": "1 h"}, 200),
    ("PUT", "/api/v1/policies/{name}/boost", {"for": "x"}, 422),
    ("PUT", "/api/v1/policies/{name}/override", {"mode": "always-on", "until": "1 h", "reason": "x"}, 200),
    ("DELETE", "/api/v1/policies/{name}/override", None, 200),
    ("GET", "/api/v1/stations", {}, 200),
    ("GET", "/api/v1/stations/{id}", {}, 200),
    ("PUT", "/api/v1/stations/{id}/charge-now", {"until": "2 h"}, 200),
    ("PUT", "/api/v1/stations/{id}/charge-now", {"until": "x"}, 422),
    ("DELETE", "/api/v1/stations/{id}/charge-now", None, 200),
    ("PUT", "/api/v1/stations/{id}/need", {"energy_kwh": 10.5, "departure": "8 h"}, 200),
    ("PUT", "/api/v1/stations/{id}/need", {}, 422),
    ("DELETE", "/api/v1/stations/{id}/need", None, 200),
    ("PUT", "/api/v1/stations/{id}/wake", {}, 409),
    ("GET", "/api/v1/forecast", {}, 200),
    ("PUT", "/api/v1/forecast", {"start": "2026-06-01T12:00", "step_s": 900, "pv_w": [1000, 0.5]}, 200),
    ("PUT", "/api/v1/forecast", {"start": "2026-06-01T12:00", "step_s": 900}, 422),
    ("DELETE", "/api/v1/forecast", None, 200),
    ("GET", "/api/v1/decisions", {}, 200),
    ("GET", "/metrics", {}, 200),
    ("GET", "/healthz", {}, 200),
    ("GET", "/readyz", {}, 200),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), CALLS)
async def test_answers_are_as_described(method, path, body, status):
    shown = carpark() if "/stations" in path else engine()
    place = path.replace("{name}", "boiler").replace("{id}", "cp-01")
    answer = await Client(shown)(method, place, json=body if method == "PUT" else None)
    assert answer.status_code == status, answer.text
    kind = answer.headers["content-type"].partition(";")[0]
    schema = described(method, path, status)[kind]["schema"]
    check(schema, answer.text if kind == "text/plain" else answer.json())
    if body and status == 200 and method == "PUT":
        wish = DOCUMENT["paths"][path]["put"]["requestBody"]["content"]["application/json"]["schema"]
        check(wish, body)


@pytest.mark.parametrize("name", ["boiler", "sauna"])
async def test_a_policy_with_everything_is_as_described(name):
    shown = engine()
    await shown.set_override(name, Override(mode=Mode.ALWAYS_ON, until=NOON + 60, by="anna", reason="x"))
    await shown.set_boost(name, 600.0, "anna")
    await shown.set_test(name, on=True, for_s=30.0, by="ida")
    check(DOCUMENT["components"]["schemas"]["Policy"], (await Client(shown)("GET", f"/api/v1/policies/{name}")).json())


async def test_every_station_and_a_zone_are_as_described():
    shown = carpark()
    await shown.set_override("garage", Override(mode=Mode.ALWAYS_ON, until=NOON + 60, by="anna", reason="x"))
    client, schemas = Client(shown), DOCUMENT["components"]["schemas"]
    for one in (await client("GET", "/api/v1/stations")).json()["stations"]:
        check(schemas["Station"], one)
    check(schemas["Policies"], (await client("GET", "/api/v1/policies")).json())
    shown.outcome = None
    check(schemas["Policies"], (await client("GET", "/api/v1/policies")).json())


def test_the_document_knows_every_state_and_status():
    station = DOCUMENT["components"]["schemas"]["Station"]["properties"]
    assert set(station["state"]["enum"]) == {*STATES, None}
    assert set(station["status"]["enum"]) == {*(status.value for status in Status), None}


def test_the_document_knows_every_notice():
    assert DOCUMENT["components"]["schemas"]["Notice"]["properties"]["code"]["enum"] == list(NoticeCode)


def test_the_check_has_teeth():
    with pytest.raises(jsonschema.ValidationError):
        check(DOCUMENT["components"]["schemas"]["Policy"], {"name": "boiler"})
    zone = policies.policy(carpark(), "garage")
    zone["stations"][0]["id_tag_in_full"] = "x"
    with pytest.raises(jsonschema.ValidationError):
        check(DOCUMENT["components"]["schemas"]["Policy"], zone)
