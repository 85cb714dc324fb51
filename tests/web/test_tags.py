"""Answers that a client has already are not sent again."""

import pytest

from noonward.core.model import Mode, Reading
from support.fakeengine import NOON, FakeEngine, appliance
from support.webclient import Client

POLICY = "/api/v1/policies/boiler"
STEADY = ["/api/v1/openapi.json", f"{POLICY}/machine", f"{POLICY}/source", f"{POLICY}/windows?from=2026-06-01"]


@pytest.fixture
def engine():
    return FakeEngine(appliance(mode=Mode.MANUAL)).see(grid_w=Reading(0.0, NOON))


@pytest.mark.parametrize("path", STEADY)
async def test_what_is_the_same_is_answered_304(engine, path):
    client = Client(engine)
    first = await client("GET", path)
    tag = first.headers["etag"]
    for sent in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        again = await client("GET", path, headers={"if-none-match": sent})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert again.headers["vary"] == first.headers["vary"]
    for sent in ('"x"', tag.strip('"'), ""):
        assert (await client("GET", path, headers={"if-none-match": sent})).status_code == 200


async def test_what_has_changed_is_answered_anew(engine):
    client = Client(engine)
    tag = (await client("GET", f"{POLICY}/machine")).headers["etag"]
    await engine.set_switch("boiler", True, "anna")
    answer = await client("GET", f"{POLICY}/machine", headers={"if-none-match": tag})
    assert (answer.status_code, answer.json()["current"]) == (200, "on")


async def test_another_language_is_another_answer(engine):
    client = Client(engine)
    tag = (await client("GET", f"{POLICY}/machine")).headers["etag"]
    answer = await client("GET", f"{POLICY}/machine?lang=de", headers={"if-none-match": tag})
    assert answer.status_code == 200


async def test_what_is_measured_is_never_said_to_be_the_same(engine):
    client = Client(engine)
    tag = (await client("GET", POLICY)).headers["etag"]
    assert (await client("GET", POLICY, headers={"if-none-match": tag})).status_code == 200
