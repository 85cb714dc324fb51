"""Pages of other sites: forms, scripts, embedded content, names pointed at the gateway. Each is refused, and noted."""

import pytest

from support.gateway import gateway

SWITCH = "/api/v1/policies/boiler/switch"
EVIL = "http://evil.test"
FOREIGN = [
    EVIL,
    "null",
    "https://127.0.0.1",
    "http://127.0.0.1",
    "http://127.0.0.1.evil.test",
    "http://localhost",
    "file://",
    "",
    "http://127.0.0.1:99999",
    "http://[",
]
"""What is not the gateway as the request names it: another host, another port, nothing at all."""


@pytest.fixture
async def house(tmp_path):
    async with gateway(tmp_path) as found:
        yield found


async def switched(house):
    return "boiler" in house.engine.inputs


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_script_of_another_site_sets_nothing(house, origin):
    anna = await house.person("anna")
    answer = await anna("PUT", SWITCH, {"on": True}, headers={"origin": origin})
    assert answer.status_code == 403
    assert not await switched(house)
    assert "access-control-allow-origin" not in answer.headers
    (noted,) = await house.audit(what="switch")
    assert (noted["who"], noted["result"], noted["subject"]) == ("anna", "refused", "policies/boiler")
    assert "another site" in noted["detail"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", b'{"on": true}'),
        ("application/x-www-form-urlencoded", b"on=true"),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("", b'{"on": true}'),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_form_of_another_site_sets_nothing(house, method, kind, body):
    """What a form can send without asking first; that the browser would leave the cookie out is not relied on."""
    anna = await house.person("anna")
    headers = {"content-type": kind, "origin": EVIL}
    answer = await anna.client.request(method, SWITCH, content=body, headers=headers)
    assert answer.status_code == 403
    assert not await switched(house)
    assert await house.audit(who="anna", result="refused", subject="policies/boiler")


async def test_nor_does_one_of_its_own_that_is_not_json(house):
    anna = await house.person("anna")
    answer = await anna.client.put(SWITCH, content=b'{"on": true}', headers={"content-type": "text/plain"})
    assert answer.status_code == 415
    assert not await switched(house)
    assert (await house.audit(what="switch"))[0]["detail"].startswith("415 ")


async def test_a_session_without_origin_sets_nothing(house):
    """Some old browsers leave it out; a program uses a token."""
    anna = await house.person("anna")
    del anna.client.headers["origin"]
    answer = await anna("PUT", SWITCH, {"on": True})
    assert answer.status_code == 403
    assert not await switched(house)
    assert "Origin is missing" in (await house.audit(what="switch", result="refused"))[0]["detail"]
    bearer = {"authorization": f"Bearer {await house.token(role='resident')}"}
    anna.client.cookies.clear()
    assert (await anna("PUT", SWITCH, {"on": True}, headers=bearer)).status_code == 200


async def test_nobody_is_signed_in_by_another_site(house):
    """As whom one acts is nobody else's to choose."""
    await house.person("anna")
    stranger = house.browser(origin=EVIL)
    answer = await stranger.sign_in("anna")
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert (await house.audit(what="sign-in"))[0]["result"] == "refused"


@pytest.mark.parametrize("path", ["/api/v1/site", "/api/v1/events", "/api/v1/policies", "/metrics"])
async def test_a_script_of_another_site_reads_nothing(house, path):
    anna = await house.person("anna")
    answer = await anna("GET", path, headers={"origin": EVIL})
    assert answer.status_code == 403
    assert "boiler" not in answer.text
    assert await house.audit(who="anna", result="refused", what="look" if "api" in path else "GET")
    assert house.engine.publishers == []


async def test_a_page_of_another_site_embeds_nothing(house):
    embedding = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    stranger = house.browser()
    del stranger.client.headers["origin"]
    answer = await stranger("GET", "policies", headers=embedding)
    assert answer.status_code == 403
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert (await stranger("GET", "/", headers=link)).status_code == 200


async def test_no_preflight_is_answered_with_a_permission(house):
    asking = {"origin": EVIL, "access-control-request-method": "PUT", "access-control-request-headers": "content-type"}
    answer = await house.browser()("OPTIONS", SWITCH, headers=asking)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("host", ["evil.test", "127.0.0.1.evil.test", "evil.test:8077", "localhost.evil.test", ""])
async def test_a_name_that_was_pointed_at_the_gateway_gets_nothing(house, host):
    """DNS rebinding: to the browser it is the attacker's own site, so Origin and Host agree."""
    anna = await house.person("anna")
    cookie = f"noonward={anna.cookie}"
    headers = {"host": host, "origin": f"http://{host}", "cookie": cookie}
    for method, path, body in (("GET", "/api/v1/policies", None), ("PUT", SWITCH, {"on": True})):
        answer = await house.browser()(method, path, body, headers=headers)
        assert answer.status_code == 421
        assert "boiler" not in answer.text
    assert not await switched(house)
    noted = await house.audit(who="unknown", result="refused")
    assert {one["what"] for one in noted} == {"look", "switch"}
    assert all("does not go by that name" in one["detail"] for one in noted)


async def test_the_gateway_s_own_names_are_answered(tmp_path):
    async with gateway(tmp_path, names=frozenset({"solar.example.org"})) as house:
        named = house.browser()
        for host in ("solar.example.org", "SOLAR.example.org:443", "gateway.local", "[::1]:8077"):
            headers = {"host": host, "origin": f"http://{host.lower()}"}
            assert (await named("GET", "policies", headers=headers)).status_code == 200, host


@pytest.mark.parametrize("path", ["/api/v1/events", "/", "/ws"])
async def test_no_web_socket_is_opened(house, path):
    asked = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nOrigin: {EVIL}\r\n\r\n"
    )
    answer = await house.raw(asked.encode())
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"Upgrade: websocket" not in answer
    assert await house.audit(result="refused")


async def test_a_stream_is_for_the_own_page_only(house):
    asked = f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nOrigin: {{}}\r\n\r\n"
    assert (await house.raw(asked.format(EVIL).encode())).startswith(b"HTTP/1.1 403 ")
    own = await house.raw(asked.format(house.url.rstrip("/")).encode())
    assert own.startswith(b"HTTP/1.1 200 ")


async def test_nothing_is_smuggled_past_a_proxy(house):
    """Two lengths: what a proxy and the gateway might read differently is refused."""
    asked = (
        f"PUT {SWITCH} HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nContent-Type: application/json\r\n"
        "Content-Length: 12\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    )
    answer = await house.raw(asked.encode())
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 401"))
    assert not await switched(house)
