"""A proxy before the port: what it says counts, what anybody else says in its place does not."""

from ipaddress import ip_network

import pytest

from noonward.policy.admission import Proxy
from support.gateway import PASSWORD, gateway

SWITCH = "policies/boiler/switch"
ROLES = {"noonward-owners": "owner", "technicians": "installer", "family": "resident", "guests": "viewer"}


def proxy(trusted="127.0.0.1/32", **more):
    return Proxy(
        **{
            "trusted": (ip_network(trusted),),
            "user_header": "remote-user",
            "groups_header": "remote-groups",
            "roles": ROLES,
        }
        | more
    )


@pytest.fixture
async def behind(tmp_path):
    async with gateway(tmp_path, proxy=proxy()) as found:
        yield found


async def role(house, **headers):
    me = (await house.browser(**headers)("GET", "me")).json()
    return me["name"], me["role"] if me["scope"] is None else "nothing"


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ("noonward-owners", "owner"),
        ("guests, family", "resident"),
        ("guests,family,noonward-owners", "owner"),
        ("technicians|guests", "installer"),
        ("somebody-else", "nothing"),
        ("NOONWARD-OWNERS", "nothing"),
        ("", "nothing"),
    ],
)
async def test_groups_say_what_somebody_is(behind, groups, expected):
    assert await role(behind, remote_user="anna", remote_groups=groups) == ("anna", expected)


async def test_who_is_known_by_name_is_what_was_granted(behind):
    await behind.person("anna", "resident", ["boiler"])
    anna = behind.browser(remote_user="anna", remote_groups="noonward-owners")
    assert [one["name"] for one in (await anna("GET", "policies")).json()["policies"]] == ["boiler"]
    assert (await anna("PUT", SWITCH, {"on": True})).status_code == 200
    assert (await behind.audit(what="switch"))[0]["how"] == "proxy"
    await behind.ask("PUT", "people/anna", {"locked": True})
    assert (await anna("GET", "policies")).status_code == 403


async def test_a_name_is_read_as_proxies_write_it(behind):
    await behind.person("Zoë", "resident", ["boiler"])
    for written in ("Zoë".encode(), "zoë".encode(), "Zoe\u0308".encode(), "Zoë".encode("latin-1")):
        answer = await behind.browser()("GET", "me", headers={b"remote-user": written})
        assert answer.json()["name"].casefold() == "zoë", written


async def test_whoever_is_not_the_proxy_is_nobody(tmp_path, caplog):
    """Somebody who reaches the port past the proxy says that they are the owner."""
    async with gateway(tmp_path, proxy=proxy("10.89.0.0/24")) as house:
        thief = house.browser(remote_user="marie", remote_groups="noonward-owners", x_forwarded_for="10.89.0.2")
        assert (await thief("GET", "me")).json()["signed_in"] is False
        assert (await thief("GET", "policies")).status_code == 401
        assert (await thief("PUT", SWITCH, {"on": True})).status_code == 401
        assert (await thief("POST", "people", {"name": "x", "role": "owner"})).status_code == 401
        assert house.engine.inputs == {}
        (noted,) = await house.audit(what="switch")
        assert (noted["address"], noted["result"]) == ("127.0.0.1", "refused")
    assert "remote-user from 127.0.0.1 is left out" in caplog.text


@pytest.mark.parametrize("trusted", ["127.0.0.1/32", "10.0.0.1/32"])
async def test_without_that_header_in_site_yaml_it_says_nothing(tmp_path, trusted):
    async with gateway(tmp_path, proxy=proxy(trusted, user_header=None)) as house:
        assert await role(house, remote_user="marie", remote_groups="noonward-owners") == (None, None)


async def test_nobody_says_it_twice(behind):
    """A proxy that adds its own header beside the one that came is not to be understood."""
    asked = (
        f"GET /api/v1/me HTTP/1.1\r\nHost: 127.0.0.1:{behind.port}\r\nConnection: close\r\n"
        "Remote-User: marie\r\nRemote-User: anna\r\nRemote-Groups: noonward-owners\r\n\r\n"
    )
    assert b'"signed_in":false' in await behind.raw(asked.encode())


async def test_who_is_not_known_by_name_holds_no_token(behind):
    """Nothing would end it."""
    stranger = behind.browser(remote_user="x", remote_groups="noonward-owners")
    assert (await stranger("POST", "tokens", {"name": "x", "role": "viewer"})).status_code == 403
    await behind.person("anna", "resident", ["boiler"])
    anna = behind.browser(remote_user="anna")
    body = {"name": "x", "role": "viewer", "scope": {"policies": ["boiler"]}}
    assert (await anna("POST", "tokens", body)).status_code == 201


@pytest.mark.parametrize("name", ["", " ", "\tx y", "../x", "<script>"])
async def test_an_odd_name_harms_nobody(behind, name):
    answer = await behind.browser()("GET", "me", headers={"remote-user": name.strip() or "-"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"


async def test_what_a_proxy_adds_by_itself_needs_the_own_page_too(behind):
    """It is the proxy's cookie that the browser sends along, whichever page asks."""
    evil = behind.browser(remote_user="marie", remote_groups="noonward-owners", origin="http://evil.test")
    assert (await evil("PUT", SWITCH, {"on": True})).status_code == 403
    del evil.client.headers["origin"]
    assert (await evil("PUT", SWITCH, {"on": True})).status_code == 403
    assert behind.engine.inputs == {}


async def test_behind_a_proxy_visitors_see_nothing(tmp_path):
    """On loopback everyone comes from loopback: the proxy's clients are not those of this machine."""
    async with gateway(tmp_path, proxy=proxy(user_header=None)) as house:
        assert (await house.browser()("GET", "policies")).status_code == 401
    async with gateway(tmp_path) as house:
        assert (await house.browser()("GET", "policies")).status_code == 200
        for header in ("forwarded", "x_forwarded_for", "x_forwarded_proto", "x_real_ip", "via"):
            assert (await house.browser(**{header: "1.2.3.4"})("GET", "policies")).status_code == 401, header
    async with gateway(tmp_path, visitors="none") as house:
        for path in ("policies", "site", "events", "stations/cp-01", "/metrics", "/status", "notices"):
            assert (await house.browser()("GET", path)).status_code == 401
        for path in ("/", "/sign-in", "/healthz", "/readyz", "me"):
            assert (await house.browser()("GET", path)).status_code == 200


async def test_guesses_count_for_who_makes_them_not_for_the_proxy(behind):
    await behind.person("anna")
    thief, anna = behind.browser(x_forwarded_for="203.0.113.9"), behind.browser(x_forwarded_for="192.0.2.7")
    statuses = [(await thief.sign_in("anna", "a guess")).status_code for _ in range(6)]
    assert statuses == [401] * 4 + [429] * 2
    spoofing = [
        (await behind.browser(x_forwarded_for=f"198.51.{k}.1, 203.0.113.9").sign_in("anna", "a guess")).status_code
        for k in range(3)
    ]
    assert spoofing == [429] * 3  # what stands before the proxy's own word came with the request
    assert (await anna.sign_in("anna")).status_code == 201
    assert {one["address"] for one in await behind.audit(what="sign-in", result="refused")} == {"203.0.113.9"}


async def test_by_tls_the_cookie_is_the_browser_s_strictest(behind):
    await behind.person("anna")
    outside = {"x_forwarded_proto": "https", "x_forwarded_for": "192.0.2.7"}
    answer = await behind.browser(**outside).sign_in("anna")
    said = answer.headers["set-cookie"]
    assert said.startswith("__Host-noonward=")
    assert {"Secure", "HttpOnly", "SameSite=strict", "Path=/"} <= set(said.split("; "))
    assert "Domain" not in said
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    cookie = said.split(";")[0]
    assert (await behind.browser(**outside, cookie=cookie)("GET", "me")).json()["name"] == "anna"
    plain = cookie.removeprefix("__Host-")
    assert (await behind.browser(**outside, cookie=plain)("GET", "me")).json()["signed_in"] is False


async def test_nobody_else_says_that_it_was_tls(tmp_path):
    async with gateway(tmp_path, proxy=proxy("10.0.0.1/32")) as house:
        await house.person("anna")
        answer = await house.browser(x_forwarded_proto="https").sign_in("anna", PASSWORD)
        assert answer.headers["set-cookie"].startswith("noonward=")
        assert "strict-transport-security" not in answer.headers
