"""The inner pages, tried in a browser against the running daemon: what they tell is what it decided, what they set it does."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from support.pastfile import past, put
from support.portal import house

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]
INSTALLER, THEIR_PASSWORD = "ida", "a ladder and a lamp"


def until(seen, seconds=30.0):
    end = time.monotonic() + seconds
    while not seen():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def installer(home, visit, owner):
    """Return the installer's browser; whom the owner invited, if nobody has."""
    headers = {"origin": home.url}
    made = owner.context.request.post(
        f"{home.url}/api/v1/people", headers=headers, data={"name": INSTALLER, "role": "installer"}
    )
    if made.ok:
        body = {"code": made.json()["code"], "name": INSTALLER, "password": THEIR_PASSWORD}
        status, said = home.ask("POST", "/api/v1/setup", body, headers)
        assert status in {200, 201}, said
    return visit(INSTALLER, THEIR_PASSWORD)


# --- a policy -------------------------------------------------------------------------------------------------------


def test_the_lit_state_row_and_line_follow_the_switch(home, owner):
    page = owner.page("/policies/fountain")
    lit = page.locator(".machine .current")
    expect(lit).to_have_attribute("aria-label", re.compile("^Off"))
    page.get_by_role("switch").click()
    expect(lit).to_have_attribute("aria-label", re.compile("^On"))
    expect(page.locator(".machine .decides")).to_contain_text("somebody switched it on")
    expect(page.locator(".yaml .lit code")).to_have_text("mode: manual\n")
    expect(page.locator("#decisions .log li").first).to_contain_text("somebody switched it on")
    page.get_by_role("switch").click()
    expect(lit).to_have_attribute("aria-label", re.compile("^Off"))
    assert owner.complaints == []


def test_the_machine_is_read_by_keyboard_alone_and_leads_to_its_line(owner):
    page = owner.page("/policies/boiler")
    arrow = page.locator(".machine .arrow").first
    expect(arrow).to_have_attribute("aria-label", re.compile(r"^From Off to On: \d+ ways$"))
    arrow.focus()
    page.keyboard.press("Enter")
    rows = page.locator(".machine .rows")
    expect(rows).to_contain_text("Off → On")
    expect(arrow).to_have_attribute("aria-pressed", "true")
    line = rows.locator("a").first
    number = re.search(r"\d+", line.inner_text())[0]
    line.focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#line-{number}")).to_be_focused()
    page.get_by_text("All rows as a table").click()
    told = page.request.get(f"{owner.url}/api/v1/policies/boiler/machine").json()
    expect(page.locator(".machine .twin tbody tr")).to_have_count(len(told["transitions"]) + len(told["stays"]))


# --- a charging station ---------------------------------------------------------------------------------------------


def test_what_a_driver_asks_for_is_noted_refused_and_forgotten(owner):
    page = owner.page("/stations/cp-01")
    need = page.locator("#need")
    need.get_by_label("Energy").fill("12.5")
    need.get_by_role("button", name="Note it").click()
    expect(need.locator(".lease")).to_contain_text("12.5 kWh by")
    departs = need.get_by_label(re.compile("^Leaves at"))
    departs.evaluate("field => field.removeAttribute('min')")
    departs.fill("2020-01-01T07:00")
    need.get_by_role("button", name="Note it").click()
    expect(need.get_by_role("alert")).to_contain_text("is over already")
    need.get_by_role("button", name="Forget it").click()
    expect(need.locator(".lease")).to_have_count(0)
    now = page.locator("#charge-now")
    now.get_by_label("after this much energy").check()
    now.get_by_label(re.compile("kWh")).fill("7")
    now.get_by_role("button", name="Charge now").click()
    expect(now.locator(".lease")).to_contain_text("7 kWh")
    now.get_by_role("button", name="End it").click()
    expect(now.get_by_role("button", name="Charge now")).to_be_visible()


def told_instead(page, station, **said):
    """Have the gateway's stream say something else of a station, and come to its end."""
    policies = page.request.get(f"{page.url.split('/stations')[0]}/api/v1/policies").json()
    for zone in policies["policies"]:
        for one in zone.get("stations", ()):
            one.update(said if one["station"] == station else {})
    site = page.request.get(f"{page.url.split('/stations')[0]}/api/v1/site").json()
    events = (("policies", policies), ("site", site))
    body = "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events)
    page.route("**/api/v1/events*", lambda route: route.fulfill(content_type="text/event-stream", body=body))
    page.reload()


def test_a_station_says_no_more_than_is_known_of_it(owner):
    page = owner.page("/stations/cp-02")
    there = {"state": "paused", "online": True, "plugged": True, "limit_a": 0.0, "trouble": None, "max_a": 16.0}
    offer = page.locator(".offer")
    expect(page.locator("#vehicle")).to_contain_text("It has never connected.")
    assert offer.count() == 0
    for amps, said, lines in (
        ({}, "Nothing is offered now.", []),
        ({"L1": None, "N": 0.4}, "Nothing is offered now.", []),
        ({"L1": 5.96, "L2": None}, "Nothing is offered now. It draws:", ["L1"]),
    ):
        told_instead(page, "cp-02", **there, drawn_a=amps)
        expect(offer.locator("p")).to_have_text(said)
        expect(offer.locator("dt")).to_have_text(lines)
    told_instead(page, "cp-02", **there | {"online": False}, drawn_a={"L1": 5.96}, drawn_w=1370.0)
    expect(page.locator("#vehicle")).to_be_visible()
    expect(page.locator("#vehicle")).not_to_contain_text("kW")
    assert offer.count() == 0


# --- devices and the audit log --------------------------------------------------------------------------------------


def test_a_try_asks_first_switches_and_ends(home, installer, owner):
    page = installer.page("/devices")
    relay = page.locator(".channels > li", has_text="cellar/relay-3")
    relay.get_by_role("button", name="Try it").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    assert not home.closed(3)
    relay.get_by_role("button", name="Try it").click()
    dialog.get_by_label("2 min").check()
    dialog.get_by_role("button", name=re.compile("^Switch sauna")).click()
    assert until(lambda: home.closed(3))
    expect(relay.locator(".lease")).to_contain_text("ida")
    relay.get_by_role("button", name="End it").click()
    assert until(lambda: not home.closed(3))
    log = owner.page("/audit").locator(".log > li")
    expect(log.filter(has_text="sauna").filter(has_text="ida").first).to_contain_text("always-on")


def test_who_may_not_see_devices_is_told_and_can_sign_in(visit):
    page = visit().page("/devices")
    expect(page.locator("main")).to_contain_text("Sign in first")
    expect(page.locator("main").get_by_role("link", name="Sign in")).to_have_attribute(
        "href", "/sign-in?back=%2Fdevices"
    )


# --- alarms ---------------------------------------------------------------------------------------------------------


def test_an_alarm_says_what_to_do_and_seems_over_when_it_is_done(home, owner):
    page = owner.page("/alarms")
    alarm = page.locator(".alarm", has_text="broken.yaml")
    expect(page.locator("main")).to_contain_text(re.compile("All is as it should be|What to do"))
    expect(alarm).to_have_count(0)
    (home.folder / "broken.yaml").write_text("kind: nonsense\n")
    expect(alarm).to_contain_text("Correct the file that is named", timeout=60_000)
    assert alarm.get_attribute("class") == "sheet alarm trouble"
    assert until(lambda: home.daemon.said("notice", "broken.yaml")), "what goes before it is told leaves nothing"
    (home.folder / "broken.yaml").unlink()
    expect(alarm).to_contain_text("Seems over since", timeout=60_000)
    expect(alarm).not_to_contain_text("Correct the file")
    assert page.locator("#over").get_by_text("broken.yaml").count() == 0


# --- history --------------------------------------------------------------------------------------------------------

NOON = 1_780_315_200.0  # 2026-06-01 12:00 UTC


def _drawn(page: Page) -> bool:
    drawn = page.evaluate("[...document.querySelectorAll('main canvas')].map((one) => one.width !== 300)")
    return bool(drawn) and all(drawn)


def test_history_tells_what_is_in_the_file_as_picture_numbers_and_table(browser, visit, tmp_path):
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    with past("Europe/Zurich", state / "history.db") as made:
        minute = {"pv_w": 40_000, "base_load_w": 5_000, "import_w": 0, "export_w": 5_000, "policy/boiler": 30_000,
                  "solar/boiler": 30_000}  # fmt: skip
        put(made, NOON, [minute] * 60)
    with house(tmp_path) as standing:
        page = visit_to(browser, standing.url, "/history?date=2026-06-01")
        assert until(lambda: _drawn(page))
        sums = page.locator(".sums")
        expect(sums).to_contain_text("4.0 kWh")
        expect(sums).to_contain_text("88 % used here")
        expect(page.locator("#takers tbody tr", has_text="boiler")).to_have_text("boiler3.0 kWh3.0 kWh100 %")
        expect(page.locator("main")).to_contain_text("Known are 1 of 24 hours")
        page.locator(".charts").focus()
        page.keyboard.press("End")
        expect(page.locator(".readout")).to_contain_text("14:00")
        expect(page.locator(".readout")).to_contain_text("3.0 kW")
        page.get_by_text("The same as a table").click()
        expect(page.locator(".twin tbody tr")).to_have_count(24)
        expect(page.locator(".twin tbody tr").nth(14)).to_contain_text("4.0 kW")
        page.get_by_role("button", name="rest of the house").click()
        expect(page.get_by_role("button", name="rest of the house")).to_have_attribute("aria-pressed", "false")
        for unit, there in (("Week", "1 June 2026 – 7 June 2026"), ("Month", "June 2026"), ("Year", "2026")):
            page.get_by_label(unit, exact=True).check()
            expect(page.locator("#energy h2")).to_have_text(there)
            expect(page.locator(".sums")).to_contain_text("4.0 kWh")
        with page.expect_download() as saved:
            page.get_by_role("link", name="Save as CSV").click()
        assert saved.value.suggested_filename == "house-12-tape.csv"
        assert until(lambda: _drawn(page))
        carpet = page.locator(".carpet")
        carpet.focus()
        page.keyboard.press("ArrowDown")
        expect(page.locator("#carpet .readout b")).to_contain_text("1 January")
        page.locator(".charts").focus()
        page.keyboard.press("Home")
        page.keyboard.press("Enter")
        expect(page.locator("#energy h2")).to_have_text("January 2026")
        expect(page.get_by_role("link", name="Save as CSV")).to_have_count(0)
        page.context.close()
    with sqlite3.connect(state / "history.db") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def visit_to(browser, url: str, path: str) -> Page:
    page = browser.new_context(locale="en-GB", timezone_id="America/New_York").new_page()
    page.goto(url + path)
    return page
