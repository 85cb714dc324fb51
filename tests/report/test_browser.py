"""Reports in a real browser: paged, pointed at, clicked through and typed through."""

import asyncio
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from noonward.plant.battery import BatteryKind
from noonward.policy.sentences import sentence
from noonward.report.blocks import Heading, Items, Rows, Table
from noonward.report.pages import diff_report, run_report
from support.chromium import tab
from support.games import MIDNIGHT, game, garage, job, load, quota, shipped, stay, tape, with_cars, zone
from support.reports import names, plain, played

pytestmark = pytest.mark.peer
PICTURES = os.environ.get("NOONWARD_PICTURES")
"""A folder: the pictures that the tests look at are kept there, for people to look at too."""

AXE = Path(__file__).parents[1] / "peers/node/node_modules/axe-core/axe.min.js"
JUNE = job(shipped(10), timezone="Europe/Zurich")
READY = "document.documentElement.dataset.ready === 'true'"
DATE = "document.getElementById('date').innerText"
READOUT = "document.getElementById('readout').innerText"
FOCUS = "document.querySelector('.charts').focus()"


async def show(page, path, text, **how):
    path.write_text(text, encoding="utf-8")
    await page.open(f"file://{path}", **how)
    await page.becomes_true(READY)
    await page.becomes_true("!!document.getElementById('readout')?.innerText")


async def press(page, key, *, shift=False):
    for kind in ("keyDown", "keyUp"):
        await page.call("Input.dispatchKeyEvent", type=kind, key=key, modifiers=8 * shift)
    await asyncio.sleep(0.06)


async def move(page, x, y):
    await page.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    await asyncio.sleep(0.06)


async def box(page, selector):
    """Return left, top, width and height of an element, once it is in sight."""
    await page.value(f"document.querySelector({selector!r}).scrollIntoView({{block: 'center'}})")
    await asyncio.sleep(0.1)
    return await page.value(
        f"(() => {{ const r = document.querySelector({selector!r}).getBoundingClientRect();"
        " return [r.left, r.top, r.width, r.height]; })()"
    )


async def point_at(page, share):
    """Point at a moment of the day, as a share of the first plot's width."""
    left, top, width, height = await box(page, ".charts .u-over")
    await move(page, left + share * width, top + height / 2)


async def click(page, selector):
    await page.value(f"document.querySelector({selector!r}).click()")
    await asyncio.sleep(0.2)


def asked_for_nothing(page, path):
    """Tell whether nothing but the file itself was asked for; Chromium draws its own icons from data: addresses."""
    return {url for url in page.requests if not url.startswith(("data:", "about:"))} <= {f"file://{path}"} | {
        f"file://{path}#2020-06-05"
    }


async def test_days_are_paged_and_every_decision_has_its_reason(tmp_path):
    run = played(JUNE)
    path = tmp_path / "report.html"
    async with tab(tmp_path / "home") as page:
        await show(page, path, run_report(run, [plain(JUNE, "uncontrolled")]))
        await page.value("location.hash = '#2020-06-05'")
        await page.becomes_true(f"{DATE} === 'Friday 5 June 2020'")
        await click(page, "#next")
        assert await page.value(DATE) == "Saturday 6 June 2020"
        assert await page.value("location.hash") == "#2020-06-06"
        await click(page, "#previous")
        assert await page.value(DATE) == "Friday 5 June 2020"

        midnight = MIDNIGHT + 4 * 86400 - 7200  # of 5 June at the site
        for share in (0.1, 0.4, 0.53, 0.7):
            await point_at(page, share)
            said = " ".join((await page.value(READOUT)).split())
            clock = re.match(r"(\d\d):(\d\d)", said)
            t = midnight + int(clock[1]) * 3600 + int(clock[2]) * 60
            for name in ("heater", "heat-pump"):
                last = [c for c in run.changes.policies[name] if c.at <= t + 59][-1]
                spoken = sentence(last.reason, now=last.at, timezone="Europe/Zurich")
                assert f"{spoken} ({last.reason.code}" in said, (name, share)
        assert page.complaints == []
        assert asked_for_nothing(page, path)


def held():
    """A game in which much is said: runs that are held for an hour, and for a vehicle."""
    pv = [max(0.0, 9000.0 - abs(k - 720) * 15.0) * (0.2 if k // 7 % 3 == 0 else 1.0) for k in range(1440)]
    loads = [load("heater", 2150.0, 1, min_on_s=3600.0), load("heat-pump", 3000.0, 2)]
    site = game(tape(pv, [300.0] * 1440), loads, {"heater": quota(9), "heat-pump": quota(9)}, timezone="Europe/Zurich")
    return with_cars(site, zone("cp-01", max_power_w=11_000.0), [stay(300, 1300, 30)])


async def test_all_sentences_of_a_run_read_in_the_browser_as_the_engine_said_them(tmp_path):
    run = played(held())
    text = run_report(run)
    assert set(re.findall("[\ue000-\ue004]", "".join(p[2] for p in names(text)["patterns"]))) == set(
        "\ue000\ue001\ue002\ue003\ue004"
    )
    loads = [(one["name"], one["station"]) for one in names(text)["loads"]]
    async with tab(tmp_path / "home") as page:
        await show(page, tmp_path / "report.html", text)
        script = """readData().then(({told}) => { window.all = [0, 1, 2].map((k) => told.times(k).map((t) =>
            [t, told.at(k, t).state, told.at(k, t).code, told.at(k, t).text])); })"""
        await page.value(script)
        await page.becomes_true("!!window.all")
        read = await page.value("window.all")
    for said, (name, station) in zip(read, loads, strict=True):
        spoken = (run.changes.stations if station else run.changes.policies)[name]
        assert [tuple(one) for one in said] == [
            (int(c.at), c.state, c.reason.code, sentence(c.reason, now=c.at, timezone="Europe/Zurich")) for c in spoken
        ]


async def test_everything_can_be_done_by_keyboard(tmp_path):
    async with tab(tmp_path / "home") as page:
        await show(page, tmp_path / "report.html", run_report(played(JUNE)))
        await page.value("location.hash = '#2020-06-05'")
        await page.becomes_true(f"{DATE} === 'Friday 5 June 2020'")
        await asyncio.sleep(0.3)
        await page.value(FOCUS)
        now = "document.querySelector('.now').innerText.slice(0, 5)"
        assert await page.value(now) == "12:00"
        await press(page, "ArrowRight")
        assert await page.value(now) == "12:15"
        await press(page, "Home")
        assert await page.value(now) == "00:00"
        moments = []
        for _ in range(4):
            await press(page, "ArrowRight", shift=True)
            moments.append(await page.value(now))
        assert moments == sorted(set(moments))
        assert moments[0] > "00:00"
        await press(page, "ArrowLeft", shift=True)
        assert await page.value(now) == moments[-2]
        assert await page.value("document.getElementById('readout').getAttribute('aria-live')") == "polite"
        await press(page, "PageDown")
        assert await page.value(DATE) == "Saturday 6 June 2020"
        await press(page, "PageUp")
        assert await page.value(DATE) == "Friday 5 June 2020"

        await page.value("document.querySelector('.days button[tabindex=\"0\"]').focus()")
        assert await page.value("document.activeElement.dataset.date") == "2020-06-05"
        await press(page, "ArrowDown")
        await press(page, "ArrowLeft")
        assert await page.value("document.activeElement.dataset.date") == "2020-06-11"
        await page.value("document.activeElement.click()")
        await page.becomes_true(f"{DATE} === 'Thursday 11 June 2020'")
        assert page.complaints == []


async def test_a_day_is_zoomed_by_keys_and_by_dragging(tmp_path):
    async with tab(tmp_path / "home") as page:
        await show(page, tmp_path / "report.html", run_report(played(JUNE)))
        await asyncio.sleep(0.3)
        await page.value(FOCUS)

        async def seen():
            """Return the moments at the two ends of the picture."""
            found = []
            for share in (0.001, 0.999):
                await point_at(page, share)
                clock = await page.value("document.querySelector('.now').innerText.slice(0, 5)")
                found.append(int(clock[:2]) + int(clock[3:]) / 60)
            return pytest.approx(found, abs=0.1)

        assert await seen() == [0, 24]
        await point_at(page, 0.5)
        await press(page, "+")
        await press(page, "+")
        assert await seen() == [9, 15]
        await press(page, "Escape")
        assert await seen() == [0, 24]
        left, top, width, height = await box(page, ".charts .u-over")
        mouse = {"button": "left", "clickCount": 1, "y": top + height / 2}
        await page.call("Input.dispatchMouseEvent", type="mousePressed", x=left + width / 4, **mouse)
        for share in (0.3, 0.4, 0.5):
            await move(page, left + share * width, top + height / 2)
        await page.call("Input.dispatchMouseEvent", type="mouseReleased", x=left + width / 2, **mouse)
        assert await seen() == [6, 12]
        assert page.complaints == []


async def test_a_finger_moves_the_cursor(tmp_path):
    async with tab(tmp_path / "home") as page:
        await page.call("Emulation.setTouchEmulationEnabled", enabled=True)
        await show(page, tmp_path / "report.html", run_report(played(JUNE)), width=375)
        await asyncio.sleep(0.3)
        left, top, width, height = await box(page, ".charts .u-over")
        y = top + height / 2
        await page.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": left + 0.5 * width, "y": y}])
        for share in (0.4, 0.3, 0.25):
            at = {"x": left + share * width, "y": y}
            await page.call("Input.dispatchTouchEvent", type="touchMove", touchPoints=[at])
        await page.becomes_true("document.querySelector('.now').innerText.startsWith('06:0')")
        await page.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
        assert await page.value("scrollX") == 0
        assert page.complaints == []


async def test_the_calendar_opens_days_and_changes_its_colours(tmp_path):
    async with tab(tmp_path / "home") as page:
        await show(page, tmp_path / "report.html", run_report(played(JUNE), [plain(JUNE, "uncontrolled")]))
        await click(page, "[data-date='2020-06-09']")
        await page.becomes_true(f"{DATE} === 'Tuesday 9 June 2020'")
        assert await page.value("document.querySelector('[aria-current=date]').dataset.date") == "2020-06-09"
        shades = "[...document.querySelectorAll('.days button')].map(b => b.style.backgroundColor).join()"
        label = "document.querySelector('[data-date=\"2020-06-09\"]').getAttribute('aria-label')"
        seen = set()
        for k, unit in enumerate(("kWh", "%", "kWh", "kWh", "")):
            choose = (
                f"const m = document.getElementById('measure'); m.value = {k}; m.dispatchEvent(new Event('change'))"
            )
            await page.value(f"{{ {choose} }}")
            assert (await page.value(label)).startswith("Tuesday 9 June 2020: ")
            assert (await page.value(label)).endswith(unit)
            seen.add(await page.value(shades))
        assert len(seen) == 5
        assert page.complaints == []


def calmer(one):
    heater, pump = one.site.appliances
    patient = replace(heater, off_below_w=(heater.stages[0].power_w * 0.2,))
    return replace(one, site=replace(one.site, appliances=(patient, pump)))


async def test_a_diff_opens_where_the_versions_part_and_tells_both_reasons(tmp_path):
    old, new = played(JUNE, "main"), played(calmer(JUNE), "calmer")
    pairs = zip(old.run.loads, new.run.loads, strict=True)
    parted = min(t for a, b in pairs for t in {x for s in a.spans for x in s[:2]} ^ {x for s in b.spans for x in s[:2]})
    async with tab(tmp_path / "home") as page:
        await show(page, tmp_path / "diff.html", diff_report(old, new))
        first = await page.value("document.getElementById('first').innerText")
        hour = int((parted + 7200) % 86400 // 3600)
        assert f"at {hour:02}:{int(parted % 3600 // 60):02}" in first
        await page.becomes_true(f"{READOUT}.startsWith('{hour:02}:')")
        await click(page, "#next")
        await click(page, "#first a")
        await page.becomes_true(f"{READOUT}.startsWith('{hour:02}:')")
        readout = await page.value(READOUT)
        for one in (old, new):
            last = [c for c in one.changes.policies["heater"] if c.at <= parted][-1]
            assert f"{one.name}: {sentence(last.reason, now=last.at, timezone='Europe/Zurich')}" in readout
        assert page.complaints == []


async def test_what_began_on_another_day_is_told_with_its_weekday(tmp_path):
    run = played(JUNE)
    midnight = MIDNIGHT + 4 * 86400 - 7200  # of 5 June at the site, a Friday
    last = [c for c in run.changes.policies["heater"] if c.at <= midnight][-1]
    assert midnight - 86400 < last.at < midnight
    async with tab(tmp_path / "home") as page:
        await show(page, tmp_path / "report.html", run_report(run))
        await page.value("location.hash = '#2020-06-05'")
        await page.becomes_true(f"{DATE} === 'Friday 5 June 2020'")
        await asyncio.sleep(0.3)
        await page.value(FOCUS)
        await press(page, "Home")
        await page.becomes_true(f"{READOUT}.startsWith('00:00')")
        said = " ".join((await page.value(READOUT)).split())
        assert f"({last.reason.code}, since Thu " in said
        await press(page, "End")
        await page.becomes_true(f"{READOUT}.startsWith('23:59')")
        assert f"({last.reason.code}, since Thu " not in await page.value(READOUT)


async def test_a_phone_shows_every_column_of_what_changed(tmp_path):
    rows = [(f"water-heater: {what}", "130.0 kWh", "128.5 kWh", "−1.5 kWh") for what in ("from the sun", "forced")]
    page_of = diff_report(played(JUNE, "a"), played(calmer(JUNE), "b"), [Table(("", "old", "new", "change"), rows)])
    async with tab(tmp_path / "home") as page:
        await show(page, tmp_path / "diff.html", page_of, width=375)
        widths = "(e => [e.scrollWidth, e.clientWidth])(document.querySelector('.wide'))"
        whole, seen = await page.value(widths)
        assert whole <= seen


async def test_versions_that_do_the_same_say_so(tmp_path):
    async with tab(tmp_path / "home") as page:
        await show(page, tmp_path / "diff.html", diff_report(played(JUNE, "a"), played(JUNE, "b")))
        assert "same times" in await page.value("document.getElementById('first').innerText")
        assert page.complaints == []


def gappy():
    pv = [None if 600 < k < 700 else max(0.0, 5000.0 - abs(k - 720) * 10.0) for k in range(1440)]
    return job(tape([*pv, *[None] * 1440, *pv], [300.0] * 4320))


def nights():
    return replace(JUNE, tape=replace(tape([0.0] * 2880, [300.0] * 2880), has_pv=False), net_w=[300.0] * 2880)


PARK = [stay(400 + 30 * k, 1100 + 20 * k, 5 + k, f"cp-{k:02}") for k in range(12)]


def lengthy():
    """A diff of versions with long names, of whose difference there is a lot to say."""
    name = "packages/site/" * 8
    said = [
        Heading(f"{name}june.scenario.yaml: 2020-06-01"),
        Table(("", "key", "old", "new", "where"), [("heater", "surplus.off_below", "1", "2", name)], left=5),
        Items(["2020-06-05: import −2.6 kWh", f"  {name}"]),
        Rows(name, [name]),
    ]
    return diff_report(played(JUNE, f"main:{name}"), played(calmer(JUNE), f"calmer:{name}"), said)


GAMES = {
    "june": lambda: JUNE,
    "gaps": gappy,
    "no sun": nights,
    "no loads": lambda: game(tape([2000.0] * 1440, [300.0] * 1440), [], {}),
    "battery": lambda: replace(JUNE, battery=BatteryKind(capacity_wh=5000.0, charge_w=2500.0, discharge_w=2500.0)),
    "one day": lambda: job(shipped(1)),
    "one interval": lambda: job(tape([2000.0], [300.0], 900.0)),
    "garage": lambda: garage(tape([30_000.0] * 1440, [300.0] * 1440), PARK),
    "night the clocks change": lambda: job(
        tape([3000.0] * 2880, [300.0] * 2880, start=1_603_576_800.0), timezone="Europe/Zurich"
    ),
    "many loads": lambda: game(
        tape([max(0.0, 12_000.0 - abs(k - 720) * 25.0) for k in range(1440)], [300.0] * 1440),
        [load(f"load-number-{k}", 900.0, k) for k in range(12)],
        {f"load-number-{k}": quota(3) for k in range(12)},
    ),
}
ANYTHING = {name: lambda make=make: run_report(played(make())) for name, make in GAMES.items()} | {"diff": lengthy}
LOOKS = [(1280, True), (375, False)]
STICKING_OUT = """
[...document.querySelectorAll('main *')]
  .filter(e => e.scrollWidth > e.clientWidth + 1 && !e.closest('.wide, .u-wrap, select')
    && getComputedStyle(e).display !== 'inline')
  .map(e => e.tagName + '.' + e.className + ' ' + e.innerText?.slice(0, 40))
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
    .filter(e => !e.disabled && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .map(e => {
      const [a, b] = [light(numbers(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
      return [(a + 0.05) / (b + 0.05), e.className || e.tagName, e.innerText];
    })
    .filter(([ratio]) => ratio < 4.5);
})()
"""


async def test_anything_can_be_looked_at_on_any_screen(tmp_path):
    async with tab(tmp_path / "home") as page:
        for name, make in ANYTHING.items():
            text = make()
            for width, dark in LOOKS:
                await show(page, tmp_path / "report.html", text, width=width, dark=dark)
                await asyncio.sleep(0.1)
                look = f"{name}-{width}-{'dark' if dark else 'light'}"
                await page.picture(Path(PICTURES or tmp_path) / f"{look}.png")
                assert await page.value("document.documentElement.scrollWidth") <= width, look
                assert await page.value(STICKING_OUT) == [], look
                assert await page.value(HARD_TO_READ) == [], look
        assert page.complaints == []
        assert asked_for_nothing(page, tmp_path / "report.html")


@pytest.mark.parametrize(("name", "look"), [("battery", LOOKS[0]), ("diff", LOOKS[1])])
async def test_axe_finds_nothing_that_keeps_anybody_out(tmp_path, name, look):
    if not AXE.is_file():
        pytest.skip("npm ci --prefix tests/peers/node was not run")
    async with tab(tmp_path / "home") as page:
        await show(page, tmp_path / "report.html", ANYTHING[name](), width=look[0], dark=look[1])
        await page.value("document.querySelectorAll('details').forEach(e => { e.open = true; })")
        await page.value(AXE.read_text())
        await page.value("axe.run().then(r => { window.found = r; })")
        await page.becomes_true("!!window.found")
        assert await page.value("found.violations.map(v => [v.id, v.nodes.map(n => n.html)])") == []
        assert await page.value("found.passes.length") > 30


async def test_without_script_the_tables_are_there(tmp_path):
    path = tmp_path / "report.html"
    path.write_text(run_report(played(JUNE)), encoding="utf-8")
    async with tab(tmp_path / "home") as page:
        await page.open(f"file://{path}", scripts=False)
        await page.becomes_true("document.querySelectorAll('table').length === 2")
        assert "need JavaScript" in await page.value("document.body.innerText")
