"""What the portal shows when not all is well: nothing there yet, old, empty, broken, each on purpose."""

from contextlib import asynccontextmanager

import pytest

from noonward.core.model import Inputs, Mode, Override, Reading
from noonward.policy.loaded import Signal
from noonward.web.server import serving
from support.carpark import SEEN, carpark
from support.chromium import tab
from support.fakeengine import NOON, FakeEngine, appliance

pytestmark = pytest.mark.peer
SIGNALS = {role: Signal(channel=f"{role}/meter") for role in ("grid", "pv", "battery")}
PICTURE = "document.querySelector('.flow svg').getAttribute('aria-label')"


def house(*appliances, **seen):
    readings = {
        "grid_w": Reading(-1300.0, NOON),
        "pv_w": Reading(5300.0, NOON),
        "battery_w": Reading(-300.0, NOON),
        "battery_soc": Reading(0.64, NOON),
    }
    return FakeEngine(*appliances, signals=SIGNALS).see(**{**readings, **seen})


@asynccontextmanager
async def shown(engine, tmp_path, path="", before=(), **options):
    """Open a page of the portal in a browser of its own."""
    async with serving(engine, state_dir=tmp_path, listen=("127.0.0.1", 0)) as place, tab(tmp_path / "home") as page:
        for method, details in before:
            await page.call(method, **details)
        await page.open(f"{place.url}{path}", **options)
        yield page
        assert [url for url in page.requests if not url.startswith((place.url, "about:"))] == []


async def says(page, selector, words):
    """A number and its unit are kept on one line by a no-break space; here they may be written with a plain one."""
    text = f"(document.querySelector({selector!r})?.innerText ?? '').replaceAll('\\u00a0', ' ')"
    await page.becomes_true(f"{text}.includes({words!r})")


async def test_a_site_without_policies_says_so(tmp_path):
    async with shown(house(), tmp_path) as page:
        await says(page, "main", "Nothing to switch yet")
        assert "Sun: 5.3" in await page.value(PICTURE)
        assert page.complaints == []


async def test_an_engine_that_is_starting_says_so(tmp_path):
    engine = FakeEngine(appliance(), signals=SIGNALS)
    async with shown(engine, tmp_path) as page:
        await says(page, ".card .pill", "Not decided")
        await says(page, ".card .why", "the engine is starting")
        await says(page, ".flow", "Not measured yet")
        assert "unknown" in await page.value(PICTURE)
        engine.see(grid_w=Reading(-4000.0, NOON))
        await page.becomes_true("document.querySelector('.card').classList.contains('off')")


async def test_a_meter_that_is_silent_is_grey_and_told(tmp_path):
    engine = house(appliance())
    async with shown(engine, tmp_path) as page:
        await says(page, ".flow .age", "Measured")
        assert await page.value("document.querySelector('.flow .stale')") is None
        engine.see(after_s=300)
        await says(page, ".flow .age", "No measurement for 5 min")
        await page.becomes_true("document.querySelectorAll('.flow g.stale').length === 3")
        await says(page, ".banner.trouble", "The grid meter has been silent")


async def test_an_engine_at_fault_is_told_with_what_to_do(tmp_path):
    engine = house(appliance())
    engine.fault = "ValueError: x"
    async with shown(engine, tmp_path) as page:
        await says(page, ".banner.trouble", "The engine met a fault of its own")


async def test_the_picture_says_in_words_what_it_shows(tmp_path):
    async with shown(house(appliance(mode=Mode.ALWAYS_ON)), tmp_path) as page:
        await page.becomes_true("!!document.querySelector('.card.on')")
        said = await page.value(PICTURE)
        for words in ("House: 4.3", "Sun: 5.3", "Selling: 1.3", "Giving: 300", "64", "Controlled: 3.0"):
            assert words in said.replace("\N{NO-BREAK SPACE}", " ")
        assert await page.value("document.querySelector('.flow svg').getAttribute('role')") == "img"


@pytest.mark.parametrize(("battery_w", "backwards"), [(-300.0, False), (300.0, True)])
async def test_energy_flows_from_where_it_comes_to_where_it_goes(tmp_path, battery_w, backwards):
    """A line is drawn from its circle to the house; what the house gives runs along it backwards."""
    engine = house(appliance(mode=Mode.ALWAYS_ON), battery_w=Reading(battery_w, NOON))
    async with shown(engine, tmp_path) as page:
        await page.becomes_true("document.querySelectorAll('.flow .stream').length === 4")
        runs = {
            kind: await page.value(f"document.querySelector('.stream.{kind}').classList.contains('back')")
            for kind in ("pv", "grid", "loads", "battery")
        }
        assert runs == {"pv": False, "grid": True, "loads": True, "battery": backwards}
        line = "document.querySelector('.stream.battery')"
        far = await page.value(f"{line}.getPointAtLength(0).x - {line}.getPointAtLength(1e4).x")
        assert far > 0  # it begins at the battery, right of the house


async def test_a_visitor_sees_why_and_finds_nothing_to_press(tmp_path):
    engine = house(appliance("pump", Mode.MANUAL, power_w=400.0), appliance("boiler"))
    engine.inputs["boiler"] = Inputs(override=Override(mode=Mode.ALWAYS_ON, until=NOON + 7200, by="anna", reason="<b>"))
    engine.see()
    async with shown(engine, tmp_path) as page:
        await says(page, "#policy-boiler .lease", "anna: <b>")
        assert await page.value("document.querySelectorAll('.card button').length") == 0
        assert "Sign in" in await page.value("document.querySelector('.places').innerText")


async def test_a_zone_shows_each_station(tmp_path):
    async with shown(carpark(), tmp_path, width=390) as page:  # one of its stations was never heard of
        await page.becomes_true(f"document.querySelectorAll('.bay').length === {len(SEEN) + 1}")
        assert await page.value("document.documentElement.scrollWidth") <= 390


async def test_a_page_that_fails_takes_no_other_with_it(tmp_path):
    spoil = (
        "const real = window.fetch; window.fetch = (url, more) => String(url).includes('/machine') "
        "? Promise.resolve(new Response('{\"states\": 7}')) : real(url, more)"
    )
    before = [("Page.enable", {}), ("Page.addScriptToEvaluateOnNewDocument", {"source": spoil})]
    async with shown(house(appliance()), tmp_path, "policies/boiler", before) as page:
        await says(page, "main [role=alert]", "This page has met a fault")
        await page.value("document.querySelector('.places a[href=\"/\"]').click()")
        await page.becomes_true("!!document.querySelector('.card')")


async def test_a_page_that_does_not_load_says_so(tmp_path):
    before = [("Network.enable", {}), ("Network.setBlockedURLs", {"urls": ["*/records-*"]})]
    async with shown(house(appliance()), tmp_path, "", before) as page:
        await page.becomes_true("!!document.querySelector('.card')")
        await page.value("document.querySelector('.places a[href=\"/alarms\"]').click()")
        await says(page, "main", "This page did not load")
        await page.call("Network.setBlockedURLs", urls=[])
        await page.value("document.querySelector('.places a[href=\"/history\"]').click()")
        await page.value("document.querySelector('.places a[href=\"/alarms\"]').click()")
        await says(page, "main h1", "Alarms")


async def test_without_a_script_there_is_a_way_to_the_plain_page(tmp_path):
    async with shown(house(appliance()), tmp_path, scripts=False) as page:
        await says(page, "body", "The plain page")
        assert await page.value("document.querySelector('noscript a').getAttribute('href')") == "/status"


async def test_the_chosen_language_is_kept(tmp_path):
    language = "fr"
    async with shown(house(appliance()), tmp_path) as page:
        await page.becomes_true("!!document.querySelector('.card')")
        before = await page.value("document.querySelector('.why').innerText")
        await page.value(
            f"const choice = document.querySelector('.foot select'); choice.value = {language!r}; "
            "choice.dispatchEvent(new Event('change', {bubbles: true}))"
        )
        await page.becomes_true(f"document.documentElement.lang === {language!r}")
        await page.becomes_true(f"document.querySelector('.why').innerText !== {before!r}")
        await page.call("Page.reload")
        await page.becomes_true(f"!!document.querySelector('.card') && document.documentElement.lang === {language!r}")


async def test_the_day_is_the_gateways_whatever_the_tablet_thinks(tmp_path):
    late = (
        "window.EventSource = class extends EventSource { addEventListener(name, hear) "
        "{ super.addEventListener(name, (event) => setTimeout(() => hear(event), 700)); } }"
    )
    before = [("Page.enable", {}), ("Page.addScriptToEvaluateOnNewDocument", {"source": late})]
    async with shown(house(appliance()), tmp_path, "", before) as page:
        await says(page, ".today h2", "Monday 1 June")
        await says(page, ".today", "Nothing is recorded of today yet")
        asked = [url for url in page.requests if "/history?" in url]
        assert asked
        assert all("from=2026-05-31T22%3A00" in url for url in asked), asked
