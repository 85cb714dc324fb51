"""The portal as people meet it: a real daemon, a libmodbus board, a charging station of another make, Chromium."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from support.portal import OWNER, PASSWORD, Visit, house

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]

PICTURES = os.environ.get("NOONWARD_PICTURES")
"""A folder: pictures of every page are kept there, for people to look at."""

PAGES = ("/", "/policies/boiler", "/policies/garage", "/stations/cp-01", "/history", "/alarms", "/devices", "/people",
         "/audit", "/account")  # fmt: skip
OPEN_PAGES = ("/sign-in", "/setup")


def until(holds, within_s=20.0):
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return False


def card(page, name):
    return page.locator(f"#policy-{name}")


def settled(page):
    """Wait until a page shows what it has."""
    page.locator("main h1, main h2, main h3").first.wait_for()
    expect(page.locator("main [aria-busy=true]")).to_have_count(0)


# --- coming in ----------------------------------------------------------------------------------------------------


def test_the_first_owner_comes_in_by_the_code_of_the_log_and_nobody_else(browser, tmp_path):
    with house(tmp_path) as standing:
        visit = Visit(browser, standing.url)
        try:
            page = visit.page("/setup")
            page.get_by_label("One-time code").fill("AAAA-BBBB-CCCC-DDDD")
            page.get_by_label("Name").fill(OWNER)
            page.get_by_label(re.compile("^New password")).fill(PASSWORD)
            page.get_by_role("button", name="Set the password and sign in").click()
            expect(page.get_by_role("alert").first).to_be_visible()
            page.get_by_label("One-time code").fill(standing.setup_code().lower())
            page.get_by_role("button", name="Set the password and sign in").click()
            expect(card(page, "fountain").get_by_role("switch")).to_be_visible()
            status, _ = standing.ask(
                "POST", "/api/v1/setup",
                {"code": standing.setup_code(), "name": "eve", "password": PASSWORD}, {"origin": standing.url},
            )  # fmt: skip
            assert status in {403, 404, 409, 422}
            page.goto(f"{standing.url}/account")
            page.get_by_role("button", name="Sign out").click()
            page.goto(f"{standing.url}/sign-in")
            page.get_by_label("Name").fill(OWNER)
            page.get_by_label("Password").fill("a guess that is wrong")
            page.get_by_role("button", name="Sign in").click()
            expect(page.get_by_role("alert").first).to_be_visible()
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            expect(card(page, "fountain").get_by_role("switch")).to_be_visible(timeout=30_000)
        finally:
            visit.close()


# --- what moves -----------------------------------------------------------------------------------------------------


def test_a_relay_that_moves_is_shown_within_two_seconds(home, visit):
    """The best of six movements counts: this machine has more to do than that."""
    page = visit().page()
    pill = card(page, "boiler").locator(".pill")
    expect(pill).to_have_text("Off")
    took_s = []
    for power_w, closed, shown in ((-5000, True, "On"), (4000, False, "Off")) * 3:
        before = len(home.board.clicks)
        home.grid(power_w)
        assert until(lambda before=before: len(home.board.clicks) > before)
        assert home.closed(1) is closed
        expect(pill).to_have_text(re.compile(f"^{shown}"))
        took_s.append(time.monotonic() - home.board.clicks[-1].at_s)
    assert min(took_s) < 2.0, took_s
    home.grid(300)


def test_a_switch_goes_to_the_relay_and_back(home, owner):
    page = owner.page()
    switch = card(page, "fountain").get_by_role("switch")
    expect(switch).to_have_attribute("aria-checked", "false")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    assert until(lambda: home.closed(2))
    expect(card(page, "fountain").locator(".pill")).to_have_text(re.compile("^On"))
    switch.focus()
    page.keyboard.press("Space")
    expect(switch).to_have_attribute("aria-checked", "false")
    assert until(lambda: not home.closed(2))
    assert owner.complaints == []


def test_an_override_has_an_end_a_reason_and_a_way_back(home, owner):
    page = owner.page()
    mine = card(page, "sauna")
    mine.get_by_role("button", name=re.compile("Mode")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(re.compile("^Always on")).check()
    dialog.get_by_label("Until cleared").check()
    dialog.get_by_label(re.compile("^Reason")).fill("<img src=x onerror=alert(1)> guests")
    dialog.get_by_role("button", name="Set the mode").click()
    assert until(lambda: home.closed(3))
    expect(mine).to_contain_text("<img src=x onerror=alert(1)> guests")
    assert page.locator("main img[src=x]").count() == 0
    mine.get_by_role("button", name="Follow the file").click()
    assert until(lambda: not home.closed(3))


def test_charge_now_reaches_the_car_and_ends(home, owner):
    home.grid(2000)
    with home.car("cp-01", phases=3) as car:
        assert car.until(lambda car: car.said("ready"))
        car.tell("plug")
        page = owner.page()
        bay = card(page, "garage").locator("li", has_text="cp-01")
        bay.get_by_role("button", name="Charge now").click()
        bay.get_by_role("button", name="unplugged").click()
        assert car.until(lambda car: car.now["w"] > 3000, 60.0), car.lines[-5:]
        expect(bay).to_contain_text(re.compile("kW"), timeout=30_000)
        bay.get_by_role("button", name="End it").click()
        assert car.until(lambda car: car.now["w"] < 100, 60.0), car.now
        car.tell("unplug")
        expect(bay).to_contain_text("Free", timeout=30_000)
    home.grid(300)


# --- what is old ----------------------------------------------------------------------------------------------------


def test_a_silent_meter_and_a_gateway_that_is_gone_are_said(browser, tmp_path):
    with house(tmp_path) as standing:
        visit = Visit(browser, standing.url)
        try:
            page = visit.page()
            expect(page.get_by_text(re.compile("^Measured")).first).to_be_visible()
            standing.board.tell("unit 2 silent on")
            expect(page.locator(".banner", has_text=re.compile("meter", re.IGNORECASE)).first).to_be_visible(
                timeout=60_000
            )
            standing.board.tell("unit 2 silent off")
            expect(page.locator(".banner", has_text=re.compile("meter", re.IGNORECASE))).to_have_count(
                0, timeout=60_000
            )
            standing.daemon.kill()
            expect(page.locator(".line")).to_have_class(re.compile("lost"), timeout=60_000)
            expect(page.locator(".banner.trouble").first).to_be_visible()
            standing.start()
            expect(page.locator(".line")).to_have_class(re.compile("live"), timeout=60_000)
        finally:
            visit.close()


def test_who_is_signed_out_elsewhere_is_asked_to_sign_in_and_brought_back(browser, tmp_path):
    with house(tmp_path, "http: {visitors: none}\n") as standing:
        standing.owned()
        visit, other = Visit(browser, standing.url), Visit(browser, standing.url)
        try:
            stranger = other.page("/policies/sauna")
            expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()
            assert standing.ask("GET", "/api/v1/site")[0] == 401
            visit.sign_in(OWNER, PASSWORD)
            page = visit.page("/policies/sauna")
            expect(page.get_by_role("heading", name="sauna")).to_be_visible()
            other.sign_in(OWNER, PASSWORD)
            ask, headers = other.context.request, {"origin": standing.url}
            for one in ask.get(f"{standing.url}/api/v1/sessions").json()["sessions"]:
                if not one["this"]:
                    ask.delete(f"{standing.url}/api/v1/sessions/{one['key']}", headers=headers)
            expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
            expect(page.locator("main")).not_to_contain_text("sauna")
            page.get_by_label("Name").fill(OWNER)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            expect(page.get_by_role("heading", name="sauna")).to_be_visible()
        finally:
            visit.close()
            other.close()


# --- whose it is ----------------------------------------------------------------------------------------------------


def test_a_resident_sees_and_touches_only_their_own(home, visit, owner):
    page = owner.page()
    headers = {"origin": home.url}
    made = page.request.post(
        f"{home.url}/api/v1/people", headers=headers,
        data={"name": "ben", "role": "resident", "scope": {"policies": ["fountain"], "stations": []}},
    )  # fmt: skip
    assert made.ok, made.text()
    code = made.json()["code"]
    set_up = home.ask(
        "POST", "/api/v1/setup", {"code": code, "name": "ben", "password": "somewhere over the hill"}, headers
    )
    assert set_up[0] in {200, 201}, set_up
    ben = visit("ben", "somewhere over the hill")
    mine = ben.page()
    expect(card(mine, "fountain").get_by_role("switch")).to_be_visible()
    assert card(mine, "sauna").count() == 0
    other = ben.page("/policies/sauna")
    expect(other.locator("main")).not_to_contain_text("Flat 2")
    assert other.get_by_role("switch").count() == 0
    for method, path, body in (
        ("PUT", "policies/sauna/switch", {"on": True}),
        ("PUT", "policies/sauna/override", {"mode": "always-on"}),
        ("PUT", "stations/cp-01/charge-now", {"until": "unplugged"}),
        ("GET", "policies/sauna", None),
        ("GET", "policies/sauna/source", None),
    ):
        answer = mine.request.fetch(f"{home.url}/api/v1/{path}", method=method, data=body, headers=headers)
        assert answer.status == 404, (path, answer.status)
    assert mine.request.get(f"{home.url}/api/v1/people").status == 403
    assert not home.closed(3)
    audit = page.request.get(f"{home.url}/api/v1/audit?limit=100").text()
    assert "sauna" in audit
    assert "ben" in audit


# --- many tabs, every page ------------------------------------------------------------------------------------------


def test_eight_tabs_are_live(home, owner):
    tabs = [owner.page() for _ in range(8)]
    for page in tabs:
        page.bring_to_front()
        expect(page.locator(".line")).to_have_class(re.compile("live"), timeout=30_000)
        expect(card(page, "boiler")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("desktop", {"viewport": {"width": 1280, "height": 900}}),
        ("phone-dark", {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}),
        ("german-tablet", {"viewport": {"width": 820, "height": 1100}, "locale": "de-CH"}),
    ],
)
def test_every_page_is_accessible_fits_and_asks_nobody_else(home, visit, name, options):
    one = visit(OWNER, **options)
    axe = Axe()
    found = {}
    for path in (*PAGES, *OPEN_PAGES):
        page = one.page(path)
        settled(page)
        page.wait_for_timeout(300)
        if PICTURES:
            shot = Path(PICTURES) / f"{name}-{path.strip('/').replace('/', '-') or 'home'}.png"
            page.screenshot(path=shot, full_page=True)
        violations = axe.run(page).response["violations"]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if violations or wide > 0:
            found[path] = [(v["id"], [node["html"][:120] for node in v["nodes"][:3]]) for v in violations], wide
        page.close()
    assert found == {}
    assert one.outside() == []
    assert one.complaints == []


@pytest.mark.parametrize("width", [1280, 1000, 820])
def test_no_gap_is_left_among_the_cards(visit, width):
    """The garage is wider than the others, and stands between them in what is read out."""
    page = visit(viewport={"width": width, "height": 900}).page()
    settled(page)
    boxes = page.locator(".cards > article").evaluate_all(
        "all => all.map((one) => [one.id, ...['x', 'y', 'right'].map((side) => Math.round(one.getBoundingClientRect()[side]))])"
    )
    assert [name for name, *_ in boxes] == ["policy-boiler", "policy-garage", "policy-fountain", "policy-sauna"]
    right = max(box[3] for box in boxes)
    rows = sorted({y for _, _, y, _ in boxes})
    full = [max(box[3] for box in boxes if box[2] == y) == right for y in rows]
    assert all(full[:-1])


def test_an_address_that_is_nothing_is_a_page_that_says_so(visit):
    page = visit().page("/nowhere")
    settled(page)
    expect(page.get_by_role("link", name="Home").first).to_be_visible()
    assert Axe().run(page).response["violations"] == []


def test_german_comes_first_to_who_prefers_it(visit):
    page = visit(locale="de-CH").page()
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^de"))
    expect(page.get_by_role("link", name="Verlauf")).to_be_visible()


def test_the_policy_of_the_page_is_enforced(visit):
    one = visit()
    page = one.page()
    settled(page)
    ran = page.evaluate(
        """async () => {
          const script = document.createElement("script");
          script.textContent = "window.ran = true";
          document.head.append(script);
          const broken = new Promise((done) => document.addEventListener("securitypolicyviolation", (e) => done(e.violatedDirective), {once: true}));
          const image = new Image();
          image.src = "http://198.51.100.1/x.png";
          return [window.ran === true, await broken];
        }"""
    )
    assert ran[0] is False
    assert re.match("img-src|script-src", ran[1])


def test_keyboard_alone_reaches_a_switch(home, owner):
    page = owner.page()
    settled(page)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('role') === 'switch'"):
            break
    else:
        raise AssertionError("no switch can be reached with the keyboard")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"


def test_the_keyboard_stays_where_it_was_and_what_came_of_it_is_read_out(home, owner):
    page = owner.page()
    boiler = card(page, "boiler")
    boiler.get_by_role("button", name="On now").press("Enter")
    boiler.get_by_role("button", name="30 min").press("Enter")
    expect(boiler.get_by_role("button", name="End it")).to_be_visible()
    expect(page.locator("p[role=status]")).to_contain_text("boiler: ")
    expect(boiler).to_be_focused()
    boiler.get_by_role("button", name="End it").press("Enter")
    expect(boiler.get_by_role("button", name="End it")).to_have_count(0)
    expect(boiler).to_be_focused()
    page.keyboard.press("Tab")
    assert boiler.locator(":focus").count() == 1
