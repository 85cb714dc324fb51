"""What the page says; how it looks in a browser is in test_browser."""

import re
from html.parser import HTMLParser

import pytest

from noonward.core.model import Inputs, Mode, Override, Reading, RelayState
from noonward.html import VOID
from noonward.policy.loaded import Signal
from support.carpark import carpark
from support.fakeengine import NOON, FakeEngine, appliance
from support.webclient import Client

HOSTILE = "<img src=x onerror=alert(1)>\"'&"
SIGNALS = {role: Signal(channel=f"{role}/meter") for role in ("grid", "pv", "battery")}


class Page(HTMLParser):
    """Collects the texts and checks that every element is closed where it should be."""

    def __init__(self, text):
        super().__init__()
        self.texts, self.open, self.tags = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


async def shown(engine):
    answer = await Client(engine, writable=False)("GET", "/status")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Page(answer.text)


def engine(*appliances, **seen):
    one = FakeEngine(*(appliances or [appliance()]), signals=SIGNALS)
    return one.see(**{"grid_w": Reading(-1300.0, NOON), "pv_w": Reading(5300.0, NOON), **seen})


async def test_the_page_tells_power_state_and_why():
    page = await shown(engine(battery_w=Reading(-300.0, NOON), battery_soc=Reading(0.64, NOON)))
    for words in (
        "house-12",
        "Selling to the grid 1.3 kW 0 s ago",
        "Solar 5.3 kW",
        "Battery gives 300 W 0 s ago, 64 % full",
        "boiler Off",
        "Waiting: 1 kW is left for it, and it starts at 3 kW.",
        "Starts once 3 kW has been left for 60 s.",
        "Mode auto-solar",
        "cellar/boiler",
    ):
        assert words in page.text


@pytest.mark.parametrize(
    ("grid_w", "words"),
    [(800.0, "Buying from the grid 800 W"), (0.0, "Buying from the grid 0 W"), (-5.0, "Selling to the grid 5 W")],
)
async def test_a_sign_is_said_in_words(grid_w, words):
    assert words in (await shown(engine(grid_w=Reading(grid_w, NOON)))).text


async def test_what_is_unknown_is_not_zero():
    page = await shown(engine(grid_w=None, pv_w=None))
    assert "Grid unknown never measured" in page.text
    assert "Solar unknown" in page.text


async def test_a_run_shows_min_on_draw_and_contact():
    one = engine(appliance(mode=Mode.ALWAYS_ON), draws_w={"boiler": Reading(2950.0, NOON)})
    page = await shown(one)
    for words in ("boiler On 3 kW", "Minimum on-time 15 min left", "Draws 2.95 kW", "cellar/boiler closed"):
        assert words in page.text
    one.observation.relays["cellar/boiler"] = RelayState(False, NOON)
    assert "cellar/boiler open, not confirmed" in (await shown(one)).text
    one.observation.relays["cellar/boiler"] = RelayState(None, NOON)
    assert "cellar/boiler position unknown" in (await shown(one)).text
    del one.observation.relays["cellar/boiler"]
    assert "cellar/boiler not answering" in (await shown(one)).text


async def test_an_override_says_who_and_why_and_when_it_ends():
    one = engine()
    one.inputs["boiler"] = Inputs(override=Override(mode=Mode.ALWAYS_ON, until=NOON + 7200, by="anna", reason="guests"))
    page = await shown(one.see())
    assert "anna set its mode to always-on until 14:00: guests" in page.text
    assert "Mode always-on (file: auto-solar)" in page.text
    assert "At 14:00 its override ends." in page.text
    one.inputs["boiler"] = Inputs(override=Override(mode=Mode.ALWAYS_ON, until=NOON + 26 * 3600, by="anna"))
    assert "On Tue 14:00 its override ends." in (await shown(one.see())).text


async def test_a_boost_says_until_when():
    one = engine()
    one.inputs["boiler"] = Inputs(boost_until=NOON + 26 * 3600)
    page = await shown(one.see())
    assert "On: boosted until Tue 14:00." in page.text
    assert "its boost ends" not in page.text  # it was just said
    assert "Stops once" not in page.text


async def test_trouble_is_said_before_anything_else():
    page = await shown(engine().see(after_s=300))
    text = page.text
    assert text.index("The grid meter has been silent for 5 min") < text.index("Selling to the grid")
    assert ("p", {"class": "notice trouble"}) in page.tags
    assert "Fail-safe “release”: the grid meter has been silent for 5 min." in text


async def test_an_empty_house():
    assert "No policies yet." in (await shown(FakeEngine().see())).text


async def test_a_zone_shows_each_station_with_its_car():
    one = carpark()
    page = await shown(one)
    for words in (
        "garage On solar Underground, eleven places",
        "On: 7.1 kW of surplus is left for it.",
        "cp-01 Charging at 9.9 A on 3 phases 6.85 kW Anna asked for it now. 4.23 kWh so far, limit 10 A cp-02",
        "Waiting Less is left than a vehicle must be offered. Needs 10.5 kWh by Tue 07:00 (bo)",
        "cp-03 Detecting phases 1.82 kW A short test finds out",
        "cp-04 Free Charge now until 14:00",
        "cp-05 Not answering It is not connected; its last measurement is of 11:45.",
        "cp-06 Satisfied",
        "21.4 kWh so far",
        "cp-07 Asleep",
        "cp-08 Being woken",
        "cp-09 Needs its driver The vehicle does not wake up",
        "cp-10 Offered 6 A, not drawing yet",
        "cp-11 Not answering It has never connected.",
        "Mode auto-solar",
        "All vehicles together at most 22 kW",
    ):
        assert words in page.text
    looks = {tag["id"]: tag["class"] for name, tag in page.tags if name == "li"}
    assert looks["station-cp-01"] == "drawing"
    assert looks["station-cp-04"] == "empty"
    assert looks["station-cp-09"] == looks["station-cp-05"] == "amiss"
    assert looks["station-cp-02"] == "waiting"


async def test_a_garage_while_the_engine_is_at_fault():
    one = carpark()
    one.outcome, one.fault = None, "ZeroDivisionError"
    page = await shown(one)
    assert page.text.count("Not decided yet") == 12 + 1  # its stations, the zone, the boiler
    assert "garage …" in page.text
    assert "Not decided yet: the engine has met a fault of its own." in page.text


async def test_before_the_first_step():
    page = await shown(FakeEngine(appliance()))
    assert "The engine is starting; nothing is decided yet." in page.text
    assert "Not decided yet" in page.text


async def test_whatever_people_write_stays_text():
    hostile = appliance(description=HOSTILE, mode=Mode.MANUAL)
    one = engine(hostile, appliance(HOSTILE))
    one.inputs["boiler"] = Inputs(override=Override(mode=Mode.ALWAYS_ON, by=HOSTILE, reason=HOSTILE))
    one.fault = HOSTILE
    answer = await Client(one.see(), writable=False)("GET", "/status")
    page = Page(answer.text)
    assert "<img" not in answer.text
    assert page.text.count("<img src=x onerror=alert(1)>") >= 4
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)


async def test_nothing_is_fetched_from_elsewhere_and_nothing_is_inline():
    client = Client(engine(), writable=False)
    text = (await client("GET", "/status")).text
    addresses = re.findall(r'(?:src|href)="([^"]*)"', text)
    assert len(addresses) == 3
    for address in addresses:
        assert address.startswith("/static/")
        answer = await client("GET", address)
        assert answer.status_code == 200
        assert "http://" not in answer.text.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in answer.text
    assert "<style" not in text
    assert "style=" not in text
    assert "<script src=" in text
    assert "<form" not in text


async def test_the_page_renews_itself_without_a_script():
    page = await shown(engine())
    assert ("meta", {"http-equiv": "refresh", "content": "15"}) in page.tags


@pytest.mark.parametrize(
    ("tag", "told"),
    [
        ("de", ["Bezug aus dem Netz", "Wartet: kein Überschuss dafür, Start bei 3 kW.", "Betriebsart Sonne", "offen"]),
        ("fr", ["Achat au réseau", "En attente : surplus disponible nul, démarrage à 3 kW.", "Mode de marche soleil"]),
        ("it", ["Prelievo dalla rete", "In attesa: eccedenza disponibile nulla, si avvia a 3 kW.", "Modalità sole"]),
    ],
)
async def test_the_page_speaks_the_language_of_the_browser(tag, told):
    one = FakeEngine(appliance()).see(grid_w=Reading(500.0, NOON))
    answer = await Client(one)("GET", "/status", headers={"accept-language": f"{tag}-CH,{tag};q=0.9,en;q=0.5"})
    page = Page(answer.text)
    text = page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert ("html", {"lang": tag}) in page.tags
    assert not [words for words in told if words not in text]
