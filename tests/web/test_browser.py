"""The status page in a real browser."""

import asyncio
import os
from pathlib import Path

import pytest

from noonward.core.model import Inputs, Mode, Override, Reading, Station
from noonward.policy.loaded import Signal
from noonward.web.server import serving
from support.carpark import DECIDED, SEEN, carpark
from support.chromium import tab
from support.fakeengine import NOON, FakeEngine, appliance, decided, told

pytestmark = pytest.mark.peer
PICTURES = os.environ.get("NOONWARD_PICTURES")
"""A folder: the pictures that the tests look at are kept there, for people to look at too."""


@pytest.fixture
def engine():
    signals = {role: Signal(channel=f"{role}/meter") for role in ("grid", "pv", "battery")}
    one = FakeEngine(
        appliance("boiler-cellar", description="300 l hot water tank, house 12", mode=Mode.ALWAYS_ON, priority=30),
        appliance("heat-pump", power_w=2000.0, priority=20, sg_ready=True, description="Air-to-water heat pump"),
        appliance("pump", Mode.MANUAL, power_w=400.0, priority=90),
        appliance("a-name-as-long-as-any-can-be-" + "x" * 35, priority=95, description="very " * 30),
        signals=signals,
    )
    one.inputs["heat-pump"] = Inputs(
        override=Override(mode=Mode.ALWAYS_ON, until=NOON + 7200, by="anna", reason="guests at six")
    )
    return one.see(
        grid_w=Reading(-1300.0, NOON),
        pv_w=Reading(5300.0, NOON),
        battery_w=Reading(-300.0, NOON),
        battery_soc=Reading(0.64, NOON),
    )


async def test_the_page_follows_what_happens(engine, tmp_path):
    async with serving(engine, state_dir=tmp_path, listen=("127.0.0.1", 0)) as place, tab(tmp_path / "home") as page:
        await page.open(f"{place.url}status")
        await page.becomes_true("document.querySelectorAll('.card').length === 4")
        assert await page.value("document.querySelector('#policy-pump .state').innerText") == "Off"
        colour = "getComputedStyle(document.querySelector('#policy-pump .state')).color"
        off = await page.value(colour)
        await asyncio.sleep(0.3)  # the stream is open
        await engine.set_switch("pump", True, "anna")
        await page.becomes_true("document.querySelector('#policy-pump .state').innerText === 'On 400 W'")
        assert await page.value(colour) != off
        engine.see(after_s=5, grid_w=Reading(420.0, NOON + 5))
        await page.becomes_true("document.querySelector('.grid .value').innerText === '420 W'")
        assert await page.value("document.getElementById('lost').hidden") is True
        assert page.complaints == []
        assert page.requests
        assert [url for url in page.requests if not url.startswith((place.url, "about:"))] == []


async def test_a_page_that_hears_nothing_says_so_and_comes_back(engine, tmp_path):
    async with tab(tmp_path / "home") as page:
        async with serving(engine, state_dir=tmp_path, listen=("127.0.0.1", 0)) as place:
            number = int(place.url.rpartition(":")[2].strip("/"))
            await page.open(f"{place.url}status")
            await page.becomes_true("document.querySelectorAll('.card').length === 4")
            await asyncio.sleep(0.3)
        await page.call("Runtime.evaluate", expression="const real = Date.now; Date.now = () => real() + 60000")
        await page.becomes_true("!document.getElementById('lost').hidden")
        async with serving(engine, state_dir=tmp_path, listen=("127.0.0.1", number)):
            await page.becomes_true("document.getElementById('lost').hidden", within_s=20)


async def test_without_script_everything_is_there(engine, tmp_path):
    async with serving(engine, state_dir=tmp_path, listen=("127.0.0.1", 0)) as place, tab(tmp_path / "home") as page:
        await page.open(f"{place.url}status", scripts=False)
        await page.becomes_true("document.querySelectorAll('.card').length === 4")
        assert not any("events" in url for url in page.requests)
        assert await page.value("document.querySelector('noscript meta').getAttribute('content')") == "15"


LOOKS = [(1280, False), (1280, True), (820, False), (390, False), (390, True), (320, False)]


@pytest.mark.parametrize(("trouble", "name"), [(False, "fine"), (True, "trouble")])
async def test_nothing_sticks_out_and_everything_can_be_read(engine, tmp_path, trouble, name):
    if trouble:
        engine.see(after_s=300)
        engine.problems = ("policies/" + "very-" * 40 + "long.yaml:6:7: error[S105]: mode: mannual is not a mode",)
    async with serving(engine, state_dir=tmp_path, listen=("127.0.0.1", 0)) as place, tab(tmp_path / "home") as page:
        for width, dark in LOOKS:
            await page.open(f"{place.url}status", width=width, dark=dark)
            await page.becomes_true(
                "document.querySelectorAll('.card').length === 4 && document.fonts.status === 'loaded'"
            )
            if PICTURES:
                await page.picture(Path(PICTURES) / f"{name}-{width}-{'dark' if dark else 'light'}.png")
            assert await page.value("document.documentElement.scrollWidth") <= width
            assert await page.value(STICKING_OUT) == []
            assert await page.value(HARD_TO_READ) == []


async def test_a_garage_can_be_read_at_any_width(tmp_path):
    engine = carpark()
    async with serving(engine, state_dir=tmp_path, listen=("127.0.0.1", 0)) as place, tab(tmp_path / "home") as page:
        for width, dark in LOOKS:
            await page.open(f"{place.url}status", width=width, dark=dark)
            await page.becomes_true("document.querySelectorAll('.bays li').length === 11")
            if PICTURES:
                await page.picture(Path(PICTURES) / f"garage-{width}-{'dark' if dark else 'light'}.png")
            assert await page.value("document.documentElement.scrollWidth") <= width
            assert await page.value(STICKING_OUT) == []
            assert await page.value(HARD_TO_READ) == []
        assert await page.value("document.querySelector('#station-cp-09 .does').innerText") == "Needs its driver"
        assert page.complaints == []


async def test_a_car_that_comes_is_seen(tmp_path):
    engine = carpark()
    async with serving(engine, state_dir=tmp_path, listen=("127.0.0.1", 0)) as place, tab(tmp_path / "home") as page:
        await page.open(f"{place.url}status")
        does = "document.querySelector('#station-cp-04 .does').innerText"
        await page.becomes_true(f"{does} === 'Free'")
        await asyncio.sleep(0.3)  # the stream is open
        others = [one for one in DECIDED if one.station != "cp-04"]
        engine.says["garage"] = decided("garage", "solar", *others, told("cp-04", "offered", 6.0))
        engine.see(after_s=1, stations={**SEEN, "cp-04": Station(plugged=True, plugged_at=NOON)})
        await page.becomes_true(f"{does} === 'Offered 6 A, not drawing yet'")
        assert page.complaints == []


STICKING_OUT = """
[...document.querySelectorAll('main *')]
  .filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')
  .map(e => e.tagName + '.' + e.className)
"""

HARD_TO_READ = """
(() => {
  const numbers = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = numbers(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('main *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .map(e => {
      const [a, b] = [light(numbers(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
      return [(a + 0.05) / (b + 0.05), e.className || e.tagName];
    })
    .filter(([ratio]) => ratio < 4.5);
})()
"""
