"""In which language an answer is."""

import pytest

from noonward.core.model import Mode, Reading
from support.fakeengine import NOON, FakeEngine, appliance
from support.webclient import Client

POLICY = "/api/v1/policies/boiler"


@pytest.fixture
def client():
    return Client(FakeEngine(appliance(mode=Mode.MANUAL)).see(grid_w=Reading(0.0, NOON)))


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        ("", None, "en"),
        ("", "de-CH,de;q=0.9,en;q=0.8", "de"),
        ("", "rm,fr;q=0.5", "fr"),
        ("", "ja", "en"),
        ("?lang=it", None, "it"),
        ("?lang=it", "de", "it"),
        ("?lang=de-CH", "fr", "de"),
    ],
)
async def test_what_is_asked_for_counts_before_what_the_browser_likes(client, query, header, language):
    answer = await client("GET", f"{POLICY}{query}", headers={"accept-language": header} if header else {})
    assert answer.headers["content-language"] == language
    assert "Accept-Language" in answer.headers["vary"]
    sentences = {"en": "Off: its switch is off.", "de": "Aus: Der Schalter steht auf aus."}
    if language in sentences:
        assert (answer.json()["sentence"] == sentences["en"]) == (language == "en")


async def test_the_four_differ_also_in_the_machine_and_after_setting_something(client):
    for path, told in [
        (f"{POLICY}/machine", lambda one: one["states"][0]["label"]),
        (POLICY, lambda one: one["sentence"]),
    ]:
        said = [told((await client("GET", f"{path}?lang={tag}")).json()) for tag in ("en", "de", "fr", "it")]
        assert len(set(said)) == 4, said
    set_ = (await client("PUT", f"{POLICY}/switch?lang=de", json={"on": True})).json()["sentence"]
    assert set_ == (await client("GET", f"{POLICY}?lang=de")).json()["sentence"]
    assert set_ != (await client("GET", POLICY)).json()["sentence"]


@pytest.mark.parametrize("lang", ["xx", "", "deutsch", "%00", "e"])
async def test_a_language_that_is_not_spoken_is_refused_in_english(client, lang):
    answer = await client("GET", f"{POLICY}?lang={lang}", headers={"accept-language": "de"})
    assert answer.status_code == 422
    assert "lang must be one of en, de, fr, it" in answer.json()["detail"]


async def test_a_refusal_is_in_english(client):
    answer = await client("GET", "/api/v1/policies/nothing?lang=de")
    assert (answer.status_code, answer.headers["content-language"]) == (404, "en")


async def test_numbers_and_assets_have_no_language(client):
    for path in ("/metrics", "/healthz", "/static/page.css"):
        assert "content-language" not in (await client("GET", f"{path}?lang=xx")).headers
