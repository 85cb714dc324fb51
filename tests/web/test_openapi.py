"""The document is held to the app, and every answer to the document."""

import json
from importlib.resources import files

import jsonschema
import pytest
from starlette.routing import Route

from noonward.core.model import Mode, Override, Reading, ReasonCode, Status
from noonward.daemon.engine import ChannelStatus, DecisionRecord
from noonward.policy.loaded import Signal
from noonward.views import policies
from noonward.views.notices import NoticeCode
from noonward.views.stations import STATES
from noonward.web.app import create_app
from noonward.web.asking import on_socket
from support.carpark import carpark
from support.fakeengine import NOON, FakeEngine, appliance
from support.webclient import Client

DOCUMENT = json.loads((files("noonward.web") / "openapi.json").read_text(encoding="utf-8"))
PAGES = {"/", "/static/page.css", "/static/page.js", "/static/icon.svg"}


def described(method, path, status):
    answers = DOCUMENT["paths"][path][method.lower()]["responses"]
    answer = answers[str(status)]
    if "$ref" in answer:
        answer = DOCUMENT["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return answer["content"]


def check(schema, value):
    jsonschema.Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(value)


def test_the_document_names_every_route_and_no_other():
    app = create_app(FakeEngine(appliance()), identify=on_socket)
    routes = {
        (route.path, method)
        for route in app.routes
        if isinstance(route, Route) and route.path not in PAGES
        for method in route.methods - {"HEAD"}
    }
    paths = {
        (path, method.upper())
        for path, item in DOCUMENT["paths"].items()
        for method in item
        if method in {"get", "put", "post", "delete"}
    }
    assert paths == routes


def test_the_document_knows_every_mode_and_reason():
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas["Mode"]["enum"] == [mode.value for mode in Mode]
    assert schemas["ReasonCode"]["enum"] == [code.value for code in ReasonCode]


def test_every_reference_leads_somewhere_and_every_part_is_used():
    text = json.dumps(DOCUMENT)
    for kind, parts in DOCUMENT["components"].items():
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
