"""Paths that lead out, bodies without end, lines that never finish, scripts in names. Each is refused, and noted."""

import asyncio
import json
from dataclasses import replace

import pytest

from noonward.core.model import Mode
from noonward.daemon.engine import ChannelStatus
from noonward.web import guards, patience
from noonward.web.auditing import ROOM_EACH
from noonward.web.guards import WRITES
from support.carpark import carpark
from support.fakeengine import NOON, FakeEngine, appliance
from support.gateway import gateway

SWITCH = "policies/boiler/switch"
SCRIPT = "<script>alert(1)</script>"
HOSTILE = f"\"'><img src=x onerror=alert(1)>{SCRIPT}"


@pytest.fixture
async def house(tmp_path):
    async with gateway(tmp_path) as found:
        yield found


# --- paths ----------------------------------------------------------------------------------------------------------

PATHS = [
    "/assets/../../../../../../etc/passwd",
    "/assets/%2e%2e/%2e%2e/app.py",
    "/assets/..%2f..%2fapp.py",
    "/assets/..%5c..%5capp.py",
    "/static/../app.py",
    "/static/%2e%2e%2fopenapi.json",
    "/%2e%2e/%2e%2e/access.db",
    "/api/v1/../../access.db",
    "/api/v1/policies/..%2f..%2f..%2faccess.db",
    "/api/v1/policies/../../../state.db/source",
]


@pytest.mark.parametrize("path", PATHS)
async def test_no_path_leads_out(house, path):
    asked = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nConnection: close\r\n\r\n"
    answer = await house.raw(asked.encode())
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 404 ")
    assert b"root:" not in body
    assert b"import" not in body
    assert b"SQLite" not in body
    (noted,) = await house.audit(result="refused")
    assert noted["detail"].startswith("404 ")


@pytest.mark.parametrize(
    "path", ["/assets/", "/assets/index.html", "/assets/.", "/assets/x%00.js", "/static", "//etc/passwd"]
)
async def test_nothing_is_served_but_what_is_listed(house, path):
    asked = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nConnection: close\r\n\r\n"
    assert (await house.raw(asked.encode())).startswith(b"HTTP/1.1 404 ")


# --- bodies and lines -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [SWITCH, "people", "session", "setup", "tokens", "me/password", "forecast"])
async def test_a_body_that_is_too_long_is_not_read(house, path):
    anna = await house.person("anna", "owner")
    method = "PUT" if path in {SWITCH, "forecast", "me/password"} else "POST"
    answer = await anna.client.request(
        method,
        f"/api/v1/{path}",
        content=b'{"name": "' + b"x" * 300_000 + b'"}',
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 413
    (noted,) = await house.audit(result="refused")
    assert noted["detail"].startswith("413 ")


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"a":' * 700, b"\xff\xfe", b'{"on": NaN}', b'{"on": 1e999}', b"9" * 4000, b"null", b'"x"', b""],
)
async def test_a_body_that_is_odd_harms_nobody(house, body):
    anna = await house.person("anna")
    answer = await anna.client.put(f"/api/v1/{SWITCH}", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 413, 422}
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await anna("GET", "policies")).status_code == 200


def put(house, cookie, length, extra=""):
    return (
        f"PUT /api/v1/{SWITCH} HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nOrigin: {house.url.rstrip('/')}\r\n"
        f"Cookie: noonward={cookie}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{extra}\r\n"
    ).encode()


async def test_a_body_that_dribbles_in_is_given_up(house, monkeypatch):
    monkeypatch.setattr(guards, "BODY_WITHIN_S", 0.3)
    anna = await house.person("anna")
    dribble = [(0.1, b" "), (0.1, b" ")]
    answer = await house.raw(put(house, anna.cookie, 100), then=dribble)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in answer.lower()
    (noted,) = await house.audit(result="refused")
    assert (noted["who"], noted["detail"][:3]) == ("anna", "408")


async def test_one_that_takes_its_time_but_comes_is_taken(house, monkeypatch):
    monkeypatch.setattr(guards, "BODY_WITHIN_S", 3.0)
    anna = await house.person("anna")
    answer = await house.raw(put(house, anna.cookie, 12), then=[(0.2, b'{"on": '), (0.2, b"true}")])
    assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: "],
    ids=["nothing", "one line", "half a header"],
)
async def test_a_line_on_which_no_request_comes_is_closed(house, monkeypatch, sent):
    monkeypatch.setattr(patience, "HEADERS_WITHIN_S", 0.3)
    assert await house.raw(sent, then=[(0.1, b"x" if sent else b"") for _ in range(2)]) == b""


async def test_half_a_second_request_is_not_waited_for_either(house, monkeypatch):
    monkeypatch.setattr(patience, "HEADERS_WITHIN_S", 0.3)
    first = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\n\r\n".encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    try:
        writer.write(first)
        assert (await asyncio.wait_for(reader.readuntil(b"alive\n"), 5)).startswith(b"HTTP/1.1 200 ")
        writer.write(b"GET /healthz HTT")
        assert await asyncio.wait_for(reader.read(), 5) == b""
    finally:
        writer.close()


async def test_an_open_stream_outlives_that(house, monkeypatch):
    monkeypatch.setattr(patience, "HEADERS_WITHIN_S", 0.2)
    monkeypatch.setattr(guards, "BODY_WITHIN_S", 0.2)
    async with house.browser().client.stream("GET", "/api/v1/events") as answer:
        lines = answer.aiter_lines()
        await anext(lines)
        await asyncio.sleep(0.6)
        house.engine.see(after_s=1)
        async for line in lines:
            if "12:00:01" in line:
                break


async def test_nobody_asks_more_often_than_a_person(house):
    anna = await house.person("anna")
    answers = [await anna("PUT", SWITCH, {"on": True}) for _ in range(WRITES.burst + 5)]
    late = [answer for answer in answers if answer.status_code == 429]
    assert len(late) >= 4
    assert int(late[0].headers["retry-after"]) >= 1
    assert (await house.audit(result="refused"))[0]["detail"].startswith("429 ")
    house.engine.clock.at += 10
    assert (await anna("PUT", SWITCH, {"on": True})).status_code == 200


async def test_a_flood_of_refusals_does_not_wear_the_flash_out(house):
    thief = house.browser()
    for _ in range(50):
        await thief("PUT", SWITCH, {"on": True})
    assert len(await house.audit(result="refused")) == 1
    house.engine.clock.at += 60
    await thief("PUT", SWITCH, {"on": True})
    (again, first) = await house.audit(result="refused")
    assert (first["times"], again["times"]) == (1, 50)


async def test_nor_does_one_of_ever_other_addresses(house, monkeypatch):
    """Nor does it push out what was done."""
    monkeypatch.setattr(guards, "WRITES", guards.READS)
    thief = house.browser(host="evil.test")
    for k in range(ROOM_EACH.burst + 40):
        await thief("PUT", f"policies/x{k}/switch", {"on": True})
        await thief("GET", f"policies/x{k}", headers={"origin": "http://evil.test"})
    assert len(await house.audit(result="refused")) == ROOM_EACH.burst
    house.engine.clock.at += ROOM_EACH.each_s
    await thief("GET", "policies/y")
    assert (await house.audit(result="refused"))[0]["times"] == ROOM_EACH.burst + 2 * 40 + 1


# --- names ----------------------------------------------------------------------------------------------------------


def hostile_house():
    engine = FakeEngine(appliance("boiler", Mode.MANUAL, description=HOSTILE, file=f"{HOSTILE}.yaml"))
    engine.devices = (
        ChannelStatus(device="cp", channel="x", kind="relay", ok=False, last_error=HOSTILE, last_error_at=NOON),
    )
    return engine.see()


def hostile_garage():
    engine = carpark()
    stations = engine.observation.stations
    seen = {
        name: replace(one, id_tag=SCRIPT, trouble=HOSTILE) if hasattr(one, "trouble") else replace(one, id_tag=SCRIPT)
        for name, one in stations.items()
    }
    return engine.see(stations=seen)


@pytest.mark.parametrize("engine", [hostile_house, hostile_garage])
async def test_no_script_runs_that_came_in_a_name(tmp_path, engine):
    """From a station, a device, a policy's file, a person: JSON stays JSON, and the page escapes."""
    async with gateway(tmp_path, engine()) as house:
        owner = await house.person("marie", "owner")
        for name in [one["name"] for one in (await owner("GET", "policies")).json()["policies"]]:
            body = {"mode": "always-on", "reason": HOSTILE}
            assert (await owner("PUT", f"policies/{name}/override", body)).status_code == 200
        await owner("POST", "tokens", {"name": HOSTILE[:64], "role": "viewer"})
        stranger = house.browser(user_agent=HOSTILE)
        await stranger.sign_in(HOSTILE, HOSTILE)
        await house.control.put("/api/v1/policies/x/switch", json={}, headers={"noonward-user": SCRIPT})
        for path in (
            "policies",
            "stations",
            "site",
            "notices",
            "devices",
            "people",
            "sessions",
            "tokens",
            "audit",
            "x",
        ):
            answer = await owner("GET", path)
            kind = answer.headers["content-type"]
            assert kind in {"application/json", "application/problem+json"}, path
            assert answer.headers["x-content-type-options"] == "nosniff"
            json.loads(answer.text)
        page = await owner("GET", "/status")
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "unsafe-inline" not in page.headers["content-security-policy"]
        metrics = await owner("GET", "/metrics")
        assert metrics.headers["content-type"].startswith("text/plain")
        async with owner.client.stream("GET", "/api/v1/events") as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")


@pytest.mark.parametrize(
    "path", [f"/{SCRIPT}", f"/api/v1/policies/{SCRIPT}", f"/api/v1/stations/{SCRIPT}", f"/status/{SCRIPT}"]
)
async def test_no_script_runs_that_came_in_an_address(house, path):
    answer = await house.browser()("GET", path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_no_line_of_the_log_is_forged(house, caplog):
    forged = 'anna\n<4>event=audit msg="marie from 10.0.0.1: switch"\x1b[2K'
    await house.browser().sign_in(forged, "x")
    (noted,) = await house.audit(what="sign-in")
    assert "\n" not in noted["who"]
    assert "\x1b" not in noted["who"]
    assert "\\u000a" in noted["who"]
    (said,) = [record.getMessage() for record in caplog.records if "sign-in" in record.getMessage()]
    assert "\n" not in said
    assert "\x1b" not in said
