"""A need at risk: when it is said, that it is said once, and what ends it."""

from dataclasses import replace

import pytest

from noonward.core.model import (
    Decision,
    Got,
    Inputs,
    Mode,
    Need,
    Outcome,
    Override,
    Reason,
    ReasonCode,
    Session,
    Site,
    State,
    StationInfo,
    StationState,
)
from noonward.core.needs import Requirement
from noonward.daemon.atrisk import AtRisk
from noonward.policy.cron import parse
from support.fakeengine import appliance, garage

H = 3600.0
MIDNIGHT = 1_780_272_000.0  # 2026-06-01 00:00 UTC
BY = MIDNIGHT + 20 * H
NEED = Requirement(energy_wh=6000.0, by=parse("0 20 * * *"))
SITE = Site(
    appliances=(appliance(need=NEED),),
    zones=(garage(stations=("cp-01",)),),
    stations={"cp-01": StationInfo(max_a=16.0, phases=1)},
)


class Ear:
    def __init__(self):
        self.heard = []
        self.at_risk = AtRisk(
            lambda at, policy, station, ok, message: self.heard.append((policy, station, ok, message))
        )

    def look(self, now, wh=0.0, site=SITE, state=None, limited=None, **inputs):
        got = {"boiler": Got(start=MIDNIGHT, wh=wh, at=now)}
        state = State(got=got) if state is None else state
        code = limited or ReasonCode.NEED_FORCED
        decisions = (Decision("boiler", "off", 0.0, code, because=lambda: (Reason(code, {}),)),)
        outcome = Outcome(state=state, commands=(), decisions=decisions, wake_at=None)
        self.at_risk.look(site, outcome, {"boiler": Inputs(**inputs)} if inputs else {}, now)
        heard, self.heard = self.heard, []
        return heard


RISK = "boiler needs 6 kWh more by 2026-06-01 20:00, and 3 kWh of that cannot come any more, even at 3 kW from now on"
WHEN = [
    (BY - 2 * H, 0.0, {}, []),
    (BY - 1.9 * H, 0.0, {}, []),  # 300 Wh short: 5 % is nobody's sleep worth
    (BY - 1.0 * H, 0.0, {}, [("boiler", None, False, RISK)]),
    (BY - 1.0 * H, 2900.0, {}, []),
    (BY + 1.0, 0.0, {}, []),  # nobody was there to see it coming
    (BY - 1.0 * H, 0.0, {"override": Override(mode=Mode.ALWAYS_OFF)}, []),
    (BY - 1.0 * H, 0.0, {"override": Override(mode=Mode.MANUAL)}, []),
    (BY - 1.0 * H, 0.0, {"override": Override(mode=Mode.TIMER)}, [("boiler", None, False, RISK)]),
]


@pytest.mark.parametrize(("now", "wh", "inputs", "expected"), WHEN)
def test_when_it_is_said(now, wh, inputs, expected):
    assert Ear().look(now, wh, **inputs) == expected


def test_it_says_what_holds_the_load_back():
    ((_, _, _, message),) = Ear().look(BY - H, limited=ReasonCode.IMPORT_CAP)
    assert message == f"{RISK}; it is held by import-cap"


LATER = [
    ("still", BY - 0.5 * H, {"wh": 1000.0}, []),
    ("met", BY - 0.5 * H, {"wh": 6000.0}, ["boiler has what it needs after all"]),
    ("catches up", BY - 0.5 * H, {"wh": 4600.0}, ["boiler can have what it needs after all"]),
    ("missed", BY, {"wh": 3500.0}, ["boiler has missed 2.5 kWh of what it needed by now"]),
    ("met in time", BY, {"wh": 6000.0}, ["boiler has what it needs after all"]),
    (
        "away",
        BY - 0.5 * H,
        {"override": Override(mode=Mode.ALWAYS_OFF)},
        ["boiler: nobody waits for what it needed any more"],
    ),
    ("tomorrow", MIDNIGHT + 25 * H, {}, ["boiler: nobody waits for what it needed any more"]),
    ("policy gone", BY - 0.5 * H, {"site": Site()}, ["boiler: nobody waits for what it needed any more"]),
]


@pytest.mark.parametrize(("now", "change", "expected"), [row[1:] for row in LATER], ids=[row[0] for row in LATER])
def test_it_is_said_once_and_once_more_when_it_is_over(now, change, expected):
    ear = Ear()
    assert len(ear.look(BY - H)) == 1
    assert ear.look(BY - H + 60.0) == []
    heard = ear.look(now, **change)
    assert [message for *_, message in heard] == expected
    assert all(ok for _, _, ok, _ in heard)
    assert ear.look(now + 60.0, **change) == []


def car(drew_wh=0.0, state="charging"):
    memory = StationState(session=Session(state=state, drew_wh=drew_wh), plugged_at=MIDNIGHT, needed_at=MIDNIGHT + H)
    return State(stations={"cp-01": memory})


def test_a_vehicle_is_named_by_its_station():
    ear = Ear()
    wish = {"garage": Inputs(needs={"cp-01": Need(at=MIDNIGHT + H, energy_wh=9000.0, departure=BY, by="bo")})}
    site = replace(SITE, appliances=())

    def look(now, state):
        outcome = Outcome(state=state, commands=(), decisions=(), wake_at=None)
        ear.at_risk.look(site, outcome, wish, now)
        heard, ear.heard = ear.heard, []
        return heard

    assert look(BY - 3 * H, car()) == []
    ((policy, station, ok, message),) = look(BY - H, car())
    assert (policy, station, ok) == ("garage", "cp-01", False)
    assert message.startswith("garage, cp-01 needs 9 kWh more by 2026-06-01 20:00, and 5.3 kWh of that cannot come")
    assert look(BY - H + 60.0, car(state="satisfied"))[0][2:] == (True, "garage, cp-01 has what it needs after all")
    assert len(look(BY - H + 120.0, car())) == 1
    assert look(BY - H + 180.0, car(state="absent"))[0][3] == "garage, cp-01: nobody waits for what it needed any more"


def test_it_is_not_worked_out_ten_times_a_second():
    ear = Ear()
    assert ear.look(BY - 2 * H) == []
    assert ear.look(BY - 2 * H + 29.0, site=None) == [], "it is not even looked at"
    assert len(ear.look(BY - H)) == 1
