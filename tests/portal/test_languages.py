"""The portal in every language on a phone: all of it translated, the gateway's sentences too, and nothing cut off."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.portal import OWNER

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]

WORDS = Path(__file__).parents[2] / "engine" / "portal" / "src" / "words"
PAGES = ("/", "/policies/boiler", "/stations/cp-01", "/history", "/devices", "/account")
PHONE = {"width": 390, "height": 844}
SAYS = {"de": "Wartet: ", "fr": "En attente\N{NO-BREAK SPACE}: ", "it": "In attesa: "}
CUT = """() => {
  const wide = document.documentElement.clientWidth;
  const cut = (one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth && getComputedStyle(one).display !== "inline";
  const leaves = [...document.querySelectorAll("body *")].filter((one) => !one.children.length && one.textContent.trim()
    && one.getBoundingClientRect().width > 1 && !one.closest("pre, table, svg"));
  return [...(document.documentElement.scrollWidth > wide ? ["the page"] : []), ...leaves.filter(cut).map((one) => one.textContent)];
}"""


def told(language):
    """Return key to words of a language."""
    lines = (WORDS / f"{language}.js").read_text(encoding="utf-8").splitlines()
    return dict(found.groups() for line in lines if (found := re.fullmatch(r'  "([^"]+)": "(.*)",', line)))


def left_in_english(text, language):
    """Return which longer words of English stand in a text that is to be in another language."""
    theirs = told(language).values()
    ours = [one for one in told("en").values() if len(one) > 9 and "{" not in one and one not in theirs]
    return [one for one in ours if re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text)]


@pytest.mark.parametrize("language", SAYS)
def test_a_phone_shows_all_of_it_in_its_own_language(visit, home, language):
    home.grid(300.0)
    come = visit(OWNER, locale=f"{language}-CH", viewport=PHONE)
    for path in PAGES:
        page = come.page(path)
        page.locator("main h1, main h2").first.wait_for()
        expect(page.locator("main [aria-busy=true]")).to_have_count(0)
        assert page.locator("html").get_attribute("lang") == language
        assert page.evaluate(CUT) == [], path
        assert left_in_english(page.inner_text("body"), language) == [], path
        if path == "/":
            expect(page.locator("#policy-boiler")).to_contain_text(SAYS[language].strip())
        page.close()
    assert come.complaints == []


@pytest.mark.parametrize("language", ["en", *SAYS])
def test_no_name_of_a_page_is_cut_off_on_a_small_phone(visit, language):
    for who in (None, OWNER):
        page = visit(who, locale=f"{language}-CH", viewport={"width": 360, "height": 740}).page()
        page.locator(".places a").first.wait_for()
        names = page.locator(".places a span").evaluate_all(
            "all => all.filter((one) => one.offsetParent).map((one) => [one.textContent, one.scrollWidth - one.clientWidth])"
        )
        assert len(names) >= 4
        assert [name for name, over in names if over > 0] == []


def test_who_chooses_another_language_keeps_it(visit):
    come = visit(OWNER, locale="de-CH")
    page = come.page("/alarms")
    expect(page.get_by_role("heading", level=1)).to_have_text(told("de")["place.alarms"])
    page.get_by_label(told("de")["chooser.language"]).select_option("it")
    expect(page.get_by_role("heading", level=1)).to_have_text(told("it")["place.alarms"])
    page.close()
    again = come.page("/alarms")
    expect(again.get_by_role("heading", level=1)).to_have_text(told("it")["place.alarms"])


def test_what_is_refused_is_said_in_the_language_of_the_page(visit):
    page = visit(locale="fr-CH").page("/sign-in")
    words = told("fr")
    page.get_by_label(words["signin.name"], exact=True).fill("nobody")
    page.get_by_label(words["signin.password"], exact=True).fill("not the password")
    page.get_by_role("button", name=words["signin.do"]).click()
    expect(page.get_by_role("alert").first).to_have_text("Le nom ou le mot de passe est faux.")
