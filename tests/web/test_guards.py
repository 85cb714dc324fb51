import pytest

from noonward.web.guards import HEADERS, host_name
from support.fakeengine import FakeEngine, appliance
from support.webclient import Client

KNOWN = [
    "localhost",
    "localhost:8077",
    "LOCALHOST:8077",
    "127.0.0.1:8077",
    "192.168.1.20",
    "[::1]:8077",
    "[fe80::1]",
    "gateway.local:8077",
    "gateway.local.",
    "solar.example:80",  # listed as a name of this gateway
]
FOREIGN = [
    "",
    "evil.test",
    "evil.test:8077",
    "localhost.evil.test",
    "127.0.0.1.evil.test",
    "local",
    "evillocal",
    "[evil.test]:8077",
    "notsolar.example",
]


@pytest.mark.parametrize("host", KNOWN)
async def test_a_port_answers_to_its_own_names(host):
    client = Client(FakeEngine(appliance()), writable=False, hosts={"solar.example"})
    assert (await client("GET", "/healthz", host=host)).status_code == 200


@pytest.mark.parametrize("path", ["/", "/status", "/healthz", "/api/v1/policies", "/nothing"])
@pytest.mark.parametrize("host", FOREIGN)
async def test_a_port_does_not_answer_to_a_name_from_elsewhere(host, path):
    client = Client(FakeEngine(appliance()), writable=False, hosts={"solar.example"})
    answer = await client("GET", path, host=host)
    assert answer.status_code == 421
    assert "boiler" not in answer.text
    assert answer.json()["title"] == "Misdirected Request"


@pytest.mark.parametrize("path", ["/", "/status", "/api/v1/site", "/nothing", "/static/page.css"])
async def test_every_answer_carries_the_security_headers(path):
    for host in ("localhost", "evil.test"):
        answer = await Client(FakeEngine(appliance()).see(), writable=False)("GET", path, host=host)
        for name, value in HEADERS.items():
            if name != "cache-control":
                assert answer.headers[name] == value
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert "access-control-allow-origin" not in answer.headers


async def test_only_assets_may_be_kept_by_a_browser():
    client = Client(FakeEngine(appliance()).see())
    assert (await client("GET", "/")).headers["cache-control"] == "no-store"
    assert (await client("GET", "/status")).headers["cache-control"] == "no-store"
    assert (await client("GET", "/api/v1/site")).headers["cache-control"] == "no-store"
    assert "immutable" in (await client("GET", "/static/page.js")).headers["cache-control"]


@pytest.mark.parametrize(
    ("host", "name"), [("A.local:1", "a.local"), ("a.local.", "a.local"), ("[::1]:80", "::1"), ("a", "a"), ("", "")]
)
def test_host_name(host, name):
    assert host_name(host) == name
