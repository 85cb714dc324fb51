"""How the portal is served; that it is what its sources build is in test_portal_build."""

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from noonward.access.model import Grant, How, Principal, Role, Scope
from noonward.web import portal
from support.fakeengine import FakeEngine, appliance
from support.webclient import Client

SOURCES = Path(__file__).parents[2] / "engine" / "portal"
BUILT = Path(portal.__file__).parent / "portal"
PAGES = [path.replace("{name}", "boiler-cellar").replace("{id}", "cp-01") for path in portal.PATHS]


@pytest.fixture
def client():
    return Client(FakeEngine(appliance()), writable=False)


class Page(HTMLParser):
    """Every element of the page, and the text inside of those that could do something."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.inline, self._inside = [], "", None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_data(self, data):
        if self._inside in {"script", "style"}:
            self.inline += data.strip()


@pytest.mark.parametrize("path", PAGES)
async def test_every_path_of_the_portal_is_the_same_page_and_never_kept(client, path):
    answer = await client("GET", path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content == (BUILT / "index.html").read_bytes()


async def test_the_page_runs_under_the_content_security_policy(client):
    answer = await client("GET", "/")
    page = Page(answer.text)
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert page.inline == ""
    assert [name for _, attrs in page.tags for name in attrs if name == "style" or name.startswith("on")] == []


async def test_all_that_the_page_names_is_there(client):
    page = Page((await client("GET", "/")).text)
    named = [attrs.get("src") or attrs.get("href") for tag, attrs in page.tags if tag in {"script", "link", "a"}]
    assert {"/status", "/static/icon.svg"} < set(named)
    for address in named:
        assert address.startswith("/")
        assert (await client("GET", address)).status_code == 200, address


async def test_who_may_see_nothing_still_gets_the_page_to_sign_in_on():
    nothing = Grant(role=Role.VIEWER, scope=Scope())
    client = Client(FakeEngine(appliance()), principal=Principal(name="visitor", grant=nothing, how=How.VISITOR))
    assert (await client("GET", "/api/v1/site")).status_code == 401
    for path in (*PAGES, *(f"/assets/{name}" for name in portal.names())):
        assert (await client("GET", path)).status_code == 200, path


@pytest.mark.parametrize("name", sorted(portal.names()))
async def test_an_asset_may_be_kept_for_ever_for_its_name_changes_with_it(client, name):
    plain = await client("GET", f"/assets/{name}", headers={"accept-encoding": "identity"})
    small = await client("GET", f"/assets/{name}", headers={"accept-encoding": "gzip, br"})
    assert plain.status_code == 200
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["content-type"].partition(";")[0] in portal.KINDS.values()
    assert plain.headers["x-content-type-options"] == "nosniff"
    assert plain.headers["vary"] == small.headers["vary"] == "accept-encoding"
    assert "content-encoding" not in plain.headers
    assert plain.content == small.content == (BUILT / "assets" / name).read_bytes()
    assert re.fullmatch(r"[\w-]+-[\w-]{8}\.(js|css|svg)", name)


async def test_scripts_go_over_the_line_compressed(client):
    name = next(name for name in portal.names() if name.startswith("shared"))
    answer = await client("GET", f"/assets/{name}", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) == len(gzip.compress((BUILT / "assets" / name).read_bytes(), mtime=0))


NOT_THERE = [
    "index.js",
    "..%2Findex.html",
    "%2e%2e%2findex.html",
    "index.html",
    "..%5cindex.html",
    "%00",
    ".",
    "a/b.js",
]


@pytest.mark.parametrize("name", NOT_THERE)
async def test_nothing_else_is_ever_opened(client, name):
    answer = await client("GET", f"/assets/{name}")
    assert answer.status_code == 404
    assert answer.json()["title"] == "Not Found"
    assert "immutable" not in answer.headers["cache-control"]


@pytest.mark.parametrize("path", ["/policies", "/policies/a/b", "/index.html", "/peoples", "/sign-in/now"])
async def test_what_the_portal_does_not_route_is_not_found(client, path):
    assert (await client("GET", path)).status_code == 404


def test_the_gateway_and_the_portal_know_the_same_paths():
    router = (SOURCES / "src" / "router.js").read_text()
    routed = re.findall(r'^  \["(/[^"]*)", "\w+"\],$', router, re.MULTILINE)
    assert {re.sub(r":\w+", "{name}", path) for path in routed} == {p.replace("{id}", "{name}") for p in portal.PATHS}


@pytest.mark.parametrize(
    ("method", "path", "accept", "page"),
    [
        ("GET", "/nowhere", "text/html,*/*", True),
        ("GET", "/nowhere", "*/*", False),
        ("GET", "/api/v1/nowhere", "text/html,*/*", False),
        ("GET", "/assets/gone.js", "text/html,*/*", False),
        ("PUT", "/nowhere", "text/html,*/*", False),
    ],
)
async def test_an_address_that_is_nothing_is_told_to_people_by_the_page_and_to_programs_by_a_problem(
    client, method, path, accept, page
):
    answer = await client(method, path, headers={"accept": accept})
    assert answer.status_code == 404
    assert answer.headers["content-type"].partition(";")[0] == ("text/html" if page else "application/problem+json")
